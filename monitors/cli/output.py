"""How commands speak: words for people, JSON for programs, progress on stderr. None of it is obeyed by a terminal."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitors.digest.inert import plain, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# What a terminal obeys, what some take for the end of a line, what turns the direction, and what UTF-8 cannot say.
_NOT_AS_IT_IS = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def tell(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Say something to people. Of what it quotes from outside only letters arrive; colours do not either."""
    click.echo(printable(text), err=err, nl=nl)


def write_json(value: Any) -> None:
    """Write one value as one line on stdout; times as ISO 8601."""
    click.echo(json_line(value))


def json_line(value: Any, **_: Any) -> str:
    """Return a value as a line of JSON that can be read as letters, but for those that a terminal obeys."""
    line = json.dumps(value, ensure_ascii=False, default=_as_json)
    return _NOT_AS_IT_IS.sub(lambda char: f"\\u{ord(char.group()):04x}", line)


def _as_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def local_time(time: datetime | None) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M %Z") if time else "never"


def route(recipient: str, channel: str) -> str:
    """Say to whom, and through which channel where that says more."""
    if channel in {recipient, f"email:{recipient}"}:
        return plain(recipient)
    return f"{plain(recipient)} through {plain(channel)}"


def tries(number: int) -> str:
    return f"tried {number} time{'' if number == 1 else 's'}"


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show how far long work has come, on stderr and only on a terminal; call what this yields for each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
