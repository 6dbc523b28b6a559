"""NEAR and its kin find exactly what trying every pair finds, and count what counting by hand counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.domain import Article
from monitors.match.lexicon import Lexicon
from monitors.match.nodes import AnyOf, Within
from monitors.match.pairs import AtLeast, Near, NotNear, Same, same_paragraph, same_sentence
from monitors.match.reading import FIELDS, Hit, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.nodes import Node


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
    words: int


texts = st.lists(st.sampled_from(["a", "Bee", "a", "c. D", "网", "安全。", "\n", ". E"]), max_size=14).map(" ".join)


@st.composite
def cases(draw: st.DrawFn, sides: int = 2) -> Case:
    article = Article(url="u", title=draw(texts).replace("\n", " "), lead=draw(texts), text=draw(texts))
    reading = Reading(article, None, Lexicon((), None, {}))
    places = [(field, index) for field, tokens in enumerate(reading.fields) for index in range(len(tokens))]
    if not places:
        return Case(reading, ((),) * sides, 1)
    spans = st.builds(
        lambda place, length: Hit(*place, min(place[1] + length, len(reading.fields[place[0]]) - 1)),
        st.sampled_from(places),
        st.integers(0, 3),
    )
    some = st.lists(spans, max_size=8, unique=True).map(sorted).map(tuple)
    return Case(reading, tuple(draw(some) for _ in range(sides)), draw(st.integers(1, 6)))


# -- what the language says, said again as slowly as can be -----------------------------------------------------------


def overlap(one: Hit, other: Hit) -> bool:
    return one.field == other.field and one.first <= other.last and other.first <= one.last


def apart(reading: Reading, one: Hit, other: Hit) -> Fraction | None:
    """Neighbours are one apart, two characters count as a word; None: they stand in different fields."""
    if one.field != other.field:
        return None
    first, second = sorted((one, other))
    words = reading.fields[one.field].words
    between = sum(Fraction(1, 1 if words[index].isascii() else 2) for index in range(first.last + 1, second.first))
    return 1 + between


def is_near(reading: Reading, one: Hit, other: Hit, words: int) -> bool:
    distance = apart(reading, one, other)
    return not overlap(one, other) and distance is not None and distance <= words


def paired(sides: Sequence[Sequence[Hit]], fits: Callable[[Hit, Hit], bool]) -> list[Hit]:
    pairs = [(left, right) for left, right in product(*sides) if fits(left, right)]
    return sorted({hit for pair in pairs for hit in pair})


def stretch_of(hit: Hit, stretches: Sequence[tuple[int, int]], reading: Reading) -> int:
    at = reading.fields[hit.field].span(hit.first, hit.first)[0]
    return next(number for number, (start, end) in enumerate(stretches) if start <= at < end)


def clusters(hits: Iterable[Hit]) -> int:
    """Count hits, those that hang together by overlaps as one."""
    groups: list[set[Hit]] = []
    for hit in hits:
        touching = [group for group in groups if any(overlap(hit, one) for one in group)]
        groups = [group for group in groups if group not in touching] + [{hit}.union(*touching)]
    return len(groups)


# -- the laws ---------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(cases())
def test_near_is_every_pair_that_is_near(case: Case) -> None:
    reading, sides, words = case
    near = Near(*map(Given, sides), words)
    assert list(near.find(reading)) == paired(sides, lambda left, right: is_near(reading, left, right, words))


@settings(max_examples=200)
@given(cases())
def test_onear_is_every_pair_that_is_near_in_this_order(case: Case) -> None:
    reading, sides, words = case
    near = Near(*map(Given, sides), words, ordered=True)
    assert list(near.find(reading)) == paired(
        sides, lambda left, right: left < right and is_near(reading, left, right, words)
    )


@settings(max_examples=200)
@given(cases())
def test_not_near_drops_every_mention_that_is_near_or_overlaps(case: Case) -> None:
    reading, (left, right), words = case
    kept = [
        hit for hit in left if not any(overlap(hit, other) or is_near(reading, hit, other, words) for other in right)
    ]
    assert list(NotNear(Given(left), Given(right), words).find(reading)) == kept


@settings(max_examples=200)
@given(cases())
def test_a_sentence_and_a_paragraph_are_what_both_begin_in(case: Case) -> None:
    reading, sides, _ = case
    every_sentence = [((0, len(reading.article.title)),), *(field.sentences for field in reading.fields[1:])]
    for unit, stretches in (
        (same_sentence, every_sentence),
        (same_paragraph, [field.paragraphs for field in reading.fields]),
    ):

        def together(left: Hit, right: Hit, stretches: Sequence[Sequence[tuple[int, int]]] = stretches) -> bool:
            if left.field != right.field or overlap(left, right):
                return False
            one, other = (stretch_of(hit, stretches[hit.field], reading) for hit in (left, right))
            return one == other

        assert list(Same(*map(Given, sides), unit).find(reading)) == paired(sides, together)


@settings(max_examples=200)
@given(cases(), st.integers(1, 4))
def test_atleast_counts_what_overlaps_once(case: Case, times: int) -> None:
    reading, (hits, others), words = case
    assert bool(AtLeast(Given(hits), times).find(reading)) is (clusters(hits) >= times)
    either = AnyOf((Given(hits), Given(others)))
    assert bool(AtLeast(either, times).find(reading)) is (clusters({*hits, *others}) >= times)
    near = Near(Given(hits), Given(others), words)
    rarer = min(map(clusters, near.sides(reading)))
    assert list(AtLeast(near, times).find(reading)) == (list(near.find(reading)) if rarer >= times else [])


@settings(max_examples=150)
@given(cases(sides=3))
def test_words_that_stand_close_together_are_every_combination_within_the_width(case: Case) -> None:
    reading, sides, words = case
    width = words + 1
    kept = set()
    for chosen in product(*sides):
        if len({hit.field for hit in chosen}) == 1:
            steps = reading.fields[chosen[0].field].steps
            if steps[max(hit.last for hit in chosen) + 1] - steps[min(hit.first for hit in chosen)] <= 2 * width:
                kept.update(chosen)
    assert list(Within(tuple(map(Given, sides)), width).find(reading)) == sorted(kept)


def counted(node: Node, case: Case) -> int:
    """How often a node is mentioned, asked with AtLeast."""
    return max((times for times in range(1, 20) if AtLeast(node, times).find(case.reading)), default=0)


@settings(max_examples=150)
@given(cases(sides=4))
def test_of_several_pairs_the_mentions_add_up(case: Case) -> None:
    reading, (a, b, c, d), words = case
    one, other = Near(Given(a), Given(b), words), Near(Given(c), Given(d), words)
    both = counted(AnyOf((one, other)), case)
    assert both <= counted(one, case) + counted(other, case)
    assert bool(both) is bool(one.find(reading) or other.find(reading))


def token_hits(text: str, word: str) -> Given:
    reading = Reading(Article(url="u", title="", text=text), None, Lexicon((), None, {}))
    return Given(tuple(Hit(2, index, index) for index, one in enumerate(reading.fields[2].words) if one == word))


@pytest.mark.parametrize(
    ("text", "mentions"), [("a b", 1), ("a b x x x x x a b", 2), ("a b a", 1), ("a b b a x x b", 2), ("b x x x x a", 0)]
)
def test_of_a_pair_the_rarer_side_is_counted(text: str, mentions: int) -> None:
    reading = Reading(Article(url="u", title="", text=text), None, Lexicon((), None, {}))
    near = Near(token_hits(text, "a"), token_hits(text, "b"), 2)
    assert counted(near, Case(reading, (), 0)) == mentions


@pytest.mark.parametrize(("text", "mentions"), [("a b c", 1), ("a b c a x x x x", 1), ("c b a x x a b c", 2)])
def test_of_words_that_stand_together_the_rarest_is_counted(text: str, mentions: int) -> None:
    reading = Reading(Article(url="u", title="", text=text), None, Lexicon((), None, {}))
    together = Within(tuple(token_hits(text, word) for word in "abc"), 3)
    assert counted(together, Case(reading, (), 0)) == mentions


def test_every_field_is_searched_by_itself() -> None:
    reading = Reading(Article(url="u", title="a", lead="b", text="a b"), None, Lexicon((), None, {}))
    left, right = Given((Hit(0, 0, 0), Hit(2, 0, 0))), Given((Hit(1, 0, 0), Hit(2, 1, 1)))
    assert [FIELDS[hit.field] for hit in Near(left, right, 9).find(reading)] == ["text", "text"]
