"""The outbox: messages that were composed, their deliveries, and how each went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crawler.store.claims import Worker, claim, give_back
from crawler.store.database import insert_new, inserting
from crawler.store.tables import UtcDateTime
from monitors.deliver.outbox import GIVE_UP_AFTER
from monitors.domain import DeadLetter, Delivery
from monitors.store import circuits as circuit_store
from monitors.store.circuits import QUEUED
from monitors.store.tables import DeliveryRow, MessageRow, ReplayRow, SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.deliver.destinations import Destinations
    from monitors.domain import Circuit

LEASE = timedelta(minutes=10)  # for a worker whose death cannot be seen; a delivery times out after a minute
_BLIND = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one recipient gets of a message: its frozen parts, in order."""

    channel: str
    recipient: str
    mail_id: str
    parts: tuple[bytes, ...]


def open_message(
    session: Session, watchlist_id: str | None, key: str, slot: str, *, now: datetime, kind: str = "", subject: str = ""
) -> int | None:
    """Take a slot for a message and return the message's id; None if the slot was taken before.

    A notice about the sources belongs to no watchlist. For `kind` see MessageRow; without one, nothing is sent.
    """
    row = {"watchlist_id": watchlist_id, "key": key, "slot": slot, "composed_at": now, "kind": kind, "subject": subject}
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
            give_up_at=now + GIVE_UP_AFTER,
        )
        for parcel in parcels
        for part, payload in enumerate(parcel.parts)
    )
    session.flush()


def mail_ids(session: Session, message_id: int) -> dict[str, str]:
    """Return by what Message-ID each recipient got a message."""
    query = sa.select(DeliveryRow.recipient, DeliveryRow.mail_id).where(DeliveryRow.message_id == message_id)
    return {row.recipient: row.mail_id for row in session.execute(query)}


def note_replay(session: Session, message_id: int, match_ids: Sequence[int]) -> None:
    """Note which matches a message tells once more; what counts as told stays as it is."""
    insert_new(session, ReplayRow, [{"message_id": message_id, "match_id": match_id} for match_id in match_ids])


def is_taken(session: Session, watchlist_id: str, key: str, slot: str) -> bool:
    its = (MessageRow.watchlist_id == watchlist_id, MessageRow.key == key, MessageRow.slot == slot)
    return bool(session.scalar(sa.select(sa.exists().where(*its))))


def last_told(session: Session, *, now: datetime) -> dict[tuple[str, str], datetime]:
    """Return when the last message under each rule that was ever in force, a (watchlist id, key), was composed.

    What lies in the future does not count.
    """
    rule = MessageRow.watchlist_id == SubscriptionRow.watchlist_id, MessageRow.key == SubscriptionRow.key
    # one step into the index for each; to group all messages takes the longer, the more there are
    last = sa.select(sa.func.max(MessageRow.composed_at, type_=UtcDateTime)).where(*rule, MessageRow.composed_at <= now)
    rows = session.execute(sa.select(SubscriptionRow.watchlist_id, SubscriptionRow.key, last.scalar_subquery()))
    return {(watchlist_id, key): at for watchlist_id, key, at in rows if at is not None}


# -- claims -----------------------------------------------------------------------------------------------------------


def claim_deliveries(
    session: Session,
    destinations: Destinations,
    *,
    limit: int,
    worker: Worker,
    now: datetime,
    message_ids: Collection[int] = (),
    busy: Collection[str] = (),
) -> list[Delivery]:
    """Take up to `limit` deliveries that are due (of these messages, if given), none through `busy` channels.

    To one recipient of a channel they go in the order they were queued, but for those that were put off by
    themselves. To a destination in trouble goes one at a time, the oldest, once its time has come.
    """
    circuits = circuit_store.circuits(session)
    due = [QUEUED, DeliveryRow.next_try_at <= now]
    due += [DeliveryRow.message_id.in_(message_ids)] if message_ids else []
    due += [DeliveryRow.channel.not_in(busy)] if busy else []
    first = sa.select(sa.func.min(DeliveryRow.id)).where(*due, *circuit_store.not_behind(circuits, destinations))
    first = first.group_by(DeliveryRow.channel, DeliveryRow.recipient)
    rows = _claim(session, DeliveryRow.id.in_(first), limit=limit, worker=worker, now=now)
    for circuit in circuits:
        if len(rows) < limit and circuit.next_try_at <= now:
            rows += _probe(session, circuit, circuits, destinations, due, worker=worker, now=now)
    return _deliveries(session, sorted(rows, key=lambda row: row.id))


