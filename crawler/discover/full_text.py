"""Tells feeds that carry whole articles from those that announce them.

An item carries its whole article if its content
- is long enough and made of paragraphs, most of it not links;
- does not break off: no ellipsis at its end, no "read more", no link to its own page instead of the rest;
- stands for a page of the feed's own site (what a link blog says of another's page is a remark on it);
- is not the description of a recording.

A feed is one of full texts if most of its items carry theirs and hardly any breaks off.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ParserError, iterwalk

from crawler.discover.entries import LONGEST_CONTENT
from crawler.discover.read_more import ends_in_ellipsis, says_read_more
from crawler.extract.clean import one_line
from crawler.identity import canonical_url, same_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.discover.entries import Item
    from crawler.domain import Entry

FEWEST_ITEMS = 3
"""A feed of fewer tells nothing of its habits; their pages are fetched."""
MOST_ITEMS_LOOKED_AT = 50
MOSTLY = 0.6
HARDLY = 0.1

WORTH_KEEPING = 800
"""Characters with their markup. Shorter ones say no more than the summary."""
LONG_ENOUGH = 1_200
"""Latin letters; a Chinese character says as much as two. Teasers are shorter, and briefs, whose pages are fetched."""
PROSE = 60
"""From how many letters on a paragraph is prose; a caption or the name of a photographer is shorter."""
FEWEST_PARAGRAPHS = 3
MOST_LINKED = 0.4
_TAIL = 3
"""How many of the last blocks may be the "read more": share buttons and a number of comments come behind it."""
_SHORT = 120

_BLOCKS = frozenset(
    "p div br hr li ul ol dl dd dt table tr td th h1 h2 h3 h4 h5 h6 blockquote pre section article figure".split()  # noqa: SIM905
)
_UNSEEN = frozenset({"script", "style", "iframe", "template", "figcaption"})


@dataclass(frozen=True, slots=True)
class _Link:
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, a heading, a line."""

    text: str
    links: tuple[_Link, ...]

    @property
    def linked(self) -> int:
        return sum(len(link.text) for link in self.links)


class Carried(Enum):
    """What the content of an item is of its article."""

    WHOLE = auto()
    PART = auto()
    CUT = auto()
    """A part that says so itself."""


def with_full_texts(items: Sequence[Item], entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of these items, marked where they carry the whole article; empty words are left out."""
    first = [_carried(item) for item in items[:MOST_ITEMS_LOOKED_AT]]
    if not _carries_articles(first):
        return [_kept(entry) for entry in entries]
    carried = [*first, *map(_carried, items[MOST_ITEMS_LOOKED_AT:])]
    return [
        replace(entry, full_text=True) if one is Carried.WHOLE else _kept(entry)
        for entry, one in zip(entries, carried, strict=True)
    ]


def _carries_articles(carried: Sequence[Carried]) -> bool:
    """Tell whether a feed is one that carries its articles."""
    enough = max(FEWEST_ITEMS, MOSTLY * len(carried))
    return carried.count(Carried.WHOLE) >= enough and carried.count(Carried.CUT) <= HARDLY * len(carried)


def _kept(entry: Entry) -> Entry:
    return entry if len(entry.content) >= WORTH_KEEPING else replace(entry, content="")


def _carried(item: Item) -> Carried:
    if item.remark or item.recording or len(item.content) < LONG_ENOUGH / 2:
        return Carried.CUT if ends_in_ellipsis(item.content) else Carried.PART
    blocks = _blocks(item.content[:LONGEST_CONTENT])
    if blocks and _is_signature(blocks[-1], item):
        blocks.pop()
    if len(item.content) > LONGEST_CONTENT or any(_breaks_off(block, item) for block in blocks[-_TAIL:]):
        return Carried.CUT
    prose = [_width(block.text) for block in blocks if _width(block.text) >= PROSE]
    linked = sum(block.linked for block in blocks) / max(1, sum(len(block.text) for block in blocks))
    whole = sum(prose) >= LONG_ENOUGH and len(prose) >= FEWEST_PARAGRAPHS and linked < MOST_LINKED
    return Carried.WHOLE if whole and item.title.strip() and _is_at_home(item) else Carried.PART


def _breaks_off(block: _Block, item: Item) -> bool:
    """Tell whether a block at the end says that the article goes on elsewhere."""
    lines = (block.text, *(link.text for link in block.links))
    if ends_in_ellipsis(block.text) or any(map(says_read_more, lines)):
        return True
    # whatever it says, a last line that is a link to the article's own page leads to the rest, or to comments
    return len(block.text) <= _SHORT and block.linked > len(block.text) / 2 and _leads_home(block, item)


def _is_signature(block: _Block, item: Item) -> bool:
    """Tell "The post A tram for all appeared first on The Gazette", in whatever language."""
    title = _bare(item.title)
    return bool(title) and title in _bare(block.text) and block.linked >= len(title) and _leads_home(block, item)


def _leads_home(block: _Block, item: Item) -> bool:
    return any(_same(item.url, link.target) for link in block.links)


def _is_at_home(item: Item) -> bool:
    return any(_on_one_site(item.url, home) for home in item.homes)


def _on_one_site(url: str, home: str) -> bool:
    try:
        return same_site(url, home)
    except ValueError:
        return False


def _same(url: str, target: str) -> bool:
    try:
        return canonical_url(urljoin(url, target)) == canonical_url(url)
    except ValueError:
        return False


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def _blocks(markup: str) -> list[_Block]:
    try:
        root = lxml.html.fragment_fromstring(markup, create_parent="div")
    except (ParserError, ValueError):
        return []
    return [block for block in _blocks_of(root) if block.text]


def _blocks_of(root: HtmlElement) -> Iterator[_Block]:
    """Yield the blocks of a tree that hold text, in their order."""
    pieces: list[str] = []
    links: list[_Link] = []
    opened: list[tuple[str, int]] = []  # the links around us: where they lead, and where in `pieces` their text begins
    unseen = 0
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event in {"start", "end"} and tag in _BLOCKS and pieces:
            yield _Block(one_line("".join(pieces)), tuple(links))
            pieces, links, opened = [], [], [(target, 0) for target, _ in opened]
        if event == "start":
            unseen += tag in _UNSEEN
            if tag == "a":
                opened.append((element.get("href", ""), len(pieces)))
        elif event == "end":
            unseen -= tag in _UNSEEN
            if tag == "a" and opened:
                target, start = opened.pop()
                links.append(_Link(target, one_line("".join(pieces[start:]))))
        said = element.text if event == "start" else element.tail if element is not root else None
        if said and not unseen:
            pieces.append(said)
