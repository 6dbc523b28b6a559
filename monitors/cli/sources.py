"""`newsvane sources`: the list of sources, and what can be done with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.store.sources import source_states
from monitors.cli.opening import open_database
from monitors.cli.options import config_option, json_option
from monitors.cli.output import local_time, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.store.sources import SourceState


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def sources(context: click.Context, config: Path | None, *, as_json: bool) -> None:
    """List the sources: when each was read, what it brought, what is wrong with it."""
    if context.invoked_subcommand is not None:
        return
    with open_database(config) as database, database.read() as session:
        states = source_states(session)
    if as_json:
        for state in states:
            write_json(asdict(state))
    elif states:
        Console().print(_table(states))
    else:
        click.echo("no sources yet: they are known after the first `newsvane run` or `newsvane crawl`")


def _table(states: list[SourceState]) -> Table:
    table = Table("source", "last read", "articles", "waiting", "given up", "state", box=None, pad_edge=False)
    for state in states:
        health = f"failing since {local_time(state.failing_since)}: {state.reason}" if state.failing_since else "ok"
        if state.remark and not state.failing_since:
            health = f"ok; {state.remark}"
        cells = (state.id, local_time(state.last_read_at), state.articles, state.waiting, state.dropped)
        # Text, not markup: a reason may quote what a server sent.
        table.add_row(*(Text(str(cell)) for cell in cells), Text(health, style="red" if state.failing_since else ""))
    return table
