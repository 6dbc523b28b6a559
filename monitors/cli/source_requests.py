"""What `newsvane sources --requests` shows: how much was asked of each host, day by day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.store.hosts import requests_since
from monitors.cli.output import write_json
from monitors.digest.inert import plain

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.desk import HostDay
    from crawler.store.database import Database


def show_requests(database: Database, days: int, *, now: datetime, as_json: bool) -> None:
    """Show the last so many days (UTC), today included."""
    with database.read() as session:
        found = requests_since(session, now.date() - timedelta(days=days - 1))
    if as_json:
        for one in found:
            write_json(asdict(one))
    elif found:
        Console().print(_table(found))
    else:
        click.echo("no requests in this time")


def _table(days: list[HostDay]) -> Table:
    table = Table("day (UTC)", "host", box=None, pad_edge=False)
    for name in ("requests", "KB", "unmodified", "failed"):
        table.add_column(name, justify="right")
    for one in days:
        numbers = (one.requests, round(one.bytes / 1000), one.unmodified, one.failed)
        table.add_row(str(one.day), Text(plain(one.host)), *(f"{number:,}" for number in numbers))
    return table
