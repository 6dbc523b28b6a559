"""`newsvane status` says first whether all is well, and if not, what needs somebody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Failed
from monitors.cli.status import _in_words
from monitors.cli.verdict import needs, verdict
from monitors.due import expected_digests
from monitors.scheduler import _note_pulse
from monitors.store.services import PULSE_LOST, service_stopped
from monitors.store.status import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.store.status import Status

YAML = """
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists:
  - {id: watched, name: Watched, keywords: [cloud], deliver: [{to: desk@example.org, at: "07:30"}]}
smtp: {from: newsvane@example.org}
"""


@pytest.fixture
def room(newsroom: Callable[[str], Newsroom]) -> Newsroom:
    return newsroom(YAML)


def seen(room: Newsroom) -> Status:
    # as on a machine with room enough
    return replace(room.app.database.write(status, now=room.app.clock()), disk_free=None)


def told(room: Newsroom) -> str:
    """Return all that is printed, the verdict first."""
    configuration, now = room.app.in_force.configuration, room.app.clock()
    expected = room.app.database.write(expected_digests, configuration, now=now)
    found = seen(room)
    return "\n".join([verdict([*needs(found, expected)]), *_in_words(found, expected)])


def pulse(room: Newsroom) -> list[str]:
    return room.app.database.write(_note_pulse, room.app.worker.id, now=room.app.clock())


def test_where_nothing_is_wrong_all_is_well_and_the_next_digest_is_named(room: Newsroom) -> None:
    room.finish()
    pulse(room)
    lines = told(room).splitlines()
    assert lines[0] == "all is well"
    assert any(line.startswith("digests: watched at 2026-11-23") for line in lines)


def test_a_service_that_crashed_and_a_digest_that_is_late_need_somebody(room: Newsroom, clock: Clock) -> None:
    room.finish()
    pulse(room)
    clock.turn(timedelta(hours=1))
    lines = told(room).splitlines()
    assert lines[0].startswith("2 things need you: the service stands still; 1 digest late"), "this process lives"
    assert "STANDING STILL" in lines[1]
    assert "watched LATE since" in told(room)
    found = replace(seen(room), lives=False)
    assert next(needs(found, [])) == "the service does not run"


def test_a_source_in_trouble_needs_somebody(room: Newsroom) -> None:
    pulse(room)
    source = room.app.in_force.sources["harbour"]
    asyncio.run(room._desk.finished(source, Failed(reason="HTTP 404", kind="http-404", permanent=True)))
    assert told(room).splitlines()[0] == "1 thing needs you: 1 source in trouble"


def test_two_services_by_mistake_see_each_other(
    room: Newsroom, newsroom: Callable[[str], Newsroom], clock: Clock
) -> None:
    other = newsroom(YAML)
    assert pulse(room) == []
    assert len(pulse(other)) == 1
    assert "2 services work on this database" in told(room)
    assert "2 OF THEM" in told(room)
    other.app.database.write(service_stopped, other.app.worker.id, now=clock())
    assert pulse(room) == []
    assert "2 services" not in told(room)


def test_a_service_that_was_killed_is_no_other_service(
    room: Newsroom, newsroom: Callable[[str], Newsroom], clock: Clock
) -> None:
    other = newsroom(YAML)
    pulse(other)
    clock.turn(PULSE_LOST * 2)
    assert pulse(room) == []
    assert seen(room).services == 1
