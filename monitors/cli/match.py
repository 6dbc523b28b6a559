"""`newsvane match`: articles from a file against the watchlists, a line of JSON a match. Needs no database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from monitors.cli.article_lines import ArticleLines, articles_option
from monitors.cli.background_file import background_of_file
from monitors.cli.options import config_option
from monitors.cli.output import write_json
from monitors.match.concepts.panel import Panel
from monitors.match.report import match_line
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from crawler.domain import Article, Source
    from monitors.match.matcher import Matcher


@click.command()
@config_option
@articles_option
@click.option(
    "--background",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Articles, as in --articles, that concepts are measured against; otherwise those that come with Newsvane.",
)
def match(config: Path | None, articles: Path, background: Path | None) -> None:
    """Match articles against the watchlists and write a line of JSON for every match.

    What `newsvane extract` and `newsvane articles --jsonl` write can be read as it is. Lines that cannot be read are
    named, and the rest goes on.
    """
    configuration = load(config_path(config, os.environ))
    matcher = configuration.matcher
    if background and matcher.panel:
        usual = background_of_file(background, configuration.settings.languages)
        matcher.panel = Panel([*matcher.panel.concepts.values()], usual, second_look=matcher.panel.second_look)
    sources = {source.id: source for source in configuration.sources}
    lines = ArticleLines(articles, sources, doing="Matching")
    failed = 0
    for line in lines:
        source = sources.get(line.source)
        article = line.article(configuration.settings.languages, source)
        failed += _write_matches(matcher, line.id, article, source)
    if lines.unread or failed:
        raise NewsvaneError(f"{lines.unread} lines could not be read, {failed} watchlists failed on an article")


def _write_matches(matcher: Matcher, name: str | int | None, article: Article, source: Source | None) -> int:
    matched = matcher.match(article, source)
    for found in matched.matches:
        write_json(match_line(name, found))
    for error in matched.errors:
        click.echo(f"article {name}: watchlist {error.watchlist_id}: {error}", err=True)
    return len(matched.errors)
