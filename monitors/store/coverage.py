"""The coverage receipt: what was looked at in a period, asked of the crawler's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.tables import ArticleRow, SourceRow
from monitors.domain import Coverage, FailingSource

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


def coverage(session: Session, source_ids: Collection[str], *, since: datetime, until: datetime) -> Coverage:
    """Say what was read of these sources between two times, the second of which is now."""
    rows = [row for row in session.scalars(sa.select(SourceRow)) if row.id in source_ids]
    articles, missing = _count_articles(session, source_ids, since, until)
    return Coverage(
        since=since,
        until=until,
        sources=len(source_ids),
        sources_due=len(source_ids),
        sources_read=sum(row.last_read_at is not None and row.last_read_at >= since for row in rows),
        failing=tuple(
            FailingSource(name=row.name, since=row.failing_since if row.last_read_at else None, reason=row.reason or "")
            for row in sorted(rows, key=lambda row: row.name.casefold())
            if row.failures
        ),
        articles=articles,
        bodies_missing=missing,
    )


def _count_articles(session: Session, source_ids: Collection[str], since: datetime, until: datetime) -> tuple[int, int]:
    in_period = (ArticleRow.stored_at > since, ArticleRow.stored_at <= until)
    count = sa.select(ArticleRow.source_id, sa.func.count(), sa.func.sum(sa.case((ArticleRow.text == "", 1), else_=0)))
    rows = session.execute(count.where(*in_period).group_by(ArticleRow.source_id)).all()
    counted = [(total, missing or 0) for source_id, total, missing in rows if source_id in source_ids]
    return sum(total for total, _ in counted), sum(missing for _, missing in counted)
