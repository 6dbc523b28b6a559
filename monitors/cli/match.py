"""`newsvane match`: articles from a file against the watchlists, a line of JSON a match. Needs no database."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.cli.article_line import read_line
from monitors.cli.options import config_option
from monitors.cli.output import progress, tell, write_json
from monitors.digest.inert import plain
from monitors.match.report import match_line
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.domain import Article, Source
    from monitors.match.matcher import Matcher


@click.command()
@config_option
@click.option(
    "--articles",
    required=True,
    metavar="IN",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='Lines of JSON, also as .gz; "-" reads standard input. See docs/matching.md for their keys.',
)
def match(config: Path | None, articles: Path) -> None:
    """Match articles against the watchlists and write a line of JSON for every match.

    What `newsvane extract` and `newsvane articles --jsonl` write can be read as it is. Lines that cannot be read are
    named, and the rest goes on.
    """
    configuration = load(config_path(config, os.environ))
    sources = {source.id: source for source in configuration.sources}
    unread = failed = 0
    with progress("Matching", None) as step:
        for number, line in enumerate(_lines(articles), 1):
            step()
            read = read_line(line, sources)
            if isinstance(read, str):
                tell(f"{articles}:{number}: {plain(read)}", err=True)
                unread += 1
            elif read:
                source = sources.get(read.source)
                article = read.article(configuration.settings.languages, source)
                failed += _write_matches(configuration.matcher, read.id, article, source)
    if unread or failed:
        raise NewsvaneError(f"{unread} lines could not be read, {failed} watchlists failed on an article")


def _write_matches(matcher: Matcher, name: str | int | None, article: Article, source: Source | None) -> int:
    matched = matcher.match(article, source)
    for found in matched.matches:
        write_json(match_line(name, found))
    for error in matched.errors:
        tell(f"article {name}: watchlist {error.watchlist_id}: {error}", err=True)
    return len(matched.errors)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        if str(path) == "-":
            yield from sys.stdin.buffer
        else:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                yield from stream
    except (OSError, EOFError, zlib.error) as error:
        raise NewsvaneError(f"{path}: {error}") from error
