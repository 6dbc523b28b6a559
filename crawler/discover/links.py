"""Turns the bytes of a page into its links: where they lead, what they say, in which part of the page they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler.extract.charset import decode
from crawler.extract.clean import one_line
from crawler.extract.tree import parse
from crawler.identity import canonical_url, same_site, web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MOST_LINKS = 2_000
"""On one page; what comes after is not looked at."""
LONGEST_TEXT = 500
_MOST_CARRIED = 4_000  # characters that one link's text is put together from

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg"})
_NAVIGATION_ROLES = frozenset(
    {"navigation", "contentinfo", "menu", "menubar", "search", "dialog", "alertdialog", "banner"}
)
# Not `has-nav` or `with-sidebar`, by which whole pages are wrapped: the word has to come first, but for `site-nav`.
_NAVIGATION_CLASS = re.compile(
    r"(?:(?:g|main|site|top|sub|primary|secondary|global|header|page|mobile|mega|off|utility)[-_]?)?"
    r"(?:nav|navbar|navigation|menu|footer|breadcrumbs?|cookies?|consent|social|share|sharing|pagination|pager|paging|"
    r"bylines?|authors?|tags?|taglist|topbar|toolbar|skip)(?:[-_]?(?:bar|list|links?|items?|wrap(?:per)?|container|menu|"
    r"main|top|site|box|cloud|meta|name|widget|area|inner|content))*",
    re.IGNORECASE,
)
_ASIDE_CLASS = re.compile(r"(?:left|right|page)?[-_]?(?:sidebar|aside|rail|widgets?)(?:[-_].*)?", re.IGNORECASE)
_WRAPPERS = frozenset({"html", "body", "main", "article"})
_SPOT_DEPTH = 3
_MOST_BY_CLASS = 0.8
"""Where more of the links stand in what is called navigation, the names of classes are not to be trusted."""


class Place(IntEnum):
    """The part of a page where a link stands; of several, the highest counts."""

    NAVIGATION = 0
    HEADER = 1
    ASIDE = 2
    MAIN = 3
    ARTICLE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a page leads to, however many links do."""

    url: str
    """In canonical spelling."""
    address: str
    """As the page spells it."""
    text: str
    place: Place = Place.MAIN
    in_heading: bool = False
    spot: str = ""
    """What it stands in, to tell the links of one list from others: `div.teaser/h3`."""
    rel: frozenset[str] = frozenset()
    is_ours: bool = True
    """Whether it stays on the site of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links of a page in its order, and what its head says."""

    links: tuple[Link, ...] = ()
    next_url: str | None = None
    """What the page calls its next one by `rel="next"`."""
    refused: int = 0
    """How many were addresses, though none of the web."""


def page_links(body: bytes, url: str, charset: str | None = None) -> Links:
    """Return the links of a page found at `url`. Those to the page itself are left out."""
    root = parse(decode(body, charset))
    if root is None:
        return Links()
    walk = _Walk()
    walk.over(root)
    base = base_of(root, url)
    by_class = sum(anchor.by_class for anchor in walk.anchors)
    trusted = by_class <= len(walk.anchors) * _MOST_BY_CLASS
    return _merged(walk, base, url, trusted=trusted)


def base_of(root: HtmlElement, url: str) -> str:
    """Return what the links of a page are relative to; a `<base>` that is no address of the web does not count."""
    try:
        return web_url(urljoin(url, next(iter(root.xpath("//base/@href")), "").strip()))
    except ValueError:
        return url


@dataclass(slots=True)
class _Anchor:
    """An element `a` while it is read."""

    href: str
    rel: frozenset[str]
    place: Place
    by_class: bool
    in_heading: bool
    spot: str
    label: str
    texts: list[str] = field(default_factory=list)
    heading_texts: list[str] = field(default_factory=list)
    carried: int = 0

    def hear(self, text: str | None, *, in_heading: bool) -> None:
        if text and self.carried < _MOST_CARRIED:
            self.carried += len(text)
            self.texts.append(text)
            if in_heading:
                self.heading_texts.append(text)

    def text(self) -> str:
        """Return the headline, if there is one inside; else all that the link says; else what it says to the blind."""
        return one_line(" ".join(self.heading_texts) or " ".join(self.texts) or self.label)[:LONGEST_TEXT]


