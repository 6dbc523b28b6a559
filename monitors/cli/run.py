"""`newsvane run` and `newsvane crawl`: the work itself, as a service or once."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crawler.domain import Failed, FetchOutcome, PagesOnly, Read
from crawler.run import run_in_reactor
from crawler.store.revisits import has_visits, make_visits_due
from crawler.store.sources import count_due, make_due
from monitors import calibration, jobs
from monitors.cli.logs import configure_logging
from monitors.cli.opening import open_app, open_app_patiently, open_crawling
from monitors.cli.options import config_option, json_option
from monitors.cli.output import progress, tell, write_json
from monitors.configuration_file import ConfigurationFile
from monitors.deliver.outbox import Sent
from monitors.digest.inert import plain
from monitors.housekeeping import keep_house
from monitors.scheduler import Clockwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from monitors.app import App


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one run did."""

    sources_read: int = 0
    sources_failed: int = 0
    articles: int = 0
    """New ones, matched."""
    queued: int = 0
    """Messages composed in this run, alerts included."""
    sent: int = 0
    not_sent: int = 0


@click.command()
@config_option
@json_option
@click.option("--once", is_flag=True, help="Do everything that is due, then exit.")
@click.option("--all", "read_all", is_flag=True, help="With --once: read every source, due or not.")
def run(config: Path | None, *, as_json: bool, once: bool, read_all: bool) -> None:
    """Work: read sources, match articles, send what is due.

    \b
    newsvane run               until SIGTERM or Ctrl-C
    newsvane run --once        everything that is due, then exit (for cron)
    newsvane run --once --all  the same, reading every source now
    """
    if read_all and not once:
        raise click.UsageError("--all goes with --once")
    configure_logging(logging.WARNING if once else logging.INFO)
    if not once:
        _run_service(config)
        return
    with open_app(config) as app:
        done = run_in_reactor(lambda: _once(app, read_all=read_all))
    if as_json:
        write_json(asdict(done))
    else:
        click.echo(
            f"read {done.sources_read} sources ({done.sources_failed} failed), {done.articles} new articles, "
            f"{done.sent} messages sent" + (f", {done.not_sent} to be tried again" if done.not_sent else "")
        )


def _run_service(config: Path | None) -> None:
    with open_app_patiently(config) as app:
        all_ended = run_in_reactor(lambda: _serve(app))
    if not all_ended:  # a thread still waits for a server that says nothing; its claim was given back
        logging.shutdown()
        os._exit(0)


@click.command()
@config_option
@json_option
@click.option("--source", "only", multiple=True, metavar="ID", help="Read this source now, due or not; repeatable.")
@click.option("--again", is_flag=True, help="Look now for edits of articles that are tracked (see track_changes).")
def crawl(config: Path | None, *, as_json: bool, only: tuple[str, ...], again: bool) -> None:
    """Read the sources that are due and store what is new. Matches nothing, sends nothing.

    \b
    newsvane crawl
    newsvane crawl --source scmp-tech
    newsvane crawl --source scmp-tech --again
    """
    configure_logging(logging.WARNING)
    with open_app(config) as app:
        unknown = [source for source in only if source not in app.in_force.sources]
        if unknown:
            raise click.UsageError(f"no source has the id {unknown[0]}; `newsvane sources` lists them")
        outcomes = run_in_reactor(lambda: _crawl_once(app, only, again=again))
    for source_id, outcome in sorted(outcomes.items()):
        if as_json:
            write_json({"source": source_id, **_told(outcome)})
        else:
            tell(f"{source_id}: {plain(_in_words(outcome))}")


def _told(outcome: FetchOutcome) -> dict[str, object]:
    match outcome:
        case Read(entries=entries, new=new):
            return {"outcome": "read", "entries": entries, "new": new}
        case Failed(reason=reason, kind=kind):
            return {"outcome": "failed", "kind": kind, "reason": reason}
        case PagesOnly():
            return {"outcome": "pages-only"}
        case _:
            return {"outcome": "not-modified"}


def _in_words(outcome: FetchOutcome) -> str:
    match outcome:
        case Read(entries=entries, new=new):
            return f"{entries} entries, {new} new"
        case Failed(reason=reason):
            return f"failed: {reason}"
        case PagesOnly():
            return "not due itself; pages of it were tried again"
        case _:
            return "nothing new"


async def _crawl_once(app: App, only: Sequence[str], *, again: bool) -> dict[str, FetchOutcome]:
    await app.adopt(app.in_force)
    if only:
        await app.database.run(make_due, only, now=app.clock(), gone_too=True)
    if again:
        await app.database.run(make_visits_due, only=only, now=app.clock())
    return await _crawl_all(app, only)


async def _once(app: App, *, read_all: bool) -> Done:
    """Do everything that is due, in the order of the flow."""
    await app.adopt(app.in_force)
    await jobs.read_archive(app)
    if read_all:
        await app.database.run(make_due, app.in_force.sources, now=app.clock())
    outcomes = await _crawl_all(app)
    await calibration.follow(app)
    articles = 0
    while matched := await jobs.match_new(app):
        articles += matched
    queued = await jobs.compose_due(app, settling=timedelta(0)) + await jobs.watch_health(app)
    results = []
    while batch := await jobs.deliver_due(app):
        results += batch
    await jobs.send_heartbeat(app)
    await keep_house(app.database, app.in_force.configuration.settings.archive, app.clock)
    sent = sum(isinstance(result, Sent) for _, result in results)
    failed = sum(isinstance(outcome, Failed) for outcome in outcomes.values())
    return Done(
        sources_read=sum(not isinstance(outcome, Failed | PagesOnly) for outcome in outcomes.values()),
        sources_failed=failed,
        articles=articles,
        queued=queued,
        sent=sent,
        not_sent=len(results) - sent,
    )


async def _crawl_all(app: App, only: Sequence[str] = ()) -> dict[str, FetchOutcome]:
    """Read every source that is due, and show how far it is; then look again at articles that are due for it."""
    due = await app.database.run(count_due, only=only, now=app.clock())
    if not due and not await app.database.run(has_visits, only=only, now=app.clock()):
        return {}
    with progress("reading sources", due) as advance:
        async with open_crawling(app, on_finished=advance) as crawling:
            outcomes = await jobs.crawl_all_due(app, crawling, only=only)
            while await jobs.revisit_due(app, crawling, only=only):
                pass
    return outcomes


def settle() -> None:
    """Take what is loaded out of the garbage collection: looking through it halts the loop for 200 ms and more."""
    gc.collect()
    gc.freeze()


async def _serve(app: App) -> bool:
    """Work until SIGTERM or SIGINT; return whether all that was under way came to its end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    file = ConfigurationFile(app.in_force.configuration.path)
    await app.adopt(app.in_force)
    async with open_crawling(app) as crawling:
        settle()
        return await Clockwork(app, crawling, file).run(stop)
