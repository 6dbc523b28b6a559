"""The real thing, from outside: `newsvane` as a subprocess, against 771 real news sites on loopback."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from stand_ins.program import Newsvane
from stand_ins.replay import Replay
from stand_ins.site import NewsSite
from stand_ins.smtp import MailCatcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.loaded import Loaded

START_TIMEOUT_S = 180


@pytest.fixture
def newsvane(tmp_path: Path, loaded: Loaded) -> Newsvane:
    return Newsvane(tmp_path, loaded=loaded)


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as site:
        yield site


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


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
