"""The outbox: messages that were composed, their deliveries, and how each went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crawler.store.claims import Worker, claim
from crawler.store.database import inserting
from crawler.store.tables import UtcDateTime
from monitors.domain import Delivery
from monitors.store.tables import DeliveryRow, MessageRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

LEASE = timedelta(minutes=10)  # for a worker whose death cannot be seen; a delivery times out after a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one recipient gets of a message: its frozen parts, in order."""

    channel: str
    recipient: str
    mail_id: str
    parts: tuple[bytes, ...]


def open_message(session: Session, watchlist_id: str | None, key: str, slot: str, *, now: datetime) -> int | None:
    """Take a slot for a message and return the message's id; None if the slot was taken before.

    A notice about the sources belongs to no watchlist.
    """
    row = {"watchlist_id": watchlist_id, "key": key, "slot": slot, "composed_at": now}
    insert = inserting(session, MessageRow).values(row).on_conflict_do_nothing().returning(MessageRow.id)
    return session.scalars(insert).one_or_none()


def queue(session: Session, message_id: int, parcels: Sequence[Parcel], *, now: datetime) -> None:
    """Put the parts of a message into the outbox, due at once."""
    session.add_all(
        DeliveryRow(
            message_id=message_id,
            channel=parcel.channel,
            recipient=parcel.recipient,
            part=part,
            mail_id=parcel.mail_id,
            payload=payload,
            state="queued",
            queued_at=now,
            next_try_at=now,
        )
        for parcel in parcels
        for part, payload in enumerate(parcel.parts)
    )
    session.flush()


def last_told(session: Session) -> dict[tuple[str, str], datetime]:
    """Return when the last message under each (watchlist id, key) was composed."""
    query = sa.select(MessageRow.watchlist_id, MessageRow.key, sa.func.max(MessageRow.composed_at, type_=UtcDateTime))
    of_watchlists = query.where(MessageRow.watchlist_id.is_not(None))
    rows = session.execute(of_watchlists.group_by(MessageRow.watchlist_id, MessageRow.key))
    return {(watchlist_id, key): at for watchlist_id, key, at in rows if watchlist_id is not None}


def claim_deliveries(
    session: Session, *, limit: int, worker: Worker, now: datetime, message_ids: Collection[int] = ()
) -> list[Delivery]:
    """Take up to `limit` deliveries that are due (of these messages, if given); a part waits for those before it."""
    earlier = aliased(DeliveryRow)
    blocked = sa.exists().where(
        earlier.message_id == DeliveryRow.message_id,
        earlier.recipient == DeliveryRow.recipient,
        earlier.part < DeliveryRow.part,
        earlier.state == "queued",
    )
    due = [DeliveryRow.state == "queued", DeliveryRow.next_try_at <= now, ~blocked]
    if message_ids:
        due.append(DeliveryRow.message_id.in_(message_ids))
    order, until = DeliveryRow.id, now + LEASE
    rows = claim(
        session, DeliveryRow, *due, order_by=order, limit=limit, worker=worker, until=until, now=now, alone=True
    )
    return [_delivery(row) for row in sorted(rows, key=lambda row: row.id)]


def sent(session: Session, delivery: Delivery, receipt: str, *, now: datetime) -> None:
    _record(session, delivery, state="sent", sent_at=now, receipt=receipt, reason=None)


def try_later(session: Session, delivery: Delivery, reason: str, *, at: datetime) -> None:
    _record(session, delivery, next_try_at=at, reason=reason)


def give_up(session: Session, delivery: Delivery, reason: str) -> None:
    """Make it a dead letter: kept, never sent by itself again."""
    _record(session, delivery, state="dead", reason=reason)


def _record(session: Session, delivery: Delivery, **values: object) -> None:
    update = sa.update(DeliveryRow).where(DeliveryRow.id == delivery.id, DeliveryRow.state == "queued")
    session.execute(update.values(attempts=delivery.attempts + 1, claimed_by=None, claimed_until=None, **values))


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        recipient=row.recipient,
        message_id=row.mail_id,
        payload=row.payload,
        attempts=row.attempts,
        queued_at=row.queued_at,
    )
