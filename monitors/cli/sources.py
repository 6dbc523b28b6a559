"""`newsvane sources`: the list of sources, and what can be done with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.extract.clean import one_line
from crawler.store.sources import source_states
from monitors.cli.discovery import show_discovery
from monitors.cli.opening import now, open_database
from monitors.cli.opml import export, import_
from monitors.cli.options import config_option, json_option
from monitors.cli.output import local_time, write_json
from monitors.cli.source_requests import show_requests
from monitors.cli.source_words import condition, remarks, rhythm, with_text

WIDEST = 500
"""Wider than any table of ours: ids have at most a hundred characters."""

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.store.sources import SourceState


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.option("--discover", metavar="URL", help="Look what a site can be read by, instead; needs no database.")
@click.option("--contact", metavar="ADDRESS", help="Where the site can reach you, if no configuration says so.")
@click.option("--requests", "of_hosts", is_flag=True, help="Show instead what was asked of each host, day by day.")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many, with --requests.")
@click.pass_context
def sources(
    context: click.Context,
    config: Path | None,
    days: int,
    *,
    as_json: bool,
    discover: str | None,
    contact: str | None,
    of_hosts: bool,
) -> None:
    """List the sources: when each was read, what it brought, what is wrong with it.

    \b
    newsvane sources
    newsvane sources --discover https://www.theregister.com
    newsvane sources --discover theregister.com --contact me@example.org --json
    newsvane sources --requests --days 1

    --discover shows all feeds, sitemaps and lists of articles that a site has, with the one that Newsvane would
    read and why. It exits with 1 if there is none.
    """
    if context.invoked_subcommand is not None:
        return
    if discover is not None:
        found = show_discovery(discover, config, contact, as_json=as_json)
        context.exit(0 if found else 1)
    if contact is not None:
        raise click.UsageError("--contact goes with --discover")
    if of_hosts:
        with open_database(config) as database:
            show_requests(database, days, now=now(), as_json=as_json)
        return
    with open_database(config) as database, database.read() as session:
        states = source_states(session, now=now())
    if as_json:
        for state in states:
            write_json(asdict(state))
    elif states:
        _tell(states)
    else:
        click.echo("no sources yet: they are known after the first `newsvane run` or `newsvane crawl`")


sources.add_command(import_)
sources.add_command(export)


def _tell(states: list[SourceState]) -> None:
    """Show a line for each source and, below it, what is to be said of it. Nothing is folded into a narrow column."""
    console = Console(highlight=False)
    heading, *lines = _table(states)
    console.print(heading, style="bold", soft_wrap=True, markup=False)
    for line, state in zip(lines, states, strict=True):
        console.print(line, soft_wrap=True, markup=False)
        # Text, not markup: a reason may quote what a server sent.
        if told := condition(state):
            console.print(Text(f"    {one_line(told)}", style="red"), soft_wrap=True)
        for remark in remarks(state):
            console.print(Text(f"    {one_line(remark)}"), soft_wrap=True)


def _table(states: list[SourceState]) -> list[str]:
    """Return the heading and a line for each source, one below the other."""
    names = ("source", "last read", "new every", "articles", "with text", "waiting", "given up")
    table = Table(*names, box=None, pad_edge=False)
    for state in states:
        read, every = local_time(state.last_read_at), rhythm(state).removeprefix("one in ")
        cells = (state.id, read, every, state.articles, with_text(state), state.waiting, state.dropped)
        table.add_row(*(Text(str(cell)) for cell in cells))
    wide = Console(width=WIDEST, color_system=None)
    with wide.capture() as drawn:
        wide.print(table)
    return [line.rstrip() for line in drawn.get().splitlines()]
