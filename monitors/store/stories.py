"""Questions about stories: where articles belong, who carried what, and what was told of a story before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.store.database import chunks, inserting
from crawler.store.tables import ArticleRow, EntryRow, UtcDateTime
from monitors.store.mutes import MUTED
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
    """The articles that were told, of copies the one that they are copies of; without those that are only related."""
    related_to: set[int] = field(default_factory=set)
    """The same of those that are."""
    clauses: set[str] = field(default_factory=set)
    source_ids: set[str] = field(default_factory=set)


# -- placing ----------------------------------------------------------------------------------------------------------


def placed_after(session: Session, last: int, *, since: datetime) -> Iterator[tuple[int, Placed]]:
    """Yield what was placed after a row and found since a time, each with the number of its row."""
    columns = (_STORY.id, _STORY.article_id, _STORY.story_id, _STORY.copy_of, _STORY.at, _STORY.sketch)
    query = (
        sa.select(*columns, ArticleRow.stored_at)
        .join(ArticleRow, ArticleRow.id == _STORY.article_id)
        .where(_STORY.id > last, ArticleRow.stored_at >= since)
        .order_by(_STORY.id)
    )
    rows = session.connection().execute(query.execution_options(yield_per=1_000))  # past the ORM: there may be many
    for number, article_id, story, copy_of, at, sketch, found in rows:
        place = Place(story, copy_of)
        yield number, Placed(article_id=article_id, place=place, at=at, found=found, sketch=sketch)


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
        found |= {article: Place(story, copy_of) for article, story, copy_of in session.execute(query)}
    return found


def story_called(session: Session, number: int) -> tuple[int, str] | None:
    """Return the number and the title of a story, by its own number or by that of one of its articles."""
    of_it = sa.or_(_STORY.story_id == number, _STORY.article_id == number)
    story_id = session.scalar(sa.select(_STORY.story_id).where(of_it).order_by(_STORY.id).limit(1))
    query = sa.select(ArticleRow.title).join(_STORY, ArticleRow.id == _STORY.article_id)
    title = session.scalar(query.where(_STORY.story_id == story_id).order_by(_STORY.id).limit(1))
    return None if story_id is None else (story_id, title or "")


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
                    _ROOT,
                    ArticleRow.id,
                    EntryRow.source_id,
                    ArticleRow.title,
                    ArticleRow.url,
                    sa.func.coalesce(ArticleRow.published, ArticleRow.stored_at, type_=UtcDateTime),
                )
                .select_from(_STORY)
                .join(ArticleRow, ArticleRow.id == _STORY.article_id)
                .join(EntryRow, EntryRow.article_id == ArticleRow.id)
                .where(group)
                .order_by(EntryRow.id)
            )
            for root, article_id, source_id, title, url, at in session.execute(query):
                copies = found[root]
                if article_id not in copies and source_id in source_ids:
                    its = Carried(article_id=article_id, source_id=source_id, title=title, url=url, at=at)
                    copies[article_id] = its
    return {root: sorted(copies.values(), key=lambda one: (one.at, one.article_id)) for root, copies in found.items()}


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

    What was kept quiet, for the story was muted, does not count.
    With `summarized`, what was already there was only counted, unless an edit of it was told.
    """
    found: dict[int, Told] = {}
    columns = (
        _STORY.story_id,
        _ROOT,
        MatchRow.kind,
        MatchRow.spans,
        MatchRow.source_id,
        MessageRow.composed_at,
        MessageRow.id,
    )
    stories = sa.select(*columns).join(MatchRow, MatchRow.article_id == _STORY.article_id)
    stories = stories.where(_without_index(MatchRow.watchlist_id) == watchlist_id)
    matches = stories.join(NoticeRow, NoticeRow.match_id == MatchRow.id).where(_without_index(NoticeRow.key) == key)
    if summarized:
        matches = matches.where(MatchRow.already_there.is_(False))
    updates = (
        stories.join(UpdateRow, UpdateRow.match_id == MatchRow.id)
        .join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id)
        .where(_without_index(UpdateNoticeRow.key) == key)
    )
    for some in chunks(sorted(story_ids)):
        of_them = (_STORY.story_id.in_(some), MessageRow.id != (anew or 0), MessageRow.kind != MUTED)
        for query, message_id in ((matches, NoticeRow.message_id), (updates, UpdateNoticeRow.message_id)):
            for row in session.execute(query.join(MessageRow, MessageRow.id == message_id).where(*of_them)):
                story, root, kind, spans, source_id, at, message = row
                before = found.setdefault(story, Told(at=at))
                before.messages.add(message)
                before.at = max(before.at, at)
                (before.related_to if kind == "related" else before.copies_of).add(root)
                before.clauses.update(span["clause"] for span in spans)
                before.source_ids.add(source_id)
    return found


def _without_index(column: Any) -> Any:
    """Keep SQLite from beginning with all that was ever told under a key or found for a watchlist: it cannot know how
    much that is, and the few stories that are asked for lead to the same rows.
    """
    return sa.func.coalesce(column, "")
