"""The coverage receipt: what was looked at in a period, asked of the crawler's tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.database import CHUNK
from crawler.store.tables import ArticleRow, EntryRow, SourceRow
from monitors.domain import Coverage, FailingSource, SilentSource
from monitors.store.pauses import pauses_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


def coverage(session: Session, source_ids: Collection[str], *, since: datetime, until: datetime) -> Coverage:
    """Say what was read of these sources between two times, the second of which is now."""
    connection, few = session.connection(), _few(SourceRow.id, source_ids)
    listed = connection.execute(_sources(since, until).where(few)).all()
    mine = [row for row in listed if row.id in source_ids]
    told = [row for row in connection.execute(_worth_telling(since).where(few)) if row.id in source_ids]
    told.sort(key=lambda row: (row.name.casefold(), row.id))
    known = {row.id for row in mine}
    # the names of those that the service has not taken up yet are in no table: their ids must do
    not_yet = [row.name for row in told if row.last_checked_at is None] + sorted(set(source_ids) - known)
    everything = len(source_ids) > CHUNK and len(mine) == len(listed)
    articles, missing = _count_articles(connection, None if everything else source_ids, since, until)
    return Coverage(
        since=since,
        until=until,
        sources=len(source_ids),
        sources_due=sum(row.due for row in mine),
        sources_read=sum(row.read for row in mine),
        failing=tuple(_failing(told)),
        silent=tuple(_silent(told)),
        new=tuple(row.name for row in told if row.first_read_at is not None and row.first_read_at >= since),
        not_yet=tuple(not_yet),
        pauses=pauses_between(session, since, until),
        articles=articles,
        bodies_missing=missing,
    )


def _few(column: Any, source_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """Let the database leave out other sources, where these are few enough to be named in a statement."""
    named: sa.ColumnElement[bool] = column.in_(source_ids)
    return named if len(source_ids) <= CHUNK else sa.true()


def _sources(since: datetime, until: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Ask of each source whether it was to be read, and whether it was; both told by the database, for it is quick."""
    checked = sa.func.coalesce(SourceRow.last_checked_at >= since, sa.false())
    waits = sa.and_(SourceRow.gone_at.is_(None), SourceRow.next_check_at <= until)
    read = sa.func.coalesce(SourceRow.last_read_at >= since, sa.false())
    return sa.select(
        SourceRow.id,
        sa.case((sa.or_(checked, waits), 1), else_=0).label("due"),
        sa.case((read, 1), else_=0).label("read"),
    ).where(SourceRow.active.is_(True))


def _worth_telling(since: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Ask for what is to be said of single sources: those that fail, are silent, new or not asked yet."""
    return sa.select(
        SourceRow.id,
        SourceRow.name,
        SourceRow.state,
        SourceRow.state_why,
        SourceRow.first_read_at,
        SourceRow.last_checked_at,
        SourceRow.last_read_at,
        SourceRow.last_new_at,
        SourceRow.failures,
        SourceRow.failing_since,
        SourceRow.gone_at,
        SourceRow.reason,
        SourceRow.rhythm["gap_s"].as_float().label("usual_gap_s"),
    ).where(
        SourceRow.active.is_(True),
        sa.or_(
            SourceRow.failures > 0,
            SourceRow.gone_at.is_not(None),
            SourceRow.state == "silent",
            SourceRow.first_read_at >= since,
            SourceRow.last_checked_at.is_(None),
        ),
    )


def _failing(rows: Iterable[sa.Row[Any]]) -> Iterable[FailingSource]:
    for row in rows:
        if row.failures or row.gone_at:
            yield FailingSource(
                name=row.name,
                since=row.gone_at or row.failing_since,
                reason=row.reason or "",
                never_read=row.last_read_at is None,
                gone=row.gone_at is not None,
            )


def _silent(rows: Iterable[sa.Row[Any]]) -> Iterable[SilentSource]:
    for row in rows:
        if row.state == "silent" and not row.failures:  # what cannot be read is not silent
            usual = None if row.usual_gap_s is None else timedelta(seconds=row.usual_gap_s)
            yield SilentSource(name=row.name, last_new_at=row.last_new_at, usual=usual, why=row.state_why or "")


def _count_articles(
    connection: sa.Connection, source_ids: Collection[str] | None, since: datetime, until: datetime
) -> tuple[int, int]:
    """Count what these sources (None: all) carried of what was stored in the period, and what of it has no body."""
    in_period = (ArticleRow.stored_at > since, ArticleRow.stored_at <= until)
    if source_ids is None:
        missing = sa.func.sum(sa.case((ArticleRow.text == "", 1), else_=0))
        total, without = connection.execute(sa.select(sa.func.count(), missing).where(*in_period)).one()
        return total, without or 0
    carrier = sa.func.coalesce(EntryRow.source_id, ArticleRow.source_id)
    carried = (
        sa.select(ArticleRow.id, carrier, ArticleRow.text == "")
        .outerjoin(EntryRow, EntryRow.article_id == ArticleRow.id)
        .where(*in_period, _few(carrier, source_ids))
    )
    bodiless = {article_id: empty for article_id, source, empty in connection.execute(carried) if source in source_ids}
    return len(bodiless), sum(bodiless.values())
