"""`newsvane explain`: why an article matches a watchlist, or why not and how near it came."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from crawler.yaml_file import nearest
from monitors.calibration import calibrated
from monitors.cli.asked_article import Asked, find_article
from monitors.cli.explanation_tree import summary, tree, verdict
from monitors.cli.logs import configure_logging
from monitors.cli.opening import open_database_if_there
from monitors.cli.options import config_option, json_option
from monitors.cli.output import progress, write_json
from monitors.in_force import InForce
from monitors.match.explain import Explainer
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from monitors.cli.asked_article import Found
    from monitors.domain import Watchlist
    from monitors.match.concepts.panel import Panel
    from monitors.match.explain import Explanation
    from monitors.watchlist_file import Configuration


@click.command()
@config_option
@json_option
@click.argument("target", metavar="URL|FILE")
@click.option("--watchlist", "wanted", metavar="ID", help="Explain this one; otherwise a line for each watchlist.")
@click.option("--title", help="The title of the article.")
@click.option("--lang", "language", metavar="CODE", help="Its language (en); otherwise told from the text.")
@click.option("--source", metavar="ID", help="The source that it comes from.")
@click.option("--url", help="The address that FILE came from.")
@click.option("--id", "line", metavar="ID", help="Which article of a .jsonl FILE; otherwise the first.")
def explain(config: Path | None, *, as_json: bool, wanted: str | None, line: str | None, **said: str | None) -> None:
    """Tell why an article matches a watchlist, or why not and how near it came.

    The article is a page on the web (what is stored of it, else it is fetched now, and not stored), a saved page
    (.html), a text (.txt, or - for standard input), or an article as JSON (.json, .jsonl). Files may be .gz.

    \b
    newsvane explain https://example.org/news/1 --watchlist china-law
    newsvane explain page.html --url https://example.org/news/1 --watchlist china-law
    echo "Beijing passes a law" | newsvane explain - --watchlist china-law
    """
    configure_logging(logging.WARNING)
    configuration = load(config_path(config, os.environ))
    watchlists = _watchlists(configuration.watchlists, wanted)
    target = str(said.pop("target"))
    found = find_article(Asked(target=target, id=line, **said), config, configuration)
    explainer = Explainer(configuration.entities, _panel(config, configuration))
    explained = _explained(explainer, watchlists, found)
    if wanted is None:
        (_write_summaries if as_json else _show_summaries)(list(explained), found)
        return
    for watchlist, explanation in explained:
        (_write if as_json else _show)(explanation, watchlist, found)


def _panel(config: Path | None, configuration: Configuration) -> Panel | None:
    """Return the concepts, measured by the archive, if there is one."""
    with open_database_if_there(config) as database:
        if database is None:
            return configuration.matcher.panel
        with database.read() as session:
            return calibrated(session, InForce.of(configuration))


def _watchlists(watchlists: Sequence[Watchlist], wanted: str | None) -> Sequence[Watchlist]:
    if wanted is None:
        return watchlists
    chosen = [watchlist for watchlist in watchlists if watchlist.id == wanted]
    if not chosen:
        told = f"no watchlist has the id {wanted}{nearest(wanted, [one.id for one in watchlists])}"
        raise click.BadParameter(told, param_hint="--watchlist")
    return chosen


def _explained(
    explainer: Explainer, watchlists: Sequence[Watchlist], found: Found
) -> Iterator[tuple[Watchlist, Explanation]]:
    with progress("Explaining", len(watchlists)) as step:
        for watchlist in watchlists:
            yield watchlist, explainer.explain(watchlist, found.article, found.source)
            step()


# -- one watchlist ----------------------------------------------------------------------------------------------------


def _show(explanation: Explanation, watchlist: Watchlist, found: Found) -> None:
    console = _console()
    for text in verdict(explanation, watchlist, found.article, found.source):
        console.print(text)
    console.print(tree(explanation))
    _show_left_out(found)


def _write(explanation: Explanation, _: Watchlist, found: Found) -> None:
    article = {"url": found.article.url, "title": found.article.title, "language": found.article.language}
    source = found.source.id if found.source else None
    of_article = {**article, "source": source, "origin": found.origin, "left_out": found.left_out or None}
    write_json({"article": of_article, **asdict(explanation)})


# -- all of them ------------------------------------------------------------------------------------------------------


def _show_summaries(explained: Sequence[tuple[Watchlist, Explanation]], found: Found) -> None:
    table = Table("", "score", "watchlist", "why", box=None, pad_edge=False)
    for _, explanation in explained:
        table.add_row(*summary(explanation))
    _console().print(table)
    _show_left_out(found)


def _show_left_out(found: Found) -> None:
    if found.left_out:
        _console().print(f"\nBut no watchlist is told of it: {found.left_out}.", style="bold red")


def _write_summaries(explained: Sequence[tuple[Watchlist, Explanation]], found: Found) -> None:
    for watchlist, explanation in explained:
        match = explanation.match
        write_json(
            {
                "watchlist_id": watchlist.id,
                "verdict": explanation.verdict,
                "score": match.score if match else None,
                "resemblance": asdict(match.resemblance) if match and match.resemblance else None,
                "first_failure": explanation.first_failure,
                "left_out": found.left_out or None,
            }
        )


def _console() -> Console:
    # Nothing of what comes from the web is read as markup, an emoji or something to colour.
    return Console(highlight=False, markup=False, emoji=False)
