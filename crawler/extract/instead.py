"""Tells what a page shows instead of an article: a consent wall, an error, a list of articles, a paywall.

By what is common to all of them, never by site: what the page is called, what its text says, how it is built, and what
it says of itself. Each rule wants two kinds of evidence, for articles are written about cookies and errors, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

from crawler.extract.consent_phrases import CONSENT, CONSENT_TITLE
from crawler.extract.error_phrases import ERROR, ERROR_TITLE
from crawler.extract.jsonld import strings
from crawler.extract.paywall_phrases import OFFER, PAYWALL, PAYWALL_TITLE
from crawler.extract.titles import fold
from crawler.extract.tree import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.extract.cues import Cues
    from crawler.extract.head import Head

Instead = Literal["consent-wall", "error-page", "listing", "paywall"]

_WALL_TITLES = (ERROR_TITLE, CONSENT_TITLE, PAYWALL_TITLE)
_PARTS = re.compile(r"\s[-–—|/~]+\s|[|｜»•·:：!]|\.(?:\s|$)")
_LONGEST_TITLE = 300
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")

_RUNNING = 60
"""From how many characters a line is prose."""
_LABEL = 120
"""A line of fewer is one button, link or heading of a dialogue: one such phrase makes it one."""
_FEW = 300
"""Characters of prose that every page may have: a site's description, a telephone number, a teaser."""
_SOME = 1500
"""With more prose than this it must be an article, whatever its title is."""
_DIALOGUE = 3
"""So many different phrases of a consent dialogue."""
_ENDS = 4
"""How many lines of a text are looked at for the beginning and for the end of one."""
_MOSTLY = 0.6
_PARTLY = 0.3
"""Shares of a text that a consent dialogue says; the second where its title is one's."""
_NAME = 4
"""Words that the name of a site has at the most."""
_OFFER = 250
"""How long a line of a paywall is at the most."""
_CUT = 2000
"""A longer text is no stub, whatever stands below it."""
_CUT_PAID = 4000
"""Where the page says that it is not free."""
_BELOW = 250
"""How many characters below the text a paywall begins in: behind them comes the rest of the page."""
_DOTS = ("…", "...")

