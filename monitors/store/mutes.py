"""Questions about mutes: of which watchlists and stories nobody wants to hear for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from crawler.store.database import inserting
from monitors.store.tables import MatchRow, MessageRow, MuteRow, NoticeRow, StoryArticleRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

MuteKind = Literal["watchlist", "story"]
MUTED = "muted"
"""The kind of a message that was never sent: what it tells was kept quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    kind: MuteKind
    target: str
    """The id of the watchlist or of the story."""
    since: datetime
    until: datetime | None
    """None: until it is lifted by hand."""


def mute(session: Session, kind: MuteKind, target: str, *, until: datetime | None, now: datetime) -> None:
    """Mute something, or change until when it is muted."""
    session.execute(sa.delete(MuteRow).where(MuteRow.kind == kind, MuteRow.target == target, MuteRow.until <= now))
    row = {"kind": kind, "target": target, "since": now, "until": until}
    insert = inserting(session, MuteRow).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["kind", "target"], set_={"until": until}))


def unmute(session: Session, kind: MuteKind, target: str) -> None:
    session.execute(sa.delete(MuteRow).where(MuteRow.kind == kind, MuteRow.target == target))


def mutes(session: Session, *, now: datetime) -> list[Mute]:
    """Return the mutes that have not ended, the oldest first."""
    lasting = sa.or_(MuteRow.until.is_(None), MuteRow.until > now)
    rows = session.scalars(sa.select(MuteRow).where(lasting).order_by(MuteRow.since, MuteRow.kind, MuteRow.target))
    return [
        Mute(kind="story" if row.kind == "story" else "watchlist", target=row.target, since=row.since, until=row.until)
        for row in rows
    ]


def muted_watchlists(session: Session, *, now: datetime) -> frozenset[str]:
    return frozenset(one.target for one in mutes(session, now=now) if one.kind == "watchlist")


def muted_stories(session: Session, *, now: datetime) -> frozenset[int]:
    return frozenset(int(one.target) for one in mutes(session, now=now) if one.kind == "story")


def kept_quiet(session: Session, found: Mute) -> int:
    """Return how many matches wait until a watchlist may speak again, or were not told of a story."""
    matches = sa.select(sa.func.count(sa.distinct(MatchRow.id))).join(NoticeRow, NoticeRow.match_id == MatchRow.id)
    if found.kind == "watchlist":
        matches = matches.where(MatchRow.watchlist_id == found.target, NoticeRow.message_id.is_(None))
    else:
        matches = (
            matches.join(MessageRow, MessageRow.id == NoticeRow.message_id)
            .join(StoryArticleRow, StoryArticleRow.article_id == MatchRow.article_id)
            .where(StoryArticleRow.story_id == int(found.target))
            .where(MessageRow.kind == MUTED, MessageRow.composed_at >= found.since)
        )
    return session.scalar(matches) or 0
