"""`newsvane match`: articles from a file against the watchlists, a line of JSON a match. Needs no database."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from crawler.domain import Article
from crawler.errors import NewsvaneError
from crawler.extract.language import detect
from monitors.cli.options import config_option
from monitors.cli.output import progress, write_json
from monitors.match.matcher import Matcher
from monitors.match.report import match_line
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _readable(value: Any) -> Any:
    """Read null as an empty text, and half a character, which JSON can hold and UTF-8 cannot, as an unknown one."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_readable)]


class Line(BaseModel):
    """What is read of a line; its other keys are not ours."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: str | int
    url: Text = ""
    title: Text = ""
    lead: Text = ""
    text: Text = ""
    language: Text = ""

    def article(self, languages: Sequence[str]) -> Article:
        language = self.language or detect(f"{self.title}\n{self.lead}\n{self.text}", languages=languages)
        return Article(url=self.url, title=self.title, lead=self.lead, text=self.text, language=language)


@click.command()
@config_option
@click.option(
    "--articles",
    required=True,
    metavar="IN",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='Lines {"id", "url", "title", "lead", "text", "language"}, also as .gz; "-" reads standard input.',
)
def match(config: Path | None, articles: Path) -> None:
    """Match articles against the watchlists and write a line of JSON for every match.

    What `newsvane extract` writes can be read as it is. Lines that cannot be read are named, and the rest goes on.
    """
    configuration = load(config_path(config, os.environ))
    matcher = Matcher(configuration.watchlists, configuration.entities)
    unread = failed = 0
    with progress("Matching", None) as step:
        for number, line in enumerate(_lines(articles), 1):
            step()
            read = _read(line)
            if isinstance(read, str):
                click.echo(f"{articles}:{number}: {read}", err=True)
                unread += 1
            elif read:
                failed += _write_matches(matcher, read, configuration.settings.languages)
    if unread or failed:
        raise NewsvaneError(f"{unread} lines could not be read, {failed} watchlists failed on an article")


def _write_matches(matcher: Matcher, line: Line, languages: Sequence[str]) -> int:
    matched = matcher.match(line.article(languages))
    for found in matched.matches:
        write_json(match_line(line.id, found))
    for error in matched.errors:
        click.echo(f"article {line.id}: watchlist {error.watchlist_id}: {error}", err=True)
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


def _read(line: bytes) -> Line | str | None:
    """Return what a line holds, or what is wrong with it; nothing for an empty one."""
    if not line.strip():
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(value, dict):
        return "not a JSON object"
    try:
        return Line.model_validate(value)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
