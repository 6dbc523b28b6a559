"""`newsvane`, run as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from stand_ins.loaded import Loaded

CLOCKWORK = Path(__file__).with_name("clockwork.py")
PATIENCE_S = 180


def wait_until(true: Callable[[], object], what: str | Callable[[], str]) -> None:
    """Wait until something is true; fail with what it is that did not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what if isinstance(what, str) else what()}"
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Newsvane:
    """`newsvane` in a folder with its configuration and its database."""

    folder: Path

    at: datetime | None = None
    """When each of its processes begins, by its own clock; None: now."""

    database_url: str | None = None
    """None: a file in the folder."""

    loaded: Loaded | None = None
    """Starts the commands that have no clock of their own in a moment; None: each loads everything itself."""

    def __call__(self, *arguments: str, **environment: str) -> str:
        """Run a command to its end and return its standard output."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, f"newsvane {' '.join(arguments)}: exit {done.returncode}\n{done.stderr[-5000:]}"
        return done.stdout

    def may_die(self, *arguments: str, **environment: str) -> bool:
        """Run a command that may be killed on its way, and say whether it was."""
        done = self.run(*arguments, **environment)
        assert done.returncode in {0, -9}, done.stderr[-5000:]
        return done.returncode == -9

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = self._environment() | self._clock() | environment
        if self.loaded and not self.at:
            return self.loaded.run(arguments, folder=self.folder, environment=environment)
        return subprocess.run(
            [sys.executable, *self._program(), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )

    def _program(self) -> list[str]:
        return ["-P", str(CLOCKWORK)] if self.at else ["-m", "monitors.cli"]

    def _clock(self) -> dict[str, str]:
        ahead = {"NEWSVANE_AHEAD": str(self.folder / "ahead")}
        return {"NEWSVANE_STARTS_AT": self.at.isoformat()} | ahead if self.at else {}

    def turn_clock(self, ahead: timedelta) -> None:
        """Let the clock of what runs and what begins be ahead of what `at` says. Only where `at` is given."""
        (self.folder / "ahead.new").write_text(str(ahead.total_seconds()))
        (self.folder / "ahead.new").rename(self.folder / "ahead")

    @contextmanager
    def service(self, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Run the service while the context lasts; its log goes to `service.log`."""
        with (self.folder / "service.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, *self._program(), "run"],
                cwd=self.folder,
                env=self._environment() | self._clock() | environment,
                stderr=log,
                text=True,
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait(timeout=30)

    def _environment(self) -> dict[str, str]:
        return clean_environment() | ({"NEWSVANE_DATABASE_URL": self.database_url} if self.database_url else {})

    def log(self) -> list[dict[str, Any]]:
        lines = (self.folder / "service.log").read_text().splitlines()
        # a service that is killed leaves a helper of Python's behind, which complains in plain words
        return [json.loads(line) for line in lines if line.startswith("{")]

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*arguments).splitlines()]

    def configure(self, yaml: str) -> None:
        (self.folder / "newsvane.yaml").write_text(yaml, encoding="utf-8")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSVANE_")}
