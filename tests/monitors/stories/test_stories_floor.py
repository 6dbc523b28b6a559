"""Keeps articles on one event together, and look-alikes apart; tests/benchmarks/bench_stories.py prints the figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_stories_of_people_are_told_as_people_tell_them(shared: Path, repository: Path) -> None:
    if not (shared / "data" / "clusters").is_dir():
        pytest.skip("needs the labelled stories in the real data beside the project")
    program = [sys.executable, str(repository / "tests" / "benchmarks" / "bench_stories.py"), "--json"]
    environment = {**os.environ, "NEWSVANE_SHARED": str(shared), "PYTHONPATH": str(repository)}
    done = subprocess.run(program, capture_output=True, check=True, env=environment)
    figures = json.loads(done.stdout)
    assert figures["B3 F1"] >= 0.91
    assert figures["B3 precision"] >= 0.92, "an article in a story that is not its own is told to nobody"
