"""On PostgreSQL workers see each other live and die, from any machine, also when the server goes and comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.newsroom import HARBOUR, WIRE
from stand_ins.postgres import PostgresServer

from crawler.errors import DatabaseTroubleError
from crawler.store import claims
from crawler.store.claims import Worker
from crawler.store.database import SESSION, Database
from crawler.store.sources import claim_due, keep_sources
from crawler.store.tables import WorkerRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.newsroom import Clock

SOURCES = {one.id: one for one in (HARBOUR, WIRE)}


@pytest.fixture
def databases(postgresql_url: str, clock: Clock) -> Iterator[list[Database]]:
    """What two machines have of one database."""
    machines = [Database(postgresql_url) for _ in range(2)]
    machines[0].write(keep_sources, SOURCES.values(), now=clock())
    yield machines
    for one in machines:
        one.close()


@pytest.fixture
def workers(databases: list[Database], clock: Clock) -> Iterator[list[Worker]]:
    pair = [Worker(one) for one in databases]
    for one in pair:
        one.start(clock())
    yield pair
    for one in pair:
        one.stop()


def claimed(database: Database, worker: Worker, clock: Clock) -> int:
    return len(database.claim(claim_due, SOURCES, limit=9, worker=worker, now=clock()))


def cut(worker: Worker) -> None:
    """End the connection that holds a worker's lock, as a network that fails does."""
    connection = worker._locks._connection  # type: ignore[attr-defined]
    pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    with worker._database.begin() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_worker_that_dies_is_noticed_by_those_that_live(
    databases: list[Database], workers: list[Worker], clock: Clock
) -> None:
    assert claimed(databases[0], workers[0], clock) == 2
    workers[1].stay(clock())
    assert claimed(databases[1], workers[1], clock) == 0
    cut(workers[0])
    workers[1].stay(clock())
    assert claimed(databases[1], workers[1], clock) == 2


def test_a_worker_that_lost_its_lock_takes_it_again(
    databases: list[Database], workers: list[Worker], clock: Clock
) -> None:
    assert claimed(databases[0], workers[0], clock) == 2
    cut(workers[0])
    workers[0].stay(clock())
    workers[1].stay(clock())
    assert claimed(databases[1], workers[1], clock) == 0


def test_a_worker_that_was_taken_for_dead_announces_itself_again(
    databases: list[Database], workers: list[Worker], clock: Clock
) -> None:
    cut(workers[0])
    workers[1].stay(clock())
    workers[0].stay(clock())
    with databases[0].read() as session:
        assert set(session.scalars(sa.select(WorkerRow.id))) == {one.id for one in workers}
    assert claimed(databases[0], workers[0], clock) == 2
    workers[1].stay(clock())
    assert claimed(databases[1], workers[1], clock) == 0


def test_a_lock_that_somebody_still_holds_is_tried_for_again(
    databases: list[Database], workers: list[Worker], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = databases[1].connect_apart()  # the server has not noticed yet that the connection before is gone
    cut(workers[0])
    key = {"key": claims._key(workers[0].id)}
    apart.execute(sa.text("SELECT pg_advisory_lock(:key)"), key)
    monkeypatch.setitem(SESSION, "lock_timeout", "50ms")
    for _ in range(2):
        with pytest.raises(DatabaseTroubleError, match="locked"):
            workers[0].stay(clock())
    apart.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)
    workers[0].stay(clock())
    workers[1].stay(clock())
    with databases[0].read() as session:
        assert session.scalar(sa.select(sa.func.count(WorkerRow.id))) == 2
    apart.close()
    apart.engine.dispose()


def test_a_restart_of_the_server_makes_nobody_dead_who_comes_back(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PostgresServer() as server:  # one that may be stopped
        url = server.create()
        machines = [Database(url) for _ in range(2)]
        machines[0].write(keep_sources, SOURCES.values(), now=clock())
        first, second = (Worker(one) for one in machines)
        first.start(clock())
        second.start(clock())
        assert claimed(machines[0], first, clock) == 2
        server.stop()
        with pytest.raises(DatabaseTroubleError):
            second.stay(clock())
        with pytest.raises(DatabaseTroubleError), machines[0].read() as session:
            session.scalar(sa.select(1))
        server.start()
        second.stay(clock())
        assert claimed(machines[1], second, clock) == 0, "the other had no time yet to take its lock again"
        monkeypatch.setattr(claims, "SETTLES", timedelta(0))
        second.stay(clock())
        assert claimed(machines[1], second, clock) == 2
        first.stay(clock())
        first.stop()
        second.stop()
        for one in machines:
            one.close()
