"""Keeps the copies among real texts found; tests/benchmarks/bench_copies.py prints the figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Figures = dict[str, dict[str, float]]

LABELLED = pytest.param("--labelled", id="the texts of labelled pairs")
ALL = pytest.param(None, id="all texts", marks=pytest.mark.slow)


@pytest.fixture(scope="module", params=[LABELLED, ALL])
def measured(request: pytest.FixtureRequest, shared: Path, repository: Path) -> Figures:
    data = shared / "data"
    if missing := [name for name in ("neardup", "pages", "articles.jsonl.gz") if not (data / name).exists()]:
        pytest.skip(f"needs {', '.join(missing)} in the real data beside the project")
    program = [sys.executable, str(repository / "tests" / "benchmarks" / "bench_copies.py"), "--json"]
    environment = {**os.environ, "NEWSVANE_SHARED": str(shared), "PYTHONPATH": str(repository)}
    done = subprocess.run([*program, *filter(None, [request.param])], capture_output=True, check=True, env=environment)
    figures: Figures = json.loads(done.stdout)
    return figures


def test_texts_that_share_half_of_their_shingles_are_found(measured: Figures) -> None:
    pairs = measured["pairs"]
    assert pairs["true pairs"] > 700
    assert pairs["recall"] >= 0.99
    assert pairs["recall of the labelled"] >= 0.99


def test_texts_that_share_less_are_not(measured: Figures) -> None:
    assert measured["pairs"]["precision"] >= 0.99


def test_groups_put_few_together_that_are_no_copies(measured: Figures) -> None:
    assert measured["pairs"]["recall of one group a text"] >= 0.92
    assert measured["pairs"]["precision of one group a text"] >= 0.98


def test_what_others_make_of_a_text_is_a_copy(measured: Figures) -> None:
    edits = dict(measured["edits"])
    assert edits.pop("texts") > 60
    assert len(edits) == 7
    assert min(edits.values()) >= 0.98
