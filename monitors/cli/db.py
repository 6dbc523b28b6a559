"""`newsvane db`: the database and its migrations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from crawler.store.database import compact
from monitors.cli.opening import now, open_database, open_reading
from monitors.cli.options import config_option
from monitors.housekeeping import keep_house
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


@db.command("housekeeping")
@config_option
@click.option("--vacuum", is_flag=True, help="Then give free space back to the disk; stop the service for it.")
def db_housekeeping(config: Path | None, *, vacuum: bool) -> None:
    """Take away now what is not to be kept (settings.archive); the service does it once a day.

    \b
    newsvane db housekeeping
    newsvane db housekeeping --vacuum
    """
    with open_reading(config) as (in_force, database):
        archive = in_force.configuration.settings.archive
        gone = asyncio.run(keep_house(database, archive, now, now_too=True)) or {}
        if vacuum:
            compact(database)
    told = ", ".join(f"{number} {name}" for name, number in gone.items())
    click.echo(f"took away {told}" if told else "nothing to take away")
