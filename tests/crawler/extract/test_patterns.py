"""No pattern of the extraction takes more than linear time, whatever a page makes it read."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest
from stand_ins.hangs import no_hang

import crawler.extract
from crawler.extract.cues import Cues

MODULES = [
    importlib.import_module(f"crawler.extract.{found.name}") for found in pkgutil.iter_modules(crawler.extract.__path__)
]
PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
CUES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Cues)
}
# What is only ever read from short texts, and how short: the code cuts them before.
BOUNDED = {
    "authors._PERSON": 60,
    "authors._BESIDE": 500,
    "chrome.PROMOTION": 250,
    "fallback._ATTRIBUTE": 2000,
    "phrases.PROMOTION": 250,
    "shown_dates._LABEL": 40,
    "shown_dates._DATE": 120,
    "titles._LAST_PART": 1000,
}
MATCHED = {
    "authors._PERSON",
    "authors._PREFIX",
    "chrome.SEE_ALSO",
    "dates._CLOCK",
    "instead._EDITION",
    "phrases.SEE_ALSO",
    "titles._LAST_PART",
}
"""These are tried at the beginning of a text only."""
SIGNS = [*" a1A\n-.,;:\"'<>/=(|&", "a ", " a", "1.", "<a", "A ", "- ", " |", "a=", "1 ", "ab ", "//", "\u00a0"]
SHORT, LONG = 10_000, 1_000_000


def spent(pattern: re.Pattern[str] | re.Pattern[bytes], sign: str, length: int, *, at_start: bool) -> float:
    text = sign * (length // len(sign)) + "\x01"
    start = time.thread_time()
    if isinstance(pattern.pattern, bytes):
        pattern.search(text.encode())  # type: ignore[arg-type]  # the branch has just told them apart
    elif at_start:
        pattern.match(text)  # type: ignore[arg-type]
        pattern.fullmatch(text)  # type: ignore[arg-type]
    else:
        pattern.sub("", text)  # type: ignore[arg-type]
    return time.thread_time() - start


def signs_of(pattern: re.Pattern[str] | re.Pattern[bytes]) -> list[str]:
    """Return what may be hard for a pattern: signs that it names, and some that others find hard."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    return [*SIGNS, *dict.fromkeys(sign for sign in source[:200] if sign not in r"\()[]{}*+?^$|")][:50]


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_linear_time(name: str) -> None:
    pattern, at_start = PATTERNS[name], name in MATCHED
    if bound := BOUNDED.get(name):
        assert all(spent(pattern, sign, bound, at_start=at_start) < 1 for sign in signs_of(pattern))
        return
    took = {sign: spent(pattern, sign, SHORT, at_start=at_start) for sign in signs_of(pattern)}
    worst = max(took, key=lambda sign: took[sign])
    # a hundred times the length: a square would take 10,000 times as long, minutes
    assert spent(pattern, worst, LONG, at_start=at_start) < max(5, 500 * took[worst]), worst


@pytest.mark.parametrize("name", CUES)
@pytest.mark.parametrize("sign", ["a", "we and our ", "e\u0301", "続き", "1 "], ids=ascii)
def test_phrases_are_counted_in_linear_time(name: str, sign: str) -> None:
    CUES[name].count("warm up")
    with no_hang():
        CUES[name].count(sign * (LONG // len(sign)))
