"""Questions about the archive as a whole: from when it is, and what is in it, a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.articles import articles_by_id
from crawler.store.tables import ArticleRow, EntryRow
from monitors.store.matches import Unread

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def begins_at(session: Session) -> datetime | None:
    """Return when the oldest article that is there was stored; None if nothing is."""
    return session.scalar(sa.select(ArticleRow.stored_at).order_by(ArticleRow.stored_at).limit(1))


def count_since(session: Session, since: datetime) -> int:
    """Count the articles that were stored since a time."""
    return session.scalar(sa.select(sa.func.count()).where(ArticleRow.stored_at >= since)) or 0


def stored_since(session: Session, since: datetime, *, after: int, limit: int) -> list[Unread]:
    """Return the next articles after an id that were stored since a time, once for each source that carried them."""
    ids = (
        sa.select(ArticleRow.id)
        .where(ArticleRow.stored_at >= since, ArticleRow.id > after)
        .order_by(ArticleRow.id)
        .limit(limit)
    )
    carrier = sa.func.coalesce(EntryRow.source_id, ArticleRow.source_id)
    query = (
        sa.select(ArticleRow.id, carrier)
        .outerjoin(EntryRow, EntryRow.article_id == ArticleRow.id)
        .where(ArticleRow.id.in_(ids))
        .distinct()
        .order_by(ArticleRow.id, carrier)
    )
    carried = session.execute(query).all()
    articles = articles_by_id(session, list(dict.fromkeys(article_id for article_id, _ in carried)))
    return [Unread(article=articles[article_id], source_id=source_id) for article_id, source_id in carried]
