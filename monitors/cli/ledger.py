"""`newsvane ledger`: what was sent to whom, when and through what; for the files of those who must prove it."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option, json_option, since_option
from monitors.cli.output import json_line, local_time, route, tries
from monitors.digest.as_csv import cell
from monitors.digest.inert import plain, shorten, web_link
from monitors.store import ledger
from monitors.store.ledger import STATES, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from monitors.cli.options import Since
    from monitors.store.ledger import Entry

COLUMNS = (
    "id", "message", "kind", "watchlist", "slot", "subject", "channel", "recipient", "part", "state", "queued_at",
    "sent_at", "attempts", "receipt", "message_id", "reason", "articles",
)  # fmt: skip
_MARK = "\ufeff"  # see as_csv.py
_MOST_URLS = 4_000
"""Letters of addresses in one cell; a spreadsheet has no more than 32,767. JSON has all."""


@click.command("ledger")
@config_option
@json_option
@since_option("Only what was queued in this time: 12h, 30d, 2w; or since a date, 2026-11-02.")
@click.option("--watchlist", metavar="ID", help="Only what told of this watchlist.")
@click.option("--recipient", metavar="ADDRESS", help="Only what went to this address.")
@click.option("--channel", metavar="ID", help="Only what went through this channel.")
@click.option("--state", type=click.Choice(STATES), help="Only what was sent, or what was not.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="csv is for spreadsheets; json has one object a line.",
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there, whole or not at all.")
def ledger_command(  # noqa: PLR0913 -- as many as there are options
    config: Path | None,
    *,
    as_json: bool,
    since: Since | None,
    watchlist: str | None,
    recipient: str | None,
    channel: str | None,
    state: str | None,
    form: str,
    output: str | None,
) -> None:
    """List what was sent to whom, when, through what, and of which articles it told; the oldest first.

    What was not sent is listed too, with its state. Works from the database alone.

    \b
    newsvane ledger --since 30d
    newsvane ledger --watchlist china-cyber-law --since 2026-01-01 --format csv --output told.csv
    newsvane ledger --recipient ann@example.org --format json
    """
    wanted = Wanted(
        states=(state,) if state else (),
        channel=channel,
        recipient=recipient,
        watchlist=watchlist,
        since=since.at(now()) if since else None,
    )
    writers: dict[str, Callable[[Iterable[Entry]], Iterator[str]]] = {"json": _json, "csv": _csv, "table": _table}
    write = writers["json" if as_json else form]
    with open_database(config) as database, database.read() as session, _opened(output) as out:
        for text in write(ledger.entries(session, wanted)):
            click.echo(text, file=out, nl=False)


@contextmanager
def _opened(output: str | None) -> Iterator[IO[str] | None]:
    if output is None:
        yield None  # click.echo takes that for stdout
        return
    try:
        with click.open_file(output, "w", encoding="utf-8", atomic=True) as out:
            yield out
    except OSError as error:
        raise NewsvaneError(f"{output} cannot be written: {error.strerror}") from error


def _json(entries: Iterable[Entry]) -> Iterator[str]:
    return (json_line(asdict(entry)) + "\n" for entry in entries)


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    yield _MARK + _row(COLUMNS)
    for entry in entries:
        yield _row(cell(_cell_of(entry, column)) for column in COLUMNS)


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue()


def _cell_of(entry: Entry, column: str) -> str:
    if column == "articles":
        return _urls(entry)
    value = getattr(entry, column)
    if column in {"queued_at", "sent_at"}:
        return _time(value)
    return "" if value is None else str(value)


def _time(at: datetime | None) -> str:
    return at.isoformat(" ", "seconds") if at else ""


def _urls(entry: Entry) -> str:
    told: list[str] = []
    length = 0
    for article in entry.articles:
        url = web_link(article.url) or ""
        length += len(url) + 1
        if length > _MOST_URLS - 20:
            return " ".join([*told, f"and {len(entry.articles) - len(told)} more"])
        told.append(url)
    return " ".join(told)


def _table(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        what = f"{entry.kind or 'message'} {entry.watchlist or ''}".rstrip()
        cells = (
            local_time(entry.sent_at or entry.queued_at),
            entry.state,
            route(entry.recipient, entry.channel),
            what,
        )
        part = f", part {entry.part + 1}" if entry.part else ""
        yield f"{'  '.join(map(plain, cells))}: {shorten(entry.subject, 100)}{part}\n"
        answer = f"; {entry.receipt or entry.reason}" if entry.receipt or entry.reason else ""
        yield f"    {plain(f'number {entry.id}, {tries(entry.attempts)}{answer}')}\n"
        yield from (f"    {plain(article.url)}\n" for article in entry.articles)
