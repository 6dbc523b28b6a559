"""How two parts of a query stand to one another (NEAR, ONEAR, NOT NEAR, SENTENCE, PARAGRAPH), and how often."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.match.needs import all_needed
from monitors.match.nodes import AnyOf, Within, find_all, rows_of, terms_of
from monitors.match.reading import TITLE
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

    Unit = tuple[int, int]
    """A sentence or paragraph: its field, and which one of it."""
    _InUnit = tuple[Hit, Unit]


@dataclass(frozen=True, slots=True)
class Near:
    """Hits of two parts at most so many words apart. Neighbours are one apart; what overlaps is no pair."""

    left: Node
    right: Node
    words: int
    ordered: bool = False

    def find(self, reading: Reading) -> Sequence[Hit]:
        left, right = self.sides(reading)
        return sorted({*left, *right})

    def sides(self, reading: Reading) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """Return the hits of either side that are near one of the other."""
        found = find_all((self.left, self.right), reading)
        if not found:
            return (), ()
        left, right = _by_field(found[0]), _by_field(found[1])
        kept: tuple[list[Hit], list[Hit]] = ([], [])
        for field in left.keys() & right.keys():
            steps = reading.fields[field].steps
            kept[0].extend(self._near(left[field], right[field], steps, before=True, after=not self.ordered))
            kept[1].extend(self._near(right[field], left[field], steps, before=not self.ordered, after=True))
        return kept

    def _near(
        self, hits: Sequence[Hit], others: Sequence[Hit], steps: Sequence[int], *, before: bool, after: bool
    ) -> Iterator[Hit]:
        """Yield the hits that stand near before (or after) one of the others."""
        starts = sorted(other.first for other in others)
        ends = sorted(other.last for other in others)
        apart = (self.words - 1) * WORD
        for hit in hits:
            next_one = bisect_right(starts, hit.last) if before else len(starts)
            if next_one < len(starts) and steps[starts[next_one]] - steps[hit.last + 1] <= apart:
                yield hit
                continue
            last_one = bisect_left(ends, hit.first) - 1 if after else -1
            if last_one >= 0 and steps[hit.first] - steps[ends[last_one] + 1] <= apart:
                yield hit

    def needs(self) -> Needs:
        return all_needed((self.left.needs(), self.right.needs()))

    def reach(self) -> int | None:
        left, right = self.left.reach(), self.right.reach()
        return None if left is None or right is None else left + right + self.words

    def terms(self) -> Iterator[Term]:
        return terms_of((self.left, self.right))


@dataclass(frozen=True, slots=True)
class NotNear:
    """Hits of one part of which none of another is at most so many words away. What overlaps is near."""

    part: Node
    other: Node
    words: int

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = self.part.find(reading)
        others = _by_field(self.other.find(reading)) if hits else {}
        if not others:
            return hits
        reach = {field: _Reach(found, reading.fields[field].steps) for field, found in others.items()}
        apart = (self.words - 1) * WORD
        return [hit for hit in hits if hit.field not in reach or not reach[hit.field].is_near(hit, apart)]

    def needs(self) -> Needs:
        return self.part.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.part)

    def reach(self) -> int | None:
        return self.part.reach()

    def terms(self) -> Iterator[Term]:
        return terms_of((self.part, self.other))


class _Reach:
    """Which stretches some hits cover, to ask how far away others are."""

    def __init__(self, hits: Sequence[Hit], steps: Sequence[int]) -> None:
        self._steps = steps
        self._starts = [hit.first for hit in hits]
        # up to each hit, how far any of them reached: with it, one look back suffices however much they overlap
        self._reached: list[int] = []
        for hit in hits:
            self._reached.append(max(hit.last, self._reached[-1]) if self._reached else hit.last)

    def is_near(self, hit: Hit, apart: int) -> bool:
        steps = self._steps
        following = bisect_right(self._starts, hit.last)
        if following < len(self._starts) and steps[self._starts[following]] - steps[hit.last + 1] <= apart:
            return True
        return following > 0 and steps[hit.first] - steps[self._reached[following - 1] + 1] <= apart


@dataclass(frozen=True, slots=True)
class Same:
    """Hits of two parts in the same sentence or paragraph. What overlaps is no pair."""

    left: Node
    right: Node
    unit: Callable[[Reading, int, int], int]
    """Says in which one a token of a field stands."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        left, right = self.sides(reading)
        return sorted({*left, *right})

    def sides(self, reading: Reading) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """Return the hits of either side that have one of the other in the same unit."""
        found = find_all((self.left, self.right), reading)
        if not found:
            return (), ()
        left, right = ([(hit, (hit.field, self.unit(reading, hit.field, hit.first))) for hit in hits] for hits in found)
        return _sharing(left, right), _sharing(right, left)

    def needs(self) -> Needs:
        return all_needed((self.left.needs(), self.right.needs()))

    def reach(self) -> int | None:
        return None

    def terms(self) -> Iterator[Term]:
        return terms_of((self.left, self.right))


def _sharing(hits: Sequence[_InUnit], others: Sequence[_InUnit]) -> Sequence[Hit]:
    """Return the hits that have one of the others in their unit, before or behind them."""
    first_end: dict[Unit, int] = {}
    last_start: dict[Unit, int] = {}
    for other, unit in others:
        first_end[unit] = min(other.last, first_end.get(unit, other.last))
        last_start[unit] = max(other.first, last_start.get(unit, other.first))
    return [
        hit for hit, unit in hits if unit in first_end and (first_end[unit] < hit.first or last_start[unit] > hit.last)
    ]


def sentence_begin(reading: Reading, field: int, index: int) -> int:
    """Return where the sentence of a token begins: only the paragraphs that are asked for are cut into sentences."""
    _, end = reading.fields[field].span(index, index)
    return reading.sentence(field, end - 1)[0]


def same_sentence(reading: Reading, field: int, index: int) -> int:
    return 0 if field == TITLE else reading.fields[field].sentence_of(index)


def same_paragraph(reading: Reading, field: int, index: int) -> int:
    return reading.fields[field].paragraph_of(index)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A part that is mentioned so many times. What overlaps is one mention; of a pair, the rarest side is counted."""

    part: Node
    times: int

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = self.part.find(reading)
        return hits if hits and _mentions(_counted(self.part, reading)) >= self.times else []

    def needs(self) -> Needs:
        return self.part.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.part)

    def reach(self) -> int | None:
        return self.part.reach()

    def terms(self) -> Iterator[Term]:
        return self.part.terms()


def _by_field(hits: Iterable[Hit]) -> Mapping[int, list[Hit]]:
    fields: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        fields[hit.field].append(hit)
    return fields


def _counted(node: Node, reading: Reading) -> Sequence[Hit]:
    """Return the hits of a node that stand for its mentions, in their order."""
    match node:
        case AnyOf(parts=parts):
            return sorted({hit for part in parts for hit in _counted(part, reading)})
        case Near() | Same():
            sides: Sequence[Iterable[Hit]] = node.sides(reading)
        case Within(parts=parts):
            kept = set(node.find(reading))
            sides = [kept.intersection(part.find(reading)) for part in parts]
        case _:
            return node.find(reading)
    return min(map(sorted, sides), key=_mentions)


def _mentions(hits: Iterable[Hit]) -> int:
    """Count hits that come in the order of the article, those that overlap as one."""
    count = 0
    field = reached = -1
    for hit in hits:
        if hit.field != field or hit.first > reached:
            count += 1
            reached = hit.last
        else:
            reached = max(reached, hit.last)
        field = hit.field
    return count