_FEW_HEADLINES = 3
_HEADLINES = 8
_HEADLINE = 25
_RUBRIC = 40
_MOST_ELEMENTS = 300
"""Nested in one another, they would take quadratic time."""
_FRONT_STEPS = 2
_BLOCK = 700
"""In a list no teaser is as long."""
_LISTS = frozenset({"CollectionPage", "SearchResultsPage"})
_SITES = frozenset({"ItemList", "ProfilePage", "Blog"})
_LISTING_STEPS = frozenset(
    """
    archive archives archiv archivo arquivo archivio author authors autor autore auteur autoren buscar busca categorie
    categoria categorias category categories cerca kategorie kategoria label labels latest page recherche ressort
    rubrik rubrique rubriques search seccion secciones section sections seite suche szukaj tag tags tagi thema themen
    temas topic topics zoek
    """.split()  # noqa: SIM905  (a list would say no more)
)
_QUERIES = frozenset({"s", "q", "query", "search", "suche", "paged", "page", "tag", "cat"})
_EDITION = re.compile(r"(?:[a-z]{2}(?:[-_][a-z]{2})?|index\.\w{2,5}|home(?:page)?|news)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What of a page is no text of an article, but tells whether it shows one."""

    url: str
    titles: Sequence[str]
    """That of the page, the one for social networks and the first heading, as the page writes them."""
    is_article: bool
    """It calls itself one, in JSON-LD or to social networks."""
    is_list: bool
    """It calls itself a list of pages."""
    is_site: bool
    """It calls itself a website, or something else that holds pages."""
    is_paid: bool
    """It says that it is not free to read. Many that say so show the whole article."""
    headlines: int
    """How many headings are links."""
    labels: str
    """What stands on buttons, in dialogues and for browsers without JavaScript."""


def look_around(root: HtmlElement, head: Head, url: str) -> Surroundings:
    """Return what is to be known of a page before its chrome is taken out."""
    kinds = {kind for node in head.nodes for kind in strings(node.get("@type"))}
    social = [kind.lower() for kind in head.meta.get("og:type", ())]
    is_article = (bool(head.articles) or any("article" in kind for kind in social)) and not (_LISTS & kinds)
    titles = [*head.titles[:1], *head.meta.get("og:title", ())[:1], *head.headings[:1]]
    return Surroundings(
        url=url,
        titles=[title[:_LONGEST_TITLE] for title in titles],
        is_article=is_article,
        is_list=bool(_LISTS & kinds),
        is_site="website" in social or bool(_SITES & kinds),
        is_paid=any(_is_paid(node.get("isAccessibleForFree")) for node in head.articles),
        headlines=0 if is_article else _headlines(root),
        labels="\n".join(map(text_of, islice(root.iter("button", "dialog", "noscript"), _MOST_ELEMENTS))),
    )


def consent_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return the numbers of the lines that a consent dialogue says."""
    if CONSENT.count("\n".join(lines)) < _DIALOGUE:
        return frozenset()
    return frozenset(number for number, line in enumerate(lines) if _is_consent(line))


def without_banner(lines: list[str]) -> list[str]:
    """Return the lines of an article without those of a consent dialogue above or below it."""
    if CONSENT.count("\n".join((*lines[:_ENDS], *lines[-_ENDS:]))) < _DIALOGUE:
        return lines
    said = consent_lines(lines)
    first, last = 0, len(lines)
    while first in said:
        first += 1
    while last - 1 in said and last > first:
        last -= 1
    # what says more of it is about cookies
    return lines if CONSENT.count("\n".join(lines[first:last])) > 1 else lines[first:last]


def without_offers(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs of an article that is cut off, without what its paywall says."""
    kept = [line for line in lines if not _is_offer(line)]
    return kept if any(width(line) >= _RUNNING for line in kept) else []


def seen_instead(page: Surroundings, lines: Sequence[str], root: HtmlElement, *, largest: int) -> Instead | None:
    """Return what the page shows instead of an article, None if it shows one.

    `lines` are all that the extractors took for text, `largest` is how much running text the fullest element holds.
    """
    if _is_listing(page, largest=largest):
        return "listing"
    said = consent_lines(lines)
    prose = sum(width(line) for n, line in enumerate(lines) if n not in said and len(line) >= _RUNNING)
    if prose >= _CUT_PAID:
        return None
    visible = text_of(root)
    if _is_error(page, lines, prose=prose, visible=visible):
        return "error-page"
    if _is_consent_wall(page, lines, said, prose=prose, visible=visible):
        return "consent-wall"
    return "paywall" if _is_behind_paywall(page, lines, prose=prose, visible=visible) else None


def is_wall(page: Surroundings) -> bool:
    """Tell whether the page is called what only walls are called, so that it is not the article's own page."""
    return any(_is_wholly(title, cues) for title in page.titles for cues in _WALL_TITLES) or (
        not page.is_article and _is_entitled(page, PAYWALL_TITLE)
    )


def is_wall_title(title: str) -> bool:
    """Tell whether a title is that of a wall or an error, and of no article."""
    return any(_is_wholly(title, cues) for cues in _WALL_TITLES)


def width(text: str) -> int:
    """Return how much a text says, in Latin letters: a Chinese character says as much as two."""
    return len(text) + len(_CJK.findall(text))


def _is_error(page: Surroundings, lines: Sequence[str], *, prose: int, visible: str) -> bool:
    if prose < _FEW:
        said = ERROR.count("\n".join((visible[: 2 * _SOME], page.labels)))
        return _is_entitled(page, ERROR_TITLE) or (said > 1 and not page.is_article)
    if prose >= _SOME or page.is_article:
        return False
    return any(_is_wholly(title, ERROR_TITLE) for title in page.titles) and ERROR.count("\n".join(lines)) > 0


def _is_consent_wall(
    page: Surroundings, lines: Sequence[str], said: frozenset[int], *, prose: int, visible: str
) -> bool:
    entitled = _is_entitled(page, CONSENT_TITLE)
    if prose < _FEW:
        spoken = CONSENT.count("\n".join((*(lines or (visible[: 2 * _SOME],)), page.labels)))
        return spoken >= (_DIALOGUE if said or not page.is_article else 2 * _DIALOGUE) - entitled
    share = sum(width(lines[n]) for n in said) / sum(map(width, lines))
    return not page.is_article and prose < _SOME and share >= (_PARTLY if entitled else _MOSTLY)


def _is_listing(page: Surroundings, *, largest: int) -> bool:
    if page.is_article or page.headlines < (_FEW_HEADLINES if page.is_list else _HEADLINES) or largest >= _BLOCK:
        return False
    return page.is_list or _is_listing_address(page.url) + page.is_site + _is_titled_like_a_list(page) > 1


def _is_behind_paywall(page: Surroundings, lines: Sequence[str], *, prose: int, visible: str) -> bool:
    if prose >= (_CUT_PAID if page.is_paid else _CUT):
        return False
    if not lines and page.is_paid:
        return True
    below = "\n".join((*_last_offers(lines), _below(lines, visible)))
    said, offered = PAYWALL.count(below), OFFER.count(below)
    if page.is_paid:
        return said > 0 or (prose < _SOME and lines[-1].endswith(_DOTS))
    if bool(said and offered) or said > 1:
        return True
    entitled = _is_entitled(page, PAYWALL_TITLE) or PAYWALL.count("\n".join(page.titles)) > 0
    return entitled and not page.is_article and prose < _SOME and OFFER.count("\n".join(lines)) > 0


def _last_offers(lines: Sequence[str]) -> Sequence[str]:
    first = len(lines)
    while first and _is_offer(lines[first - 1]):
        first -= 1
    return lines[first:]


def _is_entitled(page: Surroundings, cues: Cues) -> bool:
    """Tell whether a part of one of the page's titles is such a title."""
    return any(cues.count(part) for title in page.titles for part in _parts(title))


def _is_wholly(title: str, cues: Cues) -> bool:
    """Tell whether a title says nothing else, but for the name of the site."""
    rest = [part for part in map(fold, _PARTS.split(title)) if part and not cues.count(part)]
    if cues.count(fold(title)):
        return True
    return len(rest) <= 1 and rest != [fold(title)] and all(len(part.split()) <= _NAME for part in rest)


def _below(lines: Sequence[str], visible: str) -> str:
    """Return what the page shows below the end of the text."""
    if not lines:
        return visible[:_SOME]
    end = lines[-1][-40:]
    start = visible.rfind(end)
    below = visible[start + len(end) :][:_BELOW] if start >= 0 else ""
    return below[: _BELOW - width(below) + len(below)]


def _is_listing_address(url: str) -> bool:
    parts = urlsplit(url)
    steps = [step.lower() for step in parts.path.split("/") if step]
    if any(key in _QUERIES for key, _ in parse_qsl(parts.query)[:20]) or not _LISTING_STEPS.isdisjoint(steps[:-1]):
        return True
    return len(steps) <= _FRONT_STEPS and all(_EDITION.fullmatch(step) for step in steps)


def _is_titled_like_a_list(page: Surroundings) -> bool:
    """Tell whether the page is called by a few words: the name of a section, or of the site."""
    headings = page.titles[1:] or page.titles
    return all(len(fold(heading).split()) <= _NAME and width(heading) <= _RUBRIC for heading in headings[-1:])


def _headlines(root: HtmlElement) -> int:
    """Return how many headings of the length of a headline are links to somewhere."""
    return sum(
        1
        for heading in islice(root.iter("h1", "h2", "h3", "h4"), _MOST_ELEMENTS)
        if len(text_of(heading)) >= _HEADLINE
        and (next(heading.iter("a"), None) is not None or next(heading.iterancestors("a"), None) is not None)
    )


def _is_consent(line: str) -> bool:
    return CONSENT.count(line) >= (1 if len(line) < _LABEL else 2)


def _is_offer(line: str) -> bool:
    return len(line) < _OFFER and bool(PAYWALL.count(line) or (len(line) < _LABEL and OFFER.count(line)))


def _is_paid(free: object) -> bool:
    return free is False or (isinstance(free, str) and free.strip().lower() in {"false", "no", "0"})


def _parts(title: str) -> Iterator[str]:
    """Yield a title and its parts, folded."""
    yield fold(title)
    yield from map(fold, _PARTS.split(title))
