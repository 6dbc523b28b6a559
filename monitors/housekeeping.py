"""The daily housekeeping: takes away what is not to be kept, in transactions that are short."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import structlog

from monitors.store import housekeeping as store
from monitors.store.notes import note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.settings import Archive
    from crawler.store.database import Database
    from monitors.store.housekeeping import Chore

log = structlog.get_logger()

LONG_S, SHORT_S = 0.05, 0.02
"""A transaction should not hold the writer for longer; one that is over sooner could do more."""
FIRST, MOST = 20, 1_000
"""How many rows one transaction takes away, at first and at the most."""


async def keep_house(
    database: Database, archive: Archive, clock: Callable[[], datetime], *, now_too: bool = False
) -> dict[str, int] | None:
    """Do the day's housekeeping; return how much went of what, or None if it was done today (`now_too`: even so)."""
    if not await database.run(store.begin, now=clock()) and not now_too:
        return None
    gone: dict[str, int] = {}
    for chore in store.chores(archive):
        if number := await _do(database, chore, clock()):
            gone[chore.name] = number
    await database.run(note, "housekeeping", {"gone": gone}, now=clock())
    log.info("housekeeping_done", **{name.replace(" ", "_"): number for name, number in gone.items()})
    return gone


async def _do(database: Database, chore: Chore, now: datetime) -> int:
    total, size, last = 0, FIRST, None
    while keys := await asyncio.to_thread(_find, database, chore, now, last):
        taken, at = 0, 0
        while at < len(keys):
            number, took_s = await database.run(_take, chore, keys[at : at + size], now)
            taken, at = taken + number, at + size
            size = max(1, size // 2) if took_s > LONG_S else min(MOST, size * 2) if took_s < SHORT_S else size
            await asyncio.sleep(took_s)  # half of the writer's time is for the others
        total, last = total + taken, keys[-1]
        if not taken:  # all of these must stay after all
            break
    return total


def _find(database: Database, chore: Chore, now: datetime, after: Any) -> Sequence[Any]:
    with database.read() as session:
        return chore.find(session, now, after)


def _take(session: Session, chore: Chore, keys: Sequence[Any], now: datetime) -> tuple[int, float]:
    started = time.monotonic()
    number = chore.take(session, keys, now)
    return number, time.monotonic() - started
