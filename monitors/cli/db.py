"""`newsvane db`: the database and its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitors.cli.opening import open_database
from monitors.cli.options import config_option
from monitors.store.migrate import revision, upgrade

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@config_option
def db_upgrade(config: Path | None) -> None:
    """Bring the database to the shape this version needs.

    The other commands do this by themselves; a SQLite file is copied beside itself first.
    """
    with open_database(config, migrate=False) as database:
        before = revision(database)
        after = upgrade(database)
    click.echo(f"{'already at' if before == after else 'upgraded to'} revision {after}")
