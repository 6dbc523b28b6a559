"""What a crawl brings in is kept once, for every source that carried it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.newsroom import HARBOUR, WIRE

from crawler.desk import Robots
from crawler.domain import Entry, Failed, NotModified, Read, Validators
from crawler.errors import ForbiddenFetchError, PermanentFetchError, TemporaryFetchError
from crawler.store.articles import stored_articles
from crawler.store.desk import TRIES
from crawler.store.sources import claim_due, source_states
from crawler.store.tables import EntryRow, UnreadRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock

    from crawler.domain import Article, Source
    from crawler.store.claims import Worker
    from crawler.store.database import Database
    from crawler.store.desk import StoreDesk


def unread(database: Database) -> set[tuple[int, str, bool]]:
    with database.read() as session:
        rows = session.execute(sa.select(UnreadRow.article_id, UnreadRow.source_id, UnreadRow.already_there))
        return {tuple(row) for row in rows}


def test_an_entry_is_to_be_fetched_once(desk: StoreDesk, entry: Callable[[str], Entry]) -> None:
    first = asyncio.run(desk.discovered(HARBOUR, [entry("a"), entry("b"), entry("a")]))
    again = asyncio.run(desk.discovered(HARBOUR, [entry("b"), entry("c")]))
    assert [one.link[-1] for one in first] == ["a", "b"]
    assert [one.link[-1] for one in again] == ["c"]


def test_an_article_is_stored_once_however_it_was_found(
    database: Database, desk: StoreDesk, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a"), entry("moved-from")]))
    assert asyncio.run(desk.fetched(HARBOUR, entry("a"), article("a")))
    assert not asyncio.run(desk.fetched(HARBOUR, entry("moved-from"), article("a")))
    with database.read() as session:
        assert len(list(stored_articles(session))) == 1
    assert len(unread(database)) == 1


def test_what_was_passed_over_is_never_new_nor_fetched_but_for_another_source(
    database: Database,
    desk: StoreDesk,
    clock: Clock,
    worker: Worker,
    sources: dict[str, Source],
    entry: Callable[[str], Entry],
) -> None:
    asyncio.run(desk.passed_over(HARBOUR, [entry("old"), entry("old"), entry("older")]))
    asyncio.run(desk.passed_over(HARBOUR, [entry("old")]))
    assert asyncio.run(desk.discovered(HARBOUR, [entry("old"), entry("new")])) == [entry("new")]
    assert asyncio.run(desk.discovered(WIRE, [entry("old")])) == [entry("old")]
    due = database.write(claim_due, sources, only=["harbour"], limit=9, worker=worker, now=clock())
    assert [one.waiting for one in due] == [(entry("new"),)]


def test_an_assignment_says_when_its_source_was_last_read(
    database: Database, desk: StoreDesk, clock: Clock, worker: Worker, sources: dict[str, Source]
) -> None:
    assert database.write(claim_due, sources, limit=9, worker=worker, now=clock())[0].read_at is None
    read_at = clock()
    asyncio.run(desk.finished(HARBOUR, Read(entries=0, new=0)))
    later = clock() + timedelta(days=1)
    (due,) = database.write(claim_due, sources, only=["harbour"], limit=9, worker=worker, now=later)
    assert due.read_at == read_at


def test_sections_are_kept_those_of_the_feed_until_the_page_is_there(
    database: Database,
    desk: StoreDesk,
    clock: Clock,
    worker: Worker,
    sources: dict[str, Source],
    article: Callable[[str], Article],
) -> None:
    filed = Entry(link=article("a").url, categories=("Ports", "Sea"))
    asyncio.run(desk.discovered(HARBOUR, [filed]))
    due = database.write(claim_due, sources, only=["harbour"], limit=9, worker=worker, now=clock())
    assert [one.waiting for one in due] == [(filed,)]
    asyncio.run(desk.fetched(HARBOUR, filed, replace(article("a"), sections=("Business", "Ports"))))
    with database.read() as session:
        assert [one.article.sections for one in stored_articles(session)] == [("Business", "Ports")]


def kept_content(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(EntryRow.content).order_by(EntryRow.id)))


def test_what_a_feed_carries_is_kept_until_the_article_is_stored_or_given_up(
    database: Database,
    desk: StoreDesk,
    clock: Clock,
    worker: Worker,
    sources: dict[str, Source],
    entry: Callable[[str], Entry],
    article: Callable[[str], Article],
) -> None:
    one, two = (replace(entry(name), content=f"<p>{name}</p>", full_text=True) for name in "ab")
    asyncio.run(desk.discovered(HARBOUR, [one, two]))
    (due,) = database.write(claim_due, sources, only=["harbour"], limit=9, worker=worker, now=clock())
    assert due.waiting == (one, two)
    asyncio.run(desk.fetched(HARBOUR, one, article("a")))
    assert kept_content(database) == ["", "<p>b</p>"]
    asyncio.run(desk.failed(HARBOUR, two, ForbiddenFetchError("robots.txt forbids it")))
    assert kept_content(database) == ["", ""]


def test_an_article_is_read_for_every_source_that_carried_it(
    database: Database, desk: StoreDesk, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("before"), entry("both")]))
    asyncio.run(desk.fetched(HARBOUR, entry("before"), article("before")))
    assert asyncio.run(desk.discovered(WIRE, [entry("before"), entry("both")])) == [], "nobody fetches a page twice"
    asyncio.run(desk.fetched(HARBOUR, entry("both"), article("both")))
    assert {(article_id, source) for article_id, source, _ in unread(database)} == {
        (1, "harbour"),
        (1, "wire"),
        (2, "harbour"),
        (2, "wire"),
    }


def test_what_another_source_never_got_is_fetched_after_all(
    database: Database,
    desk: StoreDesk,
    clock: Clock,
    worker: Worker,
    sources: dict[str, Source],
    entry: Callable[[str], Entry],
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a")]))
    asyncio.run(desk.discovered(WIRE, [entry("a")]))
    asyncio.run(desk.finished(WIRE, Read(entries=1, new=0)))
    clock.turn(timedelta(hours=1))
    found = {
        one.source.id: one.waiting for one in database.write(claim_due, sources, limit=9, worker=worker, now=clock())
    }
    assert [one.link for one in found["wire"]] == [entry("a").link]


def test_what_the_first_good_read_brings_was_already_there(
    database: Database, desk: StoreDesk, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.finished(HARBOUR, Failed(reason="HTTP 500")))
    for path, outcome in (("old", Read(entries=1, new=1)), ("new", Read(entries=2, new=1))):
        asyncio.run(desk.discovered(HARBOUR, [entry(path)]))
        asyncio.run(desk.fetched(HARBOUR, entry(path), article(path)))
        asyncio.run(desk.finished(HARBOUR, outcome))
    assert {already_there for _, _, already_there in unread(database)} == {True, False}
    with database.read() as session:
        assert [one.already_there for one in stored_articles(session)] == [True, False]


def test_a_page_that_failed_is_tried_again_and_not_for_ever(
    database: Database,
    desk: StoreDesk,
    clock: Clock,
    worker: Worker,
    sources: dict[str, Source],
    entry: Callable[[str], Entry],
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a")]))
    error = TemporaryFetchError("HTTP 503", retry_after=timedelta(hours=2))
    asyncio.run(desk.failed(HARBOUR, entry("a"), error))
    asyncio.run(desk.finished(HARBOUR, NotModified()))
    for wait, waiting in ((timedelta(hours=1), 0), (timedelta(hours=1), 1)):
        clock.turn(wait)
        due = database.write(claim_due, sources, only=["harbour"], limit=9, worker=worker, now=clock())
        assert [len(one.waiting) for one in due] == [waiting]
        asyncio.run(desk.finished(HARBOUR, NotModified()))
    tried_again = [asyncio.run(desk.failed(HARBOUR, entry("a"), error)) for _ in range(TRIES - 1)]
    assert tried_again == [True] * (TRIES - 2) + [False]


def test_a_page_given_up_waits_until_its_headline_is_stored(
    database: Database, desk: StoreDesk, clock: Clock, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a"), Entry(link="https://harbour.example/untitled")]))
    gone = PermanentFetchError("HTTP 404")
    assert not asyncio.run(desk.failed(HARBOUR, entry("a"), gone))
    assert not asyncio.run(desk.failed(HARBOUR, Entry(link="https://harbour.example/untitled"), gone))
    with database.read() as session:
        state = source_states(session, now=clock())[0]
    assert (state.waiting, state.dropped) == (1, 1), "a crash here must not lose the headline"
    asyncio.run(desk.fetched(HARBOUR, entry("a"), article("a")))
    with database.read() as session:
        assert source_states(session, now=clock())[0].articles == 1


def test_a_forbidden_page_is_dropped_at_once(
    database: Database, desk: StoreDesk, clock: Clock, entry: Callable[[str], Entry]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a")]))
    asyncio.run(desk.failed(HARBOUR, entry("a"), ForbiddenFetchError("robots.txt says no")))
    with database.read() as session:
        assert source_states(session, now=clock())[0].dropped == 1


def test_a_source_is_remembered_from_read_to_read(
    database: Database, desk: StoreDesk, clock: Clock, worker: Worker, sources: dict[str, Source]
) -> None:
    validators = Validators(etag='"1"', last_modified="Mon, 23 Nov 2026 07:00:00 GMT")
    read = Read(entries=1, new=0, feed_url="https://harbour.example/rss", validators=validators)
    asyncio.run(desk.finished(HARBOUR, read))
    assert [one.source.id for one in database.write(claim_due, sources, limit=9, worker=worker, now=clock())] == [
        "wire"
    ]
    clock.turn(timedelta(minutes=16))
    (due,) = database.write(claim_due, sources, limit=9, worker=worker, now=clock())
    assert (due.feed_url, due.validators) == ("https://harbour.example/rss", validators)


def test_a_failing_source_says_since_when_until_it_recovers(database: Database, desk: StoreDesk, clock: Clock) -> None:
    since = clock()
    asyncio.run(desk.finished(HARBOUR, Failed(reason="HTTP 500")))
    clock.turn(timedelta(hours=1))
    asyncio.run(desk.finished(HARBOUR, Failed(reason="HTTP 502")))
    with database.read() as session:
        failing = source_states(session, now=clock())[0]
    assert (failing.failing_since, failing.reason) == (since, "HTTP 502")
    asyncio.run(desk.finished(HARBOUR, NotModified()))
    with database.read() as session:
        assert source_states(session, now=clock())[0].failing_since == since, (
            "a 304 does not prove that it is well again"
        )
    asyncio.run(desk.finished(HARBOUR, Read(entries=1, new=0)))
    with database.read() as session:
        assert source_states(session, now=clock())[0].failing_since is None


@pytest.mark.parametrize("status", [200, 503, None], ids=str)
def test_robots_are_kept_and_replaced(desk: StoreDesk, clock: Clock, status: int | None) -> None:
    host = "https://harbour.example"
    assert asyncio.run(desk.robots(host)) is None
    for body in (b"Disallow: /old", b"Disallow: /"):
        kept = Robots(status=status, body=body, fetched_at=clock())
        asyncio.run(desk.keep_robots(host, kept))
        assert asyncio.run(desk.robots(host)) == kept
