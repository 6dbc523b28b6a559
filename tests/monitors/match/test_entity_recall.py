"""Keeps the recall of entities from sinking: mentions that people marked in newswire and stories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# A little below what tests/benchmarks/bench_entities.py printed when they were last raised.
FLOORS = {
    "conll2003-en PER recall": 0.990,
    "conll2003-en ORG recall": 0.990,
    "conll2003-en LOC recall": 0.990,
    "conll2003-en share of what was found that is a name": 0.950,
    "conll2002-es PER recall": 0.990,
    "conll2002-es ORG recall": 0.990,
    "conll2002-es LOC recall": 0.990,
    "conll2002-es share of what was found that is a name": 0.800,
    "conll2002-nl PER recall": 0.990,
    "conll2002-nl ORG recall": 0.990,
    "conll2002-nl LOC recall": 0.990,
    "conll2002-nl share of what was found that is a name": 0.920,
    "ecb+ HUMAN_PART_PER its longest name in other articles: named": 0.700,
    "ecb+ HUMAN_PART_PER its commonest full name in other articles: named": 0.870,
    "ecb+ HUMAN_PART_PER all its names in other articles: named": 0.950,
    "ecb+ HUMAN_PART_ORG all its names in other articles: named": 0.920,
    "ecb+ LOC_GEO all its names in other articles: named": 0.930,
}


@pytest.fixture(scope="module")
def figures(shared: Path, repository: Path) -> dict[str, tuple[float, int]]:
    data = shared / "data"
    needed = (data / "ner", data / "topics", data / "clusters")
    if missing := [folder.name for folder in needed if not folder.is_dir()]:
        pytest.skip(f"needs {', '.join(missing)} in the real data beside the project")
    program = [sys.executable, repository / "tests" / "benchmarks" / "bench_entities.py", "--json"]
    environment = {**os.environ, "NEWSVANE_SHARED": str(shared), "PYTHONPATH": str(repository)}
    done = subprocess.run(program, capture_output=True, check=True, env=environment)
    measured: dict[str, tuple[float, int]] = json.loads(done.stdout)
    return measured


@pytest.mark.parametrize("name", FLOORS)
def test_recall_stays_above_its_floor(figures: dict[str, tuple[float, int]], name: str) -> None:
    figure, mentions = figures[name]
    assert mentions > 200
    assert figure >= FLOORS[name]
