"""What is kept of hosts, in a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.desk import HostDay
from crawler.store import hosts
from crawler.store.database import Database
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'news.db'}")
    upgrade(made)
    yield made
    made.close()


def test_a_host_is_barred_until_its_time_is_over_and_then_forgotten(database: Database) -> None:
    database.write(hosts.keep_bar, "https://a.example", NOW + timedelta(hours=1), NOW)
    database.write(hosts.keep_bar, "https://a.example", NOW + timedelta(hours=2), NOW)
    database.write(hosts.keep_bar, "https://b.example", NOW + timedelta(minutes=1), NOW)
    assert database.write(hosts.bars, NOW + timedelta(minutes=1)) == {"https://a.example": NOW + timedelta(hours=2)}
    later = NOW + timedelta(hours=2)
    database.write(hosts.keep_bar, "https://c.example", later + timedelta(hours=1), later)
    assert set(database.write(hosts.bars, NOW)) == {"https://c.example"}


def test_requests_add_up_by_host_and_day(database: Database) -> None:
    day = HostDay(
        host="https://a.example", day=date(2026, 11, 23), requests=3, bytes=2_000_000_000, unmodified=1, failed=1
    )
    other = replace(day, host="https://b.example", requests=9)
    before = replace(day, day=date(2026, 11, 22))
    database.write(hosts.add_requests, [day, before])
    database.write(hosts.add_requests, [day, other])
    database.write(hosts.add_requests, [])
    twice = replace(day, requests=6, bytes=4_000_000_000, unmodified=2, failed=2)
    assert database.write(hosts.requests_since, date(2026, 11, 23)) == [other, twice]
    assert database.write(hosts.requests_since, date(2026, 11, 1)) == [other, twice, before]
