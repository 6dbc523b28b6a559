"""A file of articles → what they are like to the transformer. `python -m monitors.cli.surroundings_file IN OUT`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from crawler.errors import NewsvaneError
from monitors.cli.article_lines import ArticleLines
from monitors.match.concepts.semantic import Encoder, encoder, wording
from monitors.match.concepts.surroundings import Surroundings
from monitors.match.reading import fields_of

MOST = 3_000
LANGUAGE = "en"
"""Of the model that is bundled."""
_SEED = 1


def surroundings_of_file(path: Path, transformer: Encoder) -> Surroundings:
    """Read a file of articles. Takes a minute.

    Raises:
        NewsvaneError: it cannot be read, or there is no article with a text in it.
    """
    lines = ArticleLines(path, None, doing="Reading the background")
    articles = (line.article((), None) for line in lines)
    openings = [wording(fields_of(one), (), 0) for one in articles if one.text and one.language == LANGUAGE]
    if not openings:
        raise NewsvaneError(f"{path}: no article in it")
    chance = random.Random(_SEED)  # noqa: S311  # no secret
    return Surroundings.of(transformer.encode(chance.sample(openings, min(MOST, len(openings)))))


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    if (found := encoder()) is None:
        raise SystemExit('needs pip install "newsvane[semantic]"')
    target.write_bytes(surroundings_of_file(source, found).to_bytes())
