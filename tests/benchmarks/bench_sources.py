"""What planning costs when 20,000 sources are due: claiming them, deciding when to come back, writing that down.

A tick claims a batch of what is due, and records what came of it; the outcomes are simulated, the database is real.

    python tests/benchmarks/bench_sources.py [SOURCES]
"""

from __future__ import annotations

import logging
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from crawler.domain import Failed, NotModified, Read, Source, Validators
from crawler.health import Body, Brought
from crawler.polling import Polling, Rhythm, chance_of, heard, next_check, usual_wait
from crawler.store.claims import Worker
from crawler.store.database import Database
from crawler.store.outcomes import Ended, record, record_all
from crawler.store.sources import claim_due, count_due, keep_sources, source_states
from monitors.store.health import attempts, network, untold
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 200
TICKS = 20
START = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Statements:
    """Counts what is sent to the database."""

    def __init__(self, database: Database) -> None:
        self.number = 0
        sa.event.listen(database.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.number += "BEGIN" not in statement


def simulated(source: Source, dice: random.Random, now: datetime) -> Ended:
    """Return how a read may go: two in three are unmodified, one in twenty fails."""
    luck = dice.random()
    if luck < 0.05:
        failed = Failed(reason="no complete answer within 20 s", kind="timeout", permanent=luck < 0.01)
        return Ended(source=source, outcome=failed)
    if luck < 0.66:
        return Ended(source=source, outcome=NotModified())
    new = dice.randrange(5)
    dates = tuple(now - timedelta(hours=at) for at in range(25))
    read = Read(entries=25, new=new, dates=dates, validators=Validators(etag=f'"{luck}"'))
    bodies = tuple(Body(length=dice.randrange(500, 9_000), print=dice.getrandbits(32)) for _ in range(new))
    return Ended(source=source, outcome=read, brought=Brought(named=new, stored=new, bodies=bodies))


def timed(name: str, work: Callable[[], Any], statements: Statements) -> Any:
    before, cpu, wall = statements.number, time.process_time(), time.perf_counter()
    result = work()
    wall_ms, cpu_ms = (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
    print(f"{name:58} {wall_ms:8.1f} ms ({cpu_ms:7.1f} of the processor), {statements.number - before} statements")
    return result


def main(number: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    dice = random.Random(1)  # noqa: S311  (a seeded one)
    sources = {
        one.id: one
        for one in (Source(id=f"s{at}", url=f"https://h{at}.example/feed", name=f"Source {at}") for at in range(number))
    }
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}/news.db")
        upgrade(database)
        worker = Worker(database)
        worker.start(START)
        statements = Statements(database)
        print(f"{number:,} sources, all due; batches of {BATCH}")
        timed(
            "a configuration comes into force",
            lambda: database.write(keep_sources, sources.values(), now=START),
            statements,
        )
        timed("and again, unchanged", lambda: database.write(keep_sources, sources.values(), now=START), statements)
        for day in range(2):
            now = START + timedelta(days=day)
            run_ticks(database, sources, worker, statements, dice, now, at_most=TICKS if day else number)
        run_ticks(database, sources, worker, statements, dice, now, at_most=TICKS, together=False)
        now = START + timedelta(days=3)
        look_on(database, statements, now)
        all_of_them = timed(
            f"claim all {number:,} at once",
            lambda: database.write(claim_due, sources, limit=number, worker=worker, now=now),
            statements,
        )
        assert len(all_of_them) == number
        timed(f"decide when to come back, for {number:,}", lambda: decide(number, dice, now), statements)
        worker.stop()
        database.close()
    print(f"memory at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def run_ticks(
    database: Database,
    sources: dict[str, Source],
    worker: Worker,
    statements: Statements,
    dice: random.Random,
    now: datetime,
    *,
    at_most: int,
    together: bool = True,
) -> None:
    """Work off what is due, tick by tick, and tell of the ticks; on the second day there is a past."""
    claims: list[float] = []
    records: list[float] = []
    sent: list[int] = []
    while len(claims) < at_most:
        before, cpu = statements.number, time.process_time()
        batch = database.write(claim_due, sources, limit=BATCH, worker=worker, now=now)
        claims.append((time.process_time() - cpu) * 1e3)
        sent.append(statements.number - before)
        if not batch:
            break
        ended = [simulated(one.source, dice, now) for one in batch]
        cpu = time.process_time()
        with database.begin() as session:
            if together:
                record_all(session, ended, Polling(), now=now)
            else:
                for one in ended:
                    record(session, one.source, one.outcome, Polling(), now=now, brought=one.brought)
        records.append((time.process_time() - cpu) * 1e3)
    ticks = sorted(claim + written for claim, written in zip(claims, records, strict=False))
    how = "together" if together else "one by one"
    print(
        f"a tick: claim, decide and record {BATCH} {how}: median {ticks[len(ticks) // 2]:.0f} ms, "
        f"worst {ticks[-1]:.0f} ms; of that the claim {sorted(claims)[len(claims) // 2]:.1f} ms "
        f"in {max(sent)} statement (commit aside)"
    )


def look_on(database: Database, statements: Statements, now: datetime) -> None:
    with database.read() as session:
        timed("how many are due", lambda: count_due(session, now=now), statements)
        timed("newsvane sources: how each is doing", lambda: source_states(session, now=now), statements)
        timed("watch_health: is the network there", lambda: attempts(session), statements)
        timed("watch_health: what is to be told", lambda: untold(session, network(session)), statements)


def decide(number: int, dice: random.Random, now: datetime) -> None:
    rhythm, polling = Rhythm(entries=25, per_hour=1.0, peak_per_hour=4.0, gap_s=3600.0), Polling()
    hour = timedelta(hours=1)
    for at in range(number):
        new = dice.randrange(5)
        learned = heard(rhythm, entries=25, new=new, since=hour, quiet=hour)
        usual = usual_wait(learned, polling, quiet=hour)
        chance = chance_of(f"s{at}", now)
        next_check(Read(entries=25, new=new), polling, usual=usual, failures=0, chance=chance, now=now)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
