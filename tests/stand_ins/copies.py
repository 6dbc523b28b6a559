"""Which texts are copies, counted exactly and without an index: the truth that the program's answer is held against."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SHINGLE = 5
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")


def containments(texts: Mapping[int, str]) -> dict[tuple[int, int], float]:
    """Return for each two texts that share anything which part of the smaller one's shingles the other has."""
    shingles = {number: _shingles(text) for number, text in texts.items()}
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, its in sorted(shingles.items()):
        for one in its:
            holders[one].append(number)
    shared = Counter(pair for numbers in holders.values() for pair in combinations(numbers, 2))
    return {(a, b): count / min(len(shingles[a]), len(shingles[b])) for (a, b), count in shared.items()}


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
