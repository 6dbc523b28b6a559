"""How articles spread around a concept, and what a transformer adds to a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.match.concepts.semantic import encoder
from monitors.match.concepts.surroundings import (
    EXPECTED,
    WEIGHT,
    Spread,
    Surroundings,
    blended,
    bundled,
    two_nearest,
    weight,
)
from monitors.match.concepts.vectors import directions

if TYPE_CHECKING:
    from monitors.match.concepts.vectors import Vectors

SOLD = "A technology group is selling its cloud computing arm to a local partner."
PLAYED = "The striker scored twice before half-time and the visitors never recovered."


def made(many: int, width: int) -> Vectors:
    """Make vectors that have something in common and vary more in some directions than in others."""
    chance = np.random.default_rng(1)
    scales = np.linspace(0.02, 0.3, width)
    return directions((0.5 + chance.normal(size=(many, width)) * scales).astype(np.float32))


# -- the surroundings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("many", "width"), [(2_000, 384), (2_000, 5), (100, 768)])
def test_the_spread_around_a_concept_is_that_of_the_texts(many: int, width: int) -> None:
    vectors = made(many, width)
    found = Surroundings.of(vectors)
    for concept in found.directions(made(40, width)[30:]):
        near = found.directions(vectors) @ concept
        mean, deviation = found.spread(concept)
        assert mean == pytest.approx(near.mean(), abs=0.002)
        assert deviation == pytest.approx(near.std(), rel=0.1)


def test_what_all_texts_have_in_common_is_taken_out() -> None:
    vectors = made(500, 20)
    seen = Surroundings.of(vectors).directions(vectors)
    assert (vectors @ vectors.T).mean() > 0.5
    assert (seen @ seen.T).mean() == pytest.approx(0, abs=0.01)


def test_surroundings_are_kept_in_a_few_bytes() -> None:
    found = Surroundings.of(made(200, 384))
    kept = Surroundings.from_bytes(found.to_bytes())
    (concept,) = found.directions(made(1, 384))
    assert kept.spread(concept) == pytest.approx(found.spread(concept), abs=1e-3)
    assert len(found.to_bytes()) < 60_000


def test_without_an_article_a_guess_stands_in() -> None:
    vectors = made(3, 7)
    nothing = Surroundings.unknown(7)
    assert nothing.directions(vectors) == pytest.approx(vectors)
    assert nothing.spread(vectors[0]) == pytest.approx((0, 0.1))


@pytest.mark.parametrize("vectors", [made(1, 7), np.repeat(made(1, 7), 9, axis=0), np.zeros((3, 7), np.float32)])
def test_one_text_many_times_has_a_deviation_to_divide_by(vectors: Vectors) -> None:
    (concept,) = made(1, 7)
    assert Surroundings.of(vectors).spread(concept).deviation == pytest.approx(0.02)


def test_those_that_are_bundled_belong_to_the_model_of_the_extra() -> None:
    if (transformer := encoder()) is None:
        pytest.skip("needs the extra semantic")
    around = bundled()
    concept, sold, played = around.directions(transformer.encode(["cloud divestment", SOLD, PLAYED]))
    spread = around.spread(concept)
    assert 0.05 < spread.deviation < 0.15
    assert spread.z(sold @ concept) > 2.5
    assert spread.z(played @ concept) < 1.5


# -- the score -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("passages", "nearness"), [([0.3], 0.3), ([0.1, 0.5], 0.3), ([0.9, 0.0, 0.5, -0.2], 0.7)])
def test_two_passages_say_how_near_an_article_is(passages: list[float], nearness: float) -> None:
    assert two_nearest(np.array(passages)) == pytest.approx(nearness)


def test_an_article_as_near_as_expected_keeps_its_score_and_a_deviation_counts_three_quarters() -> None:
    spread = Spread(0.1, 0.1)
    as_expected = 0.1 + EXPECTED * 0.1
    score = blended(np.array([6.0, 6.0, 6.0]), as_expected + np.array([0, 0.1, -0.2]), spread, gate=2)
    assert score == pytest.approx([6, 6 + WEIGHT, 6 - 2 * WEIGHT])
    assert blended(np.array([6.0]), np.array([0.3]), spread, gate=2, expected=2) == pytest.approx([6])


@pytest.mark.parametrize(("terms", "part"), [(0, 1), (1, 1), (4, 1), (8, 0.5), (40, 0.1)])
def test_of_a_long_description_the_similarity_counts_less(terms: int, part: float) -> None:
    assert weight(terms) == pytest.approx(part * WEIGHT)
    score = blended(np.array([6.0]), np.array([1.1 + 0.1 * EXPECTED]), Spread(0.1, 0.1), gate=2, weight=weight(terms))
    assert score == pytest.approx([6 + 10 * part * WEIGHT])


numbers = st.floats(-20, 20)


@given(core=st.lists(numbers, min_size=1, max_size=20), similarity=st.floats(-1, 1), gate=numbers)
def test_whoever_passed_the_gate_stays_above_it(core: list[float], similarity: float, gate: float) -> None:
    passed = np.array([score for score in core if score >= gate])
    assert (blended(passed, np.full(len(passed), similarity), Spread(0.1, 0.1), gate=gate) >= gate).all()


@given(core=numbers, similarities=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_who_is_nearer_never_falls_behind(core: float, similarities: tuple[float, float]) -> None:
    further, nearer = blended(np.array([core, core]), np.array(sorted(similarities)), Spread(0.05, 0.1), gate=core - 9)
    assert nearer >= further
