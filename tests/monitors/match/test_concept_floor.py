"""Keeps concepts as good as they were: what tests/benchmarks/bench_concepts.py prints does not fall below these."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FOUND = 13
"""Of forty phrases."""
SUBJECTS = 0.58
RAISED = 0.05
"""By two good and two bad judgements; the least that is asked for is .01."""


@pytest.fixture(scope="module")
def measured(shared: Path, repository: Path) -> dict[str, Any]:
    data = shared / "data"
    needed = ("topics", "articles.jsonl.gz", "clusters/ecbplus.dev.jsonl.gz", "pages/pages.jsonl")
    if missing := [name for name in needed if not (data / name).exists()]:
        pytest.skip(f"needs {', '.join(missing)} in the real data beside the project")
    program = [sys.executable, str(repository / "tests" / "benchmarks" / "bench_concepts.py"), "--json"]
    environment = {**os.environ, "NEWSVANE_SHARED": str(shared), "PYTHONPATH": str(repository)}
    found: dict[str, Any] = json.loads(subprocess.run(program, capture_output=True, check=True, env=environment).stdout)
    return found


def mean(precisions: dict[str, float]) -> float:
    return fmean(precisions.values())


def test_phrases_find_articles_that_do_not_hold_them_and_few_others(measured: dict[str, Any]) -> None:
    phrases = measured["phrases"]
    assert phrases["of"] == 40
    assert phrases["found"] >= FOUND
    assert phrases["flagged, median"] <= phrases["over"] / 1_000


def test_words_and_vectors_rank_better_than_words(measured: dict[str, Any]) -> None:
    subjects, events = measured["subjects"], measured["events"]
    assert len(subjects["core"]) == 36
    assert len(events["core"]) == 44
    assert mean(subjects["core"]) >= max(SUBJECTS, mean(subjects["words"]))
    assert mean(events["core"]) >= mean(events["words"])


def test_judgements_raise_the_ranking(measured: dict[str, Any]) -> None:
    feedback = measured["feedback"]
    assert mean(feedback["after"]) >= mean(feedback["before"]) + RAISED
