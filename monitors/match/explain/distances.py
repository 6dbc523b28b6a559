"""Measures how near to one another things stand: exact minima over all fields, in the time it takes to sort them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.reading import FIELDS, Hit
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitors.match.reading import Reading

    Unit = Callable[[Reading, int, int], int]
    """Numbers the sentences or paragraphs of a field: in which a word stands."""


class Apart(NamedTuple):
    """Two hits in one field, and how many words apart they are: neighbours are one apart."""

    words: int
    hit: Hit
    other: Hit

    @property
    def whole(self) -> Hit:
        """From the beginning of the one to the end of the other."""
        first, last = sorted((self.hit, self.other))
        return Hit(first.field, first.first, last.last)


class Stretch(NamedTuple):
    """A stretch of a field that holds one hit of each of several parts, and how many words it is long."""

    words: int
    whole: Hit


def nearest(left: Sequence[Hit], right: Sequence[Hit], reading: Reading, *, ordered: bool = False) -> Apart | None:
    """Return the two that stand nearest; what overlaps is no pair. `ordered`: the left one in front."""
    before = () if ordered else _before(left, right, reading)
    return min(chain(_behind(left, right, reading), before), default=None)


def nearest_in_unit(left: Sequence[Hit], right: Sequence[Hit], reading: Reading, unit: Unit) -> Apart | None:
    """Return the two that stand nearest of those in one sentence or paragraph."""
    pairs = chain(_behind(left, right, reading), _before(left, right, reading))
    return min((one for one in pairs if len({_unit_of(hit, reading, unit) for hit in one[1:]}) == 1), default=None)


def within(hits: Sequence[Hit], others: Sequence[Hit], words: int, reading: Reading) -> dict[Hit, Hit]:
    """Return the hits that share a word with one of the others or are at most so many words from it, each with it."""
    found = {
        one.hit: one.other
        for one in chain(_behind(hits, others, reading), _before(hits, others, reading))
        if one.words <= words
    }
    return found | {hit: hit for hit in overlapping(hits, others)}


def _behind(hits: Sequence[Hit], others: Sequence[Hit], reading: Reading) -> Iterator[Apart]:
    """Yield each hit with the nearest of the others behind it."""
    ordered = sorted(others)
    starts = [(other.field, other.first) for other in ordered]
    for hit in hits:
        at = bisect_right(starts, (hit.field, hit.last))
        if at < len(ordered) and ordered[at].field == hit.field:
            steps = reading.fields[hit.field].steps
            yield Apart(_words(steps[ordered[at].first] - steps[hit.last + 1]) + 1, hit, ordered[at])


def _before(hits: Sequence[Hit], others: Sequence[Hit], reading: Reading) -> Iterator[Apart]:
    """Yield each hit with the nearest of the others before it."""
    ordered = sorted(others, key=lambda other: (other.field, other.last))
    ends = [(other.field, other.last) for other in ordered]
    for hit in hits:
        at = bisect_left(ends, (hit.field, hit.first)) - 1
        if at >= 0 and ordered[at].field == hit.field:
            steps = reading.fields[hit.field].steps
            yield Apart(_words(steps[hit.first] - steps[ordered[at].last + 1]) + 1, hit, ordered[at])


def overlapping(hits: Iterable[Hit], others: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the hits that share a word with one of the others."""
    taken = {(other.field, index) for other in others for index in range(other.first, other.last + 1)}
    for hit in hits:
        if any((hit.field, index) in taken for index in range(hit.first, hit.last + 1)):
            yield hit


def tightest(found: Sequence[Sequence[Hit]], reading: Reading) -> Stretch | None:
    """Return the shortest stretch of one field that holds a hit of every part; parts may share words."""
    stretches = (one for field in range(len(FIELDS)) for one in _stretches(field, found, reading))
    return min(stretches, default=None)


def _stretches(field: int, found: Sequence[Sequence[Hit]], reading: Reading) -> Iterator[Stretch]:
    """Yield for each hit of a field the shortest stretch that begins with it."""
    here = [sorted(hit for hit in hits if hit.field == field) for hits in found]
    if not all(here):
        return
    starts = [[hit.first for hit in hits] for hits in here]
    ends = [_soonest_ends(hits) for hits in here]
    steps = reading.fields[field].steps
    for first in sorted({start for one in starts for start in one}):
        following = [bisect_left(one, first) for one in starts]
        if any(at == len(one) for at, one in zip(following, starts, strict=True)):
            return
        last = max(end[at] for at, end in zip(following, ends, strict=True))
        yield Stretch(_words(steps[last + 1] - steps[first]), Hit(field, first, last))


def _soonest_ends(hits: Sequence[Hit]) -> Sequence[int]:
    """Return for each hit how soon it or one behind it ends: one that begins later may end sooner."""
    ends = [hit.last for hit in hits]
    for at in range(len(ends) - 2, -1, -1):
        ends[at] = min(ends[at], ends[at + 1])
    return ends


def units_apart(left: Sequence[Hit], right: Sequence[Hit], reading: Reading, unit: Unit) -> int | None:
    """Return how many sentences or paragraphs the two nearest are apart; None if no field holds both sides."""
    units = sorted(_unit_of(hit, reading, unit) for hit in right)
    gaps = []
    for hit in left:
        own = _unit_of(hit, reading, unit)
        at = bisect_left(units, own)
        gaps += [abs(number - own[1]) for field, number in units[max(0, at - 1) : at + 1] if field == own[0]]
    return min(gaps, default=None)


def _unit_of(hit: Hit, reading: Reading, unit: Unit) -> tuple[int, int]:
    return hit.field, unit(reading, hit.field, hit.first)


def _words(steps: int) -> int:
    return -(-steps // WORD)
