"""What the tests lend as a PostgreSQL database is one, and nobody finds what another test left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import Database
from crawler.store.tables import WorkerRow

if TYPE_CHECKING:
    from stand_ins.postgres import PostgresServer


def test_a_database_is_lent_again_without_what_was_in_it(postgres: PostgresServer) -> None:
    with postgres.lend() as url:
        first = Database(url)
        with first.begin() as session:
            session.add(WorkerRow(id="one", started_at=datetime.now(UTC)))
    with postgres.lend() as again:
        assert again == url
        database = Database(again)
        with database.read() as session:
            assert session.scalar(sa.select(sa.func.count(WorkerRow.id))) == 0
        database.close()
    first.close()
