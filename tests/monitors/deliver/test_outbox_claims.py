"""Which deliveries are taken: each by one, in order, one at a time where there is trouble, and quickly."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from crawler.store.claims import Worker
from crawler.store.database import Database, inserting
from monitors.deliver.channels import Facilities
from monitors.deliver.channels.email import Options
from monitors.deliver.destinations import Destinations
from monitors.deliver.smtp import Smtp
from monitors.domain import Circuit
from monitors.store import circuits as circuit_store
from monitors.store import outbox
from monitors.store.tables import DeliveryRow, MessageRow
from monitors.watchlist_file import ChannelConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.domain import Delivery

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHANNELS = {
    name: ChannelConfig(id=name, kind="email", options=Options(to=(f"{name}@example.org",))) for name in ("a", "b")
}
DESTINATIONS = Destinations(CHANNELS, Facilities(smtp=Smtp()))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def fill(database: Database, number: int, *, recipients: int = 4, state: str = "queued", channel: str = "a") -> None:
    """Put messages into the ledger, one to each recipient in turn."""
    if not number:
        return
    with database.begin() as session:
        first = (session.scalar(sa.select(sa.func.max(MessageRow.id))) or 0) + 1
        ids = range(first, first + number)
        messages = [{"id": one, "key": "alert:a", "slot": f"{one}", "composed_at": NOW} for one in ids]
        session.execute(inserting(session, MessageRow), messages)
        deliveries = [
            {
                "message_id": one,
                "channel": channel,
                "recipient": f"{one % recipients}@example.org",
                "part": 0,
                "mail_id": f"{one}",
                "payload": b"x" * 20_000 if state == "queued" else b"",
                "state": state,
                "queued_at": NOW,
                "next_try_at": NOW,
                "attempts": 0,
            }
            for one in ids
        ]
        session.execute(inserting(session, DeliveryRow), deliveries)


def worker(database: Database) -> Worker:
    one = Worker(database)
    one.start(NOW)
    return one


def claim(database: Database, by: Worker, *, limit: int = 16, now: datetime = NOW) -> list[Delivery]:
    with database.begin() as session:
        return outbox.claim_deliveries(session, DESTINATIONS, limit=limit, worker=by, now=now)


def trouble(database: Database, recipient: str = "", *, at: datetime = NOW) -> None:
    circuit = Circuit(
        destination="smtp",
        recipient=recipient,
        state="failing",
        since=NOW,
        failures=1,
        next_try_at=at,
        reason="down",
        fingerprint="",
    )
    with database.begin() as session:
        circuit_store.keep(session, circuit)


def test_eight_services_take_each_delivery_once_and_in_order(database: Database) -> None:
    fill(database, 120)
    taken: dict[str, list[int]] = defaultdict(list)
    services = [worker(database) for _ in range(8)]
    barrier = Barrier(8)

    def serve(by: Worker) -> list[tuple[str, int]]:
        barrier.wait()
        done, idle = [], 0
        while idle < 40:
            batch = claim(database, by, limit=3)
            idle = 0 if batch else idle + 1
            for delivery in batch:
                done.append((delivery.recipient, delivery.id))
                taken[delivery.recipient].append(delivery.id)  # in the order of the claims, since one follows another
                with database.begin() as session:
                    outbox.sent(session, delivery, "250", now=NOW)
        return done

    with ThreadPoolExecutor(8) as pool:
        everything = [one for done in pool.map(serve, services) for one in done]
    for one in services:
        one.stop()
    assert max(Counter(everything).values()) == 1
    assert len(everything) == 120
    assert all(ids == sorted(ids) for ids in taken.values())


@pytest.mark.parametrize("recipient", ["", "1@example.org"])
def test_of_eight_services_one_probes_a_destination_in_trouble(database: Database, recipient: str) -> None:
    fill(database, 40, recipients=40 if not recipient else 2)
    trouble(database, recipient)
    services = [worker(database) for _ in range(8)]
    barrier = Barrier(8)

    def probe(by: Worker) -> list[Delivery]:
        barrier.wait()
        return [one for _ in range(3) for one in claim(database, by)]

    with ThreadPoolExecutor(8) as pool:
        found = [one for some in pool.map(probe, services) for one in some]
    probes = {one.id for one in found if not recipient or one.recipient == recipient}
    assert probes == {1}, "the oldest, and no other while that is under way"
    for one in services:
        one.stop()


def test_before_its_time_nothing_goes_to_a_destination_in_trouble(database: Database) -> None:
    fill(database, 4)
    trouble(database, at=NOW + MINUTE)
    by = worker(database)
    assert claim(database, by, now=NOW + MINUTE - timedelta(microseconds=1)) == []
    assert len(claim(database, by, now=NOW + MINUTE)) == 1
    by.stop()


def test_what_is_behind_one_recipient_does_not_hold_up_the_probe_of_the_server(database: Database) -> None:
    fill(database, 8)
    trouble(database, "1@example.org", at=NOW + MINUTE)
    trouble(database)
    by = worker(database)
    assert [one.recipient for one in claim(database, by)] == ["2@example.org"]
    by.stop()


def double(database: Database) -> None:
    """Write the ledger once more into itself."""
    with database.begin() as session:
        last = {"last": session.scalar(sa.select(sa.func.max(MessageRow.id)))}
        session.execute(
            sa.text(
                "INSERT INTO messages (id, key, slot, composed_at) "
                "SELECT id + :last, key, CAST(id + :last AS VARCHAR), composed_at FROM messages"
            ),
            last,
        )
        columns = "channel, recipient, part, mail_id, payload, state, queued_at, next_try_at, attempts"
        session.execute(
            sa.text(
                f"INSERT INTO deliveries (message_id, {columns}) SELECT message_id + :last, {columns} FROM deliveries"  # noqa: S608 -- our own words
            ),
            last,
        )


@pytest.mark.parametrize("queued", [0, 2_000])
def test_a_claim_looks_at_what_waits_and_not_at_the_ledger(database: Database, queued: int) -> None:
    by = worker(database)

    def took() -> float:
        started = time.perf_counter()
        batch = claim(database, by)
        took_s = time.perf_counter() - started
        assert len(batch) == min(16, queued)
        with database.begin() as session:
            outbox.release(session, batch, by)
        return took_s

    fill(database, 800, recipients=50, state="sent")
    fill(database, queued, recipients=20)
    before = min(took() for _ in range(5))
    with database.begin() as session:
        session.execute(sa.text("DELETE FROM deliveries WHERE state <> 'sent'"))
    for _ in range(6):
        double(database)
    fill(database, queued, recipients=20)
    after = min(took() for _ in range(5))
    by.stop()
    print(f"{queued} queued: {before * 1_000:.1f} ms, with 64 times the ledger {after * 1_000:.1f} ms")  # noqa: T201
    assert after < 16 * before
