"""`newsvane check`: every mistake of a configuration, or what it amounts to."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from crawler.errors import ConfigError
from monitors.cli.options import config_option, json_option
from monitors.cli.output import write_json
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.watchlist_file import Configuration


@click.command()
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, config: Path | None, as_json: bool) -> None:
    """Say what is wrong with the configuration, all of it at once.

    Exits with 2 if anything is.
    """
    try:
        configuration = load(config_path(config, os.environ), environ=os.environ, to_run=True)
    except ConfigError as error:
        if not as_json:
            raise
        write_json({"ok": False, "error": str(error), "problems": [asdict(problem) for problem in error.problems]})
        ctx.exit(2)
    amounts = _amounts(configuration)
    if as_json:
        write_json({"ok": True, "file": str(configuration.path), **amounts})
    else:
        click.echo(f"{configuration.path}: good. " + ", ".join(map(_counted, amounts.items())))


def _amounts(configuration: Configuration) -> dict[str, int]:
    return {
        "sources": len(configuration.sources),
        "watchlists": len(configuration.watchlists),
        "channels": len(configuration.channels),
    }


def _counted(amount: tuple[str, int]) -> str:
    what, number = amount
    return f"{number} {what.removesuffix('s') if number == 1 else what}"
