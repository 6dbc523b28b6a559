"""The built wheel works by itself: from any directory, with its migrations, templates and demo inside."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """Build the wheel, install it into an empty environment, and return its `newsvane`."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(repository)]
    subprocess.run(build, check=True, timeout=120)
    (wheel,) = folder.glob("newsvane-*.whl")
    home = folder / "environment"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    subprocess.run([*pip, "--python", str(python), "install", "--no-deps", str(wheel)], check=True, timeout=120)
    return home / "bin" / "newsvane"


def run(command: Path, *arguments: str, folder: Path) -> str:
    """Run the installed command away from the repository; its dependencies are lent by the tests' environment."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(folder)}
    done = subprocess.run(
        [command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_all_it_needs(installed: Path, tmp_path: Path) -> None:
    where = run(installed.with_name("python"), "-c", "import crawler; print(crawler.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parents[1]), "the installed package, not the repository"
    assert "newsvane 0." in run(installed, "--version", folder=tmp_path)
    run(installed, "init", folder=tmp_path)
    assert "good" in run(installed, "check", folder=tmp_path)
    assert "upgraded to revision" in run(installed, "db", "upgrade", folder=tmp_path)
    assert "service: not running" in run(installed, "status", folder=tmp_path)


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    run(installed, "demo", "--out", "shown", folder=tmp_path)
    assert "<html" in (tmp_path / "shown" / "digest.html").read_text(encoding="utf-8")
