"""Which articles are watched for edits, which of them are due, and what came of looking at them again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.domain import Entry, Validators
from crawler.revisits import Visit, asks_whole, next_visit
from crawler.store import claims
from crawler.store.articles import articles_by_id
from crawler.store.database import insert_new
from crawler.store.hosts import StoreShelf
from crawler.store.sources import entry_from_row
from crawler.store.tables import EntryRow, RevisitRow, SourceRow
from crawler.store.versions import keep_edit, keep_event

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import Source
    from crawler.revisits import Seen
    from crawler.store.claims import Worker

LEASE = timedelta(hours=1)  # for a worker whose death cannot be seen
PAGES_OF_A_SOURCE = 20
"""In one batch, so that one source with many edits keeps no other waiting."""
PATIENCE = timedelta(hours=1)
"""For how long visits wait for a source that is read, or about to be: new articles first."""


def watch(
    session: Session,
    source: Source,
    entry: Entry,
    article_id: int,
    validators: Validators,
    now: datetime,
    headline: str = "",
) -> None:
    """Have an article that was just stored looked at again, if its source says so."""
    due_at = source.track_changes and next_visit(now, source.track_changes, after=now)
    if not due_at:
        return
    row = {
        "article_id": article_id,
        "source_id": source.id,
        "address": entry.address or entry.link,
        "link": entry.link,
        "first_at": now,
        "due_at": due_at,
        "visits": 0,
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "withdrawn": False,
        "headline": headline,
    }
    insert_new(session, RevisitRow, [row])


def claim_visits(
    session: Session,
    sources: Mapping[str, Source],
    *,
    only: Collection[str] = (),
    limit: int,
    worker: Worker,
    now: datetime,
) -> list[Visit]:
    """Take up to `limit` articles whose page is due to be looked at again, the longest due first."""
    order, until = RevisitRow.due_at, now + LEASE
    due = RevisitRow.article_id.in_(_due(now, only, limit))
    rows = claims.claim(session, RevisitRow, due, order_by=order, limit=limit, worker=worker, until=until, now=now)
    over = [row.article_id for row in rows if not _tracked(sources, row)]
    session.execute(sa.delete(RevisitRow).where(RevisitRow.article_id.in_(over)))
    wanted = [row for row in rows if _tracked(sources, row)]
    articles = articles_by_id(session, [row.article_id for row in wanted])
    return [
        Visit(
            source=sources[row.source_id],
            article=articles[row.article_id],
            entry=_entry(session, row),
            validators=Validators() if asks_whole(row.visits) else _validators(row),
            withdrawn=row.withdrawn,
            headline=row.headline,
        )
        for row in sorted(wanted, key=lambda row: row.due_at)
    ]


def make_visits_due(session: Session, *, only: Collection[str] = (), now: datetime) -> None:
    """Have every article that is watched for edits (of these sources, if given) looked at again now."""
    of = [RevisitRow.source_id.in_(only)] if only else []
    session.execute(sa.update(RevisitRow).where(RevisitRow.due_at > now, *of).values(due_at=now))


def has_visits(session: Session, *, only: Collection[str] = (), now: datetime) -> bool:
    """Tell whether any article is due to be looked at again."""
    of = [RevisitRow.source_id.in_(only)] if only else []
    return session.scalar(sa.select(sa.exists().where(RevisitRow.due_at <= now, *of))) or False


def give_back(session: Session, visits: Sequence[Visit], *, worker: Worker) -> None:
    """Let these articles be looked at by others."""
    claims.give_back(session, RevisitRow, worker, RevisitRow.article_id.in_([visit.article.id for visit in visits]))


def _due(now: datetime, only: Collection[str], limit: int) -> sa.Select[Any]:
    """Return the articles that are due, a few of each source that is neither read nor re-visited just now."""
    held = sa.orm.aliased(RevisitRow)
    visited = sa.exists().where(held.source_id == RevisitRow.source_id, held.claimed_until > now)
    is_due = sa.and_(SourceRow.active.is_(True), SourceRow.gone_at.is_(None), SourceRow.next_check_at <= now)
    read = sa.exists().where(SourceRow.id == RevisitRow.source_id, sa.or_(SourceRow.claimed_until > now, is_due))
    place = sa.func.row_number().over(partition_by=RevisitRow.source_id, order_by=RevisitRow.due_at)
    where = [RevisitRow.due_at <= now, ~visited, sa.or_(RevisitRow.due_at <= now - PATIENCE, ~read)]
    if only:
        where.append(RevisitRow.source_id.in_(only))
    ranked = sa.select(RevisitRow.article_id, RevisitRow.due_at, place.label("place")).where(*where).subquery()
    few = sa.select(ranked.c.article_id).where(ranked.c.place <= PAGES_OF_A_SOURCE)
    return few.order_by(ranked.c.due_at).limit(limit)


def _tracked(sources: Mapping[str, Source], row: RevisitRow) -> bool:
    return row.source_id in sources and sources[row.source_id].track_changes is not None


def _validators(row: RevisitRow) -> Validators:
    return Validators(etag=row.etag, last_modified=row.last_modified)


def _entry(session: Session, row: RevisitRow) -> Entry:
    named = sa.select(EntryRow).where(EntryRow.source_id == row.source_id, EntryRow.link == row.link)
    found = session.scalars(named).first()
    return entry_from_row(found) if found else Entry(link=row.link, address=row.address)


class StoreVisitDesk(StoreShelf):
    """A crawler.revisiting.VisitDesk on the database."""

    async def visited(self, visit: Visit, seen: Seen) -> None:
        await self._database.run(_record, visit, seen, self._clock())


def _record(session: Session, visit: Visit, seen: Seen, now: datetime) -> None:
    article_id = visit.article.id
    if seen.kind == "edited" and seen.article and seen.change:
        keep_edit(session, article_id, seen.article, seen.change, now=now)
    if seen.kind == "withdrawn" and not visit.withdrawn:
        keep_event(session, article_id, "withdrawn", now=now)
    if visit.withdrawn and seen.kind in {"restored", "unchanged", "edited"}:
        keep_event(session, article_id, "restored", now=now)
    row = session.get(RevisitRow, article_id)
    if row is None:
        return
    due_at = visit.source.track_changes and next_visit(row.first_at, visit.source.track_changes, after=now)
    if not due_at:
        session.delete(row)
        return
    row.due_at, row.visits = due_at, row.visits + 1
    row.claimed_by = row.claimed_until = None
    if seen.kind not in {"failed", "unusable"}:
        row.withdrawn = seen.kind == "withdrawn"
    row.headline = seen.headline or row.headline
    if seen.validators is not None:
        row.etag, row.last_modified = seen.validators.etag, seen.validators.last_modified
