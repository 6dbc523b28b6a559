"""Questions about sources: which are due, what is remembered of them, how they are doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.desk import Assignment
from crawler.domain import Entry, Failed, FetchOutcome, NotModified, Read, Source, Validators
from crawler.polling import next_check
from crawler.store import claims
from crawler.store.claims import Worker, claim
from crawler.store.tables import EntryRow, SourceRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.polling import Polling

LEASE = timedelta(hours=1)  # for a worker whose death cannot be seen; a read of one source takes minutes at the most
WAITING_LIMIT = 500  # the page budget of a source and run


def keep_sources(session: Session, sources: Iterable[Source], *, now: datetime) -> None:
    """Make the database know exactly these sources as active; what is remembered of the others is kept."""
    rows = {row.id: row for row in session.scalars(sa.select(SourceRow))}
    for source in sources:
        row = rows.pop(source.id, None)
        if row is None:
            session.add(SourceRow(id=source.id, url=source.url, name=source.name, next_check_at=now))
        else:
            _renew(row, source, now)
    for gone in rows.values():
        gone.active = False


def _renew(row: SourceRow, source: Source, now: datetime) -> None:
    row.name, row.active = source.name, True
    if row.url != source.url:  # another address is another publication, read for the first time
        row.url = source.url
        row.feed_url = row.etag = row.last_modified = row.first_read_at = None
        row.next_check_at = now


def claim_due(
    session: Session,
    sources: Mapping[str, Source],
    *,
    only: Collection[str] = (),
    limit: int,
    worker: Worker,
    now: datetime,
) -> list[Assignment]:
    """Take up to `limit` sources that are due (of `only`, if given), the longest due first."""
    order, due, until = SourceRow.next_check_at, _due(only, now), now + LEASE
    rows = claim(session, SourceRow, *due, order_by=order, limit=limit, worker=worker, until=until, now=now)
    waiting = _waiting(session, [row.id for row in rows], now)
    return [_assignment(sources[row.id], row, waiting.get(row.id, [])) for row in rows if row.id in sources]


def give_back(session: Session, assignments: Sequence[Assignment], *, worker: Worker) -> None:
    """Let sources be read by others that this worker claimed and did not finish."""
    claims.give_back(session, SourceRow, worker, SourceRow.id.in_([one.source.id for one in assignments]))


def count_due(session: Session, *, only: Collection[str] = (), now: datetime) -> int:
    return session.scalar(sa.select(sa.func.count(SourceRow.id)).where(*_due(only, now))) or 0


def _due(only: Collection[str], now: datetime) -> list[sa.ColumnElement[bool]]:
    due: list[sa.ColumnElement[bool]] = [SourceRow.active.is_(True), SourceRow.next_check_at <= now]
    return [*due, SourceRow.id.in_(only)] if only else due


def make_due(session: Session, source_ids: Iterable[str], *, now: datetime) -> None:
    """Let these sources be read as soon as possible, whatever their rhythm."""
    session.execute(sa.update(SourceRow).where(SourceRow.id.in_(list(source_ids))).values(next_check_at=now))


def record(session: Session, source: Source, outcome: FetchOutcome, polling: Polling, *, now: datetime) -> None:
    """Write down how reading a source went, when to come back, and give up the claim on it."""
    row = session.get_one(SourceRow, source.id)
    row.last_checked_at = now
    match outcome:
        case Read() as read:
            row.feed_url = read.feed_url
            row.etag, row.last_modified = read.validators.etag, read.validators.last_modified
            row.first_read_at = row.first_read_at or now
            _well(row, now)
        case NotModified():
            _well(row, now)
        case Failed() as failed:
            row.failures += 1
            row.failing_since = row.failing_since or now
            row.reason = failed.reason
    row.next_check_at = next_check(outcome, polling, failures=row.failures, now=now)
    row.claimed_by = row.claimed_until = None


def _well(row: SourceRow, now: datetime) -> None:
    row.last_read_at = now
    row.failures, row.failing_since, row.reason = 0, None, None


def _waiting(session: Session, source_ids: Sequence[str], now: datetime) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    query = (
        sa.select(EntryRow)
        .where(EntryRow.source_id.in_(source_ids), EntryRow.state == "waiting", EntryRow.next_try_at <= now)
        .order_by(EntryRow.id)
    )
    for row in session.scalars(query):
        entries = found.setdefault(row.source_id, [])
        if len(entries) < WAITING_LIMIT:
            entries.append(_entry(row))
    return found


def _entry(row: EntryRow) -> Entry:
    return Entry(
        link=row.link,
        address=row.address,
        title=row.title,
        summary=row.summary,
        authors=tuple(row.authors),
        published=row.published,
        categories=tuple(row.categories),
        language=row.language,
    )


def _assignment(source: Source, row: SourceRow, waiting: list[Entry]) -> Assignment:
    validators = Validators(etag=row.etag, last_modified=row.last_modified)
    return Assignment(
        source=source,
        feed_url=row.feed_url,
        validators=validators,
        # of another address of the source, nothing was read yet
        read_at=row.last_read_at if row.first_read_at else None,
        waiting=tuple(waiting),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source is doing."""

    id: str
    name: str
    url: str
    feed_url: str | None
    last_checked_at: datetime | None
    last_read_at: datetime | None
    next_check_at: datetime
    failing_since: datetime | None
    reason: str | None
    articles: int
    waiting: int
    """Pages still to be fetched."""
    dropped: int
    """Pages that could not be had, or must not be fetched."""


def source_states(session: Session) -> list[SourceState]:
    """Return how each active source is doing, by id."""
    counts = sa.select(EntryRow.source_id, EntryRow.state, sa.func.count()).group_by(EntryRow.source_id, EntryRow.state)
    entries = {(source_id, state): count for source_id, state, count in session.execute(counts)}
    rows = session.scalars(sa.select(SourceRow).where(SourceRow.active.is_(True)).order_by(SourceRow.id))
    return [
        SourceState(
            id=row.id,
            name=row.name,
            url=row.url,
            feed_url=row.feed_url,
            last_checked_at=row.last_checked_at,
            last_read_at=row.last_read_at,
            next_check_at=row.next_check_at,
            failing_since=row.failing_since,
            reason=row.reason,
            articles=entries.get((row.id, "stored"), 0),
            waiting=entries.get((row.id, "waiting"), 0),
            dropped=entries.get((row.id, "dropped"), 0),
        )
        for row in rows
    ]
