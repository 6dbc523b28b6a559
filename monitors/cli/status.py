"""`newsvane status`: how it is going."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from crawler.errors import ConfigError
from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option, json_option
from monitors.cli.outbox import circuit_lines
from monitors.cli.output import local_time, route, tell, tries, write_json
from monitors.cli.source_words import condition
from monitors.cli.verdict import needs, verdict
from monitors.digest.inert import plain, printable
from monitors.digest.words import TIERS
from monitors.due import expected_digests
from monitors.store import status as status_store
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from monitors.domain import HoldReason
    from monitors.due import Expected
    from monitors.store.holds import Hold
    from monitors.store.mutes import Mute
    from monitors.store.status import Status, Undelivered


_HELD: dict[HoldReason, str] = {
    "quiet": "quiet hours",
    "max_per_hour": "as many in this hour as max_per_hour allows",
    "outage": "messages cannot be delivered",
    "muted": "the watchlist is muted",
}
NEXT_DIGESTS = 5


@click.command()
@config_option
@json_option
@click.option("--check", is_flag=True, help="End with exit code 1 if something needs somebody, for cron.")
def status(config: Path | None, *, as_json: bool, check: bool) -> None:
    """Tell at a glance what is healthy, what is failing since when, and what could not be sent.

    Works from the database alone, also while the configuration file is broken; only when the next digests come is not
    told then.
    """
    with open_database(config) as database, database.read() as session:
        found = status_store.status(session, now=now())
        expected = _expected(session, config, found.at)
    needed = [*needs(found, expected)]
    if as_json:
        digests = [asdict(one) for one in expected]
        write_json({"well": not needed, "needs": needed, **asdict(found), "expected_digests": digests})
    else:
        colour = "yellow" if needed else "green"
        click.secho(printable(verdict(needed)), fg=colour, bold=True)  # click leaves colours out where no terminal is
        for line in _in_words(found, expected):
            tell(line)
    if check and needed:
        sys.exit(1)


def _expected(session: Session, config: Path | None, at: datetime) -> list[Expected]:
    try:
        configuration = load(config_path(config, os.environ))
    except ConfigError:
        return []
    return expected_digests(session, configuration, now=at)


def _in_words(found: Status, expected: Sequence[Expected]) -> list[str]:
    troubled = [(source, told) for source in found.sources if (told := condition(source))]
    never = [source for source in found.sources if source.last_checked_at is None]
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
        *_concepts(found),
        *_digests(expected),
        *(_hold(one) for one in found.holds),
        *(_mute(one) for one in found.mutes),
        _deliveries(found.deliveries),
        *(f"  {line}" for circuit in found.circuits for line in circuit_lines(circuit)),
        *(_letter(one) for one in found.undelivered),
        _housekeeping(found),
    ]


def _concepts(found: Status) -> list[str]:
    if not found.concepts:
        return []
    what = "bundled with Newsvane" if found.concepts["bundled"] else "of the archive"
    measured = f"measured against {found.concepts['background']:,} articles {what}"
    return [f"concepts: {found.concepts['concepts']}, scored by {TIERS[found.concepts['tier']]}, {measured}"]


def _digests(expected: Sequence[Expected]) -> list[str]:
    """Tell of those that are late, and of the next few."""
    if not expected:
        return []
    late, next_ones = [one for one in expected if one.late], [one for one in expected if not one.late]
    shown = [*late, *next_ones[:NEXT_DIGESTS]]
    told = [f"{one.watchlist_id} {'LATE since' if one.late else 'at'} {local_time(one.at)}" for one in shown]
    left = len(expected) - len(shown)
    return [f"digests: {', '.join(told)}" + (f", and {left} more" if left > 0 else "")]


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


def _deliveries(numbers: Mapping[str, int]) -> str:
    told = f"deliveries: {numbers['sent']} sent, {numbers['queued']} queued, {numbers['dead']} dead"
    return f"{told}, {numbers['dropped']} dropped by hand" if numbers.get("dropped") else told


def _hold(one: Hold) -> str:
    what = route(one.watchlist_id, one.key.partition(":")[2])
    return f"  held: {one.waiting} of {what} since {local_time(one.since)}: {_HELD[one.why]}"


def _mute(one: Mute) -> str:
    until = f"until {local_time(one.until)}" if one.until else f"until `newsvane unmute {one.target}`"
    return f"  muted: {one.kind} {plain(one.target)} {until}"


def _letter(one: Undelivered) -> str:
    tried = f"{tries(one.attempts)} since {local_time(one.queued_at)}"
    return f"  {one.state}: {route(one.recipient, one.channel)}, {tried}: {plain(one.reason or '')}"


def _pages(found: Status) -> str:
    waiting, dropped = (
        sum(source.waiting for source in found.sources),
        sum(source.dropped for source in found.sources),
    )
    return f"pages: {waiting} still to be fetched, {dropped} given up"


def _service(found: Status) -> str:
    if found.running:
        others = f", {found.services} OF THEM on this database" if found.services > 1 else ""
        return f"service: running, last pulse {local_time(found.pulse_at)}{others}"
    if found.lives:
        return f"service: STANDING STILL, last pulse {local_time(found.pulse_at)}: its log says why"
    return (
        f"service: not running, last pulse {local_time(found.pulse_at)}" if found.pulse_at else "service: not running"
    )


def _configuration(found: Status) -> list[str]:
    since = found.configuration_loaded_at
    loaded = f"configuration: in force since {local_time(since)}" if since else "configuration: none was in force yet"
    if found.refused is None:
        before = found.refused_before
        last = f"; refused last at {local_time(datetime.fromisoformat(before['at']))}, mended since" if before else ""
        return [f"{loaded}{last}"]
    problems = str(found.refused["problems"]).splitlines()
    return [
        f"{loaded}; the file was changed and REFUSED at {local_time(found.refused_at)}",
        *(f"  {line}" for line in problems),
    ]
