"""`newsvane preview`: the digest of a watchlist as it would be now, or would have been since some time."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.calibration import calibrate
from monitors.cli.asked_watchlist import asked_watchlist
from monitors.cli.digest_json import digest_json, rehearsal_json
from monitors.cli.logs import configure_logging
from monitors.cli.opening import now, open_database_if_there, open_reading
from monitors.cli.options import config_option, since_option
from monitors.cli.output import progress, tell, write_json
from monitors.cli.rehearsal_words import archive_is_younger, in_words
from monitors.digest.as_csv import as_csv
from monitors.digest.render import render_html, render_slack, render_text
from monitors.in_force import InForce
from monitors.preview import preview, rule_of, slot_now, without_limits
from monitors.rehearsal import rehearse
from monitors.store.archive import count_since
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.cli.options import Since
    from monitors.domain import Digest
    from monitors.rehearsal import Rehearsal


@click.command("preview")
@config_option
@click.argument("watchlist")
@since_option("What it would have brought since then, with hits a day: 12h, 30d, 2w, or a date such as 2026-11-02.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "slack", "json", "csv"]),
    default="text",
    show_default=True,
    help="json carries every match with all its spans; csv is for spreadsheets, a line an article.",
)
@click.option("--all", "everything", is_flag=True, help="With what the last digest told, and without its max_items.")
def preview_command(config: Path | None, *, watchlist: str, since: Since | None, form: str, everything: bool) -> None:
    """Show the digest of WATCHLIST as it would be now. Sends nothing, changes nothing.

    With --since, the digest that it would have produced from the archive: WATCHLIST as the file has it now, though the
    service does not know it yet, or knows another version of it.

    \b
    newsvane preview china-cyber-law
    newsvane preview china-cyber-law --all --format csv > articles.csv
    newsvane preview china-cyber-law --since 30d
    newsvane preview china-cyber-law --since 2026-11-02 --format html > digest.html
    """
    configure_logging(logging.WARNING)
    if since is None:
        with open_reading(config) as (in_force, database), database.read() as session:
            asked = asked_watchlist(in_force, watchlist)
            calibrate(session, in_force)
            digest, found = preview(session, in_force, asked, everything=everything, now=now())
        _show(digest, form, digest_json(digest, found))
        return
    rehearsal = _rehearse(config, watchlist, since)
    digest = without_limits(rehearsal.digest) if everything else rehearsal.digest
    digest = replace(digest, looked_back=since.told)
    if form == "text":
        tell("\n".join(in_words(rehearsal)))
    elif younger := archive_is_younger(rehearsal):
        tell(younger, err=True)
    _show(digest, form, {**digest_json(digest, rehearsal.found), **rehearsal_json(rehearsal)})


def _rehearse(config: Path | None, watchlist: str, since: Since) -> Rehearsal:
    in_force = InForce.of(load(config_path(config, os.environ)))
    asked, moment = asked_watchlist(in_force, watchlist), now()
    slot = slot_now(in_force, rule_of(asked), moment)
    earliest = since.at(moment, slot.at.tzinfo)
    with open_database_if_there(config) as database:
        found = None
        if database is not None:
            with database.read() as session:
                total = count_since(session, earliest)
                calibrate(session, in_force)
            with progress("Matching the archive", total) as step:
                found = rehearse(database, in_force, asked, since=earliest, now=moment, step=step)
    if found is None:
        raise NewsvaneError("nothing is stored yet: `newsvane run`, or `newsvane crawl` once, fills the archive")
    return found


def _show(digest: Digest, form: str, as_json: dict[str, object]) -> None:
    match form:
        case "text":
            tell(render_text(digest))
        case "html":
            click.echo(render_html(digest))
        case "slack":
            for payload in render_slack(digest):
                write_json(payload)
        case "csv":
            click.echo(as_csv(digest), nl=False)
        case _:
            write_json(as_json)
