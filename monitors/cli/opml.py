"""`newsvane sources import` and `export`: lists of feeds, as feed readers hand them over."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from crawler.errors import ConfigError, NewsvaneError
from crawler.identity import canonical_url
from crawler.opml import Skipped, free_id, read_opml, write_opml
from crawler.source_yaml import as_yaml, with_sources
from crawler.store.sources import found_feeds
from monitors.cli.opening import open_database_if_there
from monitors.cli.options import config_option, json_option
from monitors.cli.output import tell, write_json
from monitors.digest.inert import plain
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Source

MOST_NAMED = 20
"""Of those that are there already: hundreds of them would hide what was skipped."""


@dataclass(frozen=True)
class Plan:
    """What is to become of a list of feeds."""

    added: tuple[Source, ...]
    there: tuple[Source, ...]
    skipped: tuple[Skipped, ...]

    def told(self) -> list[str]:
        """Say in a line each what is not added, and last how many are."""
        more = len(self.there) - MOST_NAMED
        return [
            *(f"already there: {source.name} ({source.url})" for source in self.there[:MOST_NAMED]),
            *([f"already there: {more} more"] if more > 0 else []),
            *(f"skipped: {one.name}: {one.reason}" for one in self.skipped),
            f"{len(self.added)} to add, {len(self.there)} already there, {len(self.skipped)} skipped",
        ]


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--write", is_flag=True, help="Add them to the configuration; what stands there stays as it is.")
@config_option
@json_option
@click.pass_context
def import_(context: click.Context, file: BinaryIO, write: bool, config: Path | None, as_json: bool) -> None:
    """Turn a list of feeds (OPML) into entries of `sources:`, with folders as groups.

    Reads what feed readers export, well-formed or not, from FILE or with - from standard input. Prints YAML to paste;
    --write adds it to the configuration. A source whose address is there already is left out.

    \b
    newsvane sources import feeds.opml
    newsvane sources import feeds.opml --write
    """
    path = _configuration(context, config, needed=write)
    known = load(path).sources if path else ()
    try:
        found = read_opml(file.read())
    except NewsvaneError as error:
        raise NewsvaneError(f"{file.name}: {error}") from None
    plan = _plan(found.sources, known, found.skipped)
    if write and path and plan.added:
        _add(path, plan.added, known)
    if as_json:
        write_json({"written": str(path) if write else None, **_as_json(plan)})
        return
    if not write and plan.added:
        tell(f"sources:\n{as_yaml(plan.added)}", nl=False)
    told = plan.told()
    if write:
        told[-1:] = [*(f"added: {source.id} ({source.url})" for source in plan.added), f"{path}: {_done(told[-1])}"]
    for line in told:
        tell(plain(line), err=not write)


@click.command("export")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there.")
@config_option
@click.pass_context
def export(context: click.Context, output: Path | None, config: Path | None) -> None:
    """Write the configured sources as OPML, for feed readers and for `newsvane sources import`.

    The feed that was found of a site stands for it. Headers, and how often a source is read, stay here.

    \b
    newsvane sources export > feeds.opml
    newsvane sources export --output feeds.opml
    """
    path = config_path(config or _above(context), os.environ)
    configured = load(path).sources
    written = write_opml(configured, _feeds_found(path, configured))
    if output is None:
        click.echo(written, nl=False)
        return
    try:
        output.write_bytes(written)
    except OSError as error:
        raise NewsvaneError(f"{output}: cannot be written: {error.strerror}") from None
    click.echo(f"{output}: {len(configured)} sources", err=True)


def _feeds_found(path: Path, configured: Sequence[Source]) -> dict[str, str]:
    with open_database_if_there(path) as database:
        if database is None:
            return {}
        with database.read() as session:
            found = found_feeds(session)
    return {
        source.id: found[source.id] for source in configured if source.type in {"auto", "feed"} and source.id in found
    }


def _above(context: click.Context) -> Path | None:
    """Return the configuration that was named before the command: `newsvane sources --config FILE import …`."""
    return context.parent.params.get("config") if context.parent else None


def _configuration(context: click.Context, config: Path | None, *, needed: bool) -> Path | None:
    named = config or _above(context)
    try:
        return config_path(named, os.environ)
    except ConfigError:
        if needed or named:
            raise
        return None


def _plan(found: Sequence[Source], known: Sequence[Source], skipped: Sequence[Skipped]) -> Plan:
    there = {canonical_url(source.url) for source in known}
    taken = {source.id for source in known}
    added: list[Source] = []
    old: list[Source] = []
    for source in found:
        if canonical_url(source.url) in there:
            old.append(source)
            continue
        named = replace(source, id=free_id(source.id, taken))
        taken.add(named.id)
        there.add(canonical_url(source.url))
        added.append(named)
    return Plan(tuple(added), tuple(old), tuple(skipped))


def _add(path: Path, added: Sequence[Source], known: Sequence[Source]) -> None:
    """Add sources to a file, if it then says what it said before and these: beside it first, then in its place."""
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new")
    try:
        text = path.read_bytes().decode("utf-8")
        beside.write_bytes(with_sources(text, added).encode())
        shutil.copymode(path, beside)
        if load(beside).sources != (*known, *added):
            raise ConfigError(f"{path}: nothing was added: `sources:` is written in a way that cannot be added to")
        beside.replace(path)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: nothing was added: it is not in UTF-8") from None
    except OSError as error:
        raise NewsvaneError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)


def _done(summary: str) -> str:
    return summary.replace(" to add", " added", 1)


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        "added": [_source_json(source) for source in plan.added],
        "already_there": [_source_json(source) for source in plan.there],
        "skipped": [asdict(one) for one in plan.skipped],
    }


def _source_json(source: Source) -> dict[str, object]:
    return {"id": source.id, "name": source.name, "url": source.url, "groups": sorted(source.groups)}
