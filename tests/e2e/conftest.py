"""The real thing, from outside: `newsvane` as a subprocess, against 771 real news sites on loopback."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

START_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Replay:
    """The replay server while it runs."""

    port: int

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            text = answer.read().decode()
        return [json.loads(line) for line in text.splitlines()] if path.endswith(".jsonl") else json.loads(text)

    def sites(self) -> list[dict[str, Any]]:
        return self.get("/_index.json")

    def articles(self) -> list[dict[str, Any]]:
        return self.get("/_articles.jsonl")

    def stats(self) -> dict[str, int]:
        return self.get("/_stats.json")


@dataclass(frozen=True, slots=True)
class Newsvane:
    """`newsvane` in a folder with its configuration and its database."""

    folder: Path

    def __call__(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run a command to its end and return its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "monitors.cli", *arguments],
            cwd=self.folder,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        assert done.returncode == code, f"newsvane {' '.join(arguments)}: exit {done.returncode}\n{done.stderr[-5000:]}"
        return done.stdout

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*arguments).splitlines()]

    def configure(self, yaml: str) -> None:
        (self.folder / "newsvane.yaml").write_text(yaml, encoding="utf-8")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSVANE_")}


@pytest.fixture
def newsvane(tmp_path: Path) -> Newsvane:
    return Newsvane(tmp_path)


@pytest.fixture(scope="session")
def how_many_sites(request: pytest.FixtureRequest) -> int:
    return request.config.getoption("--sites")


@pytest.fixture(scope="session")
def replay(shared: Path, how_many_sites: int) -> Iterator[Replay]:
    port = _free_port()
    arguments = ["--per-ip", "--redate", "3", "--tracking", "--redirect-rate", ".05", "--robots-disallow-rate", ".05"]
    if how_many_sites < 771:
        arguments += ["--sites", str(how_many_sites)]
    server = subprocess.Popen(
        [sys.executable, str(shared / "replay" / "replay.py"), "--port", str(port), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        found = Replay(port)
        _wait_for(found, server)
        yield found
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _free_port() -> int:
    """Return a port that is free on the addresses of the sites, too: below the range that clients are given."""
    while True:
        port = random.randrange(15_000, 30_000)  # noqa: S311
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def _wait_for(replay: Replay, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert server.poll() is None, server.stderr and server.stderr.read()
        try:
            replay.stats()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the replay server did not start")
