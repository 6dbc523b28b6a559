"""Questions about watchlists and their delivery rules: since when they are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import insert_new
from crawler.store.tables import UtcDateTime
from monitors.store.tables import MessageRow, SubscriptionRow, WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.domain import Watchlist


def keep_watchlists(session: Session, watchlists: Iterable[Watchlist], *, now: datetime) -> None:
    """Remember when each watchlist and each of its rules was first in force."""
    watchlists = list(watchlists)
    rows = [{"id": watchlist.id, "loaded_at": now, "archive_read_at": None} for watchlist in watchlists]
    insert_new(session, WatchlistRow, rows)
    subscriptions = [
        {"watchlist_id": watchlist.id, "key": rule.key, "since": now}
        for watchlist in watchlists
        for rule in watchlist.deliver
    ]
    insert_new(session, SubscriptionRow, subscriptions)


def subscribed_since(session: Session) -> dict[tuple[str, str], datetime]:
    """Return since when each rule is in force, by (watchlist id, key)."""
    rows = session.execute(sa.select(SubscriptionRow.watchlist_id, SubscriptionRow.key, SubscriptionRow.since))
    return {(watchlist_id, key): since for watchlist_id, key, since in rows}


def forget_the_future(session: Session, *, now: datetime) -> None:
    """Let rules be in force, and their last messages be composed, since now at the latest.

    A clock that was far ahead would silence them for as long; and once it is right, a digest that made up for what was
    missed would not be known to have done so.
    """
    session.execute(sa.update(SubscriptionRow).where(SubscriptionRow.since > now).values(since=now))
    its = MessageRow.watchlist_id == SubscriptionRow.watchlist_id, MessageRow.key == SubscriptionRow.key
    if session.scalar(sa.select(sa.exists().where(*its, MessageRow.composed_at > now))):
        session.execute(sa.update(MessageRow).where(MessageRow.composed_at > now).values(composed_at=now))


def new_to_archive(session: Session) -> set[str]:
    """Return the ids of the watchlists for which the archive was never read."""
    return set(session.scalars(sa.select(WatchlistRow.id).where(WatchlistRow.archive_read_at.is_(None))))


def archive_was_read(session: Session, watchlist_ids: Iterable[str], *, now: datetime) -> None:
    named = WatchlistRow.id.in_(list(watchlist_ids))
    session.execute(sa.update(WatchlistRow).where(named).values(archive_read_at=now))


def told_until(session: Session, watchlist_id: str, key: str, *, now: datetime) -> datetime | None:
    """Return up to when a rule has told everything: its last message, else since it is in force.

    What lies in the future, since the clock was set back, does not count.
    """
    messages = sa.select(sa.func.max(MessageRow.composed_at, type_=UtcDateTime)).where(
        MessageRow.watchlist_id == watchlist_id, MessageRow.key == key, MessageRow.composed_at <= now
    )
    subscription = session.get(SubscriptionRow, (watchlist_id, key))
    return session.scalar(messages) or (min(subscription.since, now) if subscription else None)


def take_turn(session: Session, watchlist_id: str, key: str) -> None:
    """Let nobody else tell what is to be told under a key until the transaction ends. On SQLite nobody else writes."""
    its = (SubscriptionRow.watchlist_id == watchlist_id, SubscriptionRow.key == key)
    session.execute(sa.select(SubscriptionRow.since).where(*its).with_for_update())