def _probe(
    session: Session,
    circuit: Circuit,
    circuits: Sequence[Circuit],
    destinations: Destinations,
    due: Sequence[sa.ColumnElement[bool]],
    *,
    worker: Worker,
    now: datetime,
) -> list[DeliveryRow]:
    """Take the oldest delivery that goes where a circuit is, unless one is under way."""
    above = [one for one in circuits if one.destination == circuit.destination and one != circuit]
    if circuit.recipient and any(not one.recipient for one in above):
        return []  # nobody is reached there
    if not circuit_store.take_due(session, circuit, now=now):
        return []
    there = [circuit_store.behind(circuit, destinations)]
    if not circuit.recipient:
        there += circuit_store.not_behind([one for one in above if one.next_try_at > now], destinations)
    under_way = sa.select(DeliveryRow.id).where(
        QUEUED, *there, DeliveryRow.claimed_until > now, DeliveryRow.claimed_by != worker.id
    )
    if session.scalar(under_way.limit(1)) is not None:
        return []
    oldest = sa.select(DeliveryRow.id).where(*due, *there).order_by(DeliveryRow.id).limit(1)
    return _claim(session, DeliveryRow.id.in_(oldest), limit=1, worker=worker, now=now)


def _claim(
    session: Session, which: sa.ColumnElement[bool], *, limit: int, worker: Worker, now: datetime
) -> list[DeliveryRow]:
    # the state again: with PostgreSQL a row may have been sent by another since it was chosen
    where = DeliveryRow.state == "queued", which
    order, until = DeliveryRow.id, now + LEASE
    return claim(
        session, DeliveryRow, *where, order_by=order, limit=limit, worker=worker, until=until, now=now, alone=True
    )


def release(session: Session, deliveries: Sequence[Delivery], worker: Worker) -> None:
    """Give back deliveries that were claimed and not tried."""
    give_back(session, DeliveryRow, worker, DeliveryRow.id.in_([one.id for one in deliveries]))


def _deliveries(session: Session, rows: Sequence[DeliveryRow]) -> list[Delivery]:
    """Return rows as deliveries, those of later parts with the receipt of the first."""
    later = sorted({row.message_id for row in rows if row.part})
    first = sa.select(DeliveryRow.message_id, DeliveryRow.recipient, DeliveryRow.receipt)
    found = session.execute(first.where(DeliveryRow.message_id.in_(later), DeliveryRow.part == 0)) if later else ()
    threads = {(message_id, recipient): receipt for message_id, recipient, receipt in found}
    return [_delivery(row, threads.get((row.message_id, row.recipient)) if row.part else None) for row in rows]


def _delivery(row: DeliveryRow, thread: str | None) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        recipient=row.recipient,
        message_id=row.mail_id,
        payload=row.payload,
        attempts=row.attempts,
        queued_at=row.queued_at,
        give_up_at=row.give_up_at or row.queued_at + GIVE_UP_AFTER,
        thread=thread,
    )


# -- what became of them ----------------------------------------------------------------------------------------------


def sent(session: Session, delivery: Delivery, receipt: str, *, now: datetime) -> None:
    """Record what was accepted, also if it was given up or dropped meanwhile."""
    there = DeliveryRow.id == delivery.id, DeliveryRow.state != "sent"
    _record(session, delivery, *there, state="sent", sent_at=now, receipt=receipt, reason=None)


def still_waits(session: Session, delivery: Delivery, reason: str) -> None:
    """Record a try that failed for something other than the message: it waits with all others that go there."""
    _record(session, delivery, *_queued(delivery), reason=reason)


def try_later(session: Session, delivery: Delivery, reason: str, *, at: datetime) -> None:
    """Put a message off by itself, the parts after this one with it."""
    _record(session, delivery, *_queued(delivery), reason=reason)
    update = sa.update(DeliveryRow).where(*_from_this_part(delivery))
    session.execute(update.values(next_try_at=at), execution_options=_BLIND)


