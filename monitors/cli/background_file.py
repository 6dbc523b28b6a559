"""A file of articles → what is usual of them. `python -m monitors.cli.background_file IN OUT` makes what is bundled."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import NewsvaneError
from monitors.cli.article_lines import ArticleLines
from monitors.match.concepts.background import Background
from monitors.match.concepts.sketch import sketch
from monitors.match.concepts.words import WordTables
from monitors.match.reading import fields_of
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.domain import Article

MOST = 15_000
"""Articles that a background is made of; of more, so many are drawn."""
_SEED = 1


def background_of_file(path: Path, languages: Sequence[str] = ()) -> Background:
    """Read a file of articles.

    Raises:
        NewsvaneError: it cannot be read, or there is no article in it.
    """
    lines = ArticleLines(path, None, doing="Reading the background")
    found = background_of(line.article(languages, None) for line in lines)
    if found is None:
        raise NewsvaneError(f"{path}: no article in it")
    return found


def background_of(articles: Iterable[Article]) -> Background | None:
    """Return what is usual of some articles, or of so many of them drawn by chance; None without any."""
    chance = random.Random(_SEED)  # noqa: S311  # no secret
    drawn: list[Article] = []
    for number, article in enumerate(articles):
        if number < MOST:
            drawn.append(article)
        elif (place := chance.randrange(number + 1)) < MOST:
            drawn[place] = article
    tables = WordTables()
    sketches = (sketch(fields_of(article), tables[stemmed(primary(article.language))]) for article in drawn)
    return Background.of(list(sketches)) if drawn else None


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(background_of_file(source).to_bytes())
