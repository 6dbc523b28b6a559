"""`newsvane sources --requests`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from crawler.desk import HostDay
from crawler.store.database import Database
from crawler.store.hosts import add_requests
from monitors.cli.sources import sources
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostDay:
    """Two days on which a host was asked; the newer one."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'news.db'}"
    monkeypatch.setenv("NEWSVANE_DATABASE_URL", url)
    day = datetime.now(UTC).date()
    of_today = HostDay(host="https://a.example", day=day, requests=1234, bytes=5_600_000, unmodified=12, failed=3)
    database = Database(url)
    upgrade(database)
    database.write(add_requests, [of_today, HostDay(host="https://b.example", day=day - timedelta(days=1), requests=1)])
    database.close()
    return of_today


def test_requests_are_shown_by_host_and_day(today: HostDay) -> None:
    shown = CliRunner().invoke(sources, ["--requests"])
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.output.splitlines()]
    assert [str(today.day), "https://a.example", "1,234", "5,600", "12", "3"] in lines
    assert "https://b.example" in shown.output


def test_days_and_json(today: HostDay) -> None:
    shown = CliRunner().invoke(sources, ["--requests", "--days", "1", "--json"])
    (line,) = shown.output.splitlines()
    counted = {"requests": 1234, "bytes": 5_600_000, "unmodified": 12, "failed": 3}
    assert json.loads(line) == {"host": "https://a.example", "day": str(today.day), **counted}
