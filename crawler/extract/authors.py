"""Finds who wrote an article: people by their full names, before an agency, before the paper itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml.etree import XPath
from trafilatura.metadata import extract_author

from crawler.extract.jsonld import members, strings
from crawler.extract.titles import fold, names_site, tidy
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.extract.head import Head

_META_KEY = re.compile(r"(?:^|[.:_-]|article)(?:authors?|creator|byl|byline)$")
_BYLINE = XPath(
    ".//*[@rel='author' or @itemprop='author' or contains(@class, 'author') or contains(@class, 'Author')"
    " or contains(@class, 'byline') or contains(@class, 'Byline') or contains(@class, 'autor')]"
    "[not(ancestor-or-self::*[contains(@class, 'comment') or contains(@id, 'comment')])]"
    "[not(ancestor::aside or ancestor::nav or ancestor::footer)]"
)
_PREFIX = re.compile(
    r"^(?:(?:(?:written|posted|published|reported|text) )?by|(?:veröffentlicht |erstellt )?von|par|por|di|da|door|av|af"
    r"|autore?|auteur|author|texto?|texte|автор)\s*:?\s+",
    re.IGNORECASE,
)
# what follows a name: a title in brackets, a rubric behind a bar, a date behind a dash
_SUFFIX = re.compile(r" ?[(（\[|｜@/].*$| [-–—] .*$", re.DOTALL)
_BETWEEN = re.compile(r" ?[;,、，·•] ?| (?:and|und|et|y|e|en|och|og|ja|&) ")
_NO_NAME = re.compile(r"https?:|www\.|@|\d{2}|[<>{}=?!]")
_PERSON = re.compile(
    r"(?:[^\W\d_][\w.'’-]*\s+){1,4}[^\W\d_][\w.'’-]*|[\u3040-\u30ff\u4e00-\u9fff・ ]{2,12}|[가-힣]{2,5}"
)
# what stands beside names in bylines and is none
_BESIDE = re.compile(
    r"\b(?:veröffentlicht|publiziert|eingestellt|aktualisiert|stand|datum|uhr|foto|bild|quelle|folgen|alle|artikel|beitr[aä]ge?"
    r"|themen|bearbeiten|kommentare?|hinterlasse|mehr|lesezeit|posted|published|updated|date|photo|source|follow|view|all"
    r"|articles?|posts?|comments?|leave|reply|share|e-?mail|says?|said|min|read|edit(?:ed|ion)|uncategori[sz]ed|interview"
    r"|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|geplaatst|name)\b",
    re.IGNORECASE,
)
_MAX_NAME = 60
_LONGEST_SIGNATURE = 30
_MAX_WORDS = 6
_MAX_AUTHORS = 20
_MAX_BYLINE = 120
_MOST_BYLINES = 300


def find_authors(head: Head, root: HtmlElement, *, sites: frozenset[str]) -> tuple[str, ...]:
    """Return the authors' names, each once: of the first source that names people, else of the first organisation."""
    organisations: list[tuple[str, ...]] = []
    for source in (_linked, _meta):
        names = _names(source(head))
        if any(_is_person(name, sites) for name in names):
            return names
        organisations += [names] if names else []
    if people := _names(_bylines(root)):
        return people
    # an agency says more than the paper's own name
    organisations.sort(key=lambda names: all(names_site(name, sites) for name in names))
    return next(iter(organisations), ()) or _names(_signatures(root)) or _found_by_library(root, sites)


def _signatures(root: HtmlElement) -> Iterator[str]:
    """Yield the first name that a link to its bearer gives, though it need not look like a person's: a blogger's."""
    for element in root.iter("a", "span"):
        if element.get("rel") == "author" or element.get("itemprop") == "author":
            text = text_of(element)
            if 0 < len(text) <= _LONGEST_SIGNATURE and not _BESIDE.search(text):
                yield text
                return


def _found_by_library(root: HtmlElement, sites: frozenset[str]) -> tuple[str, ...]:
    seen = tuple(name for name in _names((extract_author(root) or "").split(";")) if not _BESIDE.search(name))
    return tuple(name for name in seen if _is_person(name, sites)) or seen


def _linked(head: Head) -> Iterator[str]:
    for node in head.articles:
        for author in members(node.get("author")):
            yield from strings(author)
            if isinstance(author, dict) and "name" not in author:
                yield " ".join(strings([author.get("givenName"), author.get("familyName")]))


def _meta(head: Head) -> Iterator[str]:
    for key, values in head.meta.items():
        if _META_KEY.search(key):
            yield from values


def _bylines(root: HtmlElement) -> Iterator[str]:
    for element in _BYLINE(root)[:_MOST_BYLINES]:
        text = text_of(element)
        names = _names([text]) if len(text) <= _MAX_BYLINE else ()
        if names and all(_PERSON.fullmatch(name) and not _BESIDE.search(name) for name in names):
            yield text
            return


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        for part in _BETWEEN.split(_PREFIX.sub("", tidy(text)[:500])):
            name = _SUFFIX.sub("", _PREFIX.sub("", part)).strip(" .,;:")
            if name and len(name) <= _MAX_NAME and len(name.split()) <= _MAX_WORDS and not _NO_NAME.search(part):
                found.setdefault(fold(name), name)
    return tuple(found.values())[:_MAX_AUTHORS]


def _is_person(name: str, sites: frozenset[str]) -> bool:
    return bool(_PERSON.fullmatch(name)) and not names_site(name, sites)
