"""The coverage receipt tells what was read, what was not and why, on real rows of a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest
from stand_ins.newsroom import Clock

from crawler.domain import Article, Entry, Failed, NotModified, Read
from crawler.store.sources import make_due
from monitors.digest import words
from monitors.scheduler import Clockwork
from monitors.store.coverage import coverage
from monitors.store.health import Network, keep_network
from monitors.store.pauses import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Newsroom

    from crawler.domain import FetchOutcome
    from monitors.domain import Coverage

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
START = Clock().now
ZURICH = ZoneInfo("Europe/Zurich")
SOURCES = """\
sources:
  - {id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed", groups: [papers]}
  - {id: wire, name: Wire, url: "https://wire.example/feed"}
  - {id: coast, name: Coast, url: "https://coast.example/feed", groups: [papers]}
"""
REST = """\
smtp: {from: newsvane@example.org}
watchlists: [{name: Clouds, keywords: [cloud], deliver: [{to: desk@example.org, at: "08:00"}]}]
"""
WELL = Read(entries=9, new=0)
GONE = Failed(reason="HTTP 410", kind="http-410", permanent=True)
DOWN = Failed(reason="HTTP 503", kind="http-5xx")


class Office:
    """A newsroom that is asked for its receipt."""

    def __init__(self, room: Newsroom, clock: Clock) -> None:
        self.room, self.clock = room, clock

    def read(self, *sources: str, outcome: FetchOutcome = WELL) -> None:
        for source in sources:
            asyncio.run(self.room._desk.finished(self.room.app.in_force.sources[source], outcome))

    def publish(self, source: str, link: str, *, text: str = "Nothing else was said.") -> None:
        its, entry = self.room.app.in_force.sources[source], Entry(link=link, title="Cloud unit sold")
        asyncio.run(self.room._desk.discovered(its, [entry]))
        article = Article(url=link, title=entry.title, text=text, language="en")
        asyncio.run(self.room._desk.fetched(its, entry, article))
        self.read(source, outcome=Read(entries=9, new=1))

    def beats(self) -> None:
        """Let the service give its sign of life, as it does every 30 seconds."""
        clockwork = Clockwork(self.room.app, cast("Any", None), cast("Any", None))
        asyncio.run(clockwork._beat())

    def receipt(self, since: datetime, *sources: str) -> Coverage:
        known = self.room.app.in_force.sources
        with self.room.app.database.read() as session:
            return coverage(session, frozenset(sources or known), since=since, until=self.clock())

    def words(self, since: datetime) -> str:
        return words.reading(self.receipt(since), ZURICH)


@pytest.fixture
def office(newsroom: Callable[[str], Newsroom], clock: Clock) -> Office:
    return Office(newsroom(SOURCES + REST), clock)


def test_a_source_that_is_new_and_was_not_asked_yet_is_neither_failing_nor_silent(office: Office) -> None:
    office.read("harbour", "wire")
    made = office.receipt(START)
    assert (made.sources, made.sources_due, made.sources_read) == (3, 3, 2)
    assert (made.failing, made.silent, made.not_yet) == ((), (), ("Coast",))
    assert made.new == ("The Harbour Ledger", "Wire")


def test_a_source_that_only_the_file_knows_so_far_is_not_read_yet(office: Office) -> None:
    office.read("harbour", "wire", "coast")
    made = office.receipt(START, "harbour", "delta")
    assert (made.sources, made.sources_due, made.sources_read, made.not_yet) == (2, 1, 1, ("delta",))


def test_a_source_of_yesterday_is_no_longer_new(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire")
    clock.turn(DAY)
    office.read("harbour", "wire", "coast")
    assert office.receipt(START + HOUR).new == ("Coast",)
    assert "Read for the first time: Coast." in office.words(START + HOUR)


def test_a_source_that_rests_for_the_whole_period_was_not_due(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    clock.turn(MINUTE)
    made = office.receipt(clock())
    assert (made.sources, made.sources_due, made.sources_read) == (3, 0, 0)
    assert "none of the 3 sources was due" in words.reading(made, ZURICH)


def test_a_source_that_waits_in_vain_is_due_and_was_not_read(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    since = clock.turn(MINUTE)
    office.room.app.database.write(make_due, ["wire"], now=clock())
    clock.turn(MINUTE)
    made = office.receipt(since)
    assert (made.sources_due, made.sources_read) == (1, 0)
    assert "0 of 1 source due answered (2 of 3 not due)" in words.reading(made, ZURICH)


def test_an_answer_that_nothing_changed_is_an_answer(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    since = clock.turn(HOUR)
    office.read("harbour", outcome=NotModified())
    office.read("wire", outcome=DOWN)
    made = office.receipt(since, "harbour", "wire")
    assert (made.sources_due, made.sources_read) == (2, 1)


def test_what_fails_is_told_since_its_first_failure_with_the_last_reason(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    clock.turn(HOUR)
    office.read("wire", outcome=DOWN)
    clock.turn(HOUR)
    office.read("wire", outcome=Failed(reason="no complete answer within 20 s", kind="timeout"))
    (failing,) = office.receipt(START).failing
    assert (failing.name, failing.since, failing.never_read) == ("Wire", START + HOUR, False)
    assert words.failing(failing, clock()) == "since Mon 23 Nov, 08:00: no complete answer within 20 s"
    office.read("wire")
    assert office.receipt(START).failing == ()


def test_what_never_answered_is_told_since_when_it_was_tried(office: Office, clock: Clock) -> None:
    office.read("wire", outcome=DOWN)
    (failing,) = office.receipt(START, "wire").failing
    assert words.failing(failing, clock()) == "never read so far, tried since Mon 23 Nov, 07:00: HTTP 503"


def test_what_is_gone_for_good_is_told_and_is_not_due_any_more(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    clock.turn(HOUR)
    office.read("wire", outcome=GONE)
    since = clock.turn(DAY)
    made = office.receipt(since, "wire")
    assert (made.sources, made.sources_due) == (1, 0)
    told = words.failing(made.failing[0], clock())
    assert told == "gone for good since Mon 23 Nov, 08:00, and not asked any more: HTTP 410"


def test_a_source_that_left_the_file_is_not_in_the_receipt(
    newsroom: Callable[[str], Newsroom], office: Office, clock: Clock
) -> None:
    office.read("harbour", "coast")
    office.read("wire", outcome=DOWN)
    left = Office(newsroom(SOURCES.replace(SOURCES.splitlines()[2] + "\n", "") + REST), clock)
    assert (left.receipt(START).sources, left.receipt(START).failing) == (2, ())


def test_a_source_that_is_quiet_against_its_rhythm_is_told_with_that_rhythm(office: Office, clock: Clock) -> None:
    for number in range(60):
        office.publish("harbour", f"https://harbour.example/{number}")
        clock.turn(6 * HOUR)
    last = clock.now - 6 * HOUR
    for _ in range(16):
        clock.turn(6 * HOUR)
        office.read("harbour", outcome=NotModified())
    (silent,) = office.receipt(clock.now - DAY, "harbour").silent
    assert (silent.name, silent.last_new_at) == ("The Harbour Ledger", last)
    assert silent.usual is not None
    assert abs(silent.usual - 6 * HOUR) < HOUR
    assert words.silent(silent, clock()) == (
        "the last new article came Tue 8 Dec, 01:00; usually one comes every 6 hours "
        "(nothing new for 4 days; the longest silence before was 6 hours)"
    )
    office.publish("harbour", "https://harbour.example/news")
    assert office.receipt(clock.now - DAY, "harbour").silent == ()


def test_articles_are_counted_once_and_for_all_who_carried_them(office: Office, clock: Clock) -> None:
    office.read("harbour", "wire", "coast")
    since = clock.turn(HOUR)
    clock.turn(MINUTE)
    office.publish("wire", "https://wire.example/1")
    office.publish("coast", "https://wire.example/1")
    office.publish("coast", "https://coast.example/2", text="")
    for sources, expected in (
        ((), (2, 1)),
        (("coast", "harbour"), (2, 1)),
        (("wire",), (1, 0)),
        (("harbour",), (0, 0)),
    ):
        made = office.receipt(since, *sources)
        assert (made.articles, made.bodies_missing) == expected, sources
    clock.turn(HOUR)
    assert office.receipt(clock.now - HOUR).articles == 0


def test_that_the_service_did_not_run_is_told_in_the_readers_zone(office: Office, clock: Clock) -> None:
    for _ in range(3):
        office.beats()
        clock.turn(timedelta(seconds=30))
    stopped = clock.now - timedelta(seconds=30)
    clock.turn(6 * HOUR)
    (pause,) = office.receipt(START).pauses
    assert (pause.since, pause.until) == (stopped, None)
    assert "Newsvane itself has not run since Mon 23 Nov, 08:01." in office.words(START)
    office.beats()
    (pause,) = office.receipt(START).pauses
    assert (pause.since, pause.until) == (stopped, clock.now)
    told = office.words(START)
    assert "Newsvane itself did not run from Mon 23 Nov, 08:01 to Mon 23 Nov, 14:01." in told
    assert "read afterwards, as far as the sources still showed it" in told
    since = clock.turn(MINUTE)
    office.beats()
    assert office.receipt(since).pauses == ()


def test_a_restart_is_no_pause(office: Office, clock: Clock) -> None:
    office.beats()
    clock.turn(2 * MINUTE)
    office.beats()
    assert office.receipt(START).pauses == ()


def test_where_the_service_stood_still_but_sources_were_read_by_hand_the_pause_begins_after_that(
    office: Office, clock: Clock
) -> None:
    office.beats()
    by_hand = clock.turn(HOUR)
    office.read("wire")
    clock.turn(HOUR)
    office.beats()
    assert [pause.since for pause in office.receipt(START).pauses] == [by_hand]


def test_without_a_service_that_ever_ran_nothing_is_said_of_pauses(office: Office, clock: Clock) -> None:
    office.read("harbour")
    clock.turn(DAY)
    office.read("harbour")
    assert office.receipt(START).pauses == ()


def test_only_so_many_pauses_are_remembered_and_few_are_told(office: Office, clock: Clock) -> None:
    for _ in range(KEPT + 5):
        office.beats()
        clock.turn(HOUR)
    office.beats()
    made = office.receipt(START)
    assert len(made.pauses) == KEPT
    told = words.reading(made, ZURICH)
    assert told.count("did not run from") == 3
    assert f"{KEPT - 3} such times before" in told


def test_a_dead_network_is_told_as_such(office: Office, clock: Clock) -> None:
    held = Network(state="up", since=START + HOUR, until=START + 3 * HOUR)
    office.room.app.database.write(keep_network, held, now=START)
    clock.turn(6 * HOUR)
    assert "No source could be reached from Mon 23 Nov, 09:00 to Mon 23 Nov, 11:00." in office.words(START)
    assert office.receipt(START + 4 * HOUR).pauses == ()


def test_an_empty_digest_carries_all_of_it(newsroom: Callable[[str], Newsroom], clock: Clock) -> None:
    room = newsroom(SOURCES + REST.replace('at: "08:00"', 'at: "08:00", empty: send, timezone: Europe/Zurich'))
    office = Office(room, clock)
    office.beats()
    office.read("harbour")
    office.read("wire", outcome=DOWN)
    clock.turn(5 * HOUR)
    office.beats()
    clock.now = datetime(2026, 11, 24, 7, 0, 5, tzinfo=UTC)
    assert room.compose() == 1
    text = " ".join(room.outbox()[0].text.split())
    for told in (
        "1 of 3 sources answered",
        "Not read yet, since it is new: Coast",
        "Newsvane itself did not run from Mon 23 Nov, 08:00 to Mon 23 Nov, 13:00",
        "never read so far, tried since Mon 23 Nov, 08:00: HTTP 503",
    ):
        assert told in text, told
