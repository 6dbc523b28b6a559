"""Many short lists in one array."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitors.match.lists import Lists

several = st.lists(st.lists(st.integers(0, 2**40), max_size=4), min_size=1, max_size=8)


@given(several, st.data())
def test_some_come_in_a_row_in_the_order_they_are_asked_for(lists: list[list[int]], data: st.DataObject) -> None:
    asked = data.draw(st.lists(st.integers(0, len(lists) - 1)))
    items, lengths = Lists(lists).of(np.array(asked, np.int64))
    assert items.tolist() == [item for number in asked for item in lists[number]]
    assert lengths.tolist() == [len(lists[number]) for number in asked]


def test_one_can_be_added_after_others_were_taken() -> None:
    lists = Lists([[1, 2]])
    assert lists.of(np.array([0]))[0].tolist() == [1, 2]
    lists.append([3])
    assert len(lists) == 2
    assert lists.of(np.array([1, 0]))[0].tolist() == [3, 1, 2]
