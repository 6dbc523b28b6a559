"""Turns a page that lists articles into entries: tells the links to articles from navigation.

Each link gets points, for the shape of its address (shapes.py), for what it says, for where it stands in the page, for
being one of many of a kind, and for what is remembered of earlier reads (memory.py); with ENOUGH it is an article's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discover.links import Place, page_links
from crawler.discover.memory import remember
from crawler.discover.paging import next_url
from crawler.discover.shapes import shape_of
from crawler.discover.wording import says_nothing, text_points
from crawler.domain import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from crawler.discover.links import Link
    from crawler.discover.memory import PageMemory
    from crawler.discover.patterns import LinkPattern
    from crawler.discover.shapes import Shape

ENOUGH = 4
LONGEST_TITLE = 300
_MANY = 5
_OFTEN = 3
_FELLOWS = 2
_AMONG_ARTICLES = 3
_NEVER = -100
_DEEPEST = 12
_PLACES = {Place.NAVIGATION: -5, Place.HEADER: -2, Place.ASIDE: -1, Place.MAIN: 0, Place.ARTICLE: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """What a page that lists articles says."""

    entries: tuple[Entry, ...]
    next_url: str | None = None
    """Where the list goes on."""
    memory: PageMemory
    links: int = 0
    """How many other pages it leads to."""
    refused: int = 0


def parse_section(
    body: bytes,
    url: str,
    charset: str | None = None,
    *,
    pattern: LinkPattern | None = None,
    memory: PageMemory | None = None,
    now: datetime,
) -> SectionPage:
    """Read the page found at `url`; with a pattern, the links that it fits are those of articles, and no others."""
    page = page_links(body, url, charset)
    candidates = [link for link in page.links if link.is_ours]
    shapes = {link.url: shape_of(link.url) for link in candidates}
    if pattern is not None:
        among = page.links if pattern.names_hosts else candidates
        chosen = [link for link in among if pattern.is_in(link.address, link.url)]
    else:
        chosen = list(_articles(candidates, shapes, url, memory, now))
    families = {link: shape.family for link, shape in shapes.items()}
    return SectionPage(
        entries=tuple(map(_entry, chosen)),
        next_url=next_url(page, url),
        memory=remember(memory, families, now),
        links=len(page.links),
        refused=page.refused,
    )


def _articles(
    links: Sequence[Link], shapes: dict[str, Shape], url: str, memory: PageMemory | None, now: datetime
) -> Iterable[Link]:
    points = {link.url: _points(link, shapes[link.url]) for link in links}
    doubted = _judge_together(points, links, shapes, url)
    if memory:
        for link in links:
            points[link.url] += _points_of_time(link, shapes[link.url], memory, now)
    # in a list of articles, what looks a little like one is one
    alike = Counter(link.spot for link in links if points[link.url] >= ENOUGH)
    all_there = Counter(link.spot for link in links)
    for link in links:
        is_among = alike[link.spot] >= max(_FELLOWS, all_there[link.spot] / 2) and link.url not in doubted
        if points[link.url] + (_AMONG_ARTICLES if is_among else 0) >= ENOUGH:
            yield link


def _points(link: Link, shape: Shape) -> int:
    if shape.is_listing:
        return _NEVER
    return shape.points + text_points(link.text) + _PLACES[link.place] + (2 if link.in_heading else 0)


def _judge_together(points: dict[str, int], links: Sequence[Link], shapes: dict[str, Shape], url: str) -> set[str]:
    """Add what only shows beside the other links of the page; return those that look like lists of articles."""
    many = Counter(shapes[link.url].family for link in links if text_points(link.text) > 0)
    said = Counter(link.text for link in links)
    parents = _parents(links)
    above = _folder(url)
    for link in links:
        folder = _folder(link.url)
        points[link.url] += 1 if many[shapes[link.url].family] >= _MANY else 0
        # what many links say is said of none: "read the full story"
        points[link.url] -= 1 + max(0, text_points(link.text)) if said[link.text] >= _OFTEN else 0
        points[link.url] -= 3 if parents[folder] > 1 else 0
        points[link.url] += _NEVER if above.startswith(folder) else 0
    return {link.url for link in links if parents[_folder(link.url)] > 1 or shapes[link.url].points < 0}


def _folder(url: str) -> str:
    return urlsplit(url).path.rstrip("/") + "/"


def _parents(links: Sequence[Link]) -> Counter[str]:
    """Count for each path how many of the links lie below it: what has articles below it is a section."""
    below: Counter[str] = Counter()
    for link in links:
        segments = _folder(link.url).split("/")[:_DEEPEST]
        below.update("/".join(segments[:depth]) + "/" for depth in range(1, len(segments) - 1))
    return below


def _points_of_time(link: Link, shape: Shape, memory: PageMemory, now: datetime) -> int:
    if memory.is_standing(link.url, now):
        return -6
    points = 2 if memory.moves_often(shape.family) else 0
    if not memory.knows(link.url) and memory.is_settled(now) and link.place > Place.NAVIGATION:
        points += -2 if memory.never_moves(shape.family, now) else 1
    return points


def _entry(link: Link) -> Entry:
    title = "" if says_nothing(link.text) else link.text[:LONGEST_TITLE]
    address = link.address if link.address != link.url else ""
    return Entry(link=link.url, address=address, title=title, title_is_rough=True)
