"""What the service answers about itself: alive, ready, and its metrics; whoever asks, and however badly."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from crawler.errors import ConfigError, DatabaseTroubleError
from monitors import health_server
from monitors.health_entry import Listen
from monitors.health_server import HealthServer
from monitors.standstill import Standstill
from monitors.vitals import LOOP_LATE_S, PULSE_LATE, Vitals
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stand_ins.newsroom import Clock, Newsroom

YAML = """
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{name: Watched, keywords: [cloud], deliver: [{to: desk@example.org, when: now}]}]
smtp: {from: newsvane@example.org}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def room(newsroom: Callable[[str], Newsroom]) -> Newsroom:
    return newsroom(YAML)


@pytest.fixture
def vitals(room: Newsroom, clock: Clock) -> Vitals:
    async def nothing() -> None:
        pass

    vitals = Vitals(room.app, Standstill(room.app, pause=lambda: None, resume=nothing))
    vitals.pulse_at = clock()
    return vitals


@pytest.fixture
def port(vitals: Vitals) -> Iterator[int]:
    server, port = HealthServer(vitals), free_port()
    server.follow(Listen.parse(f"127.0.0.1:{port}"))
    yield port
    server.close()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_a_service_that_works_is_alive_and_ready(port: int) -> None:
    assert ask(port, "/healthz")[0] == 200
    status, told = ask(port, "/readyz")
    assert (status, json.loads(told)) == (200, {"ready": True, "reasons": []})
    assert ask(port, "/healthz", "HEAD") == (200, "")


def test_a_stuck_loop_is_not_alive(vitals: Vitals, port: int) -> None:
    vitals.ticked = time.monotonic() - LOOP_LATE_S - 1
    assert ask(port, "/healthz")[0] == 503
    assert "stuck" in ask(port, "/readyz")[1]


def test_a_service_that_stands_still_is_alive_and_not_ready(vitals: Vitals, port: int) -> None:
    vitals.standstill.met(DatabaseTroubleError("the disk is full: news.db", kind="full"))
    assert ask(port, "/healthz")[0] == 200
    status, told = ask(port, "/readyz")
    assert status == 503
    assert "the disk is full" in json.loads(told)["reasons"][0]
    assert "newsvane_paused 1.0" in ask(port, "/metrics")[1]


def test_a_service_that_writes_nothing_is_not_ready(vitals: Vitals, clock: Clock, port: int) -> None:
    clock.turn(PULSE_LATE * 2)
    status, told = ask(port, "/readyz")
    assert status == 503
    assert "nothing was written" in told
    vitals.pulse_at = None
    assert "starting" in ask(port, "/readyz")[1]


def samples(port: int) -> dict[tuple[str, Any], float]:
    status, text = ask(port, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_metrics_count_what_is_there_and_name_nobody(room: Newsroom, vitals: Vitals, port: int) -> None:
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    with vitals.run_of("match"):
        pass
    vitals.failed("crawl")
    found = samples(port)
    assert found["newsvane_articles", ()] == 1
    assert found["newsvane_matches", ()] == 1
    assert found["newsvane_deliveries", (("channel", "to"), ("state", "queued"))] == 1
    assert found["newsvane_sources", (("state", "ok"),)] == 1
    assert found["newsvane_job_duration_seconds_count", (("job", "match"),)] == 1
    assert found["newsvane_job_failures_total", (("job", "crawl"),)] == 1
    assert found["newsvane_database_bytes", ()] > 1000
    text = ask(port, "/metrics")[1]
    assert "example" not in text
    assert "@" not in text


def test_every_metric_is_in_the_docs_and_has_a_help(vitals: Vitals, port: int, repository: Path) -> None:
    vitals.run_of("match").__enter__()
    text = ask(port, "/metrics")[1]
    told = {name for name in re.findall(r"# HELP (\S+) \S", text) if not name.endswith("_created")}
    page = (repository / "docs" / "operation.md").read_text()
    documented = set(re.findall(r"`(newsvane_[a-z_]+)[{`]", page))
    optional = {"newsvane_last_digest_timestamp_seconds"}
    if vitals.app.database.engine.dialect.name == "postgresql":
        optional.add("newsvane_disk_free_bytes")
    assert documented - optional == told - optional


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "<script>"])
def test_nothing_but_questions_is_answered_and_nothing_comes_back(port: int, method: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{method} /<script>x</script> HTTP/1.1\r\nX: <script>\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.split()[1] in {b"400", b"501"}
    assert b"script" not in answer
    assert b"Python" not in answer


@given(noise=st.binary(max_size=300))
def test_noise_costs_nothing_but_its_connection(noise: bytes) -> None:
    class Connection:
        def __init__(self) -> None:
            self.parts = [noise, b""]

        def settimeout(self, _: float) -> None:
            pass

        def recv(self, _: int) -> bytes:
            return self.parts.pop(0) if self.parts else b""

    assert health_server._head(Connection()) == noise  # type: ignore[arg-type]  # all of a socket that is used


def test_slow_clients_cannot_keep_others_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_server, "PATIENCE_S", 0.3)
    with ExitStack() as stack:
        for _ in range(40):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            slow.sendall(b"GET /healthz HT")
        deadline = time.monotonic() + 20
        while True:
            try:
                if ask(port, "/healthz")[0] == 200:
                    break
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline


def test_a_port_that_is_taken_is_told_once_and_the_next_one_is_followed(vitals: Vitals) -> None:
    server = HealthServer(vitals)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = Listen.parse(f"127.0.0.1:{taken.getsockname()[1]}")
        server.follow(listen)
        server.follow(listen)
    other = free_port()
    server.follow(Listen.parse(f"localhost:{other}"))
    assert ask(other, "/healthz")[0] == 200
    server.follow(None)
    with pytest.raises(OSError, match="refused"):
        ask(other, "/healthz")


def test_it_answers_while_the_loop_is_stuck(port: int) -> None:
    async def stuck() -> int:
        return ask(port, "/healthz")[0]  # nothing else of this loop runs meanwhile

    assert asyncio.run(stuck()) == 200


@pytest.mark.parametrize("text", ["9630", ":9630", "example.org:9630", "127.0.0.1", "127.0.0.1:0", "::1:80", "1:99999"])
def test_what_is_no_address_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "newsvane.yaml"
    file.write_text(f'health: {{listen: "{text}"}}\n')
    with pytest.raises(ConfigError, match=r"health\.listen: needs an address of this machine"):
        load(file, environ={})
