"""`newsvane check`: every mistake of a configuration, or what it amounts to and what is to be warned of."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from crawler.errors import ConfigError
from crawler.yaml_tree import read
from monitors.cli.options import config_option, json_option
from monitors.cli.output import tell, write_json
from monitors.collector import without_collector
from monitors.lint import lint
from monitors.watchlist_file import config_path, configuration_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.errors import Problem
    from monitors.watchlist_file import Configuration


@click.command()
@config_option
@json_option
@click.option("--strict", is_flag=True, help="Exit with 1 if there is a warning.")
@click.pass_context
@without_collector()
def check(ctx: click.Context, config: Path | None, as_json: bool, strict: bool) -> None:
    """Say what is wrong with the configuration, all of it at once, and run the tests of its watchlists.

    Exits with 2 if anything is wrong. What can hardly be meant is a warning.
    """
    path = config_path(config, os.environ)
    try:
        document = read(path, os.environ)
        configuration = configuration_of(document, path, to_run=True)
    except ConfigError as error:
        if not as_json:
            raise
        write_json({"ok": False, "error": str(error), "problems": [asdict(problem) for problem in error.problems]})
        ctx.exit(2)
    warnings = lint(document, configuration)
    tell = _tell_json if as_json else _tell
    tell(configuration, warnings)
    ctx.exit(1 if strict and warnings else 0)


def _tell(configuration: Configuration, warnings: Sequence[Problem]) -> None:
    for warning in warnings:
        tell(str(replace(warning, message=f"warning: {warning.message}")), err=True)
    amounts = _amounts(configuration)
    if configuration.trials:
        amounts["tests"] = _tests(configuration)
    if warnings:
        amounts["warnings"] = len(warnings)
    click.echo(f"{configuration.path}: good. " + ", ".join(map(_counted, amounts.items())))


def _tell_json(configuration: Configuration, warnings: Sequence[Problem]) -> None:
    amounts = _amounts(configuration) | {"tests": _tests(configuration)}
    told = [asdict(warning) for warning in warnings]
    write_json({"ok": True, "file": str(configuration.path), **amounts, "warnings": told})


def _amounts(configuration: Configuration) -> dict[str, int]:
    return {
        "sources": len(configuration.sources),
        "watchlists": len(configuration.watchlists),
        "channels": len(configuration.channels),
    }


def _tests(configuration: Configuration) -> int:
    return sum(map(len, configuration.trials.values()))


def _counted(amount: tuple[str, int]) -> str:
    what, number = amount
    return f"{number} {what.removesuffix('s') if number == 1 else what}"
