"""Finds an article's title among the many a page has, and takes the site's name off it."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.extract.clean import one_line
from crawler.extract.jsonld import strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.extract.head import Head

_NOT_WORDS = re.compile(r"[\W_]+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
# "Title | Site", "Title - Site", "Title- Site"; a hyphen inside a word separates nothing
_LAST_PART = re.compile(
    r"(.*\S)(\s*[|｜»•·¦]+\s*|\s+::\s+|\s*[-–—―]+\s+|\s+[-–—―]+\s*|\s+[<>«/~:]\s+|：)(\S.*)", re.DOTALL
)
# signs that hardly ever stand inside a headline, so that a few words behind one need not be known as a site's name
_STRONG = re.compile(r"[|｜»•·¦<>«]|::")
_MAX_SECTION = 40
_MAX_SECTION_WORDS = 4
_MIN_TITLE = 12
_LONGEST_TITLE = 1000
"""Above it nothing is a title, and looking for its parts would cost the square of its length."""
_MIN_NAME = 4
_SITE_KEYS = ("og:site_name", "application-name", "apple-mobile-web-app-title", "al:ios:app_name", "twitter:site")
_PUBLISHER_TYPES = frozenset({"WebSite", "Organization", "NewsMediaOrganization"})
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp)\.")


def fold(text: str) -> str:
    """Return what two spellings of a title have in common: its words in lower case."""
    return _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()


def tidy(title: str) -> str:
    """Return a title on one line, without the markup and the (doubled) entities that metadata often carries."""
    return one_line(_TAG.sub("", html.unescape(html.unescape(title))))


def find_title(head: Head, url: str) -> str:
    """Return the page's title as the publisher most likely meant it, empty if it has none."""
    return next(own_titles(head, url), "")


def own_titles(head: Head, url: str) -> Iterator[str]:
    """Yield the titles that the page gives itself, most trusted first."""
    sites = site_spellings(head, url)
    headings = [heading for heading in map(tidy, head.headings) if heading and _squeeze(heading) not in sites]

    def bare(titles: Iterable[str]) -> list[str]:
        tidied = (without_site(tidy(title), sites=sites, headings=headings) for title in titles)
        return [title for title in tidied if title and _squeeze(title) not in sites]

    stated = bare(text for node in head.articles for text in strings(node.get("headline"))[:1])
    social = bare((*head.meta.get("og:title", ()), *head.meta.get("twitter:title", ())))
    yield from _ranked(stated=stated, headings=bare(headings), social=social, page=bare(head.titles[:1]))


def find_site(head: Head, url: str) -> str:
    """Return the publisher's name as the page gives it, else its host."""
    publishers = (name for node in head.articles for name in strings(node.get("publisher")))
    named = [head.first("og:site_name"), *publishers, head.first("application-name")]
    return next(filter(None, map(tidy, named)), "") or host_of(url)


def host_of(url: str) -> str:
    """Return the host of a URL as people say it: without www."""
    return _MOBILE.sub("", urlsplit(url).hostname or "")


def without_site(title: str, *, sites: frozenset[str], headings: Sequence[str] = ()) -> str:
    """Return a title without the names of site and section behind it."""
    if len(title) > _LONGEST_TITLE:
        return title
    known = {fold(heading) for heading in headings}
    while parts := _LAST_PART.fullmatch(title):
        rest, sign, last = parts.groups()
        section = bool(_STRONG.search(sign)) and _is_short(last) and len(rest) >= max(_MIN_TITLE, len(last))
        if not (names_site(last, sites) or section or fold(rest) in known):
            break
        title = rest
    return title


def _ranked(*, stated: list[str], headings: list[str], social: list[str], page: list[str]) -> Iterator[str]:
    """Yield titles, best source first: measured on 132 publishers' pages, see docs/extraction.md."""
    elsewhere = set(map(fold, (*headings, *social, *page)))
    # several articles on one page: the one that the page repeats elsewhere
    stated = sorted(stated, key=lambda title: fold(title) not in elsewhere)
    if _agree(headings, social) and _agree(stated, page):
        # what JSON-LD shares with the title element alone is meant for search engines
        yield headings[0]
    yield from stated[:1]
    if len(headings) == 1:
        yield headings[0]
    yield from (*social, *page, *headings)


def _agree(some: list[str], others: list[str]) -> bool:
    return bool(some and others) and fold(some[0]) == fold(others[0])


def site_spellings(head: Head, url: str) -> frozenset[str]:
    """Return the names by which the page or its address calls the site, each squeezed to its letters."""
    names: list[str] = [value for key in _SITE_KEYS for value in head.meta.get(key, ())]
    for node in head.nodes:
        names += strings(node.get("publisher"))
        if _PUBLISHER_TYPES.intersection(strings(node.get("@type"))):
            names += strings(node.get("name")) + strings(node.get("alternateName"))
    host = host_of(url)
    names += [host, host.rpartition(".")[0], *(label for label in host.split(".")[:-1] if len(label) >= _MIN_NAME)]
    return frozenset(filter(None, map(_squeeze, names)))


def names_site(part: str, sites: Iterable[str]) -> bool:
    """Tell whether the last part of a title is the site's name, or says it with little else."""
    words = _squeeze(part)
    return not words or any(
        words == site
        or (site in words and len(site) >= max(_MIN_NAME, len(words) / 2))
        or (words in site and len(words) >= max(_MIN_NAME - 1, len(site) / 2))
        for site in sites
    )


def _is_short(part: str) -> bool:
    return len(part) <= _MAX_SECTION and len(part.split()) <= _MAX_SECTION_WORDS


def _squeeze(text: str) -> str:
    return fold(text).replace(" ", "")
