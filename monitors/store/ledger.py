"""Questions about what was sent, what waits and what is dead; and what is done about it by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.database import chunks
from crawler.store.tables import ArticleRow
from monitors.deliver.outbox import GIVE_UP_AFTER
from monitors.store import circuits as circuit_store
from monitors.store.tables import (
    DeliveryRow,
    MatchRow,
    MessageRow,
    NoticeRow,
    ReplayRow,
    UpdateNoticeRow,
    UpdateRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.deliver.destinations import Destinations

STATES = ("queued", "sent", "dead", "dropped")
_AT_ONCE = 500
_BLIND = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries somebody asks for; all that is given must be true of one."""

    ids: Collection[int] = ()
    states: Collection[str] = ()
    channel: str | None = None
    recipient: str | None = None
    watchlist: str | None = None
    since: datetime | None = None
    """Queued since then."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        equal = (
            (DeliveryRow.channel, self.channel),
            (DeliveryRow.recipient, self.recipient),
            (MessageRow.watchlist_id, self.watchlist),
        )
        found = [column == value for column, value in equal if value is not None]
        found += [DeliveryRow.id.in_(self.ids)] if self.ids else []
        found += [DeliveryRow.state.in_(self.states)] if self.states else []
        return found + ([DeliveryRow.queued_at >= self.since] if self.since else [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article that a message told of."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the ledger: one part of a message to one recipient, and what became of it."""

    id: int
    message: int
    watchlist: str | None
    kind: str
    slot: str
    subject: str
    channel: str
    recipient: str
    part: int
    state: str
    queued_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    """None if it is not tried any more."""
    attempts: int
    receipt: str | None
    message_id: str
    """The Message-ID of a mail, or what else tells a message sent twice from two."""
    reason: str | None
    articles: tuple[Told, ...] = ()
    """What it told; empty for a notice, and of articles that the archive does not keep any more."""


def entries(session: Session, wanted: Wanted) -> Iterator[Entry]:
    """Yield lines of the ledger, the oldest first, as they are read."""
    columns = [column for column in sa.inspect(DeliveryRow).column_attrs if column.key != "payload"]
    query = sa.select(MessageRow, *(getattr(DeliveryRow, column.key).label(column.key) for column in columns))
    query = query.join(DeliveryRow, DeliveryRow.message_id == MessageRow.id).where(*wanted.conditions())
    rows = session.execute(query.order_by(DeliveryRow.id).execution_options(yield_per=_AT_ONCE))
    for part in rows.partitions():
        told = articles_told(session, {row.MessageRow.id: row.MessageRow.key for row in part})
        yield from (_entry(row, told.get(row.MessageRow.id, ())) for row in part)


def payload(session: Session, delivery_id: int) -> bytes:
    """Return the frozen bytes; none if housekeeping took them away."""
    return session.scalar(sa.select(DeliveryRow.payload).where(DeliveryRow.id == delivery_id)) or b""


def articles_told(session: Session, messages: dict[int, str]) -> dict[int, tuple[Told, ...]]:
    """Return the articles that messages told, new ones and edited ones; `messages` are their ids with their keys."""
    found: dict[int, dict[str, Told]] = defaultdict(dict)
    for some in chunks(sorted(messages)):
        # the key too, since the indexes begin with it
        ids, keys = list(some), sorted({messages[one] for one in some})
        new = sa.select(NoticeRow.message_id, ArticleRow.url, ArticleRow.title)
        new = new.join(MatchRow, MatchRow.id == NoticeRow.match_id).join(
            ArticleRow, ArticleRow.id == MatchRow.article_id
        )
        edited = sa.select(UpdateNoticeRow.message_id, ArticleRow.url, ArticleRow.title)
        edited = edited.join(UpdateRow, UpdateRow.id == UpdateNoticeRow.update_id)
        edited = edited.join(MatchRow, MatchRow.id == UpdateRow.match_id)
        edited = edited.join(ArticleRow, ArticleRow.id == MatchRow.article_id)
        again = sa.select(ReplayRow.message_id, ArticleRow.url, ArticleRow.title)
        again = again.join(MatchRow, MatchRow.id == ReplayRow.match_id)
        again = again.join(ArticleRow, ArticleRow.id == MatchRow.article_id)
        for query in (
            new.where(NoticeRow.key.in_(keys), NoticeRow.message_id.in_(ids)).order_by(MatchRow.id),
            edited.where(UpdateNoticeRow.key.in_(keys), UpdateNoticeRow.message_id.in_(ids)).order_by(UpdateRow.id),
            again.where(ReplayRow.message_id.in_(ids)).order_by(MatchRow.id),
        ):
            for message_id, url, title in session.execute(query):
                if message_id is not None:
                    found[message_id].setdefault(url, Told(url=url, title=title))
    return {message_id: tuple(articles.values()) for message_id, articles in found.items()}


def _entry(row: Any, articles: tuple[Told, ...]) -> Entry:
    message = row.MessageRow
    return Entry(
        id=row.id,
        message=message.id,
        watchlist=message.watchlist_id,
        kind=message.kind,
        slot=message.slot,
        subject=message.subject,
        channel=row.channel,
        recipient=row.recipient,
        part=row.part,
        state=row.state,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        next_try_at=row.next_try_at if row.state == "queued" else None,
        attempts=row.attempts,
        receipt=row.receipt,
        message_id=row.mail_id,
        reason=row.reason,
        articles=articles,
    )


# -- by hand ----------------------------------------------------------------------------------------------------------


def retry(session: Session, wanted: Wanted, destinations: Destinations, *, now: datetime) -> int:
    """Let what waits or is dead be tried at once, and so its destinations; return how many deliveries that are."""
    found = _with_other_parts(session, wanted, ("queued", "dead"))
    anew = {"state": "queued", "next_try_at": now, "give_up_at": now + GIVE_UP_AFTER, "noticed_at": None}
    for some in chunks([row.id for row in found]):
        there = DeliveryRow.id.in_(some), DeliveryRow.state.in_(("queued", "dead"))
        session.execute(sa.update(DeliveryRow).where(*there).values(anew), execution_options=_BLIND)
    circuit_store.try_now(session, {(destinations.of(row.channel), row.recipient) for row in found}, now=now)
    return len(found)


def drop(session: Session, wanted: Wanted, destinations: Destinations) -> int:
    """Give up what waits or is dead, for good; return how many deliveries that are. The ledger keeps them."""
    found = _with_other_parts(session, wanted, ("queued", "dead"))
    for some in chunks([row.id for row in found]):
        there = DeliveryRow.id.in_(some), DeliveryRow.state.in_(("queued", "dead"))
        session.execute(sa.update(DeliveryRow).where(*there).values(state="dropped"), execution_options=_BLIND)
    circuit_store.forget_idle(session, destinations)
    return len(found)


def _with_other_parts(session: Session, wanted: Wanted, states: Sequence[str]) -> Sequence[Any]:
    """Return deliveries that are wanted, and the other parts of their messages: one is nothing without the others."""
    asked = sa.select(DeliveryRow.message_id, DeliveryRow.recipient)
    asked = asked.join(MessageRow, MessageRow.id == DeliveryRow.message_id)
    asked = asked.where(*wanted.conditions(), DeliveryRow.state.in_(states))
    rows = sa.select(DeliveryRow.id, DeliveryRow.channel, DeliveryRow.recipient).where(
        sa.tuple_(DeliveryRow.message_id, DeliveryRow.recipient).in_(asked), DeliveryRow.state.in_(states)
    )
    return session.execute(rows.order_by(DeliveryRow.id)).all()
