"""Work is shared out once, and what a dead worker had is free at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from stand_ins.newsroom import HARBOUR

from crawler.store.claims import Worker
from crawler.store.sources import LEASE, claim_due, keep_sources

if TYPE_CHECKING:
    from stand_ins.newsroom import Clock

    from crawler.domain import Source
    from crawler.store.database import Database

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


def test_eight_threads_share_the_work_without_a_twin(database: Database, worker: Worker, clock: Clock) -> None:
    many = [HARBOUR.__class__(id=f"s{n}", url=f"https://s{n}.example", name=f"S{n}") for n in range(200)]
    database.write(keep_sources, many, now=clock())
    by_id, taken = {one.id: one for one in many}, []

    def take() -> None:
        while batch := database.write(claim_due, by_id, limit=7, worker=worker, now=clock()):
            taken.extend(one.source.id for one in batch)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(taken) == sorted(by_id)


def test_a_source_that_left_the_configuration_is_not_read(
    database: Database, worker: Worker, clock: Clock, sources: dict[str, Source]
) -> None:
    database.write(keep_sources, [HARBOUR], now=clock.turn(timedelta(minutes=1)))
    assert [one.source.id for one in database.write(claim_due, sources, limit=9, worker=worker, now=clock())] == [
        "harbour"
    ]
