"""What is remembered of hosts beside their robots.txt: until when to stay away, and what was asked of them each day."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.desk import HostDay
from crawler.store.database import inserting
from crawler.store.robots import keep_robots, robots_of
from crawler.store.tables import HostDayRow, HostRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crawler.desk import Robots
    from crawler.store.database import Database

_COUNTED = ("requests", "bytes", "unmodified", "failed")


class StoreShelf:
    """A crawler.desk.RobotsShelf on the database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def robots(self, host: str) -> Robots | None:
        return await self._database.run(robots_of, host)

    async def keep_robots(self, host: str, robots: Robots) -> None:
        await self._database.run(keep_robots, host, robots)

    async def bars(self) -> Mapping[str, datetime]:
        return await self._database.run(bars, self._clock())

    async def keep_bar(self, host: str, until: datetime) -> None:
        await self._database.run(keep_bar, host, until, self._clock())

    async def add_requests(self, days: Sequence[HostDay]) -> None:
        await self._database.run(add_requests, days)


def bars(session: Session, now: datetime) -> dict[str, datetime]:
    """Return the hosts that asked us to stay away, and until when."""
    rows = session.execute(sa.select(HostRow.host, HostRow.barred_until).where(HostRow.barred_until > now))
    return {row.host: row.barred_until for row in rows}


def keep_bar(session: Session, host: str, until: datetime, now: datetime) -> None:
    """Remember until when to stay away from a host; forget the times that are over."""
    session.execute(sa.delete(HostRow).where(HostRow.barred_until <= now))
    session.merge(HostRow(host=host, barred_until=until))


def add_requests(session: Session, days: Sequence[HostDay]) -> None:
    """Add to what was counted before."""
    if not days:
        return
    statement = inserting(session, HostDayRow)
    sums = {name: getattr(HostDayRow, name) + statement.excluded[name] for name in _COUNTED}
    statement = statement.on_conflict_do_update(index_elements=["host", "day"], set_=sums)
    session.connection().execute(statement, [asdict(one) for one in days])


def requests_since(session: Session, day: date) -> list[HostDay]:
    """Return what was asked of each host from a day on, the newest day first, in it the most first."""
    order = (HostDayRow.day.desc(), HostDayRow.requests.desc(), HostDayRow.host)
    rows = session.scalars(sa.select(HostDayRow).where(HostDayRow.day >= day).order_by(*order))
    return [HostDay(host=row.host, day=row.day, **{name: getattr(row, name) for name in _COUNTED}) for row in rows]
