"""Finds the sections that an article stands in: as its page and its feed name them, then those of its address."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.extract.clean import one_line
from crawler.extract.jsonld import members, strings
from crawler.extract.titles import fold, site_spellings, tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crawler.domain import Entry
    from crawler.extract.head import Head

MOST_SECTIONS = 10
LONGEST_SECTION = 60

_MOST_OF_ADDRESS = 4
"""So many have their place, however many tags a feed gives."""
_MOST_VALUES = 100
_MOST_TRAILS = 5
_LONGEST_VALUE = 1000
_MOST_WORDS = 6
_MOST_DIRECTORY_WORDS = 3
"""With more it is hardly ever a section, but the article's title on its way to a number."""

_META_KEY = re.compile(r"(?:^|[.:_-]|article)(?:sub)?(?:sections?|categor(?:y|ies))$")
_BETWEEN = re.compile(r"[,;|/>»›、，；｜]")
# the address of a section, a template's placeholder, a number in somebody's database
_NO_NAME = re.compile(r"://|[{}\\]|\d{5}")
_MARKS = re.compile("[\u0300-\u036f]+")
_LETTER = r"[^\d\s!-/:-@\[-`{-\x7f\ufffd]"  # \w would not do: it leaves out the vowel signs of Indic scripts
_DIRECTORY = re.compile(rf"{_LETTER}{{2,}}(?:[-_+ ]{_LETTER}+)*(?:[-_ ]?\d{{1,2}})?")
_SIGNS = re.compile(r"[-_+ ]+")
_NUMBER = re.compile(r"(?<![\d ]) ?\d+$")  # from where it begins: looking on from every digit takes quadratic time
_LOCALE = re.compile(r"[a-z]{2}[-_](?:[a-z]{2}|hans|hant)", re.IGNORECASE)
_SHORT = frozenset({"ai", "eu", "tv", "uk", "us"})
"""All other directories of two Latin letters are languages, editions and parts of the machinery."""

_NOWHERE = frozenset(
    """
    accueil all default front home homepage inicio null none portada start startseite tags test undefined
    uncategorised uncategorized
    """.split()  # noqa: SIM905  (a list would say no more)
)
_FURNITURE = _NOWHERE | frozenset(
    """
    actualite actualites aktuell aktuelle aktuelles amp archiv archive archives article articles artikel artykul
    artykuly beitrag beitrage blog blogs categories category cms content contents current data default desktop
    detail details detailansicht doc docs entry files haber haberler html index info inhalte item kategorie latest
    main meldung meldungen mobile nachricht nachrichten naujienos news node noticia noticias notizia notizie nyheter
    page pages permalink post posts print public rss rubric section sections shareddocs single site sites stories
    story tag thema themen topic topics uutiset view watch web
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september
    october november december
    ara ces deu eng fra ger ita jpn kor nld pol por rus spa tur ukr zho
    """.split()  # noqa: SIM905  (a list of 130 lines would say no more)
)


def find_sections(head: Head, *, entry: Entry, url: str, titles: Collection[str]) -> tuple[str, ...]:
    """Return the sections of an article, each once; `titles` are those of the page, folded."""
    return sections_of(chain(_stated(head), _crumbs(head, url, titles)), categories=entry.categories, url=url)


def sections_of(stated: Iterable[str], *, categories: Iterable[str], url: str) -> tuple[str, ...]:
    """Return the sections that a page states, its feed gives and its address shows, each once, in this order."""
    values = islice(chain(stated, categories), _MOST_VALUES)
    named = _distinct(name for value in values for name in _names(value))
    shown = {key: name for key, name in _distinct(_directories(url)).items() if key not in named}
    room = MOST_SECTIONS - min(len(shown), _MOST_OF_ADDRESS)
    return (*islice(named.values(), room), *shown.values())[:MOST_SECTIONS]


def _stated(head: Head) -> Iterator[str]:
    for node in head.articles:
        yield from strings(node.get("articleSection"))
    for key, values in head.meta.items():
        if _META_KEY.search(key):
            yield from values
    yield from head.microdata.get("articleSection", ())


def _crumbs(head: Head, url: str, titles: Collection[str]) -> Iterator[str]:
    """Yield the names of the steps that lead to the article, without the front page and the article itself."""
    trails = [node for node in head.nodes if "BreadcrumbList" in strings(node.get("@type"))][:_MOST_TRAILS]
    sites = site_spellings(head, url) if trails else frozenset()
    for trail in trails:
        for number, step in enumerate(members(trail.get("itemListElement"))):
            name, path = _step(step)
            is_front = path == "" or (number == 0 and fold(name).replace(" ", "") in sites)
            if not (is_front or path == _path(url) or fold(name) in titles):
                yield name


def _step(step: object) -> tuple[str, str | None]:
    """Return the name of a step and the path that it leads to, if it tells one."""
    if not isinstance(step, dict):
        return "", None
    item = step.get("item")
    place = item if isinstance(item, dict) else {"@id": item}
    name = "".join(strings([step.get("name"), place.get("name")])[:1])
    address = "".join(strings([place.get("@id"), place.get("url")])[:1]).strip("# ")
    return tidy(name[:_LONGEST_VALUE]), _path(address) if address else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""


def _names(value: str) -> list[str]:
    """Return the names in a value such as "Politics, Europe"; none if it is a sentence or meant for machines."""
    text = tidy(value[:_LONGEST_VALUE])
    names = [name.strip(" -–—:*").lstrip("#") for name in _BETWEEN.split(text)]
    if _NO_NAME.search(text) or any(len(name) > LONGEST_SECTION or len(name.split()) > _MOST_WORDS for name in names):
        return []
    return [name for name in names if any(map(str.isalpha, name)) and _key(name) not in _NOWHERE]


def _directories(url: str) -> Iterator[str]:
    """Yield the directories of an address that are words: /business/real-estate/2026/11/… → business, real estate."""
    steps = [step for part in _path(url).split("/") if (step := one_line(unquote(part)))]
    if steps and _is_furniture(steps[-1].partition(".")[0]):  # …/the-title/index.html
        steps.pop()
    for step in steps[:-1]:
        if _DIRECTORY.fullmatch(step) and not (_LOCALE.fullmatch(step) or _is_furniture(step)):
            name = _SIGNS.sub(" ", step)
            if len(name) <= LONGEST_SECTION and len(_NUMBER.sub("", name).split()) <= _MOST_DIRECTORY_WORDS:
                yield name


def _is_furniture(step: str) -> bool:
    """Tell whether a directory says nothing of the article: /news/, /de/, /page-2/, /nov/."""
    key = _NUMBER.sub("", _key(step))
    return key in _FURNITURE or (len(key) == len("xx") and key.isascii() and key not in _SHORT)


def _distinct(names: Iterable[str]) -> dict[str, str]:
    """Return the names by what their spellings have in common, the first spelling of each."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(_key(name), name)
    return found


def _key(name: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", fold(name)))
