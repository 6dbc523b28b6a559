"""Finds which mentions stand close together: every combination within a window, in the time it takes to sort them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mention(NamedTuple):
    """A stretch that speaks for one of several parts."""

    start: int
    end: int
    """Exclusive."""
    part: int


def close_together(mentions: Sequence[Mention], *, parts: int, width: int) -> list[int]:
    """Return the indices of the mentions in a combination: one mention of every part, all of them within a width.

    The mentions come in the order of their starts. A window begins at each of them in turn; mentions enter it in the
    order of their ends and leave it in the order of their starts, so each is touched twice however many there are.
    One takes part in a combination if a window was complete while it was inside.
    """
    by_end = sorted(range(len(mentions)), key=lambda index: mentions[index].end)
    inside = [0] * parts
    complete_before: dict[int, int] = {}
    complete = arrived = 0
    kept = []
    for index, mention in enumerate(mentions):
        while arrived < len(by_end) and mentions[by_end[arrived]].end <= mention.start + width:
            entering = by_end[arrived]
            arrived += 1
            if entering >= index:
                inside[mentions[entering].part] += 1
                complete_before[entering] = complete
        complete += all(inside)
        if index in complete_before:
            inside[mention.part] -= 1
            if complete > complete_before[index]:
                kept.append(index)
    return kept
