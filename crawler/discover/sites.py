"""Finds what a site may be read by: what its page and its robots.txt name, what the page links to, the usual places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

from crawler.discover.links import base_of, page_links
from crawler.extract.charset import decode
from crawler.extract.clean import one_line
from crawler.extract.tree import parse
from crawler.identity import same_site, web_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.domain import FoundKind

How = Literal["the page itself", "named by the page", "linked on the page", "named by robots.txt", "a usual place"]

USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap_news.xml", "/sitemap.xml")
MOST_NAMED, MOST_LINKED, MOST_MAPS = 4, 3, 2
"""How many of each are tried: feeds that the page names, feeds that it links to, sitemaps of either sort."""

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_FEED_ADDRESS = re.compile(r"(?:^|[/._?=-])(?:rss|atom|feeds?|rdf)(?:[/._&=\d-]|$)", re.IGNORECASE)
_FEED_TEXT = re.compile(r"(?:rss|atom)(?:[- ]?feeds?)?|feed|news ?feed", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|comentario", re.IGNORECASE)
_PODCAST = re.compile(r"podcast|audio|episodes?\b", re.IGNORECASE)
_PART = re.compile(r"/(?:category|categories|tag|tags|topic|topics|author|authors|section|kategorie|rubrik|tema)/|"
                   r"\b(?:category|tag|author) feed\b", re.IGNORECASE)  # fmt: skip
_NEWS_MAP = re.compile(r"news", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """An address at which something may be found."""

    url: str
    kind: FoundKind
    how: How
    title: str = ""

    @property
    def is_of_comments(self) -> bool:
        return bool(_COMMENTS.search(self.title) or _COMMENTS.search(urlsplit(self.url).path))

    @property
    def is_podcast(self) -> bool:
        return bool(_PODCAST.search(f"{self.title} {urlsplit(self.url).path}"))

    @property
    def is_of_a_part(self) -> bool:
        """Whether it is that of one category, one tag or one author."""
        return bool(_PART.search(self.title) or _PART.search(f"{self.url}/"))


def hints(body: bytes, url: str, charset: str | None = None, *, sitemaps: Sequence[str] = ()) -> tuple[Hint, ...]:
    """Return what a page found at `url`, and the sitemaps of its robots.txt, hint at: the most promising first."""
    linked = [one for one in _linked(body, url, charset) if same_site(one.url, url)]
    maps = [Hint(url=one, kind="sitemap", how="named by robots.txt") for one in sitemaps]
    news = [one for one in maps if _NEWS_MAP.search(urlsplit(one.url).path)]
    others = [one for one in maps if one not in news]
    found = (
        *sorted(_named(body, url, charset), key=lambda one: _order(one, url))[:MOST_NAMED],
        *sorted(linked, key=lambda one: _order(one, url))[:MOST_LINKED],
        *news[:MOST_MAPS],
        *(Hint(url=urljoin(url, path), kind="feed", how="a usual place") for path in USUAL_FEEDS),
        *others[:MOST_MAPS],
        *(Hint(url=urljoin(url, path), kind="sitemap", how="a usual place") for path in USUAL_SITEMAPS),
    )
    first: dict[str, Hint] = {}
    for one in found:
        first.setdefault(one.url, one)
    return tuple(first.values())


def _order(one: Hint, url: str) -> tuple[bool, bool, bool]:
    """Put feeds of comments last, then podcasts and those of a part, and those of the source's own folder first."""
    within = urlsplit(one.url).path.startswith(urlsplit(url).path.rstrip("/") + "/")
    return one.is_of_comments, one.is_podcast or (one.is_of_a_part and not within), not within


def _named(body: bytes, url: str, charset: str | None) -> Iterator[Hint]:
    page = parse(decode(body, charset))
    if page is None:
        return
    base = base_of(page, url)
    for link in page.iter("link"):
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in link.get("rel", "").lower().split() and media_type in _FEED_TYPES:
            try:
                address = web_url(urljoin(base, link.get("href", "").strip()))
            except ValueError:
                continue
            yield Hint(url=address, kind="feed", how="named by the page", title=one_line(link.get("title", ""))[:200])


def _linked(body: bytes, url: str, charset: str | None) -> Iterator[Hint]:
    for link in page_links(body, url, charset).links:
        parts = urlsplit(link.address)
        if _FEED_TEXT.fullmatch(link.text) or _FEED_ADDRESS.search(f"{parts.path}?{parts.query}"):
            yield Hint(url=link.address, kind="feed", how="linked on the page", title=link.text[:200])
