"""Questions about edits: what of the unread was edited, what that changes of matches, and what is to be told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import insert_new, inserting
from crawler.store.tables import EntryRow, UnreadRow, UtcDateTime, VersionRow
from monitors.domain import Update
from monitors.store.housekeeping import excerpt
from monitors.store.matches import FOUND, Found, found_of, match_values
from monitors.store.mutes import MUTED
from monitors.store.tables import MatchRow, MessageRow, NoticeRow, UpdateNoticeRow, UpdateRow
from monitors.stories.updates import Edit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import Article, StoredArticle
    from monitors.domain import Diff, UpdateKind
    from monitors.store.matches import Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUpdate:
    """An update with the match whose article was edited."""

    id: int
    found: Found
    update: Update
    match_told: bool
    """Whether the match itself was told before, under the key that was asked for."""


# -- edits ------------------------------------------------------------------------------------------------------------


def edits_among(session: Session, batch: Iterable[Unread]) -> list[Edit]:
    """Return which of these articles were read before, and then edited."""
    articles = {one.article.id: one.article for one in batch}
    waiting = (UnreadRow.article_id.in_(list(articles)), UnreadRow.since_version.is_not(None))
    first = sa.func.min(UnreadRow.since_version)
    since = session.execute(sa.select(UnreadRow.article_id, first).where(*waiting).group_by(UnreadRow.article_id))
    return [_edit(session, articles[article_id], version_id) for article_id, version_id in since]


def _edit(session: Session, article: StoredArticle, since: int | None) -> Edit:
    last_id, at = _last_change(session, article.id)
    carried = sa.select(EntryRow.source_id).where(EntryRow.article_id == article.id).distinct()
    return Edit(
        article=replace(article, already_there=False),  # whatever was there before, the edit is new
        before=_before(session.get_one(VersionRow, since), article.article),
        at=at,
        version=last_id,
        sources=tuple(session.scalars(carried.order_by(EntryRow.source_id))),
    )


def _last_change(session: Session, article_id: int) -> tuple[int, datetime]:
    edits = sa.select(VersionRow.id, VersionRow.seen_at).where(
        VersionRow.article_id == article_id, VersionRow.kind == "edited"
    )
    last = session.execute(edits.order_by(VersionRow.id.desc()).limit(1)).one()
    return last.id, last.seen_at


def _before(version: VersionRow, article: Article) -> Article:
    # of what the housekeeping has cut, the rest is not new because a page has brought it back
    text = article.text if version.text == excerpt(article.text) else version.text
    return replace(article, title=version.title, lead=version.lead, text=text)


def is_as_read(session: Session, edit: Edit) -> bool:
    """Tell whether an edited article still waits, and was not edited once more since we read it."""
    waits = sa.exists().where(UnreadRow.article_id == edit.article.id, UnreadRow.since_version.is_not(None))
    return bool(session.scalar(sa.select(waits))) and _last_change(session, edit.article.id)[0] == edit.version


def edit_was_read(session: Session, edit: Edit) -> None:
    """Take an edited article out of the queue, whoever has claimed it: it was matched for all its sources."""
    its = (UnreadRow.article_id == edit.article.id, UnreadRow.source_id.in_(edit.sources))
    session.execute(sa.delete(UnreadRow).where(*its))


# -- what they change -------------------------------------------------------------------------------------------------


def renew_match(session: Session, found: Found, news: Iterable[str] | None) -> None:
    """Show a match as it is after an edit, one that was lost too; of one that is news by the edit, under which keys."""
    values = match_values(found) | {"lost_at": None} | ({} if news is None else {"already_there": False})
    session.execute(sa.update(MatchRow).where(MatchRow.id == found.id).values(values))
    insert_new(session, NoticeRow, [{"match_id": found.id, "key": key, "message_id": None} for key in news or ()])


def lose_match(session: Session, match_id: int, *, at: datetime) -> None:
    session.execute(sa.update(MatchRow).where(MatchRow.id == match_id).values(lost_at=at))


def record_update(session: Session, edit: Edit, match_id: int, kind: UpdateKind, diffs: Sequence[Diff]) -> None:
    """Store an update once, to be told wherever its match was told or is to be told."""
    row = {
        "version_id": edit.version,
        "match_id": match_id,
        "kind": kind,
        "at": edit.at,
        "title": edit.article.article.title,
        "diffs": diffs,
    }
    insert = inserting(session, UpdateRow).values(row).on_conflict_do_nothing().returning(UpdateRow.id)
    update_id = session.scalars(insert).one_or_none()
    if update_id is not None:
        keys = session.scalars(sa.select(NoticeRow.key).where(NoticeRow.match_id == match_id))
        session.add_all([UpdateNoticeRow(update_id=update_id, key=key) for key in keys])
        session.flush()


def watchlists_concerned(session: Session, version_id: int) -> dict[str, list[str]]:
    """Return the ids of the watchlists that gained or lost a match by a change."""
    query = (
        sa.select(UpdateRow.kind, MatchRow.watchlist_id)
        .join(MatchRow, MatchRow.id == UpdateRow.match_id)
        .where(UpdateRow.version_id == version_id, UpdateRow.kind.in_(("gained", "lost")))
        .order_by(MatchRow.watchlist_id)
    )
    concerned: dict[str, list[str]] = {}
    for kind, watchlist_id in session.execute(query):
        concerned.setdefault(kind, []).append(watchlist_id)
    return concerned


# -- telling them -----------------------------------------------------------------------------------------------------


def untold_updates(session: Session, watchlist_id: str, key: str) -> list[FoundUpdate]:
    """Return the updates of a watchlist that were not yet told under a key, in the order they were seen."""
    return _updates(session, watchlist_id, key, UpdateNoticeRow.message_id.is_(None))


def is_any_untold(session: Session, watchlist_id: str, key: str) -> bool:
    """Tell whether a watchlist has updates that were not yet told under a key."""
    query = (
        sa.select(UpdateRow.id)
        .join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id)
        .join(MatchRow, MatchRow.id == UpdateRow.match_id)
        .where(UpdateNoticeRow.key == key, UpdateNoticeRow.message_id.is_(None), MatchRow.watchlist_id == watchlist_id)
    )
    return session.scalar(query.limit(1)) is not None


def updates_told_since(session: Session, watchlist_id: str, key: str, message_id: int) -> list[FoundUpdate]:
    """Return the updates that a message told, or that were kept quiet in later ones."""
    return _updates(session, watchlist_id, key, UpdateNoticeRow.message_id >= message_id)


def _updates(session: Session, watchlist_id: str, key: str, where: sa.ColumnElement[bool]) -> list[FoundUpdate]:
    query = (
        FOUND.add_columns(UpdateRow, MessageRow.kind.label("told_in"))
        .join(UpdateRow, UpdateRow.match_id == MatchRow.id)
        .join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id)
        .join(NoticeRow, sa.and_(NoticeRow.match_id == MatchRow.id, NoticeRow.key == key))
        .outerjoin(MessageRow, MessageRow.id == NoticeRow.message_id)
        .where(UpdateNoticeRow.key == key, MatchRow.watchlist_id == watchlist_id, where)
        .order_by(UpdateRow.id)
    )
    return [
        FoundUpdate(
            id=row.UpdateRow.id,
            found=found_of(row),
            update=_update(row.UpdateRow, row.url),
            match_told=row.told_in not in {None, MUTED},
        )
        for row in session.execute(query)
    ]


def tell_updates(session: Session, updates: Iterable[FoundUpdate], key: str, message_id: int) -> None:
    """Note that these updates were told under a key, in this message."""
    for some in _notices_of(updates, key):
        session.execute(sa.update(UpdateNoticeRow).where(*some).values(message_id=message_id))


def settle_updates(session: Session, updates: Iterable[FoundUpdate], key: str) -> None:
    """Note that these updates are not to be told under a key."""
    for some in _notices_of(updates, key):
        session.execute(sa.delete(UpdateNoticeRow).where(*some))


def _notices_of(updates: Iterable[FoundUpdate], key: str) -> list[tuple[sa.ColumnElement[bool], ...]]:
    return [(UpdateNoticeRow.update_id == one.id, UpdateNoticeRow.key == key) for one in updates]


def _update(row: UpdateRow, url: str) -> Update:
    return Update(
        kind=row.kind,  # type: ignore[arg-type]  # written from an UpdateKind
        at=row.at,
        title=row.title,
        url=url,
        diffs=tuple(tuple((text, what) for text, what in diff) for diff in row.diffs),  # type: ignore[misc]
    )


def untold_keys(session: Session, *, prefix: str, but: Collection[tuple[str, str]]) -> list[tuple[str, str, datetime]]:
    """Return (watchlist id, key, when the last was seen) for other keys than these with updates still to be told."""
    query = (
        sa.select(MatchRow.watchlist_id, UpdateNoticeRow.key, sa.func.max(UpdateRow.at, type_=UtcDateTime))
        .join(UpdateRow, UpdateRow.id == UpdateNoticeRow.update_id)
        .join(MatchRow, MatchRow.id == UpdateRow.match_id)
        .where(UpdateNoticeRow.message_id.is_(None), UpdateNoticeRow.key.startswith(prefix, autoescape=True))
        .group_by(MatchRow.watchlist_id, UpdateNoticeRow.key)
    )
    rows = session.execute(query)
    return [(watchlist_id, key, at) for watchlist_id, key, at in rows if (watchlist_id, key) not in but]
