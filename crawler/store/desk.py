"""The desk that keeps what a crawl brings in, in the database. Each call is one transaction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler import crash
from crawler.domain import Validators
from crawler.errors import ForbiddenFetchError, TemporaryFetchError
from crawler.fetch.politeness import BarredError
from crawler.health import Body, Brought
from crawler.masking import masked
from crawler.store.articles import article_id_of
from crawler.store.database import chunks, insert_new
from crawler.store.hosts import StoreShelf
from crawler.store.outcomes import record
from crawler.store.revisits import watch
from crawler.store.tables import EntryRow, SourceRow, UnreadRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import Article, Entry, FetchOutcome, Source
    from crawler.errors import FetchError
    from crawler.polling import Polling
    from crawler.store.database import Database

TRIES = 8  # with the pauses below, a page is given up after a day and a half
FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(days=1)
ELSEWHERE_PAUSE = timedelta(minutes=10)  # another source is fetching the same page; look again if nothing comes of it

# What happens once a page is stated without the ORM, which takes four times as long.
_ENTRIES = sa.inspect(EntryRow).local_table
_SOURCES = sa.inspect(SourceRow).local_table
_OWN = sa.select(_ENTRIES.c.already_there).where(
    _ENTRIES.c.source_id == sa.bindparam("of"), _ENTRIES.c.link == sa.bindparam("at")
)
_FIRST_READ = sa.select(_SOURCES.c.first_read_at).where(_SOURCES.c.id == sa.bindparam("of"))
_KNOWN = sa.select(_ENTRIES.c.link).where(
    _ENTRIES.c.source_id == sa.bindparam("of"), _ENTRIES.c.link.in_(sa.bindparam("links", expanding=True))
)
_ELSEWHERE = sa.select(_ENTRIES.c.link, _ENTRIES.c.article_id).where(
    _ENTRIES.c.link.in_(sa.bindparam("links", expanding=True)), _ENTRIES.c.state.in_(("waiting", "stored"))
)
_CARRIED = sa.select(_ENTRIES.c.source_id).where(_ENTRIES.c.article_id == sa.bindparam("the"))
_SETTLED = (
    sa.update(EntryRow)
    .where(_ENTRIES.c.link == sa.bindparam("at"), _ENTRIES.c.state == "waiting")
    .values(state="stored", article_id=sa.bindparam("the"), reason=None, content="")
    .returning(_ENTRIES.c.source_id, _ENTRIES.c.already_there)
)


class StoreDesk(StoreShelf):
    """A crawler.desk.Desk on the database. `on_finished` is told of every source that is done."""

    def __init__(
        self, database: Database, polling: Polling, clock: Callable[[], datetime], on_finished: Callable[[Source], None]
    ) -> None:
        self._polling = polling
        super().__init__(database, clock)
        self._on_finished = on_finished
        self._brought: defaultdict[str, Brought] = defaultdict(Brought)
        """By source under way: what its read brought so far."""

    async def discovered(self, source: Source, entries: Sequence[Entry]) -> Sequence[Entry]:
        unknown, fresh = await self._database.run(_discover, source, entries, self._clock())
        newest = max((entry.published for entry in unknown if entry.published), default=None)
        self._brought[source.id] = replace(self._brought[source.id], named=len(unknown), newest=newest)
        crash.point("entries-recorded")
        return fresh

    async def passed_over(self, source: Source, entries: Sequence[Entry]) -> None:
        await self._database.run(_pass_over, source, entries, self._clock())

    async def fetched(
        self,
        source: Source,
        entry: Entry,
        article: Article,
        validators: Validators = Validators(),  # noqa: B008  (frozen)
    ) -> bool:
        crash.point("page-fetched")
        new = await self._database.run(_store, source, entry, article, validators, self._clock())
        if new:
            so_far = self._brought[source.id]
            bodies = (*so_far.bodies, Body.of(article.text))
            self._brought[source.id] = replace(so_far, stored=so_far.stored + 1, bodies=bodies)
        crash.point("article-stored")
        return new

    async def failed(self, source: Source, entry: Entry, error: FetchError) -> bool:
        return await self._database.run(_fail, source, entry, error, self._clock())

    async def finished(self, source: Source, outcome: FetchOutcome) -> None:
        brought = self._brought.pop(source.id, Brought())
        await self._database.run(record, source, outcome, self._polling, now=self._clock(), brought=brought)
        crash.point("source-finished")
        self._on_finished(source)


def _discover(
    session: Session, source: Source, entries: Sequence[Entry], now: datetime
) -> tuple[list[Entry], list[Entry]]:
    """Remember entries; return those that the source had not named before, and of them those nobody is fetching."""
    by_link = {entry.link: entry for entry in entries}
    for known in _known_links(session, source, list(by_link)):
        by_link.pop(known, None)
    if not by_link:
        return [], []
    already_there = session.connection().scalar(_FIRST_READ, {"of": source.id}) is None
    elsewhere = _elsewhere(session, list(by_link))
    rows = [_row(entry, source, now, already_there=already_there) for entry in by_link.values()]
    for row in rows:
        row["next_try_at"] = now + ELSEWHERE_PAUSE if row["link"] in elsewhere else now
    insert_new(session, EntryRow, rows)
    for link, article_id in elsewhere.items():
        if article_id is not None:
            _settle(session, link, article_id)
    return list(by_link.values()), [entry for link, entry in by_link.items() if link not in elsewhere]


def _pass_over(session: Session, source: Source, entries: Sequence[Entry], now: datetime) -> None:
    known = set(_known_links(session, source, [entry.link for entry in entries]))
    rows = [_row(one, source, now, already_there=True, state="old") for one in entries if one.link not in known]
    insert_new(session, EntryRow, rows)


def _row(entry: Entry, source: Source, now: datetime, *, already_there: bool, state: str = "waiting") -> dict[str, Any]:
    return {
        **asdict(entry),
        "source_id": source.id,
        "already_there": already_there,
        "found_at": now,
        "state": state,
        "attempts": 0,
        "next_try_at": now,
    }


def _known_links(session: Session, source: Source, links: list[str]) -> list[str]:
    known: list[str] = []
    for some in chunks(links):
        known += session.connection().scalars(_KNOWN, {"of": source.id, "links": some})
    return known


def _elsewhere(session: Session, links: list[str]) -> dict[str, int | None]:
    """Return the links that another source named before, with the article if it is stored."""
    found: dict[str, int | None] = {}
    for some in chunks(links):
        for link, article_id in session.connection().execute(_ELSEWHERE, {"links": some}):
            found[link] = article_id or found.get(link)
    return found


def _store(
    session: Session, source: Source, entry: Entry, article: Article, validators: Validators, now: datetime
) -> bool:
    already_there = session.connection().execute(_OWN, {"of": source.id, "at": entry.link}).scalar_one()
    article_id, new = article_id_of(session, article, source, already_there=already_there, now=now)
    _settle(session, entry.link, article_id)
    if new:
        watch(session, source, entry, article_id, validators, now, article.headline)
    return new


def _settle(session: Session, link: str, article_id: int) -> None:
    """Give the article to every source that waits for this link, and let it be read for each of them."""
    connection = session.connection()
    # a source that carried the article before, under another link, has had it read
    carried = set(connection.scalars(_CARRIED, {"the": article_id}))
    rows = [
        {"article_id": article_id, "source_id": source_id, "already_there": already_there}
        for source_id, already_there in connection.execute(_SETTLED, {"at": link, "the": article_id})
        if source_id not in carried
    ]
    insert_new(session, UnreadRow, rows)


def _fail(session: Session, source: Source, entry: Entry, error: FetchError, now: datetime) -> bool:
    """Note a failure; return whether the page is tried again. What has a title stays until `_store` settles it."""
    row = session.scalars(sa.select(EntryRow).where(EntryRow.source_id == source.id, EntryRow.link == entry.link)).one()
    row.attempts += not isinstance(error, BarredError)  # what was not asked for was not tried
    row.reason = masked(str(error))
    again = isinstance(error, TemporaryFetchError) and row.attempts < TRIES
    if not again and (isinstance(error, ForbiddenFetchError) or not row.title):
        row.state, row.content = "dropped", ""
    asked = error.retry_after if isinstance(error, TemporaryFetchError) else None
    pause = min(FIRST_PAUSE * 2 ** max(row.attempts - 1, 0), LONGEST_PAUSE)
    row.next_try_at = now + max(pause, asked or timedelta(0))
    return again
