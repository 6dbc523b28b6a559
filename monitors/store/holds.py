"""Questions about holds: which alerts wait, why and since when, and how many messages there were in the last hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import inserting
from monitors.store.mutes import MUTED
from monitors.store.tables import HoldRow, MatchRow, MessageRow, NoticeRow, UpdateNoticeRow, UpdateRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.domain import HoldReason

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Alerts that wait."""

    watchlist_id: str
    key: str
    why: HoldReason
    """The last reason of those there were."""
    since: datetime
    """When the first of them was held."""
    waiting: int = 0
    """How many matches and updates are not told for it, where it was counted."""


def hold(session: Session, watchlist_id: str, key: str, why: HoldReason, *, now: datetime) -> bool:
    """Say that alerts wait, and why; return whether they did not wait before."""
    known = session.get(HoldRow, (watchlist_id, key))
    row = {"watchlist_id": watchlist_id, "key": key, "why": why, "since": now}
    insert = inserting(session, HoldRow).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["watchlist_id", "key"], set_={"why": why}))
    return known is None


def release(session: Session, watchlist_id: str, key: str) -> Hold | None:
    """Say that nothing waits any more; return what did."""
    row = session.get(HoldRow, (watchlist_id, key))
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return _hold(row)


def holds(session: Session) -> list[Hold]:
    """Return all there are, the oldest first, and count what waits."""
    mine = MatchRow.watchlist_id == HoldRow.watchlist_id
    matches = (
        _number(NoticeRow).join(MatchRow, MatchRow.id == NoticeRow.match_id).where(mine, NoticeRow.key == HoldRow.key)
    )
    updates = (
        _number(UpdateNoticeRow)
        .join(UpdateRow, UpdateRow.id == UpdateNoticeRow.update_id)
        .join(MatchRow, MatchRow.id == UpdateRow.match_id)
        .where(mine, UpdateNoticeRow.key == HoldRow.key)
    )
    waiting = matches.correlate(HoldRow).scalar_subquery() + updates.correlate(HoldRow).scalar_subquery()
    query = sa.select(HoldRow, waiting).order_by(HoldRow.since, HoldRow.watchlist_id)
    return [_hold(row, waiting=number) for row, number in session.execute(query)]


def _number(untold: type[NoticeRow | UpdateNoticeRow]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(untold).where(untold.message_id.is_(None))


def told_in_the_last_hour(session: Session, watchlist_id: str, key: str, *, now: datetime) -> int:
    """Return how many messages were composed under a key in the sixty minutes before."""
    its = (MessageRow.watchlist_id == watchlist_id, MessageRow.key == key, MessageRow.kind != MUTED)
    recent = (MessageRow.composed_at > now - HOUR, MessageRow.composed_at <= now)
    return session.scalar(sa.select(sa.func.count()).where(*its, *recent)) or 0


def _hold(row: HoldRow, *, waiting: int = 0) -> Hold:
    return Hold(watchlist_id=row.watchlist_id, key=row.key, why=row.why, since=row.since, waiting=waiting)  # type: ignore[arg-type]  # written from a HoldReason
