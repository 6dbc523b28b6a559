"""Whoever looks after the service is told once when a source breaks, once when it recovers, and once of an outage."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article, Entry, Failed, Read
from crawler.store.sources import source_states
from monitors import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from crawler.domain import FetchOutcome

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SOURCES = """\
sources:
  - {id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}
  - {id: wire, name: Wire, url: "https://wire.example/feed"}
  - {id: coast, name: Coast, url: "https://coast.example/feed"}
  - {id: river, name: River, url: "https://river.example/feed"}
  - {id: delta, name: Delta, url: "https://delta.example/feed", expect: {per: 7d}}
smtp: {from: newsvane@example.org}
channels: [{id: ops, type: email, to: [ops@example.org]}]
"""
TOLD = SOURCES + "health: {channel: ops}\n"
ALL = ("harbour", "wire", "coast", "river", "delta")
WELL, TIMEOUT = Read(entries=9, new=0), Failed(reason="no complete answer within 20 s", kind="timeout")
MISSING = Failed(reason="HTTP 404", kind="http-404", permanent=True)


@pytest.fixture
def open_office(newsroom: Callable[[str], Newsroom], clock: Clock) -> Callable[..., Office]:
    return lambda yaml=TOLD: Office(newsroom(yaml), clock)


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    office = open_office()
    office.read(*ALL)
    return office


class Office:
    """A newsroom with somebody who looks after its sources."""

    def __init__(self, room: Newsroom, clock: Clock) -> None:
        self.room, self.clock = room, clock

    def read(self, *sources: str, outcome: FetchOutcome = WELL) -> None:
        for source in sources:
            its = self.room.app.in_force.sources[source]
            asyncio.run(self.room._desk.finished(its, outcome))

    def reads(self, *sources: str, outcome: FetchOutcome, times: int) -> None:
        """Read sources by the hour, and look after each time."""
        for _ in range(times):
            self.clock.turn(HOUR)
            self.read(*sources, outcome=outcome)
            self.watch()

    def watch(self) -> int:
        return asyncio.run(jobs.watch_health(self.room.app))

    @property
    def subjects(self) -> list[str]:
        return [one.subject for one in self.room.outbox()]

    @property
    def due(self) -> set[str]:
        with self.room.app.database.read() as session:
            return {one.id for one in source_states(session, now=self.clock()) if one.next_check_at <= self.clock()}


def test_one_notice_when_a_source_breaks_and_one_when_it_recovers(office: Office) -> None:
    office.reads("harbour", outcome=MISSING, times=9)
    assert office.subjects == ["Newsvane: The Harbour Ledger cannot be read"]
    office.reads("harbour", outcome=WELL, times=9)
    assert office.subjects[1:] == ["Newsvane: The Harbour Ledger is well again"]


def test_a_notice_says_what_since_when_and_what_to_do(office: Office) -> None:
    office.reads("harbour", outcome=MISSING, times=2)
    (notice,) = office.room.outbox()
    assert notice.recipient == "ops@example.org"
    assert "Since Mon 23 Nov, 08:00: HTTP 404" in notice.text
    assert "https://harbour.example/feed (id harbour)" in " ".join(notice.text.split())
    assert "To do: look for its new address" in notice.text


def test_a_source_that_fails_now_and_then_is_not_told_of(office: Office) -> None:
    for _ in range(9):
        office.reads("harbour", outcome=TIMEOUT, times=3)
        office.reads("harbour", outcome=WELL, times=1)
    assert office.subjects == []


def test_a_source_that_flaps_is_told_of_once(office: Office) -> None:
    office.reads("harbour", outcome=MISSING, times=3)
    for _ in range(9):
        office.reads("harbour", outcome=WELL, times=1)
        office.reads("harbour", outcome=MISSING, times=1)
    assert office.subjects == ["Newsvane: The Harbour Ledger cannot be read"]


def test_two_services_tell_once(office: Office, open_office: Callable[..., Office]) -> None:
    other = open_office()
    office.clock.turn(HOUR)
    office.read("harbour", outcome=MISSING)
    office.clock.turn(HOUR)
    office.read("harbour", outcome=MISSING)
    assert office.watch() + other.watch() == 1


def test_sources_that_break_together_are_one_message(office: Office) -> None:
    office.clock.turn(HOUR)
    office.read("harbour", "wire", outcome=MISSING)
    office.clock.turn(HOUR)
    office.read("harbour", "wire", outcome=MISSING)
    office.watch()
    assert office.subjects == ["Newsvane: 2 sources in trouble"]


def test_without_a_channel_nobody_is_told_until_there_is_one(open_office: Callable[..., Office]) -> None:
    office = open_office(SOURCES)
    office.reads("harbour", outcome=MISSING, times=3)
    assert office.subjects == []
    office = open_office(TOLD)
    office.watch()
    assert office.subjects == ["Newsvane: The Harbour Ledger cannot be read"]


def test_what_is_gone_and_what_is_silent_are_told_as_such(office: Office) -> None:
    office.reads("harbour", outcome=Failed(reason="HTTP 410", kind="http-410", permanent=True), times=1)
    office.clock.turn(timedelta(days=8))
    office.read("delta")
    office.watch()
    assert office.subjects == ["Newsvane: The Harbour Ledger is gone for good", "Newsvane: Delta is silent"]


def test_a_source_whose_texts_are_gone_is_told_of(office: Office) -> None:
    its = office.room.app.in_force.sources["harbour"]
    for number in range(36):
        entry = Entry(link=f"https://harbour.example/{number}", title="T")
        text = f"The harbour was shut on day {number}. " * 40 if number < 30 else ""
        asyncio.run(office.room._desk.discovered(its, [entry]))
        asyncio.run(office.room._desk.fetched(its, entry, Article(url=entry.link, title="T", text=text)))
    office.read("harbour")
    office.watch()
    assert office.subjects == ["Newsvane: The Harbour Ledger has changed its layout"]
    assert "6 of the last 10 articles came without a usable text" in " ".join(office.room.outbox()[0].text.split())


# -- the network ------------------------------------------------------------------------------------------------------


def cut_the_line(office: Office) -> None:
    """Let every source fail, some by a second attempt, until the network is held to be down."""
    office.clock.turn(HOUR)
    office.read("harbour", "wire", "coast", outcome=TIMEOUT)
    office.clock.turn(3 * MINUTE)
    office.watch()
    office.read(*office.due - {"harbour", "wire", "coast"}, outcome=TIMEOUT)
    office.clock.turn(MINUTE)
    office.watch()


def test_an_outage_is_one_notice_and_not_one_a_source(office: Office) -> None:
    cut_the_line(office)
    office.reads(*ALL, outcome=TIMEOUT, times=6)
    assert office.subjects == ["Newsvane: no source can be reached"]
    assert "Since Mon 23 Nov, 08:00 none of 5 sources that were tried could" in office.room.outbox()[0].text


def test_when_an_outage_is_over_that_is_told_and_what_still_fails(office: Office) -> None:
    cut_the_line(office)
    office.reads(*ALL, outcome=TIMEOUT, times=6)
    office.clock.turn(MINUTE)
    office.read("wire")
    office.watch()
    assert office.subjects[1:] == ["Newsvane: the sources can be reached again"]
    assert {"harbour", "coast", "river", "delta"} <= office.due, "all that failed are read at once"
    office.read("coast", "river", "delta")
    office.watch()
    assert office.subjects[2:] == [], "what was not tried since is not told of"
    office.clock.turn(MINUTE)
    office.read("harbour", outcome=TIMEOUT)
    office.clock.turn(MINUTE)
    office.watch()
    assert office.subjects[2:] == ["Newsvane: The Harbour Ledger cannot be read"]


def test_a_robots_txt_that_did_not_come_is_waited_for_after_an_outage(office: Office) -> None:
    cut_the_line(office)
    office.reads(*ALL, outcome=TIMEOUT, times=6)
    office.read("coast", outcome=replace(TIMEOUT, kind="unreachable"))
    office.clock.turn(MINUTE)
    office.read("wire")
    office.watch()
    assert "coast" not in office.due
    office.clock.turn(10 * MINUTE)
    assert "coast" in office.due


def test_three_dead_hosts_are_no_outage_if_others_answer(office: Office) -> None:
    office.clock.turn(HOUR)
    office.read("harbour", "wire", "coast", outcome=TIMEOUT)
    office.clock.turn(3 * MINUTE)
    office.watch()
    assert {"river", "delta"} <= office.due, "they are asked whether the web is there"
    office.read("river", "delta")
    office.clock.turn(MINUTE)
    office.watch()
    assert office.subjects == []
    office.reads("harbour", "wire", "coast", outcome=TIMEOUT, times=4)
    assert "in trouble" in office.subjects[0]


def test_a_refusal_is_an_answer(office: Office) -> None:
    office.clock.turn(HOUR)
    office.read("harbour", "wire", "coast", "river", outcome=TIMEOUT)
    office.read("delta", outcome=MISSING)
    office.clock.turn(HOUR)
    office.watch()
    assert office.subjects == []


def test_while_it_lasts_some_sources_are_tried_every_five_minutes(office: Office) -> None:
    cut_the_line(office)
    office.reads(*ALL, outcome=TIMEOUT, times=5)
    office.clock.turn(6 * MINUTE)
    before = office.due
    office.watch()
    assert (len(before), len(office.due)) == (0, 3)
