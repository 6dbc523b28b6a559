"""A newsroom whose outbox is looked at with the commands."""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from stand_ins.newsroom import Clock, Newsroom
from stand_ins.smtp import MailCatcher

from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors.app import App
from monitors.cli import newsvane
from monitors.in_force import InForce
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from click.testing import Result


class Desk:
    """A newsroom, its mail server, and a terminal."""

    def __init__(self, folder: Path, mail: MailCatcher) -> None:
        self.mail, self.clock, self.file = mail, Clock(), folder / "newsvane.yaml"
        self.file.write_text(
            f"""
settings: {{contact: desk@example.org, related: false}}
sources: [{{id: harbour, url: "https://harbour.example/feed"}}]
watchlists: [{{name: Clouds, keywords: [cloud], deliver: [{{channel: desk, when: now}}]}}]
channels:
  - {{id: desk, type: email, to: [ann@example.org, bob@example.org]}}
  - {{id: late, type: email, to: [cyd@example.org]}}
smtp: {{host: {mail.host}, port: {mail.port}}}
""",
            encoding="utf-8",
        )
        database = Database(f"sqlite:///{folder / 'newsvane.db'}")
        worker = Worker(database)
        worker.start(self.clock())
        self.app = App(InForce.of(load(self.file, environ={})), database, worker, self.clock)
        asyncio.run(self.app.adopt(self.app.in_force))
        self.room = Newsroom(self.app)
        self.room.finish()

    def alert(self, *titles: str) -> None:
        """Bring news, which is queued for both readers."""
        for title in titles:
            self.room.bring(title)
            self.room.match()

    def deliver(self) -> None:
        while self.room.deliver():
            pass

    def type(self, *words: str, **how: Any) -> Result:
        return CliRunner().invoke(newsvane, [words[0], *words[1:], "--config", str(self.file)], **how)

    def says(self, *words: str) -> str:
        result = self.type(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def json(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.says(*words).splitlines()]

    def states(self) -> list[str]:
        return [one["state"] for one in self.json("ledger", "--json")]


@pytest.fixture
def desk(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    shutil.copy(migrated_file, tmp_path / "newsvane.db")
    with MailCatcher() as mail:
        desk = Desk(tmp_path, mail)

        def now() -> datetime:
            return desk.clock()

        for module in ("opening", "outbox", "ledger", "replay"):
            monkeypatch.setattr(f"monitors.cli.{module}.now", now)
        yield desk
        desk.app.worker.stop()
        desk.app.database.close()
