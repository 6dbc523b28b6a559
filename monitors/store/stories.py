"""Questions about stories: where articles belong, who carried what, and what was told of a story before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.database import chunks, inserting
from crawler.store.tables import ArticleRow, EntryRow
from monitors.store.tables import MatchRow, MessageRow, NoticeRow, StoryArticleRow, UpdateNoticeRow, UpdateRow
from monitors.stories.grouper import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_STORY = StoryArticleRow
_ROOT = sa.func.coalesce(_STORY.copy_of, _STORY.article_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An article with its place, and what it is compared by."""

    article_id: int
    place: Place
    at: datetime
    """When it was published, else found."""
    found: datetime
    sketch: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An article of a group of copies, as one source carried it."""

    article_id: int
    source_id: str
    title: str
    url: str
    at: datetime
    """When it was published, else found."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What was told of a story under one key."""

    messages: set[int] = field(default_factory=set)
    at: datetime
    """When it was told last."""
    copies_of: set[int] = field(default_factory=set)
    """The articles that were told, of copies the one that they are copies of."""
    clauses: set[str] = field(default_factory=set)
    source_ids: set[str] = field(default_factory=set)


# -- placing ----------------------------------------------------------------------------------------------------------


def take_turn(session: Session) -> None:
    """Let nobody else place articles until the transaction ends, so that rows are committed in the order of their ids.

    On SQLite there is one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("LOCK TABLE story_articles IN SHARE ROW EXCLUSIVE MODE"))


def placed_after(session: Session, last: int, *, since: datetime) -> Iterator[tuple[int, Placed]]:
    """Yield what was placed after a row and found since a time, each with the number of its row."""
    columns = (_STORY.id, _STORY.article_id, _STORY.story_id, _STORY.copy_of, _STORY.at, _STORY.sketch)
    query = (
        sa.select(*columns, ArticleRow.stored_at)
        .join(ArticleRow, ArticleRow.id == _STORY.article_id)
        .where(_STORY.id > last, ArticleRow.stored_at >= since)
        .order_by(_STORY.id)
    )
    for row in session.execute(query.execution_options(yield_per=1_000)):
        place = Place(row.story_id, row.copy_of)
        yield row.id, Placed(article_id=row.article_id, place=place, at=row.at, found=row.stored_at, sketch=row.sketch)


def keep_places(session: Session, placed: Iterable[Placed]) -> None:
    """Write down where articles belong; of one that is known, what it is compared by now."""
    rows = [
        {
            "article_id": one.article_id,
            "story_id": one.place.story,
            "copy_of": one.place.copy_of,
            "at": one.at,
            "sketch": one.sketch,
        }
        for one in placed
    ]
    if rows:
        insert = inserting(session, _STORY)
        again = insert.on_conflict_do_update(index_elements=["article_id"], set_={"sketch": insert.excluded.sketch})
        session.connection().execute(again, rows)


def last_row(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(_STORY.id))) or 0


def places(session: Session, article_ids: Sequence[int]) -> dict[int, Place]:
    """Return where articles belong; one that was never placed is missing."""
    found: dict[int, Place] = {}
    for some in chunks(article_ids):
        query = sa.select(_STORY.article_id, _STORY.story_id, _STORY.copy_of).where(_STORY.article_id.in_(some))
        found |= {row.article_id: Place(row.story_id, row.copy_of) for row in session.execute(query)}
    return found


def text_of(session: Session, article_id: int) -> str | None:
    """Return the text of an article; of one without, its lead or its title."""
    wanted = sa.select(ArticleRow.text, ArticleRow.lead, ArticleRow.title).where(ArticleRow.id == article_id)
    row = session.execute(wanted).one_or_none()
    return row and (row.text or row.lead or row.title)


# -- telling ----------------------------------------------------------------------------------------------------------


def carried(session: Session, roots: Sequence[int], source_ids: Collection[str]) -> Mapping[int, list[Carried]]:
    """Return for each article all copies of it that these sources carried, itself included, the oldest first.

    An article that several of them carried is there once.
    """
    found: dict[int, dict[int, Carried]] = defaultdict(dict)
    for some in chunks(roots):
        for group in (_STORY.copy_of.in_(some), _STORY.article_id.in_(some)):
            query = (
                sa.select(
                    _ROOT.label("root"),
                    ArticleRow.id,
                    ArticleRow.title,
                    ArticleRow.url,
                    ArticleRow.published,
                    ArticleRow.stored_at,
                    EntryRow.source_id,
                )
                .select_from(_STORY)
                .join(ArticleRow, ArticleRow.id == _STORY.article_id)
                .join(EntryRow, EntryRow.article_id == ArticleRow.id)
                .where(group)
                .order_by(EntryRow.id)
            )
            for row in session.execute(query):
                if row.source_id in source_ids:
                    found[row.root].setdefault(row.id, _carried(row))
    return {root: sorted(group.values(), key=lambda one: (one.at, one.article_id)) for root, group in found.items()}


def _carried(row: Any) -> Carried:
    at = row.published or row.stored_at
    return Carried(article_id=row.id, source_id=row.source_id, title=row.title, url=row.url, at=at)


def told(
    session: Session,
    watchlist_id: str,
    key: str,
    story_ids: Collection[int],
    *,
    summarized: bool,
    anew: int | None = None,
) -> Mapping[int, Told]:
    """Return what was told of these stories under a key, but for the message that is told `anew`.

    With `summarized`, what was already there was only counted, unless an edit of it was told.
    """
    found: dict[int, Told] = {}
    columns = (_STORY.story_id, _ROOT.label("root"), MessageRow.composed_at, MatchRow.spans, MatchRow.source_id)
    stories = sa.select(*columns, MessageRow.id).join(MatchRow, MatchRow.article_id == _STORY.article_id)
    matches = stories.join(NoticeRow, NoticeRow.match_id == MatchRow.id).where(NoticeRow.key == key)
    if summarized:
        matches = matches.where(MatchRow.already_there.is_(False))
    edits = stories.join(UpdateRow, UpdateRow.match_id == MatchRow.id)
    updates = edits.join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id).where(UpdateNoticeRow.key == key)
    for some in chunks(sorted(story_ids)):
        of_them = (_STORY.story_id.in_(some), MatchRow.watchlist_id == watchlist_id, MessageRow.id != (anew or 0))
        for query, message_id in ((matches, NoticeRow.message_id), (updates, UpdateNoticeRow.message_id)):
            for row in session.execute(query.join(MessageRow, MessageRow.id == message_id).where(*of_them)):
                _add_told(found.setdefault(row.story_id, Told(at=row.composed_at)), row)
    return found


def _add_told(told: Told, row: Any) -> None:
    told.messages.add(row.id)
    told.at = max(told.at, row.composed_at)
    told.copies_of.add(row.root)
    told.clauses.update(span["clause"] for span in row.spans)
    told.source_ids.add(row.source_id)
