"""The explanation that docs/matching.md shows is the one that the command gives."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from stand_ins.program import clean_environment

PAGE = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Why, and why not\n")[2].partition("\n## ")[0]


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_page_shows_what_the_command_says(tmp_path: Path) -> None:
    (tmp_path / "newsvane.yaml").write_text(block("yaml"), encoding="utf-8")
    (tmp_path / "article.txt").write_text(block("article"), encoding="utf-8")
    command, _, shown = block("explanation").partition("\n")
    done = subprocess.run(
        [sys.executable, "-m", "monitors.cli", *shlex.split(command.removeprefix("$ newsvane "))],
        cwd=tmp_path,
        env=clean_environment() | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = "\n".join(map(str.rstrip, done.stdout.splitlines()))
    assert said.strip() == shown.strip()
