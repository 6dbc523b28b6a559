"""Which destinations do not take what is sent to them, and when each is tried again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import inserting
from monitors.domain import Circuit
from monitors.store.tables import CircuitRow, DeliveryRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.deliver.destinations import Destinations
    from monitors.in_force import InForce

CATCH_UP_AFTER = timedelta(minutes=30)
TOLD_AFTER = timedelta(hours=1)
"""For how long a destination may fail before somebody hears of it."""
QUEUED = DeliveryRow.state == sa.literal_column(
    "'queued'"
)  # literally, or SQLite would not take the index of what waits


def held_back(session: Session, in_force: InForce, now: datetime) -> set[str]:
    """Return the ids of the channels whose destination has failed, as a whole, for so long that news should wait.

    Not if nothing waits there already: somebody has to be the next that is tried.
    """
    held: set[str] = set()
    long_ago = sa.and_(CircuitRow.recipient == "", CircuitRow.since <= now - CATCH_UP_AFTER)
    for row in session.scalars(sa.select(CircuitRow).where(long_ago)):
        channels = in_force.destinations.channels_of(row.destination)
        waits = sa.select(DeliveryRow.id).where(QUEUED, DeliveryRow.channel.in_(channels)).limit(1)
        held.update(channels if session.scalar(waits) is not None else ())
    return held


def circuits(session: Session) -> list[Circuit]:
    """Return every destination that is in trouble, those for all their recipients first."""
    rows = session.scalars(sa.select(CircuitRow).order_by(CircuitRow.destination, CircuitRow.recipient))
    return [_circuit(row) for row in rows]


def take(session: Session, destination: str, recipient: str) -> Circuit | None:
    """Return a circuit and keep others from it until the transaction ends."""
    row = session.get(CircuitRow, (destination, recipient), with_for_update=True, populate_existing=True)
    return _circuit(row) if row else None


def take_due(session: Session, circuit: Circuit, *, now: datetime) -> bool:
    """Keep others from a circuit until the transaction ends, if it is still due and nobody else has it."""
    its = CircuitRow.destination == circuit.destination, CircuitRow.recipient == circuit.recipient
    due = sa.select(CircuitRow.destination).where(*its, CircuitRow.next_try_at <= now)
    return session.scalar(due.with_for_update(skip_locked=True)) is not None


def keep(session: Session, circuit: Circuit) -> None:
    values = asdict(circuit)
    insert = inserting(session, CircuitRow).values(values)
    session.execute(insert.on_conflict_do_update(index_elements=["destination", "recipient"], set_=values))


def close(session: Session, destination: str, *recipients: str) -> list[Circuit]:
    """Take away the circuits of a destination for these recipients (empty: for all); return those there were."""
    its = CircuitRow.destination == destination, CircuitRow.recipient.in_(recipients)
    closed = [_circuit(row) for row in session.scalars(sa.select(CircuitRow).where(*its))]
    if closed:
        session.execute(sa.delete(CircuitRow).where(*its).execution_options(synchronize_session=False))
    return closed


def to_be_told(session: Session, *, now: datetime) -> list[Circuit]:
    """Return the circuits that somebody should hear of and did not: open ones, and those that do not pass."""
    lasts = sa.or_(CircuitRow.state == "open", CircuitRow.since <= now - TOLD_AFTER)
    rows = session.scalars(sa.select(CircuitRow).where(CircuitRow.told_at.is_(None), lasts).order_by(CircuitRow.since))
    return [_circuit(row) for row in rows]


def waiting(session: Session, circuit: Circuit, destinations: Destinations) -> int:
    """Return how many messages wait for what a circuit is of; one to two recipients counts twice."""
    there = sa.select(DeliveryRow.message_id, DeliveryRow.recipient).where(QUEUED, behind(circuit, destinations))
    return session.scalar(sa.select(sa.func.count()).select_from(there.distinct().subquery())) or 0


def try_changed(session: Session, destinations: Destinations, *, now: datetime) -> None:
    """Let every destination be tried at once whose configuration is another than when it failed."""
    for circuit in circuits(session):
        fingerprint = destinations.fingerprint(circuit.destination)
        if fingerprint != circuit.fingerprint:
            its = CircuitRow.destination == circuit.destination, CircuitRow.recipient == circuit.recipient
            update = sa.update(CircuitRow).where(*its, CircuitRow.fingerprint == circuit.fingerprint)
            session.execute(update.values(fingerprint=fingerprint, next_try_at=now))


def try_now(session: Session, there: Collection[tuple[str, str]], *, now: datetime) -> None:
    """Let these destinations be tried at once, each with one delivery, and these recipients of them."""
    for circuit in circuits(session):
        if (circuit.destination, circuit.recipient) in there or (
            not circuit.recipient and any(destination == circuit.destination for destination, _ in there)
        ):
            keep(session, replace(circuit, next_try_at=min(now, circuit.next_try_at)))


def forget_idle(session: Session, destinations: Destinations) -> None:
    """Take away the circuits of destinations for which nothing waits any more."""
    for circuit in circuits(session):
        if not waiting(session, circuit, destinations):
            close(session, circuit.destination, circuit.recipient)


def not_behind(found: Iterable[Circuit], destinations: Destinations) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for deliveries to be behind none of these circuits."""
    recipients: dict[str, list[str]] = defaultdict(list)
    for circuit in found:
        recipients[circuit.destination].append(circuit.recipient)
    return [
        ~_behind(destinations.channels_of(destination), () if "" in some else some)
        for destination, some in recipients.items()
    ]


def behind(circuit: Circuit, destinations: Destinations) -> sa.ColumnElement[bool]:
    """Return the condition for a delivery to go where a circuit is."""
    return _behind(destinations.channels_of(circuit.destination), (circuit.recipient,) if circuit.recipient else ())


def _behind(channels: Iterable[str], recipients: Iterable[str]) -> sa.ColumnElement[bool]:
    there = DeliveryRow.channel.in_(list(channels))
    some = list(recipients)
    return sa.and_(there, DeliveryRow.recipient.in_(some)) if some else there


def _circuit(row: CircuitRow) -> Circuit:
    return Circuit(
        destination=row.destination,
        recipient=row.recipient,
        state="open" if row.state == "open" else "failing",
        since=row.since,
        failures=row.failures,
        next_try_at=row.next_try_at,
        reason=row.reason,
        fingerprint=row.fingerprint,
        told_at=row.told_at,
    )
