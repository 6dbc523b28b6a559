"""The lines of a file of articles, one after the other; those that cannot be read are named and passed over."""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.cli.article_line import Line, read_line
from monitors.cli.output import progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.domain import Source

articles_option = click.option(
    "--articles",
    required=True,
    metavar="IN",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='Lines of JSON, also as .gz; "-" reads standard input. See docs/matching.md for their keys.',
)
"""Hands over `articles: Path`; ArticleLines reads it."""


class ArticleLines:
    """A file of articles, read once. `sources` are those that its lines may name; None: any, as nobody knows them."""

    def __init__(self, path: Path, sources: Mapping[str, Source] | None, *, doing: str) -> None:
        self._path, self._sources, self._doing = path, sources, doing
        self.unread = 0
        """How many lines could not be read so far."""

    def __iter__(self) -> Iterator[Line]:
        with progress(self._doing, None) as step:
            for number, line in enumerate(_lines(self._path), 1):
                step()
                read = read_line(line, self._sources)
                if isinstance(read, Line):
                    yield read
                elif read:
                    click.echo(f"{self._path}:{number}: {read}", err=True)
                    self.unread += 1


def _lines(path: Path) -> Iterator[bytes]:
    try:
        if str(path) == "-":
            yield from sys.stdin.buffer
        else:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                yield from stream
    except (OSError, EOFError, zlib.error) as error:
        raise NewsvaneError(f"{path}: {error}") from error
