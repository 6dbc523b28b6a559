"""`make` works from nothing but Python, and installs what was tested."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_every_dependency_has_a_pin_that_it_allows(repository: Path) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (repository / "constraints.txt").read_text(), re.MULTILINE))
    tested = {canonicalize_name(name): version for name, version in pins.items()}
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(text) for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]
    unfit = [str(one) for one in wanted if not one.specifier.contains(tested.get(canonicalize_name(one.name), "0"))]
    assert unfit == []


def test_the_constraints_are_pins_and_name_no_index(repository: Path) -> None:
    lines = (repository / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.!+]+", line)] == []
    assert not [line for line in lines if "://" in line]


def test_what_is_checked_on_every_change_is_make_test(repository: Path) -> None:
    commands = [line for line in (repository / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert commands[-1] == "exec make test"
    assert (repository / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_a_python_that_is_too_old_is_told_and_nothing_is_made(repository: Path, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(repository / name, tmp_path)
    (tmp_path / "old-python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "old-python").chmod(0o755)
    for python in ("./old-python", "/no/such/python"):
        done = make(tmp_path, f"PYTHON={python}", "demo")
        assert done.returncode == 2
        assert "Newsvane needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_alone_lists_its_targets(repository: Path, tmp_path: Path) -> None:
    shutil.copy(repository / "Makefile", tmp_path)
    listed = re.findall(r"make ([\w-]+)", make(tmp_path).stdout)
    assert {"demo", "test", "test-all", "lint", "bench", "constraints", "clean", "help"} <= set(listed)
