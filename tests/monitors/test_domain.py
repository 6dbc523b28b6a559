"""A match shows its sentence with the hits marked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.domain import Match, Passage, Span

SENTENCE = "A bill on computer security"


def match(*spans: tuple[int, int]) -> Match:
    passage = Passage(field="text", start=10, end=10 + len(SENTENCE), text=SENTENCE)
    found = tuple(Span("text", start, end, "", "clause") for start, end in spans)
    return Match(watchlist_id="w", kind="match", score=1, sentence=passage, spans=found)


@pytest.mark.parametrize(
    ("spans", "marked"),
    [
        ([], [(SENTENCE, False)]),
        ([(12, 16)], [("A ", False), ("bill", True), (" on computer security", False)]),
        ([(12, 16), (14, 19), (19, 20)], [("A ", False), ("bill on ", True), ("computer security", False)]),
        ([(0, 12), (30, 99)], [("A ", True), ("bill on computer s", False), ("ecurity", True)]),
        ([(12, 16), (17, 19)], [("A ", False), ("bill on", True), (" computer security", False)]),
        ([(0, 5), (90, 99)], [(SENTENCE, False)]),
    ],
    ids=[
        "none",
        "one",
        "touching hits are one",
        "hits over the edge are cut",
        "neighbouring words are one",
        "hits elsewhere do not count",
    ],
)
def test_hits_are_marked_in_the_sentence(spans: list[tuple[int, int]], marked: list[tuple[str, bool]]) -> None:
    assert list(match(*spans).marked()) == marked


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_the_pieces_are_the_sentence_and_no_two_neighbours_are_alike(spans: list[tuple[int, int]]) -> None:
    pieces = match(*((min(span), max(span)) for span in spans)).marked()
    assert "".join(text for text, _ in pieces) == SENTENCE
    assert all(one[1] != other[1] for one, other in pairwise(pieces))
    assert all(text for text, _ in pieces)
