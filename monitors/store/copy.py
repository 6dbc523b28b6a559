"""Copies all that a database holds into another, which may be of the other kind: `newsvane db copy`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.errors import NewsvaneError
from crawler.store.database import CHUNK
from crawler.store.tables import Base, NoteRow, WorkerRow
from monitors.store import tables as _tables  # noqa: F401  # makes all of them known to Base

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crawler.store.database import Database

PULSE_LOST = timedelta(minutes=2)  # a service notes its pulse every 30 seconds
_LEFT_OUT = {WorkerRow.__tablename__}  # processes at work on the one are not at work on the other


def copy(source: Database, target: Database, *, now: datetime, told: Callable[[str, int], None]) -> None:
    """Copy every row, in one transaction on either side; call `told` with each table and its number of rows.

    Both have to be at the newest revision.

    Raises:
        NewsvaneError: the target is not empty, a service works on the source, or not every row arrived.

    """
    tables = [table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]
    with source.read() as reading, target.begin() as writing:
        _check_idle(reading, now)
        if taken := [table.name for table in tables if _count(writing, table)]:
            raise NewsvaneError(f"the target is not empty: there are rows in {', '.join(taken)}")
        for table in tables:
            _copy_table(reading, writing, table)
            number = _count(writing, table)
            if number != (wanted := _count(reading, table)):
                raise NewsvaneError(f"{table.name}: {number} of {wanted} rows arrived; nothing was written")
            told(table.name, number)
        _go_on_numbering(writing, tables)


def _check_idle(session: sa.orm.Session, now: datetime) -> None:
    pulse = session.get(NoteRow, "service")
    if pulse and pulse.at > now - PULSE_LOST:
        raise NewsvaneError("a service is running on the source: stop it first, or what it writes now stays behind")


def _count(session: sa.orm.Session, table: sa.Table) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _copy_table(reading: sa.orm.Session, writing: sa.orm.Session, table: sa.Table) -> None:
    here = sa.table(table.name, *(sa.column(column.name, _type(column)) for column in table.columns))
    rows = reading.execute(sa.select(here).execution_options(yield_per=CHUNK))
    for some in rows.mappings().partitions():
        writing.execute(sa.insert(here), [{**row, **_unclaimed(table)} for row in some])


def _type(column: sa.Column[Any]) -> Any:
    # else a value that is missing would become one that is there and says `null`
    return sa.JSON(none_as_null=True) if isinstance(column.type, sa.JSON) else column.type


def _unclaimed(table: sa.Table) -> dict[str, None]:
    return {name: None for name in ("claimed_by", "claimed_until") if name in table.columns}


def _go_on_numbering(session: sa.orm.Session, tables: list[sa.Table]) -> None:
    """Let PostgreSQL number new rows after those that brought their numbers; SQLite does so anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        last = session.scalar(sa.select(sa.func.max(column))) if column is not None else None
        if column is not None and last is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            session.execute(sa.select(sa.func.setval(sequence, last)))
