"""Measures concepts against the archive: a survey of what is usual in it, and how articles were judged."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import structlog

from crawler.store.articles import articles_by_id
from monitors.match.concepts.background import Background
from monitors.match.concepts.panel import Panel
from monitors.match.concepts.sketch import Sketch, sketch
from monitors.match.concepts.words import WordTables
from monitors.match.reading import fields_of
from monitors.match.related import concept_of
from monitors.store import concepts as store
from monitors.store.notes import note
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import StoredArticle
    from crawler.store.database import Database
    from monitors.app import App
    from monitors.domain import Watchlist
    from monitors.in_force import InForce
    from monitors.match.concepts.panel import Judged
    from monitors.store.concepts import Survey

log = structlog.get_logger()

T = TypeVar("T")

LEAST = 5_000
"""Articles that an archive has to have before its own are what is usual: of fewer, one is more than the threshold."""
MOST = 10_000
"""Articles that a survey looks at; of more, so many are drawn."""
GROWN = 1.25
OLD = timedelta(days=7)
CHUNK = 50
"""Articles that are read in one transaction."""


def calibrate(session: Session, in_force: InForce) -> None:
    """Measure the concepts of a configuration against the archive, once it is large enough, and by what was judged."""
    if in_force.matcher.panel:
        in_force.matcher.panel = calibrated(session, in_force)


def calibrated(session: Session, in_force: InForce) -> Panel:
    """Return the concepts of a configuration, measured so."""
    panel = in_force.matcher.panel or Panel(())
    return Panel([*panel.concepts.values()], background(session), judged(session, in_force), panel.second_look)


def background(session: Session) -> Background | None:
    """Return what is usual in the archive; None as long as it is small."""
    kept = store.statistics(session)
    return replace(Background.from_bytes(kept[0]), per_week=kept[1]) if kept else None


def judged(session: Session, in_force: InForce) -> Judged:
    """Return what was judged of each concept: a watchlist's judgements are on all that it means."""
    found: dict[str, tuple[list[Sketch], list[Sketch]]] = {}
    for watchlist_id, judgements in store.judgements(session).items():
        if watchlist := in_force.watchlists.get(watchlist_id):
            for concept_id in meant_by(watchlist):
                for one in judgements:
                    good, bad = found.setdefault(concept_id, ([], []))
                    (good if one.good else bad).append(Sketch.from_bytes(one.sketch))
    return found


def meant_by(watchlist: Watchlist) -> list[str]:
    """Return the ids of the concepts of a watchlist, what its keywords mean first."""
    return [*([concept_of(watchlist).id] if watchlist.related else []), *watchlist.concepts]


# -- surveys ----------------------------------------------------------------------------------------------------------


async def follow(app: App) -> bool:
    """Survey the archive if it is time, and take over what changed since; return whether anything did."""
    if app.in_force.matcher.panel is None:
        return False
    if surveyed := await survey(app.database, app.clock()):
        log.info("archive_surveyed", articles=surveyed)
    return await take_over(app)


async def take_over(app: App) -> bool:
    """Measure by the last survey and all judgements, if any of it is new; return whether it was."""
    changed = await asyncio.to_thread(_read, app.database, store.last_change)
    if app.in_force.matcher.panel is None or changed == app.calibrated_by:
        return False
    async with app.matching:
        await asyncio.to_thread(_read, app.database, lambda session: calibrate(session, app.in_force))
        app.calibrated_by = changed
        panel = app.in_force.matcher.panel
        if lost := await asyncio.to_thread(panel.lose_what_is_broken):
            log.warning("semantic_tier_lost", reason=str(lost))
        told = _told(panel)
    await app.database.run(note, "concepts", told, now=app.clock())
    log.info("concepts_calibrated", **told)
    return True


def _told(panel: Panel) -> dict[str, Any]:
    """Return what `newsvane status` tells of it."""
    background = {"background": len(panel.background), "bundled": panel.is_bundled}
    return {"concepts": len(panel.concepts), "tier": panel.tier, **background}


async def survey(database: Database, now: datetime) -> int:
    """Look at the articles of the archive if it is time; return at how many. Others may write in between."""
    last, size, per_week = await asyncio.to_thread(_read, database, lambda session: _state(session, now))
    if not is_due(last, size, now):
        return 0
    sketches = await asyncio.to_thread(lambda: list(_sketches(database)))
    kept = await asyncio.to_thread(lambda: Background.of(sketches).to_bytes())
    await database.run(store.keep_statistics, kept, articles=size, per_week=per_week, now=now)
    return len(sketches)


def is_due(last: Survey | None, size: int, now: datetime) -> bool:
    """Tell whether to survey an archive of a size: it has grown by a quarter, or by anything in a week."""
    if size < LEAST:
        return False
    return last is None or size >= GROWN * last.articles or (now - last.made_at >= OLD and size != last.articles)


def _read(database: Database, question: Callable[[Session], T]) -> T:
    with database.read() as session:
        return question(session)


def _state(session: Session, now: datetime) -> tuple[Survey | None, int, float | None]:
    return store.last_survey(session), store.archive_size(session), store.in_a_week(session, now=now)


def _sketches(database: Database) -> Iterator[Sketch]:
    """Sketch articles of the archive, drawn by chance."""
    tables = WordTables()
    with database.read() as session:
        ids = store.drawn(session, MOST, random.Random(1))  # noqa: S311  # no secret
    for at in range(0, len(ids), CHUNK):
        for one in stored(database, ids[at : at + CHUNK]):
            article = one.article
            found = sketch(fields_of(article), tables[stemmed(primary(article.language))])
            yield replace(found, passages=found.passages.astype(np.float16))  # ten thousand take 50 MB


def stored(database: Database, ids: Sequence[int]) -> Sequence[StoredArticle]:
    """Return some articles of the archive."""
    with database.read() as session:
        return [*articles_by_id(session, ids).values()]
