"""`newsvane ledger`: what was sent to whom, for spreadsheets and programs, and no cell that runs."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.errors import NewsvaneError
from monitors.housekeeping import keep_house

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Desk


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Return a desk that sent two alerts to two readers."""
    desk.alert("Cloud unit sold")
    desk.deliver()
    desk.clock.turn(timedelta(days=2))
    desk.alert("Pilots welcome cloud law")
    desk.deliver()
    return desk


def test_it_says_what_went_to_whom_and_which_articles_it_told(told: Desk) -> None:
    first, *others = told.json("ledger", "--json")
    assert len(others) == 3
    assert first["recipient"] == "ann@example.org"
    assert (first["channel"], first["watchlist"], first["kind"], first["state"]) == ("desk", "clouds", "alert", "sent")
    assert first["sent_at"] == "2026-11-23T07:00:00+00:00"
    assert first["attempts"] == 1
    assert first["receipt"].startswith("250 ")
    assert told.mail.messages[0].message_id in {f"<{one['message_id']}>" for one in (first, others[0])}
    assert [one["title"] for one in first["articles"]] == ["Cloud unit sold"]


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (("--since", "1d"), 2),
        (("--recipient", "bob@example.org"), 2),
        (("--channel", "late"), 0),
        (("--watchlist", "clouds"), 4),
        (("--watchlist", "others"), 0),
        (("--state", "dead"), 0),
    ],
)
def test_what_it_lists_can_be_chosen(told: Desk, asked: tuple[str, ...], lines: int) -> None:
    assert len(told.json("ledger", *asked, "--json")) == lines


def test_no_cell_of_the_csv_is_a_formula(desk: Desk) -> None:
    desk.alert('=HYPERLINK("https://evil.example") of the cloud')
    desk.mail.data_answers = ["250 =cmd|' /C calc'!A0", "250 @SUM(1)"]
    desk.deliver()
    (names, *rows) = csv.reader(io.StringIO(desk.says("ledger", "--format", "csv").lstrip("\ufeff")))
    assert len(rows) == 2
    assert names[0] == "id"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_it_is_written_to_a_file_whole(told: Desk, tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    assert told.says("ledger", "--format", "csv", "--output", str(file)) == ""
    assert len(list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))) == 5
    error = told.type("ledger", "--output", str(tmp_path / "none" / "told.csv")).exception
    assert isinstance(error, NewsvaneError)


def test_in_words_each_message_has_its_addresses_below_it(told: Desk) -> None:
    lines = told.says("ledger").splitlines()
    assert lines[0] == "2026-11-23 07:00 UTC  sent  ann@example.org through desk  alert clouds: Clouds: Cloud unit sold"
    assert lines[1].startswith("    number 1, tried 1 time; 250 ")
    assert lines[2].startswith("    https://harbour.example/")


def test_housekeeping_takes_the_bytes_and_leaves_the_lines(told: Desk) -> None:
    told.clock.turn(timedelta(days=40))
    asyncio.run(keep_house(told.app.database, told.app.in_force.configuration.settings.archive, told.clock))
    assert told.states() == ["sent"] * 4
    assert "its bytes are gone" in told.says("outbox", "show", "1")
