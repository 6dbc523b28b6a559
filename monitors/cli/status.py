"""`newsvane status`: how it is going."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option, json_option
from monitors.cli.output import local_time, write_json
from monitors.store import status as status_store

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.store.status import Status, Undelivered


@click.command()
@config_option
@json_option
def status(config: Path | None, *, as_json: bool) -> None:
    """Tell at a glance what is healthy, what is failing since when, and what could not be sent.

    Works from the database alone, also while the configuration file is broken.
    """
    with open_database(config) as database, database.read() as session:
        found = status_store.status(session, now=now())
    if as_json:
        write_json(asdict(found))
        return
    for line in _in_words(found):
        click.echo(line)


def _in_words(found: Status) -> list[str]:
    failing = [source for source in found.sources if source.failing_since]
    never = [source for source in found.sources if source.last_checked_at is None]
    deliveries = found.deliveries
    return [
        _service(found),
        *_configuration(found),
        f"sources: {len(found.sources)}, {len(failing)} failing, {len(never)} not read yet",
        *(f"  {source.id}: failing since {local_time(source.failing_since)}: {source.reason}" for source in failing),
        *(f"  {source.id}: read in part: {source.remark}" for source in found.sources if source.remark),
        _pages(found),
        f"articles: {found.articles}, {found.articles_today} in the last 24 hours, {found.unread} not matched yet",
        f"matches: {found.matches}, {found.untold} waiting to be told",
        f"deliveries: {deliveries['sent']} sent, {deliveries['queued']} queued, {deliveries['dead']} dead",
        *(_letter(one) for one in found.undelivered),
    ]


def _letter(one: Undelivered) -> str:
    tries = f"tried {one.attempts} times since {local_time(one.queued_at)}"
    return f"  {one.state}: {one.recipient} through {one.channel}, {tries}: {one.reason}"


def _pages(found: Status) -> str:
    waiting, dropped = (
        sum(source.waiting for source in found.sources),
        sum(source.dropped for source in found.sources),
    )
    return f"pages: {waiting} still to be fetched, {dropped} given up"


def _service(found: Status) -> str:
    if found.running:
        return f"service: running, last pulse {local_time(found.pulse_at)}"
    return (
        f"service: not running, last pulse {local_time(found.pulse_at)}" if found.pulse_at else "service: not running"
    )


def _configuration(found: Status) -> list[str]:
    since = found.configuration_loaded_at
    loaded = f"configuration: in force since {local_time(since)}" if since else "configuration: none was in force yet"
    if found.refused is None:
        return [loaded]
    problems = str(found.refused["problems"]).splitlines()
    return [
        f"{loaded}; the file was changed and REFUSED at {local_time(found.refused_at)}",
        *(f"  {line}" for line in problems),
    ]
