"""`newsvane db`: the database and its migrations."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click
from alembic.util import CommandError

from crawler.errors import NewsvaneError
from crawler.store.database import compact
from monitors.cli.logs import configure_logging
from monitors.cli.opening import now, open_database, open_reading, open_url
from monitors.cli.options import config_option
from monitors.housekeeping import keep_house
from monitors.store.backup import back_up, restore, thin_out
from monitors.store.copy import copy
from monitors.store.migrate import downgrade, upgrade
from monitors.store.migrate import revision as present


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@config_option
def db_upgrade(config: Path | None) -> None:
    """Bring the database to the shape this version needs.

    The other commands do this by themselves; a SQLite file is copied beside itself first. Of PostgreSQL, make a copy
    with pg_dump.
    """
    with open_database(config, migrate=False) as database:
        before = present(database)
        after = upgrade(database)
    click.echo(f"{'already at' if before == after else 'upgraded to'} revision {after}")


@db.command("downgrade")
@config_option
@click.argument("revision", metavar="REVISION")
def db_downgrade(config: Path | None, revision: str) -> None:
    """Bring the database back to the shape that an older version needs. What only this one keeps is lost.

    To be run with the newer version, while the service is stopped; then install the older one.

    \b
    newsvane db downgrade 0015
    """
    with open_database(config, migrate=False) as database:
        try:
            after = downgrade(database, revision)
        except CommandError as error:
            raise NewsvaneError(str(error)) from None
    click.echo(f"brought back to revision {after}" if after else "nothing is left")


@db.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def db_copy(source: str, target: str) -> None:
    """Copy all that a database holds into another, empty one. Stop the service for it.

    Both are named by URLs. Then set NEWSVANE_DATABASE_URL to the new one, and start the service again.

    \b
    newsvane db copy sqlite:////var/lib/newsvane/newsvane.db postgresql://newsvane@db.example.org/newsvane
    """
    with open_url(source, "FROM") as from_, open_url(target, "TO") as to:
        copy(from_, to, now=now(), told=lambda table, rows: click.echo(f"{rows:>10,}  {table}"))
    click.echo("all rows arrived")


@db.command("backup")
@config_option
@click.option("--keep", type=click.IntRange(min=1), help="Of the copies in FOLDER, take away all but the newest.")
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
def db_backup(config: Path | None, target: Path, *, keep: int | None) -> None:
    """Copy the whole database to a file, while the service runs, and make sure that the copy is whole.

    In a folder it is named by the hour. Of SQLite it is a database by itself, of PostgreSQL what pg_dump writes.

    \b
    newsvane db backup /var/backups/newsvane --keep 14
    newsvane db backup before-the-move.db
    """
    if keep and not target.is_dir():
        raise click.UsageError(f"--keep needs a folder, and {target} is none")
    with open_database(config, migrate=False) as database:
        file = back_up(database, target, now=now())
    click.echo(f"{file}: {file.stat().st_size:,} bytes")
    for gone in thin_out(target, keep) if keep else ():
        click.echo(f"took away {gone}")


@db.command("restore")
@config_option
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def db_restore(config: Path | None, file: Path) -> None:
    """Make the database of a copy that `db backup` wrote. It overwrites nothing: what is there has to be moved away.

    What was told since the copy was made may be told again.

    \b
    newsvane db restore /var/backups/newsvane/newsvane-20261123T060000Z.db
    """
    with open_database(config, migrate=False) as database:
        restore(file, database)
        click.echo(f"restored, at revision {upgrade(database)}")


@db.command("housekeeping")
@config_option
@click.option("--vacuum", is_flag=True, help="Then give free space back to the disk; stop the service for it.")
def db_housekeeping(config: Path | None, *, vacuum: bool) -> None:
    """Take away now what is not to be kept (settings.archive); the service does it once a day.

    \b
    newsvane db housekeeping
    newsvane db housekeeping --vacuum
    """
    configure_logging(logging.WARNING)
    with open_reading(config) as (in_force, database):
        archive = in_force.configuration.settings.archive
        gone = asyncio.run(keep_house(database, archive, now, now_too=True)) or {}
        if vacuum:
            compact(database)
    told = ", ".join(f"{number} {name}" for name, number in gone.items())
    click.echo(f"took away {told}" if told else "nothing to take away")
