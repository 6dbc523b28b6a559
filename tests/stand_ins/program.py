"""`newsvane`, run as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

CLOCKWORK = Path(__file__).with_name("clockwork.py")


@dataclass(frozen=True, slots=True)
class Newsvane:
    """`newsvane` in a folder with its configuration and its database."""

    folder: Path

    at: datetime | None = None
    """When each of its processes begins, by its own clock; None: now."""

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
        program = ["-m", "monitors.cli"]
        if self.at:
            program, environment = ["-P", str(CLOCKWORK)], {"NEWSVANE_STARTS_AT": self.at.isoformat(), **environment}
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=self.folder,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )

    @contextmanager
    def service(self) -> Iterator[subprocess.Popen[str]]:
        """Run the service while the context lasts; its log goes to `service.log`."""
        with (self.folder / "service.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "monitors.cli", "run"],
                cwd=self.folder,
                env=clean_environment(),
                stderr=log,
                text=True,
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait(timeout=30)

    def log(self) -> list[dict[str, Any]]:
        lines = (self.folder / "service.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*arguments).splitlines()]

    def configure(self, yaml: str) -> None:
        (self.folder / "newsvane.yaml").write_text(yaml, encoding="utf-8")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSVANE_")}
