"""What is remembered of a source from read to read, and what follows from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.newsroom import HARBOUR, WIRE

from crawler.domain import Article, Entry, Expect, Failed, NotModified, Read, Validators
from crawler.polling import Polling
from crawler.store.sources import claim_due, keep_sources, make_due
from crawler.store.tables import SourceDayRow, SourceRow

if TYPE_CHECKING:
    from stand_ins.newsroom import Clock

    from crawler.desk import Assignment
    from crawler.domain import FetchOutcome, Source
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from crawler.store.desk import StoreDesk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAME = Validators(etag='"same"')


@pytest.fixture
def harbour(database: Database, desk: StoreDesk, clock: Clock, worker: Worker, sources: dict[str, Source]) -> Harbour:
    return Harbour(database, desk, clock, worker, sources)


class Harbour:
    """A source whose reads end as the test says."""

    def __init__(
        self, database: Database, desk: StoreDesk, clock: Clock, worker: Worker, sources: dict[str, Source]
    ) -> None:
        self.database, self.desk, self.clock, self.worker, self.sources = database, desk, clock, worker, sources
        self.source = HARBOUR
        self.number = 0

    def ends(
        self, outcome: FetchOutcome, *, after: timedelta = HOUR, new: int = 0, published: timedelta | None = None
    ) -> None:
        """End a read some time after the last one; it brought so many entries that were not known."""
        self.clock.turn(after)
        entries = []
        for _ in range(new):
            self.number += 1
            date = None if published is None else self.clock() - published
            entries.append(Entry(link=f"https://harbour.example/{self.number}", title="T", published=date))
        asyncio.run(self.desk.discovered(self.source, entries))
        asyncio.run(self.desk.finished(self.source, outcome))

    def stores(self, *texts: str) -> None:
        """Store articles with these texts, and end the read."""
        for text in texts:
            self.number += 1
            entry = Entry(link=f"https://harbour.example/{self.number}", title="T")
            asyncio.run(self.desk.discovered(self.source, [entry]))
            asyncio.run(self.desk.fetched(self.source, entry, Article(url=entry.link, title="T", text=text)))
        self.clock.turn(HOUR)
        asyncio.run(self.desk.finished(self.source, Read(entries=20, new=len(texts))))

    def asked(self) -> Assignment | None:
        """Return how it is asked once it is due."""
        due = self.row.next_check_at
        claimed = self.database.write(claim_due, self.sources, only=["harbour"], limit=1, worker=self.worker, now=due)
        return claimed[0] if claimed else None

    @property
    def row(self) -> Any:
        with self.database.read() as session:
            return session.get_one(SourceRow, "harbour")


def test_a_feed_that_moved_for_good_is_followed_at_the_third_sighting(harbour: Harbour) -> None:
    moved = Read(entries=1, new=0, moved_to="https://new.example/feed")
    for _ in range(2):
        harbour.ends(moved)
        assert harbour.row.feed_url is None
    harbour.ends(moved)
    assert harbour.row.feed_url == "https://new.example/feed"
    harbour.ends(Read(entries=1, new=0, feed_url="https://new.example/feed"))
    assert (harbour.row.feed_url, harbour.row.moved_to) == ("https://new.example/feed",) * 2, "and still told"


def test_an_unmodified_feed_may_say_that_it_moved_too(harbour: Harbour) -> None:
    harbour.ends(Read(entries=1, new=0, moved_to="https://new.example/feed"))
    for _ in range(2):
        harbour.ends(NotModified(moved_to="https://new.example/feed"))
    assert harbour.row.feed_url == "https://new.example/feed"


@pytest.mark.parametrize(
    "between",
    [Read(entries=1, new=0), Read(entries=1, new=0, moved_to="https://other.example/feed")],
    ids=["not-moved", "moved-elsewhere"],
)
def test_a_redirect_that_does_not_last_is_not_believed(harbour: Harbour, between: Read) -> None:
    moved = Read(entries=1, new=0, moved_to="https://new.example/feed")
    for outcome in (moved, moved, between, moved, moved):
        harbour.ends(outcome)
    assert harbour.row.feed_url is None


def test_a_source_that_is_gone_is_not_read_any_more(harbour: Harbour) -> None:
    harbour.ends(Failed(reason="HTTP 410", kind="http-410", permanent=True))
    assert harbour.row.state == "gone"
    assert harbour.asked() is None


def test_a_source_that_is_gone_is_read_again_when_somebody_asks(harbour: Harbour) -> None:
    harbour.ends(Failed(reason="HTTP 410", kind="http-410", permanent=True))
    harbour.database.write(make_due, ["harbour"], now=harbour.clock())
    assert harbour.asked() is None, "reading all does not mean those that are gone"
    harbour.database.write(make_due, ["harbour"], now=harbour.clock(), gone_too=True)
    assert harbour.asked() is not None
    harbour.ends(Read(entries=1, new=0))
    assert (harbour.row.state, harbour.row.gone_at) == ("ok", None)


def test_a_source_that_is_gone_is_read_at_its_new_address(harbour: Harbour) -> None:
    harbour.ends(Failed(reason="HTTP 410", kind="http-410", permanent=True))
    moved = replace(HARBOUR, url="https://harbour.example/new")
    harbour.database.write(keep_sources, [moved, WIRE], now=harbour.clock())
    assert harbour.asked() is not None


def test_a_soft_failure_comes_back_sooner_than_a_hard_one(harbour: Harbour) -> None:
    waits = []
    for permanent in (False, True):
        harbour.ends(Failed(reason="x", permanent=permanent))
        waits.append(harbour.row.next_check_at - harbour.clock())
        harbour.ends(Read(entries=1, new=0))
    soft, hard = waits
    assert soft < timedelta(minutes=17) < HOUR <= hard
    assert (harbour.row.failures, harbour.row.hard_failures) == (0, 0)


# -- 304s that cannot be believed -------------------------------------------------------------------------------------


def test_an_unmodified_source_is_asked_with_its_validators(harbour: Harbour) -> None:
    harbour.ends(Read(entries=9, new=9, validators=SAME), new=9)
    asked = harbour.asked()
    assert asked is not None
    assert asked.validators == SAME


def test_once_a_day_it_is_asked_for_everything(harbour: Harbour) -> None:
    harbour.ends(Read(entries=9, new=9, validators=SAME), new=9)
    harbour.ends(Read(entries=9, new=2, validators=Validators(etag='"2"')), new=2, after=9 * DAY)
    for _ in range(23):
        harbour.ends(NotModified())
    asked = harbour.asked()
    assert asked is not None
    assert asked.validators == Validators()


def test_a_source_that_is_unusually_quiet_is_asked_for_everything_sooner(harbour: Harbour) -> None:
    for number in range(9):
        harbour.ends(Read(entries=9, new=1, validators=Validators(etag=f'"{number}"')), new=1)
    for _ in range(6):
        harbour.ends(NotModified())
    asked = harbour.asked()
    assert asked is not None
    assert asked.validators == Validators()


def test_a_304_after_a_failure_would_prove_nothing(harbour: Harbour) -> None:
    harbour.ends(Read(entries=9, new=9, validators=SAME), new=9)
    harbour.ends(Failed(reason="HTTP 500"))
    asked = harbour.asked()
    assert asked is not None
    assert asked.validators == Validators()


def test_news_under_the_same_etag_turns_conditions_off(harbour: Harbour) -> None:
    harbour.ends(Read(entries=9, new=9, validators=SAME), new=9)
    harbour.ends(Read(entries=9, new=1, validators=SAME), new=1)
    assert harbour.row.always_whole
    asked = harbour.asked()
    assert asked is not None
    assert asked.validators == Validators()


@pytest.mark.parametrize(("published", "hidden"), [(4 * HOUR, True), (HOUR / 2, False)], ids=["before", "since"])
def test_news_from_before_the_last_304_turns_conditions_off(
    harbour: Harbour, published: timedelta, *, hidden: bool
) -> None:
    harbour.ends(Read(entries=9, new=9, validators=Validators(etag='"1"')), new=9)
    harbour.ends(NotModified(), after=8 * HOUR)
    harbour.ends(Read(entries=9, new=1, validators=Validators(etag='"2"')), new=1, published=published)
    assert harbour.row.always_whole is hidden


def test_the_same_etag_without_news_is_what_it_should_be(harbour: Harbour) -> None:
    for new in (9, 0):
        harbour.ends(Read(entries=9, new=new, validators=SAME), new=new)
    assert not harbour.row.always_whole


# -- how it is doing --------------------------------------------------------------------------------------------------


def test_an_empty_feed_is_no_failure(harbour: Harbour) -> None:
    harbour.ends(Read(entries=0, new=0))
    assert (harbour.row.state, harbour.row.failures) == ("ok", 0)


def test_a_source_fails_when_it_did_so_four_times_and_is_well_after_two_good_reads(harbour: Harbour) -> None:
    states = []
    for outcome in (*[Failed(reason="HTTP 500")] * 4, *[Read(entries=1, new=0)] * 2):
        harbour.ends(outcome)
        states.append(harbour.row.state)
    assert states == ["ok"] * 3 + ["failing"] * 2 + ["ok"]


def test_a_source_is_silent_against_what_is_expected_of_it(harbour: Harbour) -> None:
    harbour.source = replace(HARBOUR, expect=Expect(articles=1, per=14 * DAY))
    harbour.ends(Read(entries=9, new=9), new=9)
    harbour.ends(Read(entries=9, new=0), after=13 * DAY)
    assert harbour.row.state == "ok"
    harbour.ends(Read(entries=9, new=0), after=DAY)
    assert (harbour.row.state, harbour.row.state_why) == ("silent", "nothing new for 14 days; expected: 1 in 14 days")
    harbour.ends(Read(entries=9, new=1), new=1)
    assert harbour.row.state == "ok"


def test_a_source_that_brings_less_than_expected_is_silent(harbour: Harbour) -> None:
    harbour.source = replace(HARBOUR, expect=Expect(articles=5, per=7 * DAY))
    harbour.ends(Read(entries=9, new=9), new=9)
    for _ in range(9):
        harbour.ends(Read(entries=9, new=0), after=DAY)
    harbour.ends(Read(entries=9, new=2), new=2)
    assert (harbour.row.state, harbour.row.state_why) == ("silent", "2 new in the last 7 days; expected: 5 in 7 days")


def test_a_source_whose_texts_are_suddenly_empty_has_changed_its_layout(harbour: Harbour) -> None:
    for number in range(25):
        harbour.stores(f"The harbour was shut on day {number}. " * 40)
    assert harbour.row.state == "ok"
    harbour.stores(*[""] * 6)
    assert harbour.row.state == "changed layout"
    for number in range(9):
        harbour.stores(f"The harbour is open on day {number}. " * 40)
    assert harbour.row.state == "ok"


def test_a_days_figures_are_kept(harbour: Harbour) -> None:
    harbour.stores("A text.", "")
    harbour.ends(NotModified())
    harbour.ends(Failed(reason="x", kind="timeout"))
    harbour.ends(Failed(reason="x", kind="dns"))
    harbour.ends(Failed(reason="x", kind="timeout"))
    with harbour.database.read() as session:
        day = session.get_one(SourceDayRow, ("harbour", harbour.clock().date()))
    assert (day.reads, day.unmodified, day.failed, day.stored, day.bodies) == (5, 1, 3, 2, 1)
    assert (day.entries, day.kinds) == (20, {"timeout": 2, "dns": 1})


def test_the_poll_of_a_source_is_kept(harbour: Harbour) -> None:
    harbour.source = replace(HARBOUR, poll=Polling(every=2 * DAY))
    harbour.ends(Read(entries=1, new=1), new=1)
    assert 2 * DAY <= harbour.row.next_check_at - harbour.clock() <= 2.1 * DAY
