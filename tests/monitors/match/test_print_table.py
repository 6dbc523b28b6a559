"""The table of words by fingerprints: it may forget, but never mistakes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitors.match.print_table import PrintTable

prints = st.integers(0, 40).map(lambda number: number << 57) | st.integers(0, 2**64 - 1)


@given(st.lists(st.lists(prints, max_size=12), max_size=12))
def test_what_it_knows_is_what_it_was_told_last(articles: list[list[int]]) -> None:
    told: dict[int, int] = {}
    table = PrintTable(room=4)
    for article in articles:
        asked = np.array(article, np.uint64)
        numbers, new = table.look_up(asked)
        for at in set(range(len(article))) - set(new.tolist()):
            assert numbers[at] == told[article[at]]
        assert all(at in new for at, one in enumerate(article) if one not in told or one == 0)
        for at in new.tolist():
            numbers[at] = told.setdefault(article[at], len(told))
        table.remember(asked[new], numbers[new])


def test_with_room_it_forgets_hardly_any() -> None:
    rng = np.random.default_rng(7)
    words = rng.integers(1, 2**64 - 1, 4_000, np.uint64)
    table = PrintTable(room=len(words))
    for some in np.split(words, 40):
        table.remember(some, np.arange(len(some)))
    assert len(table.look_up(words)[1]) < 0.05 * len(words)
