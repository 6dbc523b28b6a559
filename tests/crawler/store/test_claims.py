"""Work is shared out once, and what a dead worker had is free at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.newsroom import HARBOUR

from crawler.store.claims import Worker, claim
from crawler.store.database import Database
from crawler.store.sources import LEASE, claim_due, keep_sources
from crawler.store.tables import NoteRow, SourceRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from stand_ins.newsroom import Clock

    from crawler.domain import Source

DIES_AT_WORK = """
import os, signal, sys
from datetime import UTC, datetime
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.sources import claim_due
from crawler.domain import Source
database = Database(sys.argv[1])
worker = Worker(database)
now = datetime(2026, 11, 23, 7, tzinfo=UTC)
worker.start(now)
claimed = database.write(claim_due, {"harbour": Source(id="harbour", url="", name="")}, limit=1, worker=worker, now=now)
print(len(claimed), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_claim_keeps_others_away_until_it_ends(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    other = Worker(database)
    other.start(clock())
    assert len(database.write(claim_due, sources, limit=1, worker=worker, now=clock())) == 1
    assert len(database.write(claim_due, sources, limit=9, worker=other, now=clock())) == 1
    assert database.write(claim_due, sources, limit=9, worker=other, now=clock()) == []
    clock.turn(LEASE)
    assert len(database.write(claim_due, sources, limit=9, worker=other, now=clock())) == 2
    other.stop()
    assert len(database.write(claim_due, sources, limit=9, worker=worker, now=clock())) == 2, "given back at the end"


def test_no_more_is_claimed_than_was_asked_for_however_it_is_planned(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL plans it in several ways")

    def claimed(session: Session) -> int:
        session.execute(sa.text("ANALYZE"))
        for way in ("hashjoin", "hashagg", "sort", "material"):
            session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        return len(claim_due(session, sources, limit=1, worker=worker, now=clock()))

    assert database.write(claimed) == 1


def test_a_killed_workers_claims_are_free_at_the_next_start(
    database: Database, clock: Clock, sources: dict[str, Source]
) -> None:
    url = database.engine.url.render_as_string()
    victim = subprocess.run([sys.executable, "-c", DIES_AT_WORK, url], capture_output=True, text=True, check=False)
    assert (victim.stdout, victim.returncode) == ("1\n", -9)
    successor = Worker(database)
    successor.start(clock())
    assert len(database.write(claim_due, sources, limit=9, worker=successor, now=clock())) == 2
    successor.stop()


def test_a_living_workers_claims_are_left_alone(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    database.write(claim_due, sources, limit=9, worker=worker, now=clock())
    newcomer = Worker(database)
    newcomer.start(clock())
    assert database.write(claim_due, sources, limit=9, worker=newcomer, now=clock()) == []
    newcomer.stop()


def many_sources(database: Database, clock: Clock, number: int = 400) -> dict[str, Source]:
    many = [replace(HARBOUR, id=f"s{n}", url=f"https://s{n}.example", name=f"S{n}") for n in range(number)]
    database.write(keep_sources, many, now=clock())
    return {one.id: one for one in many}


def test_eight_threads_share_the_work_without_a_twin(
    database: Database, worker: Worker, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    by_id = many_sources(database, clock)
    taken: list[list[str]] = [[] for _ in range(8)]
    ready = threading.Barrier(9)

    def take(mine: list[str]) -> None:
        ready.wait()
        while batch := database.claim(claim_due, by_id, limit=5, worker=worker, now=clock()):
            mine.extend(one.source.id for one in batch)

    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.monotonic()
    for thread in threads:
        thread.join(timeout=60)
    took_s = time.monotonic() - started
    assert sorted(one for mine in taken for one in mine) == sorted(by_id), "nothing twice, and nothing lost"
    with capsys.disabled():
        shares = [len(mine) for mine in taken]
        print(f"\n{database.engine.dialect.name}: {len(by_id) / took_s:,.0f} claims/s in 8 threads, shares {shares}")  # noqa: T201


TAKES_ALL = """
import sys
from datetime import UTC, datetime
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.sources import claim_due
from crawler.domain import Source
database = Database(sys.argv[1])
worker = Worker(database)
now = datetime(2026, 11, 23, 7, tzinfo=UTC)
worker.start(now)
sources = {f"s{n}": Source(id=f"s{n}", url="", name="") for n in range(400)}
print("ready", flush=True)
sys.stdin.readline()
while batch := database.claim(claim_due, sources, limit=5, worker=worker, now=now):
    print(*(one.source.id for one in batch), flush=True)
sys.stdin.readline()  # what is claimed is given back at the end
"""


def test_four_processes_share_the_work_without_a_twin(database: Database, clock: Clock) -> None:
    by_id = many_sources(database, clock)
    command = [sys.executable, "-c", TAKES_ALL, database.engine.url.render_as_string()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]
    for one in processes:
        assert one.stdout.readline() == "ready\n"
    for one in processes:
        one.stdin.write("go\n")
        one.stdin.flush()
    deadline = time.monotonic() + 60
    while (left := database.write(count_free, clock())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == 0
    taken = [one.communicate(timeout=60)[0].split() for one in processes]
    assert sorted(one for mine in taken for one in mine) == sorted(by_id)


def count_free(session: Session, now: datetime) -> int:
    free = sa.or_(SourceRow.claimed_until.is_(None), SourceRow.claimed_until <= now)
    return session.scalar(sa.select(sa.func.count()).where(free)) or 0


def test_what_a_worker_still_holds_of_a_job_that_is_alone_is_free_to_it_only(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    other = Worker(database)
    other.start(clock())

    def take(session: Session, who: Worker) -> list[SourceRow]:
        until = clock() + LEASE
        return claim(
            session, SourceRow, order_by=SourceRow.id, limit=9, worker=who, until=until, now=clock(), alone=True
        )

    for _ in range(2):
        assert {row.id for row in database.claim(take, worker)} == set(sources)
        assert database.claim(take, other) == []
    other.stop()


def test_claims_skip_what_others_hold_and_wait_for_nobody(postgresql_url: str, clock: Clock) -> None:
    database = Database(postgresql_url)
    worker = Worker(database)
    worker.start(clock())
    by_id = many_sources(database, clock, 6)
    with database.begin() as session:  # somebody writes, and for long
        held = session.scalars(sa.select(SourceRow.id).order_by(SourceRow.id).limit(2).with_for_update()).all()
        claimed = database.claim(claim_due, by_id, limit=9, worker=worker, now=clock())
        assert {one.source.id for one in claimed} == by_id.keys() - set(held)
    worker.stop()
    database.close()


def test_writers_take_turns_on_postgresql_so_that_nothing_is_counted_twice(postgresql_url: str, clock: Clock) -> None:
    databases = [Database(postgresql_url) for _ in range(4)]

    def count(database: Database) -> None:
        for _ in range(25):
            database.write(add, clock())

    def add(session: Session, now: datetime) -> None:
        row = session.get(NoteRow, "counted")
        number = row.value["number"] + 1 if row else 1
        session.execute(sa.delete(NoteRow))
        session.add(NoteRow(name="counted", value={"number": number}, at=now))

    threads = [threading.Thread(target=count, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with databases[0].read() as session:
        assert session.get_one(NoteRow, "counted").value == {"number": 100}
    for one in databases:
        one.close()


def test_a_source_that_left_the_configuration_is_not_read(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    database.write(keep_sources, [HARBOUR], now=clock.turn(timedelta(minutes=1)))
    assert [one.source.id for one in database.write(claim_due, sources, limit=9, worker=worker, now=clock())] == [
        "harbour"
    ]
