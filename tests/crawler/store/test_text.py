"""What servers say of themselves is stored whatever it is, on both databases, and orders and compares alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.domain import Failed, Read, Validators
from crawler.polling import Polling
from crawler.store.outcomes import record
from crawler.store.sources import source_states
from crawler.store.tables import NoteRow, SourceRow

if TYPE_CHECKING:
    from stand_ins.newsroom import Clock

    from crawler.domain import Source
    from crawler.store.database import Database


def test_a_nul_in_what_a_server_says_breaks_nothing(
    database: Database, sources: dict[str, Source], clock: Clock
) -> None:
    harbour = sources["harbour"]
    read = Read(entries=1, new=1, validators=Validators(etag='"a\0b"', last_modified="\0"))
    database.write(record, harbour, read, Polling(), now=clock())
    database.write(record, harbour, Failed(reason="it said \0 and closed", kind="dropped"), Polling(), now=clock())
    with database.read() as session:
        row = session.get_one(SourceRow, "harbour")
        assert (row.etag or "").replace("\0", "") == '"ab"'
        assert (row.reason or "").replace("\0", "") == "it said  and closed"
        (state,) = [one for one in source_states(session, now=clock()) if one.id == "harbour"]
        assert state.usual_gap_s is None or state.usual_gap_s > 0


def test_json_keeps_whatever_text_there_is(database: Database, clock: Clock) -> None:
    odd = {"text": "NUL \0, half a pair \ud800, 云", "number": 2**70, "nothing": None, "share": 0.1}
    with database.begin() as session:
        session.add(NoteRow(name="odd", value=odd, at=clock()))
    with database.read() as session:
        assert session.get_one(NoteRow, "odd").value == odd


def test_a_time_is_the_same_instant_wherever_it_is_kept(database: Database) -> None:
    summer = datetime.fromisoformat("2026-07-01T09:30:00.123456+10:30")
    with database.begin() as session:
        session.add(NoteRow(name="then", value={}, at=summer))
    with database.read() as session:
        at = session.get_one(NoteRow, "then").at
        assert (at, at.tzinfo) == (summer, UTC)
        assert session.scalars(sa.select(NoteRow.name).where(NoteRow.at <= summer)).all() == ["then"]
        assert session.scalars(sa.select(NoteRow.name).where(NoteRow.at < summer)).all() == []
