"""`newsvane status`: how it is going."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option, json_option
from monitors.cli.output import local_time, tell, write_json
from monitors.cli.source_words import condition
from monitors.digest.inert import plain
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
        tell(line)


def _in_words(found: Status) -> list[str]:
    troubled = [(source, told) for source in found.sources if (told := condition(source))]
    never = [source for source in found.sources if source.last_checked_at is None]
    deliveries = found.deliveries
    return [
        _service(found),
        *_configuration(found),
        f"sources: {len(found.sources)}, {_failing(found)} failing, {len(never)} not read yet{_otherwise(found)}",
        *_network(found),
        *(f"  {source.id}: {plain(told)}" for source, told in troubled),
        *(f"  {source.id}: read in part: {plain(source.remark)}" for source in found.sources if source.remark),
        _pages(found),
        _articles(found),
        f"matches: {found.matches}, {found.untold} waiting to be told",
        f"deliveries: {deliveries['sent']} sent, {deliveries['queued']} queued, {deliveries['dead']} dead",
        *(_letter(one) for one in found.undelivered),
        _housekeeping(found),
    ]


def _articles(found: Status) -> str:
    told = f"articles: {found.articles}, {found.articles_today} in the last 24 hours, {found.unread} not matched yet"
    return told + (f", {found.too_old} never, for they were older than `max_age`" if found.too_old else "")


def _housekeeping(found: Status) -> str:
    if found.housekeeping_at is None:
        return "housekeeping: not done yet"
    gone = ", ".join(f"{number} {name}" for name, number in (found.housekeeping or {}).items())
    told = f"took away {gone}" if gone else "nothing to take away"
    return f"housekeeping: {local_time(found.housekeeping_at)}, {told}"


def _failing(found: Status) -> int:
    return sum(source.failing_since is not None and source.gone_at is None for source in found.sources)


def _otherwise(found: Status) -> str:
    """Count the other states that some are in."""
    states = ("silent", "changed layout", "gone")
    counted = ((sum(source.state == state for source in found.sources), state) for state in states)
    return "".join(f", {number} {state}" for number, state in counted if number)


def _network(found: Status) -> list[str]:
    down = found.network_down_since
    return [f"  NONE CAN BE REACHED since {local_time(down)}: look after the network"] if down else []


def _letter(one: Undelivered) -> str:
    tries = f"tried {one.attempts} times since {local_time(one.queued_at)}"
    return f"  {one.state}: {one.recipient} through {one.channel}, {tries}: {plain(one.reason or '')}"


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