def give_up(session: Session, delivery: Delivery, reason: str) -> None:
    """Make it a dead letter: kept, never sent by itself again. The parts after it would be nothing without it."""
    _record(session, delivery, *_queued(delivery), reason=reason)
    update = sa.update(DeliveryRow).where(*_from_this_part(delivery))
    values = {"state": "dead", "reason": sa.func.coalesce(DeliveryRow.reason, reason)}
    session.execute(update.values(values), execution_options=_BLIND)


def give_up_old(session: Session, there: sa.ColumnElement[bool], reason: str, *, now: datetime) -> int:
    """Make dead letters of all that has waited long enough; return how many deliveries that are."""
    free = sa.or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until <= now)
    old = sa.update(DeliveryRow).where(QUEUED, there, free, DeliveryRow.give_up_at <= now)
    values = {"state": "dead", "reason": sa.func.coalesce(DeliveryRow.reason, reason)}
    return len(session.scalars(old.values(values).returning(DeliveryRow.id), execution_options=_BLIND).all())


def begin_anew(session: Session, there: sa.ColumnElement[bool], *, now: datetime) -> None:
    """Let the time begin anew for which those that wait are tried: nobody could have sent them until now."""
    update = sa.update(DeliveryRow).where(QUEUED, there).values(give_up_at=now + GIVE_UP_AFTER)
    session.execute(update, execution_options=_BLIND)


# -- what whoever looks after the service is told ---------------------------------------------------------------------


def last_notice(session: Session, of: str) -> datetime | None:
    """Return when the last notice was composed whose slot names this."""
    last = sa.select(sa.func.max(MessageRow.composed_at, type_=UtcDateTime)).where(MessageRow.watchlist_id.is_(None))
    return session.scalar(last.where(MessageRow.slot.contains(of, autoescape=True)))


def dead_untold(session: Session, *, limit: int, wait: timedelta, now: datetime) -> tuple[list[DeadLetter], int]:
    """Return dead letters that nobody was told of, the oldest first, and how many there are in all.

    None if some were told of less than `wait` ago: they are gathered meanwhile. Of a message in parts, the first that
    is dead. Notices are left out: they would tell of themselves for ever.
    """
    last = sa.select(sa.func.max(DeliveryRow.noticed_at, type_=UtcDateTime)).where(DeliveryRow.state == "dead")
    if (told := session.scalar(last)) and told > now - wait:
        return [], 0
    first = sa.select(sa.func.min(DeliveryRow.id)).join(MessageRow).where(*_DEAD_UNTOLD, MessageRow.kind != "notice")
    first = first.group_by(DeliveryRow.message_id, DeliveryRow.recipient)
    number = session.scalar(sa.select(sa.func.count()).select_from(first.subquery())) or 0
    found = sa.select(DeliveryRow, MessageRow.subject).join(MessageRow).where(DeliveryRow.id.in_(first))
    rows = session.execute(found.order_by(DeliveryRow.id).limit(limit)) if number else ()
    return [_dead_letter(row, subject) for row, subject in rows], number


def mark_dead_told(session: Session, *, now: datetime) -> None:
    """Write down that all dead letters there are were told of."""
    session.execute(sa.update(DeliveryRow).where(*_DEAD_UNTOLD).values(noticed_at=now), execution_options=_BLIND)


_DEAD_UNTOLD = DeliveryRow.state == "dead", DeliveryRow.noticed_at.is_(None)


def _dead_letter(row: DeliveryRow, subject: str) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        subject=subject,
        channel=row.channel,
        recipient=row.recipient,
        queued_at=row.queued_at,
        attempts=row.attempts,
        reason=row.reason or "",
    )


def _queued(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return DeliveryRow.id == delivery.id, DeliveryRow.state == "queued"


def _from_this_part(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    this = aliased(DeliveryRow)
    its = sa.select(this.message_id, this.recipient, this.part).where(this.id == delivery.id).subquery()
    return (
        DeliveryRow.state == "queued",
        DeliveryRow.message_id == sa.select(its.c.message_id).scalar_subquery(),
        DeliveryRow.recipient == sa.select(its.c.recipient).scalar_subquery(),
        DeliveryRow.part >= sa.select(its.c.part).scalar_subquery(),
    )


def _record(session: Session, delivery: Delivery, *where: sa.ColumnElement[bool], **values: object) -> None:
    update = sa.update(DeliveryRow).where(*where)
    values |= {"attempts": delivery.attempts + 1, "claimed_by": None, "claimed_until": None}
    session.execute(update.values(values), execution_options=_BLIND)
