"""The robots.txt of hosts, as they were last read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.desk import Robots
from crawler.store.tables import RobotsRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


_ROBOTS: Any = sa.inspect(RobotsRow).local_table
_KEPT = sa.select(_ROBOTS.c.status, _ROBOTS.c.body, _ROBOTS.c.fetched_at).where(_ROBOTS.c.host == sa.bindparam("of"))


def robots_of(session: Session, host: str) -> Robots | None:
    row = session.connection().execute(_KEPT, {"of": host}).one_or_none()
    return None if row is None else Robots(status=row.status, body=row.body, fetched_at=row.fetched_at)


def keep_robots(session: Session, host: str, robots: Robots) -> None:
    session.merge(RobotsRow(host=host, status=robots.status, body=robots.body, fetched_at=robots.fetched_at))
