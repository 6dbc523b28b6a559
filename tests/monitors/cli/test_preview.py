"""`newsvane preview`: what a cap hid, and what a watchlist would have brought since some time."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from stand_ins.newsroom import Newsroom
from stand_ins.program import Newsvane

from crawler.store.claims import Worker
from crawler.store.database import Database
from monitors.app import App
from monitors.cli.preview import preview_command
from monitors.in_force import InForce
from monitors.store.migrate import upgrade
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime.now(UTC) - 5 * DAY
YAML = """\
settings: {contact: me@example.org, related: false}
sources:
  - {id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}
  - {id: wire, name: Wire, url: "https://wire.example/feed"}
smtp: {from: newsvane@example.org}
watchlists:
  - name: Clouds
    keywords: [cloud]
    deliver:
      - {to: desk@example.org, at: "00:00", max_items: 2}
      - {to: boss@example.org, at: "12:00", max_items: 1}
"""
EVENTS = (
    "Kiruna mine moves its maps",
    "Lisbon trams lose a timetable",
    "Perth hospital buys servers",
    "Quito archive burns",
    "Nairobi bank reports profit",
    "Gdansk ferry leaves early",
    "Osaka schools shut for snow",
    "Tulsa farmers sue a dealer",
    "Bergen fish exports double",
    "Lyon theatre opens again",
    "Hanoi bans scooters",
    "Cork museum finds a letter",
    "Basel zoo counts penguins",
    "Dakar court frees a captain",
)
PILOTS = "  - {name: Pilots, keywords: [pilot]}\n"


class Clock:
    """Five days ago, until it is turned."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Shell:
    """Where people type `newsvane preview`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configure(YAML)

    def configure(self, yaml: str) -> None:
        (self.folder / "newsvane.yaml").write_text(yaml, encoding="utf-8")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(preview_command, arguments, catch_exceptions=False)

    def __call__(self, *arguments: str) -> str:
        """Return what a command shows, without the stars that mark a hit."""
        done = self.run(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.run(*arguments, "--format", "json").stdout)
        return shown


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


@pytest.fixture
def room(shell: Shell) -> Iterator[Newsroom]:
    """The service that works on the same database."""
    database = Database(f"sqlite:///{shell.folder / 'newsvane.db'}")
    upgrade(database)
    clock = Clock()
    worker = Worker(database)
    worker.start(clock())
    app = App(InForce.of(load(shell.folder / "newsvane.yaml", environ={})), database, worker, clock)
    asyncio.run(app.adopt(app.in_force))
    yield Newsroom(app)
    worker.stop()
    database.close()


def turn(room: Newsroom, by: timedelta) -> None:
    clock = room.app.clock
    assert isinstance(clock, Clock)
    clock.now += by


def story(number: int) -> str:
    return f"{EVENTS[number]} by cloud"


def filled(room: Newsroom) -> None:
    """Publish five stories on clouds and one of pilots, an hour after the other, and send the digests of a day."""
    room.finish()
    turn(room, HOUR)
    for number in range(5):
        room.bring(story(number))
        turn(room, HOUR)
    room.bring("Pilots vote on strike")
    room.match()
    turn(room, DAY)
    assert room.compose() == 2


def numbers(text: str) -> set[int]:
    """Return which of the events a text shows."""
    text = " ".join(text.replace("*", "").split())
    return {number for number, event in enumerate(EVENTS) if event in text}


def test_all_shows_what_a_cap_hid_from_any_reader(shell: Shell, room: Newsroom) -> None:
    filled(room)
    for mail, hidden in zip(room.outbox(), (3, 4), strict=True):
        assert len(numbers(mail.text)) == 5 - hidden
        assert f"and {hidden} more: newsvane preview clouds --all" in " ".join(mail.text.split())
    turn(room, HOUR)
    room.bring(story(5))
    room.match()
    shown = shell("clouds", "--all")
    assert numbers(shown) == {0, 1, 2, 3, 4, 5}
    assert "more: newsvane" not in shown
    told = shell.json("clouds", "--all")
    assert len(told["stories"]) == len(told["matches"]) == 6
    assert numbers(shell("clouds")) == {5}


def test_all_also_shows_what_was_there_before_and_only_counted(shell: Shell, room: Newsroom) -> None:
    for number in range(14):
        room.bring(story(number))
    room.finish()
    room.match()
    turn(room, DAY)
    room.compose()
    text = " ".join(room.outbox()[0].text.split())
    assert "14 matches were there before Newsvane started watching. All of them: newsvane preview clouds --all." in text
    shown = shell("clouds", "--all")
    assert numbers(shown) == set(range(14))


def test_what_an_older_digest_capped_is_seen_with_since(shell: Shell, room: Newsroom) -> None:
    filled(room)
    room.bring("Cloud law passed")
    room.match()
    turn(room, DAY)
    room.compose()
    assert numbers(shell("clouds", "--all")) == set()
    shown = shell("clouds", "--all", "--since", "1w")
    assert numbers(shown) == {0, 1, 2, 3, 4}


def test_since_tells_hits_a_day_of_a_watchlist_that_is_only_in_the_file(shell: Shell, room: Newsroom) -> None:
    filled(room)
    shell.configure(YAML + PILOTS)
    for since in ("10d", "2w", "240h", f"{START.date()}"):
        shown = shell("pilots", "--since", since)
        assert "Pilots: 1 story (1 article) from" in shown
        assert "stories a day; at most 1, on" in shown
        assert shown.count("█") == 30
        assert "Pilots vote on strike" in shown
    assert "The archive begins on" in shell("pilots", "--since", "2w")
    assert "The archive begins on" not in shell("pilots", "--since", "1d")
    assert "Pilots: nothing from" in shell("pilots", "--since", "1d")


def test_a_capped_digest_since_then_names_the_command_that_shows_all(shell: Shell, room: Newsroom) -> None:
    filled(room)
    shown = " ".join(shell("clouds", "--since", "10d").split())
    assert "and 3 more: newsvane preview clouds --since 10d --all" in shown
    assert "more: newsvane" not in shell("clouds", "--since", "10d", "--all")


def test_every_format_works_and_only_text_has_the_table(shell: Shell, room: Newsroom) -> None:
    filled(room)
    done = shell.run("clouds", "--since", "10d", "--format", "html")
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert "The archive begins on" in done.stderr
    assert all(
        "blocks" in json.loads(line) for line in shell("clouds", "--since", "10d", "--format", "slack").splitlines()
    )
    told = shell.json("clouds", "--since", "10d")
    assert sum(day["stories"] for day in told["days"]) == 5
    assert told["clauses"] == [{"clause": "cloud", "articles": 5, "alone": 5}]
    assert told["sources"] == [{"source": "The Harbour Ledger", "articles": 5}]
    assert datetime.fromisoformat(told["archive_from"]) > datetime.fromisoformat(told["since"])
    assert len(told["matches"]) == len(told["stories"]) == 5


def test_a_preview_changes_nothing(shell: Shell, room: Newsroom) -> None:
    filled(room)
    with room.app.database.read() as session:
        before = session.connection().connection.driver_connection.iterdump()  # type: ignore[union-attr]
        before = list(before)
    shell.configure(YAML + PILOTS)
    shell("pilots", "--since", "10d")
    shell("clouds", "--all")
    with room.app.database.read() as session:
        assert list(session.connection().connection.driver_connection.iterdump()) == before  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("clod",), "did you mean `clouds`?"),
        (("Clouds",), "the one of that name has the id clouds"),
        (("clouds", "--since", "soon"), "no duration such as 12h, 30d or 2w, and no date such as 2026-11-02"),
        (("clouds", "--since", "2999-01-01"), "2999-01-01 is still to come"),
        (("clouds", "--since", "999999999d"), "is before any news"),
    ],
)
def test_what_cannot_be_shown_is_told_with_a_way_out(shell: Shell, arguments: tuple[str, ...], told: str) -> None:
    done = shell.run(*arguments)
    assert (done.exit_code, told in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_where_nothing_is_stored_it_says_so_and_makes_no_database(tmp_path: Path) -> None:
    newsvane = Newsvane(tmp_path)
    newsvane.configure(YAML)
    done = newsvane.run("preview", "clouds", "--since", "30d")
    assert (done.returncode, "newsvane: nothing is stored yet" in done.stderr) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["newsvane.yaml"]


def test_however_far_back_is_asked_for_the_archive_is_where_it_begins(shell: Shell, room: Newsroom) -> None:
    filled(room)
    assert "5 stories (5 articles)" in shell("clouds", "--since", "0001-01-03")
