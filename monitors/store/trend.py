"""Asks how many stories a day a watchlist had."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import chunks
from crawler.store.tables import ArticleRow, SourceRow, UtcDateTime
from monitors.digest.trend import DAYS, by_day, came_at, trend
from monitors.store.tables import MatchRow, StoryArticleRow, WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from monitors.domain import Trend


def trend_of(session: Session, watchlist_id: str, source_ids: Collection[str], *, now: datetime) -> Trend:
    """Return how many stories of a watchlist came a day, in the last two weeks and in the zone of `now`.

    What the first read of a source brought is not counted: a feed of twenty entries shows a day of a fast source and a
    year of a slow one, and what it showed of last week says nothing of how much there was. What is found in the archive
    for a new watchlist is counted, for that was stored as it came; so a new watchlist has a past at once.
    """
    zone, today = now.tzinfo or UTC, now.date()
    since = datetime.combine(today - timedelta(days=DAYS - 1), time.min, zone)
    stories = (
        (story, came_at(published, stored_at))
        for story, published, stored_at in session.execute(_matched(watchlist_id, since))
    )
    return trend(by_day(stories, zone), watched_from=_watched_from(session, watchlist_id, source_ids, now), today=today)


def _matched(watchlist_id: str, since: datetime) -> sa.Select[int, datetime | None, datetime]:
    """Ask for the story and the times of each sure match of what was stored since then."""
    # articles are numbered as they are stored: the index of the matches leads to theirs without a look at older ones
    first = sa.select(ArticleRow.id).where(ArticleRow.stored_at >= since).order_by(ArticleRow.stored_at).limit(1)
    return (
        sa.select(
            sa.func.coalesce(StoryArticleRow.story_id, MatchRow.article_id), ArticleRow.published, ArticleRow.stored_at
        )
        .select_from(MatchRow)
        .join(ArticleRow, ArticleRow.id == MatchRow.article_id)
        .outerjoin(StoryArticleRow, StoryArticleRow.article_id == MatchRow.article_id)
        .where(
            MatchRow.watchlist_id == watchlist_id,
            MatchRow.article_id >= first.scalar_subquery(),
            MatchRow.kind == "match",
            ArticleRow.stored_at >= since,
            ArticleRow.already_there.is_(False),
        )
    )


def _watched_from(session: Session, watchlist_id: str, source_ids: Collection[str], now: datetime) -> date | None:
    """Return the first whole day that is known of: since a source was first read, and as far as the archive reaches.

    Of a watchlist for which the archive was not read yet, only what came since it is in force.
    """
    kept = session.scalar(sa.select(ArticleRow.stored_at).order_by(ArticleRow.stored_at).limit(1))
    read = [
        session.scalar(sa.select(sa.func.min(SourceRow.first_read_at, type_=UtcDateTime)).where(SourceRow.id.in_(some)))
        for some in chunks(sorted(source_ids))
    ]
    first_read = min((at for at in read if at is not None), default=None)
    watchlist = session.get(WatchlistRow, watchlist_id)
    if kept is None or first_read is None or watchlist is None:
        return None
    since = max(kept, first_read, *([] if watchlist.archive_read_at else [watchlist.loaded_at]))
    return since.astimezone(now.tzinfo).date() + timedelta(days=1)
