"""How near things stand is told exactly: never nearer than they are, never further than what decides would allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.domain import Article
from monitors.match.explain.distances import nearest, nearest_in_unit, tightest, units_apart, within
from monitors.match.lexicon import Lexicon
from monitors.match.nodes import Within
from monitors.match.pairs import Near, NotNear, Same, same_paragraph, same_sentence
from monitors.match.reading import Hit, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs


@dataclass(frozen=True)
class Given:
    """A node that finds what it was given."""

    hits: tuple[Hit, ...]

    def find(self, _: Reading) -> Sequence[Hit]:
        return self.hits

    def needs(self) -> Needs:
        return ()

    def reach(self) -> int | None:
        return None

    def terms(self) -> Iterator[Term]:
        return iter(())


class Case(NamedTuple):
    reading: Reading
    sides: tuple[tuple[Hit, ...], ...]

    @property
    def nodes(self) -> tuple[Given, ...]:
        return tuple(map(Given, self.sides))


words = st.lists(st.sampled_from(["a", "bee", "c. D", "网", "安全。", "\n", "! E"]), max_size=14).map(" ".join)


@st.composite
def cases(draw: st.DrawFn, sides: int = 2) -> Case:
    article = Article(url="u", title=draw(words).replace("\n", " "), lead=draw(words), text=f"a {draw(words)}")
    reading = Reading(article, None, Lexicon((), None, {}))
    places = [(field, at) for field, tokens in enumerate(reading.fields) for at in range(len(tokens))]

    def hit(place: tuple[int, int], more: int) -> Hit:
        field, at = place
        return Hit(field, at, min(at + more, len(reading.fields[field]) - 1))

    some = st.lists(st.builds(hit, st.sampled_from(places), st.integers(0, 2)), max_size=6, unique=True)
    return Case(reading, tuple(tuple(sorted(draw(some))) for _ in range(sides)))


@pytest.mark.parametrize("ordered", [False, True], ids=["NEAR", "ONEAR"])
@settings(max_examples=300)
@given(case=cases(), distance=st.integers(1, 12))
def test_the_nearest_pair_is_as_far_apart_as_near_finds(*, case: Case, distance: int, ordered: bool) -> None:
    found = nearest(*case.sides, case.reading, ordered=ordered)
    holds = bool(Near(*case.nodes, distance, ordered).find(case.reading))
    assert holds == (found is not None and found.words <= distance)
    if found:
        left, right = found.hit, found.other
        assert left.last < right.first or (right.last < left.first and not ordered)


@settings(max_examples=300)
@given(cases(sides=3), st.integers(1, 12))
def test_the_tightest_stretch_is_as_long_as_a_keyword_finds(case: Case, width: int) -> None:
    found = tightest(case.sides, case.reading)
    assert bool(Within(case.nodes, width).find(case.reading)) == (found is not None and found.words <= width)
    if found:
        inside = [[hit for hit in hits if is_inside(hit, found.whole)] for hits in case.sides]
        assert all(inside)


def is_inside(hit: Hit, whole: Hit) -> bool:
    return hit.field == whole.field and whole.first <= hit.first and hit.last <= whole.last


@pytest.mark.parametrize("unit", [same_sentence, same_paragraph], ids=["SENTENCE", "PARAGRAPH"])
@settings(max_examples=300)
@given(case=cases())
def test_what_is_no_unit_apart_is_in_one(*, case: Case, unit: Callable[[Reading, int, int], int]) -> None:
    apart = units_apart(*case.sides, case.reading, unit)
    found = Same(*case.nodes, unit).find(case.reading)
    assert apart == 0 or not found
    gaps = [
        abs(unit(case.reading, left.field, left.first) - unit(case.reading, right.field, right.first))
        for left in case.sides[0]
        for right in case.sides[1]
        if left.field == right.field
    ]
    assert apart == min(gaps, default=None)


@pytest.mark.parametrize("unit", [same_sentence, same_paragraph], ids=["SENTENCE", "PARAGRAPH"])
@settings(max_examples=300)
@given(case=cases())
def test_the_nearest_in_one_unit_are_found_there(*, case: Case, unit: Callable[[Reading, int, int], int]) -> None:
    nearest_there = nearest_in_unit(*case.sides, case.reading, unit)
    found = Same(*case.nodes, unit).find(case.reading)
    assert (nearest_there is not None) == bool(found)
    assert nearest_there is None or {nearest_there.hit, nearest_there.other} <= {*found}


@settings(max_examples=300)
@given(cases(), st.integers(1, 8))
def test_what_is_within_some_words_is_what_not_near_drops(case: Case, distance: int) -> None:
    kept = NotNear(*case.nodes, distance).find(case.reading)
    near = within(*case.sides, distance, case.reading)
    assert {*case.sides[0]} - {*kept} == near.keys()
    assert all(other in case.sides[1] or other == hit for hit, other in near.items())
