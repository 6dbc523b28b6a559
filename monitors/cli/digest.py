"""`newsvane digest` and `newsvane send-test`: what people get, now."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors import jobs
from monitors.cli.asked_watchlist import asked_watchlist
from monitors.cli.logs import configure_logging
from monitors.cli.opening import now, open_app, open_reading
from monitors.cli.options import config_option, json_option
from monitors.cli.output import tell, write_json
from monitors.deliver.channels import Envelope, channels
from monitors.deliver.outbox import Refused, Sent
from monitors.digest.inert import plain
from monitors.domain import Delivery, DeliveryRule, Watchlist
from monitors.gather import News
from monitors.preview import digest_rules, slot_now
from monitors.tell import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from monitors.app import App
    from monitors.deliver.outbox import Outcome, Tried
    from monitors.in_force import InForce
    from monitors.watchlist_file import ChannelConfig


_REFUSED = {
    "message": "this message",
    "recipient": "whatever is sent to this recipient",
    "channel": "whatever is sent through this channel",
}


@click.command("digest")
@config_option
@json_option
@click.argument("names", metavar="WATCHLIST...", nargs=-1, required=True)
def digest_command(config: Path | None, as_json: bool, names: tuple[str, ...]) -> None:
    """Compose the digest of each WATCHLIST and send it now. Its matches count as told afterwards.

    \b
    newsvane digest china-cyber-law
    """
    configure_logging(logging.WARNING)
    with open_app(config) as app:
        queued, results = asyncio.run(_send_digests(app, [asked_watchlist(app.in_force, name) for name in names]))
    report(results, as_json=as_json, queued=queued)


def report(results: Sequence[tuple[Delivery, Outcome]], *, as_json: bool, queued: bool) -> None:
    """Tell how the deliveries of a message went; `queued`: whether there was one."""
    for delivery, result in results:
        if as_json:
            write_json(_result(delivery, result))
        elif isinstance(result, Sent):
            tell(f"sent to {delivery.recipient}")
        else:
            tell(f"not sent to {delivery.recipient} yet: {plain(result.reason)}")
    if not results and not as_json:
        waits = "queued; its destination takes no messages now: see `newsvane outbox list`"
        click.echo(waits if queued else "nothing new to tell; nothing was sent")


def _result(delivery: Delivery, result: Outcome | Tried) -> dict[str, object]:
    sent = isinstance(result, Sent)
    told = {"receipt": result.receipt} if isinstance(result, Sent) else {"reason": result.reason}
    about = {"channel": delivery.channel, "recipient": delivery.recipient, "message_id": delivery.message_id}
    return {**about, "sent": sent, **told}


async def _send_digests(app: App, watchlists: Iterable[Watchlist]) -> tuple[bool, list[tuple[Delivery, Outcome]]]:
    await app.adopt(app.in_force)
    await jobs.read_archive(app)
    while await jobs.match_new(app):
        pass
    queued, results = False, list[tuple["Delivery", "Outcome"]]()
    for watchlist in watchlists:
        for rule in digest_rules(watchlist):
            message_id = await jobs.compose_digest(app, watchlist, rule, slot_now(app.in_force, rule, app.clock()))
            queued |= message_id is not None
            while message_id is not None and (batch := await jobs.deliver_due(app, message_ids=[message_id])):
                results += batch
    return queued, results


@click.command("send-test")
@config_option
@json_option
@click.argument("channel")
def send_test(config: Path | None, *, as_json: bool, channel: str) -> None:
    """Send an empty digest through CHANNEL, to see that it arrives. Exit code 1 if it does not.

    \b
    newsvane send-test legal-slack
    newsvane send-test email:me@example.org
    """
    configure_logging(logging.WARNING)
    with open_reading(config) as (in_force, database), database.read() as session:
        configured = in_force.configuration.channels.get(channel)
        if configured is None:
            known = ", ".join(sorted(in_force.configuration.channels)) or "none"
            raise click.UsageError(f"no channel is called {channel}; there are: {known}")
        results = list(_send_test(session, in_force, configured))
    for delivery, result in results:
        if as_json:
            write_json(_result(delivery, result) | _verdict(result))
        elif isinstance(result, Sent):
            click.echo(f"sent to {delivery.recipient}")
    failed = [_in_words(delivery, result) for delivery, result in results if isinstance(result, Refused)]
    if failed:
        raise NewsvaneError("\n".join(failed))


def _verdict(result: Tried) -> dict[str, object]:
    return {"scope": result.scope, "permanent": result.permanent} if isinstance(result, Refused) else {}


def _in_words(delivery: Delivery, refused: Refused) -> str:
    until = "until somebody mends it" if refused.permanent else "for now"
    return f"not sent to {delivery.recipient}: {plain(refused.reason)}\n  {_REFUSED[refused.scope]} is refused {until}"


def _send_test(session: Session, in_force: InForce, configured: ChannelConfig) -> Iterator[tuple[Delivery, Tried]]:
    """Send to one recipient after the other; where the channel as a whole is in trouble, the others are left alone."""
    kind = channels()[configured.kind]
    watchlist = Watchlist(id="test", name="Test message")
    rule = DeliveryRule(channel=configured.id)
    digest = digest_of(session, in_force, watchlist, rule, News(), slot=slot_now(in_force, rule, now()), now=now())
    for recipient in kind.recipients(configured.id, configured.options):
        mail_id = f"{uuid.uuid4().hex}.test@newsvane.invalid"
        envelope = Envelope(message_id=mail_id, date=now(), recipient=recipient)
        thread: str | None = None
        for payload in kind.render(digest, envelope, configured.options, in_force.facilities):
            delivery = Delivery(
                id=0,
                channel=configured.id,
                recipient=recipient,
                message_id=mail_id,
                payload=payload,
                queued_at=now(),
                thread=thread,
            )
            result = jobs.send_through(in_force, delivery)
            yield delivery, result
            if isinstance(result, Refused):
                if result.scope == "channel":
                    return
                break
            thread = thread or result.receipt
