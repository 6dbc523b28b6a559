"""Remembers the links of a section page from read to read: articles come and go, navigation stands for ever."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINKS = 3_000
MOST_FAMILIES = 500
STANDING = timedelta(days=14)
"""A link that was there at the first read and still is so much later is no article."""
_SETTLED = timedelta(days=1)
_READS = 5
"""Before so many reads, and a day, nothing is said of what comes and goes."""
_MOVES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMemory:
    """What a section page showed, by the keys of its links and by their families (see shapes.py)."""

    since: datetime
    reads: int = 1
    links: Mapping[str, tuple[bool, int]] = field(default_factory=dict)
    """For each link whether it was there at the first read, and the number of the last read that saw it."""
    moves: Mapping[str, int] = field(default_factory=dict)
    """How many links of a family came after the first read."""

    def knows(self, url: str) -> bool:
        return key_of(url) in self.links

    def is_standing(self, url: str, now: datetime) -> bool:
        """Tell whether a link has been on the page from the first read on, and for weeks."""
        first, last = self.links.get(key_of(url), (False, 0))
        return first and last == self.reads and self.reads >= _READS and now - self.since >= STANDING

    def is_settled(self, now: datetime) -> bool:
        """Tell whether the page was seen often enough for what appears on it to mean something."""
        return self.reads >= _READS and now - self.since >= _SETTLED

    def moves_often(self, family: str) -> bool:
        return self.moves.get(family, 0) >= _MOVES

    def never_moves(self, family: str, now: datetime) -> bool:
        """Tell whether a family has been on the page for weeks, and no other of it ever came."""
        return self.moves.get(family) == 0 and self.reads >= _READS and now - self.since >= STANDING

    def as_json(self) -> dict[str, Any]:
        links = {key: [int(first), last] for key, (first, last) in self.links.items()}
        return {"since": self.since.isoformat(), "reads": self.reads, "links": links, "moves": dict(self.moves)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> PageMemory:
        links = {key: (bool(first), last) for key, (first, last) in kept["links"].items()}
        since = datetime.fromisoformat(kept["since"])
        return cls(since=since, reads=kept["reads"], links=links, moves=kept["moves"])


def remember(memory: PageMemory | None, families: Mapping[str, str], now: datetime) -> PageMemory:
    """Return the memory after a read that showed these links, each with its family."""
    shown = {key_of(url): family for url, family in families.items()}
    if memory is None:
        links = dict.fromkeys(list(shown)[:MOST_LINKS], (True, 1))
        return PageMemory(since=now, links=links, moves=dict.fromkeys(list(shown.values())[:MOST_FAMILIES], 0))
    reads = memory.reads + 1
    moves = Counter(memory.moves)
    moves.update(family for key, family in shown.items() if key not in memory.links)
    moves.update(dict.fromkeys(shown.values(), 0))
    seen = {key: (memory.links.get(key, (False, 0))[0], reads) for key in shown}
    before = sorted(memory.links.items(), key=lambda link: -link[1][1])
    kept = {**seen, **{key: value for key, value in before if key not in seen}}
    return PageMemory(
        since=memory.since,
        reads=reads,
        links=dict(list(kept.items())[:MOST_LINKS]),
        moves=dict(moves.most_common(MOST_FAMILIES)),
    )


def key_of(url: str) -> str:
    """Return what stands for a link in the memory: short, since a page has hundreds."""
    return hashlib.blake2b(url.encode(), digest_size=6).hexdigest()
