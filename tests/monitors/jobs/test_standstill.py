"""Trouble with the database: the service stands still, tells somebody around the database, and goes on by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.newsroom import Newsroom
from stand_ins.postgres import PostgresServer
from stand_ins.smtp import MailCatcher

from crawler.errors import DatabaseTroubleError
from monitors.standstill import ENOUGH_ROOM, TELL_AFTER, Standstill
from monitors.store.notes import note, notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stand_ins.newsroom import Clock

    from monitors.app import App


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite, whose file and locks are at hand; what is other on PostgreSQL follows at the end."""
    return sqlite_url


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


@pytest.fixture
def app(newsroom: Callable[[str], Newsroom], mail: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setattr("crawler.store.database.BUSY_TIMEOUT_S", 0.1)
    yaml = f"""
        channels: [{{id: ops, type: email, to: ops@example.org}}]
        smtp: {{host: {mail.host}, port: {mail.port}, from: newsvane@example.org}}
        health: {{channel: ops}}
        """
    return newsroom(yaml).app


class Watched:
    """A Standstill, and how often it had the service pause and go on."""

    def __init__(self, app: App) -> None:
        self.app, self.paused, self.resumed = app, 0, 0
        self.standstill = Standstill(app, pause=self._pause, resume=self._resume)

    def _pause(self) -> None:
        self.paused += 1

    async def _resume(self) -> None:
        self.resumed += 1

    async def write(self) -> None:
        await self.app.database.run(note, "probe", {"it": "wrote"}, now=self.app.clock())

    async def look(self) -> None:
        await self.standstill.look(self.write)

    async def meet(self) -> None:
        with pytest.raises(DatabaseTroubleError):
            await self.write()


def test_a_lock_that_another_program_keeps_is_waited_for(
    app: App, clock: Clock, mail: MailCatcher, tmp_path: Path
) -> None:
    async def story() -> None:
        watched = Watched(app)
        with closing(sqlite3.connect(tmp_path / "news.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await watched.meet()
            await watched.meet()
            assert watched.paused == 1
            kept = asyncio.ensure_future(app.keep(note, "sent", {"receipt": "250"}, now=clock()))
            await watched.look()
            assert not mail.messages, "a moment is nothing to write about"
            clock.turn(TELL_AFTER)
            await watched.look()
            await watched.look()
            assert [str(one.message["subject"]) for one in mail.messages] == [
                "Newsvane: standing still, its database is locked"
            ]
            assert not kept.done()
        await watched.look()
        assert watched.standstill.trouble is None
        assert watched.resumed == 1
        await asyncio.wait_for(kept, 10)
        assert await app.database.run(notes)

    asyncio.run(story())
    assert app.database.write(notes)["sent"][0] == {"receipt": "250"}, "what was done outside is written down after all"


def test_that_it_is_over_is_told_through_the_outbox_and_only_where_it_was_told_at_all(
    app: App, clock: Clock, mail: MailCatcher
) -> None:
    def trouble(kind: str) -> DatabaseTroubleError:
        return DatabaseTroubleError(f"the disk is {kind}", kind="full")

    async def story() -> None:
        watched = Watched(app)
        watched.standstill.met(trouble("full"))
        await watched.look()  # there is room, so it is over
        watched.standstill.met(trouble("full again"))
        clock.turn(TELL_AFTER)
        monkey.setattr("monitors.standstill.room", lambda _: ENOUGH_ROOM - 1)
        await watched.look()
        monkey.undo()
        await watched.look()

    with pytest.MonkeyPatch.context() as monkey:
        asyncio.run(story())
    assert len(mail.messages) == 1
    assert [one.subject for one in Newsroom(app).outbox()] == ["Newsvane: at work again"]


def test_trouble_that_comes_and_goes_is_one_message_an_hour(app: App, clock: Clock, mail: MailCatcher) -> None:
    async def story() -> None:
        watched = Watched(app)
        with pytest.MonkeyPatch.context() as monkey:
            for _ in range(4):
                watched.standstill.met(DatabaseTroubleError("the disk is full", kind="full"))
                clock.turn(timedelta(minutes=5))
                monkey.setattr("monitors.standstill.room", lambda _: 0)
                await watched.look()
                monkey.undo()
                await watched.look()
            assert len(mail.messages) == 1
            clock.turn(timedelta(hours=1))
            watched.standstill.met(DatabaseTroubleError("the disk is full", kind="full"))
            clock.turn(TELL_AFTER)
            monkey.setattr("monitors.standstill.room", lambda _: 0)
            await watched.look()
        assert len(mail.messages) == 2

    asyncio.run(story())


def test_a_mail_server_that_is_down_too_is_tried_again(app: App, clock: Clock, mail: MailCatcher) -> None:
    async def story() -> None:
        watched = Watched(app)
        with pytest.MonkeyPatch.context() as monkey:
            monkey.setattr("monitors.standstill.room", lambda _: 0)
            watched.standstill.met(DatabaseTroubleError("the disk is full", kind="full"))
            clock.turn(TELL_AFTER)
            mail.at["greeting"].append("421 no")
            await watched.look()
            await watched.look()
            assert not mail.messages
            clock.turn(timedelta(minutes=1))
            await watched.look()
            assert len(mail.messages) == 1

    asyncio.run(story())


def test_a_file_without_our_tables_is_not_gone_on_with(app: App, tmp_path: Path) -> None:
    async def story() -> None:
        watched = Watched(app)
        move(tmp_path, "news.db", "away.db")
        await watched.meet()
        await watched.look()
        (tmp_path / "news.db").touch()
        await watched.look()
        assert watched.standstill.trouble, "it holds nothing"
        (tmp_path / "news.db").unlink()
        move(tmp_path, "away.db", "news.db")
        await watched.look()
        assert watched.standstill.trouble is None

    asyncio.run(story())


class TestOnPostgresql:
    @pytest.fixture
    def server(self) -> Iterator[PostgresServer]:
        with PostgresServer() as server:
            yield server

    @pytest.fixture
    def database_url(self, server: PostgresServer) -> str:
        return server.create()

    def test_a_server_that_stops_is_gone_and_is_gone_on_with_when_it_is_back(
        self, app: App, clock: Clock, mail: MailCatcher, server: PostgresServer
    ) -> None:
        async def story() -> None:
            watched = Watched(app)
            await watched.write()
            server.stop()
            await watched.meet()
            assert watched.standstill.trouble
            assert watched.standstill.trouble.kind == "gone"
            clock.turn(TELL_AFTER)
            await watched.look()
            assert "cannot be reached" in str(mail.messages[0].message["subject"])
            kept = asyncio.ensure_future(app.keep(note, "sent", {"receipt": "250"}, now=clock()))
            server.start()
            await watched.look()
            assert watched.standstill.trouble is None
            await asyncio.wait_for(kept, 10)

        asyncio.run(story())
        assert app.database.write(notes)["sent"][0] == {"receipt": "250"}

    def test_a_server_that_restarts_unseen_costs_at_most_one_look(
        self, app: App, mail: MailCatcher, server: PostgresServer
    ) -> None:
        async def story() -> None:
            watched = Watched(app)
            await watched.write()
            server.stop()
            server.start()
            try:
                await watched.write()
            except DatabaseTroubleError:
                await watched.look()
            await watched.write()
            assert watched.standstill.trouble is None

        asyncio.run(story())
        assert not mail.messages


def move(folder: Path, name: str, to: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        if (folder / f"{name}{suffix}").exists():
            (folder / f"{name}{suffix}").rename(folder / f"{to}{suffix}")
