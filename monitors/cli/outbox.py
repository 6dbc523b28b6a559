"""`newsvane outbox`: what waits to be sent and what is dead, and what is done about it by hand."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.cli.opening import now, open_database, open_reading
from monitors.cli.options import config_option, json_option, since_option
from monitors.cli.output import local_time, route, tell, tries, write_json
from monitors.digest.inert import plain, shorten
from monitors.store import ledger
from monitors.store.circuits import circuits
from monitors.store.ledger import STATES, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from sqlalchemy.orm import Session

    from monitors.cli.options import Since
    from monitors.domain import Circuit
    from monitors.store.ledger import Entry

_REASON, _SUBJECT = 300, 100
_UNDELIVERED = ("queued", "dead")


@click.group("outbox", invoke_without_command=True)
@click.pass_context
def outbox(context: click.Context) -> None:
    """Tell what waits to be sent and what is dead, and try it again or drop it.

    \b
    newsvane outbox
    newsvane outbox list --state dead
    newsvane outbox retry --channel legal-mail
    """
    if context.invoked_subcommand is None:
        context.invoke(list_command)


# -- looking ----------------------------------------------------------------------------------------------------------


@outbox.command("list")
@config_option
@json_option
@click.option("--state", type=click.Choice(STATES), help="Only these; otherwise what is queued and what is dead.")
@click.option("--channel", metavar="ID", help="Only what goes through this channel.")
@click.option("--recipient", metavar="ADDRESS", help="Only what goes to this address.")
@click.option("--watchlist", metavar="ID", help="Only what tells of this watchlist.")
@since_option("Only what was queued in this time: 12h, 3d, 2w; or since a date, 2026-11-02.")
def list_command(
    config: Path | None = None,
    *,
    as_json: bool = False,
    state: str | None = None,
    channel: str | None = None,
    recipient: str | None = None,
    watchlist: str | None = None,
    since: Since | None = None,
) -> None:
    """List what is queued and what is dead, and before it the destinations that take no messages.

    Works from the database alone, also while the configuration file is broken.

    \b
    newsvane outbox list
    newsvane outbox list --state dead --since 3d
    newsvane outbox list --recipient ann@example.org --json
    """
    wanted = Wanted(
        states=(state,) if state else _UNDELIVERED,
        channel=channel,
        recipient=recipient,
        watchlist=watchlist,
        since=since.at(now()) if since else None,
    )
    with open_database(config) as database, database.read() as session:
        found = circuits(session)
        if as_json:
            for circuit in found:
                write_json({"type": "circuit", **_fields(circuit)})
            for entry in ledger.entries(session, wanted):
                write_json({"type": "delivery", **asdict(entry)})
            return
        for circuit in found:
            for line in circuit_lines(circuit):
                tell(line)
        number = sum(_list(entry) for entry in ledger.entries(session, wanted))
    if not number:
        tell(f"nothing is {state or 'queued or dead'}" + (" that fits" if channel or recipient or watchlist else ""))


def _fields(circuit: Circuit) -> dict[str, Any]:
    return {key: value for key, value in asdict(circuit).items() if key != "fingerprint"}


def circuit_lines(circuit: Circuit) -> Iterator[str]:
    """Yield what is told of a destination that takes no messages."""
    what = plain(circuit.destination) + (f", {plain(circuit.recipient)}" if circuit.recipient else "")
    needs = "needs mending" if circuit.state == "open" else "failing"
    yield f"{what}: {needs} since {local_time(circuit.since)}, next try {local_time(circuit.next_try_at)}"
    yield f"    {shorten(circuit.reason, _REASON)}"


def _list(entry: Entry) -> bool:
    part = f", part {entry.part + 1}" if entry.part else ""
    subject = shorten(entry.subject, _SUBJECT) or "(no subject)"
    tell(f"{entry.id}  {entry.state}  {route(entry.recipient, entry.channel)}  {subject}{part}")
    tell(f"    {_history(entry)}")
    return True


def _history(entry: Entry) -> str:
    told = f"queued {local_time(entry.queued_at)}"
    if entry.attempts:
        told += f", {tries(entry.attempts)}"
    if entry.sent_at:
        told += f", sent {local_time(entry.sent_at)}"
    if entry.state == "queued" and entry.next_try_at and entry.next_try_at > now():
        told += f", put off until {local_time(entry.next_try_at)}"
    return f"{told}: {shorten(entry.reason, _REASON)}" if entry.reason else told


@outbox.command("show")
@config_option
@json_option
@click.argument("number", metavar="ID", type=int)
def show_command(config: Path | None, *, as_json: bool, number: int) -> None:
    """Show one message as it is sent: what is known of it, its headers and its text.

    \b
    newsvane outbox show 17
    newsvane outbox show 17 --json
    """
    with open_database(config) as database, database.read() as session:
        entry = next(ledger.entries(session, Wanted(ids=(number,))), None)
        if entry is None:
            raise NewsvaneError(f"no message has the number {number}; `newsvane outbox list` shows which there are")
        payload = ledger.payload(session, number)
    if as_json:
        write_json({**asdict(entry), "payload": payload.decode("utf-8", "replace")})
        return
    _list(entry)
    tell(
        f"    {entry.kind or 'message'} {plain(entry.slot)}"
        + (f" of {plain(entry.watchlist)}" if entry.watchlist else "")
    )
    tell(f"    id {plain(entry.message_id)}" + (f", receipt {plain(entry.receipt)}" if entry.receipt else ""))
    for article in entry.articles:
        tell(f"    {plain(article.url)}")
    tell("")
    for line in _readable(payload):
        tell(line)


def _readable(payload: bytes) -> Iterator[str]:
    """Yield the lines of a frozen message: a mail as headers and text, JSON with one thing a line."""
    if not payload:
        yield "(its bytes are gone: they are kept for 30 days after it was sent)"
        return
    text = payload.decode("utf-8", "replace")
    with suppress(ValueError):
        yield from json.dumps(json.loads(text), ensure_ascii=False, indent=2).splitlines()
        return
    if text.lstrip().startswith("<"):
        yield from text.splitlines()
        return
    mail = message_from_bytes(payload, policy=policy.default)
    yield from (f"{plain(name)}: {plain(str(value))}" for name, value in mail.items())
    yield ""
    body = mail.get_body(("plain", "html"))
    yield from (str(body.get_content()) if body else text).splitlines()


# -- doing something about it -----------------------------------------------------------------------------------------


def _chosen(command: Callable[..., None]) -> Callable[..., None]:
    """Hand over which messages: numbers, and what they have in common."""
    for decorate in (
        click.option("--recipient", metavar="ADDRESS", help="All that goes to this address."),
        click.option("--channel", metavar="ID", help="All that goes through this channel."),
        click.argument("numbers", metavar="[ID]...", nargs=-1, type=int),
        json_option,
        config_option,
    ):
        command = decorate(command)
    return command


def _wanted(session: Session, numbers: tuple[int, ...], channel: str | None, recipient: str | None) -> Wanted:
    """Return what was chosen.

    Raises:
        NewsvaneError: a number is none of a message that waits or is dead.

    """
    wanted = Wanted(ids=numbers, channel=channel, recipient=recipient)
    there = {entry.id: entry for entry in ledger.entries(session, Wanted(ids=numbers))} if numbers else {}
    for number in numbers:
        if number not in there:
            raise NewsvaneError(f"no message has the number {number}; `newsvane outbox list` shows which there are")
        if (state := there[number].state) not in _UNDELIVERED:
            raise NewsvaneError(f"message {number} is {state} already; `newsvane replay` sends news once more")
    return wanted


@outbox.command("retry")
@_chosen
@click.option("--all-dead", is_flag=True, help="All that is dead, wherever it goes.")
def retry_command(
    config: Path | None,
    *,
    as_json: bool,
    numbers: tuple[int, ...],
    channel: str | None,
    recipient: str | None,
    all_dead: bool,
) -> None:
    """Have messages tried at once, dead ones too, and so their destination, whenever it would have been tried.

    A running service sends them; otherwise `newsvane run --once` does. One message is tried first: where it does not
    get through either, the others go on waiting.

    \b
    newsvane outbox retry 17 18
    newsvane outbox retry --channel legal-mail
    newsvane outbox retry --all-dead
    """
    if not (numbers or channel or recipient or all_dead):
        raise click.UsageError("name messages by their numbers, or --channel, --recipient or --all-dead")
    with open_reading(config) as (in_force, database), database.begin() as session:
        wanted = _wanted(session, numbers, channel, recipient)
        if all_dead:
            wanted = replace(wanted, states=("dead",))
        number = ledger.retry(session, wanted, in_force.destinations, now=now())
    _report("due", number, "due now", as_json=as_json)


@outbox.command("drop")
@_chosen
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop_command(
    config: Path | None,
    *,
    as_json: bool,
    numbers: tuple[int, ...],
    channel: str | None,
    recipient: str | None,
    yes: bool,
) -> None:
    """Give messages up for good. Nobody gets what they told; the ledger keeps them as dropped.

    \b
    newsvane outbox drop 17
    newsvane outbox drop --channel old-team --yes
    """
    if not (numbers or channel or recipient):
        raise click.UsageError("name messages by their numbers, or --channel or --recipient")
    with open_reading(config) as (in_force, database):
        with database.read() as session:
            wanted = _wanted(session, numbers, channel, recipient)
            number = sum(1 for _ in ledger.entries(session, replace(wanted, states=_UNDELIVERED)))
        if number and not yes:
            click.confirm(f"Drop {_counted(number)}? Nobody will get what they told", abort=True, err=True)
        with database.begin() as session:
            number = ledger.drop(session, wanted, in_force.destinations)
    _report("dropped", number, "dropped", as_json=as_json)


def _report(key: str, number: int, done: str, *, as_json: bool) -> None:
    if as_json:
        write_json({key: number})
    else:
        tell(f"{_counted(number)} {done}" if number else "nothing that fits is queued or dead")


def _counted(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"
