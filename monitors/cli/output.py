"""How commands speak: JSON for programs on stdout, progress for people on stderr."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def write_json(value: Any) -> None:
    """Write one value as one line on stdout; times as ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def local_time(time: datetime | None) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M %Z") if time else "never"


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show how far long work has come, on stderr and only on a terminal; call what this yields for each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