@dataclass(slots=True)
class _Walk:
    """Goes once over a page, and knows at every element what it stands in."""

    anchors: list[_Anchor] = field(default_factory=list)
    next_hrefs: list[str] = field(default_factory=list)
    _inside: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("nav", "class", "header", "aside", "article", "heading", "unseen"), 0)
    )
    _marks: list[tuple[str, ...]] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    """What is open, by tag and first class."""
    _open: _Anchor | None = None

    def over(self, root: HtmlElement) -> None:
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if event == "start":
                self._start(element)
                if len(self.anchors) > MOST_LINKS:
                    return
            else:
                self._end(element)

    def _start(self, element: HtmlElement) -> None:
        marks = tuple(_marks(element)) if isinstance(element.tag, str) else ()
        self._marks.append(marks)
        self._names.append(_name(element))
        for mark in marks:
            self._inside[mark] += 1
        if element.tag == "a" and element.get("href"):
            self._open = self._anchor(element)
            self.anchors.append(self._open)
        elif element.tag == "link" and "next" in element.get("rel", "").lower().split():
            self.next_hrefs.append(element.get("href", ""))
        if self._open is not None and not self._inside["unseen"]:
            if "heading" in marks:
                self._open.in_heading = True
            if element.tag == "img":
                self._open.label = self._open.label or element.get("alt", "")
            self._open.hear(element.text, in_heading=bool(self._inside["heading"]))

    def _end(self, element: HtmlElement) -> None:
        self._names.pop()
        for mark in self._marks.pop():
            self._inside[mark] -= 1
        if element.tag == "a":
            self._open = None
        if self._open is not None and not self._inside["unseen"]:
            self._open.hear(element.tail, in_heading=bool(self._inside["heading"]))

    def _anchor(self, element: HtmlElement) -> _Anchor:
        return _Anchor(
            href=element.get("href", "").strip(),
            rel=frozenset(element.get("rel", "").lower().split()),
            place=self._place(),
            by_class=bool(self._inside["class"]) and not self._inside["nav"],
            in_heading=bool(self._inside["heading"]),
            spot="/".join(self._names[-_SPOT_DEPTH - 1 : -1]),
            label=element.get("aria-label") or element.get("title") or "",
        )

    def _place(self) -> Place:
        inside = self._inside
        if inside["nav"]:
            return Place.NAVIGATION
        if inside["article"]:
            return Place.ARTICLE
        if inside["aside"]:
            return Place.ASIDE
        return Place.HEADER if inside["header"] else Place.MAIN


def _marks(element: HtmlElement) -> Iterator[str]:
    """Yield what an element makes of all that stands inside of it."""
    tag = element.tag
    role = element.get("role", "").lower()
    if tag in {"nav", "footer"} or role in _NAVIGATION_ROLES:
        yield "nav"
    elif tag in {"header", "aside", "article"}:
        yield tag
    elif role == "complementary":
        yield "aside"
    elif tag in _HEADINGS or role == "heading":
        yield "heading"
    elif tag in _UNSEEN:
        yield "unseen"
    if tag in _WRAPPERS or tag == "a":
        return
    names = f"{element.get('class', '')} {element.get('id', '')}".split()[:20]
    if any(_NAVIGATION_CLASS.fullmatch(name) for name in names):
        yield "class"
    elif any(_ASIDE_CLASS.fullmatch(name) for name in names):
        yield "aside"


def _name(element: HtmlElement) -> str:
    first = element.get("class", "").split(None, 1)[:1] if isinstance(element.tag, str) else []
    return ".".join((str(element.tag), *first))[:60]


def _merged(walk: _Walk, base: str, url: str, *, trusted: bool) -> Links:
    found: dict[str, Link] = {}
    refused, itself = 0, canonical_url(url)
    sites: dict[str, bool] = {}
    for anchor in walk.anchors[:MOST_LINKS]:
        try:
            address = web_url(urljoin(base, anchor.href))
            link = canonical_url(address)
        except ValueError:
            refused += not anchor.href.startswith("#")
            continue
        if link != itself:
            place = Place.NAVIGATION if anchor.by_class and trusted else anchor.place
            host = urlsplit(link).netloc
            if host not in sites:
                sites[host] = same_site(link, url)
            one = Link(
                url=link,
                address=address,
                text=anchor.text(),
                place=place,
                in_heading=anchor.in_heading and place > Place.NAVIGATION,
                spot=anchor.spot,
                rel=anchor.rel,
                is_ours=sites[host],
            )
            found[link] = _better(found[link], one) if link in found else one
    return Links(links=tuple(found.values()), next_url=_next(walk.next_hrefs, base), refused=refused)


def _better(one: Link, other: Link) -> Link:
    """Put two links to one address together: the headline says more than the picture, the teaser or "read more"."""
    first, second = (
        (one, other) if (one.in_heading, len(one.text)) >= (other.in_heading, len(other.text)) else (other, one)
    )
    return Link(
        url=one.url,
        address=one.address,
        text=first.text or second.text,
        place=max(one.place, other.place),
        in_heading=first.in_heading,
        spot=first.spot,
        rel=one.rel | other.rel,
        is_ours=one.is_ours,
    )


def _next(hrefs: list[str], base: str) -> str | None:
    for href in hrefs:
        try:
            return web_url(urljoin(base, href.strip()))
        except ValueError:
            continue
    return None
