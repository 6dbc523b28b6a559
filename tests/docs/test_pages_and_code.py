"""docs/architecture.md and docs/operation.md are true of the code: its rooms, dependencies, events and numbers."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler import polling
from crawler.store import desk, sources
from monitors import scheduler
from monitors.cli.status import _in_words
from monitors.deliver import outbox as sending
from monitors.due import Expected
from monitors.store import matches, outbox, status

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
OPERATION = (REPOSITORY / "docs" / "operation.md").read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    level = heading.index(" ")
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{2,{level}}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """Return what stands in backticks in the first cells of the tables."""
    return [name for row in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)]


def test_every_dependency_has_its_reason_and_none_is_named_that_is_gone() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = [re.split(r"[<>=~!\[; ]", one)[0] for one in wanted]
    assert sorted(first_cells(section(ARCHITECTURE, "## Dependencies"))) == sorted(names)


@pytest.mark.parametrize(
    ("package", "heading"),
    [
        ("crawler", "### crawler/ reads the world"),
        ("monitors", "### monitors/ decides what matters and tells people"),
    ],
)
def test_every_room_is_named(package: str, heading: str) -> None:
    inside = (REPOSITORY / package).iterdir()
    rooms = {f"{one.name}/" if one.is_dir() else one.name for one in inside if not one.name.startswith("__")}
    named = first_cells(section(ARCHITECTURE, heading))
    assert sorted(named) == sorted(rooms)


def test_every_path_that_the_architecture_names_exists() -> None:
    paths = re.findall(r"`((?:crawler|monitors|tests|alembic|docs)/[\w./]*)`", ARCHITECTURE)
    assert len(paths) > 20
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def events() -> Iterator[object]:
    """Yield the names of all events that the code logs."""
    for file in (*REPOSITORY.glob("crawler/**/*.py"), *REPOSITORY.glob("monitors/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[event, *_]) if (
                    level in LEVELS
                ):
                    yield from names(event)


def names(event: ast.expr) -> Iterator[object]:
    """Yield what an event may be called: one name, or one of two."""
    match event:
        case ast.Constant(value=name):
            yield name
        case ast.IfExp(body=one, orelse=other):
            yield from (*names(one), *names(other))


def test_every_event_of_the_log_is_told_of() -> None:
    assert sorted(set(first_cells(section(OPERATION, "## The log")))) == sorted(map(str, set(events())))


def test_every_line_of_status_is_explained() -> None:
    healthy = status.Status(
        at=NOW,
        running=False,
        lives=False,
        services=0,
        disk_free=None,
        pulse_at=None,
        configuration_loaded_at=None,
        refused=None,
        refused_at=None,
        refused_before=None,
        sources=[],
        articles=0,
        articles_today=0,
        unread=0,
        matches=0,
        untold=0,
        deliveries={"sent": 0, "queued": 0, "dead": 0},
        undelivered=[],
        circuits=[],
        concepts={"concepts": 3, "tier": "core", "background": 15_000, "bundled": True},
    )
    digest = Expected(watchlist_id="watched", channel="desk", at=NOW, late=False)
    lines = [line.partition(":")[0] + ":" for line in _in_words(healthy, [digest])]
    assert first_cells(section(OPERATION, "## Is all well?")) == lines


def test_the_variables_that_the_operator_may_set_are_read() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in REPOSITORY.glob("monitors/**/*.py"))
    assert [name for name in re.findall(r"NEWSVANE_\w+", OPERATION) if name not in code] == []


HOURS_OF_TRIES = sum(min(desk.FIRST_PAUSE * 2**n, desk.LONGEST_PAUSE) / HOUR for n in range(desk.TRIES - 1))


@pytest.mark.parametrize(
    ("number", "of_the_page", "words"),
    [
        (scheduler.TICK, SECOND, "the service looks at the file every second"),
        (scheduler.PULSE, 30 * SECOND, "every 30 seconds"),
        (status.PULSE_LOST, 120 * SECOND, "within two minutes"),
        (status.LETTERS, 20, "the last twenty messages"),
        (polling.SOFT_START, HOUR / 4, "after a quarter of an hour"),
        (polling.SOFT_MOST, 6 * HOUR, "at last every six hours"),
        (polling.HARD_START, HOUR, "after an hour"),
        (polling.HARD_MOST, 24 * HOUR, "at last once a day"),
        (desk.TRIES, 8, "tried eight times"),
        (round(HOURS_OF_TRIES / 12), 3, "over a day and a half"),
        (sources.LEASE, HOUR, "on a source after an hour"),
        (matches.LEASE, HOUR / 6, "after ten minutes"),
        (outbox.LEASE, HOUR / 6, "after ten minutes"),
        (sending.FIRST_WAIT, 30 * SECOND, "tried again after half a minute"),
        (sending.LONGEST_WAIT, 6 * HOUR, "at last every six hours"),
        (sending.GIVE_UP_AFTER, 72 * HOUR, "was tried for 72 hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_operator_is_given_the_numbers_of_the_code(number: object, of_the_page: object, words: str) -> None:
    assert number == of_the_page
    assert " ".join(words.split()) in " ".join(OPERATION.split())
