"""`newsvane group`: the copies and stories among articles from a file, a line of JSON an article. Needs no database."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Self

import click

from crawler.errors import NewsvaneError
from monitors.cli.article_lines import ArticleLines, articles_option
from monitors.cli.options import DurationType
from monitors.cli.output import write_json
from monitors.stories.grouper import WINDOW, Grouper, sketch
from monitors.stories.shingles import told

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.cli.article_line import Line


@click.command()
@articles_option
@click.option(
    "--window",
    type=DurationType(),
    default=WINDOW,
    metavar="4d",
    help="How far in time an article may be published from the first of its story; 4d if it is not said.",
)
def group(articles: Path, window: timedelta) -> None:
    """Tell which articles are copies of one text, and which are about one event: a line of JSON for each.

    \b
    newsvane group --articles articles.jsonl
    newsvane articles --since 30d --jsonl | newsvane group --articles -

    A line names an article, its story by the id of the story's first article, and the article that it is a copy of, or
    null. Articles are taken as they come; `published` says when they were, and what does not say is of now. Lines that
    cannot be read are named, and the rest goes on. There need be no configuration.
    """
    lines = ArticleLines(articles, None, doing="Grouping")
    with Grouping(window, now=datetime.now(UTC)) as grouping:
        for line in lines:
            write_json(grouping.place(line))
    if lines.unread:
        raise NewsvaneError(f"{lines.unread} lines could not be read")


class Grouping:
    """Articles that were placed, by the order of their lines; their texts wait in a file for being compared."""

    def __init__(self, window: timedelta, *, now: datetime) -> None:
        self._grouper = Grouper(window)
        self._now = now
        self._ids: list[str | int | None] = []
        self._texts = TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._ends = array("Q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._texts.close()

    def place(self, line: Line) -> dict[str, str | int | None]:
        """Return where an article belongs, in the ids of the lines."""
        article = line.article()
        number = len(self._ids)
        self._ids.append(line.id)
        self._keep(told(article))
        at = article.published or self._now
        # a file is found at once: one text that stands in it twice is a copy, whenever either was published
        place = self._grouper.place(number, sketch(article), at, self._text, found=self._now)
        original = None if place.copy_of is None else self._ids[place.copy_of]
        return {"article": line.id, "story": self._ids[place.story], "copy_of": original}

    def _keep(self, text: str) -> None:
        self._texts.seek(self._ends[-1])
        self._ends.append(self._ends[-1] + self._texts.write(text.encode()))

    def _text(self, number: int) -> str:
        start, end = self._ends[number : number + 2]
        self._texts.seek(start)
        return self._texts.read(end - start).decode()
