"""Keeps watchlists written from the names and sentences of topics above what keywords alone found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# What keywords reach, by the README of the data; tests/benchmarks/bench_topics.py prints what the watchlists do.
KEYWORDS = {"subjects": 0.46, "organisations": 0.51, "places": 0.72, "people": 0.81}
TOPICS = {"subjects": 37, "organisations": 9, "places": 52, "people": 18}

Figures = dict[str, tuple[int, tuple[float, float, float]]]
"""By kind how many topics there are, and their mean precision, recall and F1."""


@pytest.fixture(scope="module")
def measured(shared: Path, repository: Path) -> dict[str, Figures]:
    data = shared / "data"
    if missing := [name for name in ("topics", "articles.jsonl.gz") if not (data / name).exists()]:
        pytest.skip(f"needs {', '.join(missing)} in the real data beside the project")
    program = [sys.executable, str(repository / "tests" / "benchmarks" / "bench_topics.py"), "--json"]
    environment = {**os.environ, "NEWSVANE_SHARED": str(shared), "PYTHONPATH": str(repository)}
    done = subprocess.run(program, capture_output=True, check=True, env=environment)
    figures: dict[str, Figures] = json.loads(done.stdout)
    return figures


@pytest.mark.parametrize("kind", KEYWORDS)
def test_watchlists_find_more_than_keywords(measured: dict[str, Figures], kind: str) -> None:
    topics, (_, _, f1) = measured["written"][kind]
    assert topics == TOPICS[kind]
    assert f1 > KEYWORDS[kind]


@pytest.mark.parametrize("kind", KEYWORDS)
def test_what_the_language_offers_beats_the_bare_names(measured: dict[str, Figures], kind: str) -> None:
    f1 = {way: figures[kind][1][2] for way, figures in measured.items()}
    assert f1["written"] > f1["plain"] + 0.05
