"""Pages that wait are tried when they are due, whenever their source is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.newsroom import HARBOUR

from crawler.domain import Failed, PagesOnly, Read
from crawler.errors import TemporaryFetchError
from crawler.fetch.politeness import BarredError
from crawler.store.desk import FIRST_PAUSE
from crawler.store.sources import claim_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock

    from crawler.desk import Assignment
    from crawler.domain import Article, Entry, FetchOutcome, Source
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from crawler.store.desk import StoreDesk


@pytest.fixture
def due(database: Database, sources: dict[str, Source], clock: Clock, worker: Worker) -> Callable[[], list[Assignment]]:
    """Claim what is due of the harbour's own."""

    def claim() -> list[Assignment]:
        return database.write(claim_due, sources, only=[HARBOUR.id], limit=9, worker=worker, now=clock())

    return claim


def read_with_a_page_that_fails(desk: StoreDesk, entry: Entry, outcome: FetchOutcome) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry]))
    asyncio.run(desk.failed(HARBOUR, entry, TemporaryFetchError("HTTP 503")))
    asyncio.run(desk.finished(HARBOUR, outcome))


def test_a_page_is_tried_again_before_its_source_is_read_again(
    desk: StoreDesk,
    clock: Clock,
    due: Callable[[], list[Assignment]],
    entry: Callable[[str], Entry],
    article: Callable[[str], Article],
) -> None:
    due()
    # a source that asks not to be read for a day
    read_with_a_page_that_fails(desk, entry("1"), Read(entries=1, new=1, retry_after=timedelta(days=1)))
    assert due() == []
    clock.turn(FIRST_PAUSE)
    (assignment,) = due()
    assert assignment.pages_only
    assert [one.link for one in assignment.waiting] == [entry("1").link]
    asyncio.run(desk.fetched(HARBOUR, entry("1"), article("1")))
    asyncio.run(desk.finished(HARBOUR, PagesOnly()))
    clock.turn(FIRST_PAUSE * 4)
    assert due() == [], "nothing waits any more, and the source itself is not due"
    clock.turn(timedelta(days=1))
    (assignment,) = due()
    assert not assignment.pages_only


def test_the_pages_of_a_source_that_is_gone_are_still_fetched(
    desk: StoreDesk, clock: Clock, due: Callable[[], list[Assignment]], entry: Callable[[str], Entry]
) -> None:
    due()
    read_with_a_page_that_fails(desk, entry("1"), Failed(reason="HTTP 410", kind="http-410", permanent=True))
    clock.turn(FIRST_PAUSE)
    (assignment,) = due()
    assert assignment.pages_only


def test_a_page_that_was_not_asked_for_has_had_no_try(
    desk: StoreDesk, clock: Clock, due: Callable[[], list[Assignment]], entry: Callable[[str], Entry]
) -> None:
    due()
    asyncio.run(desk.discovered(HARBOUR, [entry("1")]))
    barred = BarredError("the host asked us to stay away", retry_after=timedelta(minutes=20))
    for _ in range(20):
        assert asyncio.run(desk.failed(HARBOUR, entry("1"), barred)), "there is always another try"
    asyncio.run(desk.finished(HARBOUR, Read(entries=1, new=1, retry_after=timedelta(days=1))))
    clock.turn(timedelta(minutes=19))
    assert due() == []
    clock.turn(timedelta(minutes=1))
    assert due()
