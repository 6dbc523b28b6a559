"""Places new articles into stories, by an index of the last days in memory that is kept in step with the database."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog

from monitors.collector import without_collector
from monitors.store import stories as story_store
from monitors.store.stories import Placed
from monitors.stories.grouper import WINDOW, Grouper, Sketch, sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import StoredArticle
    from crawler.store.database import Database
    from monitors.stories.grouper import Place

log = structlog.get_logger()


class Placing:
    """The stories of the last days. Only for one thread at a time.

    What it remembers is what was committed.
    """

    def __init__(self) -> None:
        self.forget_all()

    def forget_all(self) -> None:
        """Begin anew: everything is read again from the database."""
        self._grouper = Grouper(window=WINDOW)
        self._seen = 0

    @contextmanager
    def undone_unless_committed(self) -> Iterator[None]:
        """Begin anew if the block, in which articles are placed in a transaction and it is committed, fails."""
        try:
            yield
        except BaseException:  # also where it is cancelled: nobody knows then whether it was committed
            self.forget_all()
            raise

    @without_collector()
    def load(self, database: Database, *, now: datetime) -> None:
        """Read what was placed since the last look: at first all of the window, later what other services placed."""
        with database.read() as session:
            self._read(session, now)

    def place(
        self, session: Session, sketches: Mapping[int, Sketch], articles: Iterable[StoredArticle], *, now: datetime
    ) -> dict[int, Place]:
        """Say where articles belong and write it down, in the caller's transaction. One that has a place keeps it.

        One transaction writes at a time (see crawler.store.database), so rows are committed in the order of their ids.
        """
        self._read(session, now)
        articles = sorted({article.id: article for article in articles}.values(), key=lambda one: one.id)
        known = story_store.places(session, [article.id for article in articles])
        placed = [
            self._place(session, article, sketches[article.id], known.get(article.id), now) for article in articles
        ]
        story_store.keep_places(session, placed)
        self._seen = story_store.last_row(session)
        self._grouper.forget(now - WINDOW)
        return {one.article_id: one.place for one in placed}

    def _place(
        self, session: Session, article: StoredArticle, its: Sketch, known: Place | None, now: datetime
    ) -> Placed:
        at, found = min(article.article.published or article.stored_at, now), article.stored_at
        if known:
            self._grouper.restore(article.id, its, at, known, found=found)
        texts = partial(story_store.text_of, session)
        place = known or self._grouper.place(article.id, its, at, texts, found=found)
        return Placed(article_id=article.id, place=place, at=at, found=found, sketch=its.to_bytes())

    def _read(self, session: Session, now: datetime) -> None:
        number = 0
        for row, placed in story_store.placed_after(session, self._seen, since=now - WINDOW):
            its = Sketch.from_bytes(placed.sketch)
            self._grouper.restore(placed.article_id, its, placed.at, placed.place, found=placed.found)
            self._seen, number = row, number + 1
        if number:
            log.info("stories_loaded", articles=number)


def sketches_of(articles: Iterable[StoredArticle]) -> dict[int, Sketch]:
    """Return what articles are compared by. The costly part; pure."""
    return {article.id: sketch(article.article) for article in articles}
