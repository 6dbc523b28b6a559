"""`newsvane replay`: sends once more what a watchlist matched."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors import jobs
from monitors.cli.asked_watchlist import asked_watchlist
from monitors.cli.digest import report
from monitors.cli.logs import configure_logging
from monitors.cli.opening import now, open_app
from monitors.cli.options import config_option, json_option, since_option
from monitors.cli.output import tell, write_json
from monitors.digest.render import render_text
from monitors.replay import queue_replay, replay_of

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.app import App
    from monitors.cli.options import Since
    from monitors.deliver.outbox import Outcome
    from monitors.domain import Delivery


@click.command("replay")
@config_option
@json_option
@click.argument("watchlist")
@since_option("What was matched in this time: 12h, 3d, 2w; or since a date, 2026-11-02.")
@click.option("--channel", required=True, metavar="ID", help="Where to send it.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
def replay_command(
    config: Path | None, *, as_json: bool, watchlist: str, since: Since | None, channel: str, dry_run: bool
) -> None:
    """Send what WATCHLIST matched since some time once more, as one digest, through a channel.

    For a reader who is new, or a mailbox that lost its mail. What counts as told stays as it is: the digests and alerts
    to come are the same. The same command twice within a minute sends it once.

    \b
    newsvane replay china-cyber-law --since 3d --channel legal-mail --dry-run
    newsvane replay china-cyber-law --since 2026-11-02 --channel legal-mail
    """
    configure_logging(logging.WARNING)
    if since is None:
        raise click.UsageError("name a time: --since 3d, or a date")
    with open_app(config) as app:
        known = app.in_force.configuration.channels
        if channel not in known:
            there = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"no channel is called {channel}; there are: {there}")
        asked, moment = asked_watchlist(app.in_force, watchlist), now()
        with app.database.read() as session:
            earliest = since.at(moment)
            digest, found = replay_of(session, app.in_force, asked, since=earliest, told=since.told, now=moment)
        if not digest.stories:
            raise NewsvaneError(f"{watchlist} matched nothing since {since.told}; nothing was sent")
        if dry_run:
            if as_json:
                write_json({"stories": len(digest.stories), "matches": len(found), "channel": channel})
            else:
                tell(render_text(digest))
            return
        message_id = app.database.write(queue_replay, app.in_force, digest, found, channel=channel, now=moment)
        if message_id is None:
            raise NewsvaneError("the same was sent in this minute; nothing was sent again")
        results = asyncio.run(_send(app, message_id))
    report(results, as_json=as_json, queued=True)


async def _send(app: App, message_id: int) -> list[tuple[Delivery, Outcome]]:
    results: list[tuple[Delivery, Outcome]] = []
    while batch := await jobs.deliver_due(app, message_ids=[message_id]):
        results += batch
    return results
