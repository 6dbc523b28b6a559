"""What articles were before they were edited."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.changes import change_between
from crawler.identity import fingerprint_of
from crawler.store.database import inserting
from crawler.store.tables import ArticleRow, EntryRow, UnreadRow, VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.changes import Change
    from crawler.domain import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    title: str
    lead: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One change of an article: what it was, and what it became."""

    id: int
    article_id: int
    url: str
    source_id: str
    seen_at: datetime
    kind: str
    """`edited`, `withdrawn` or `restored`."""
    changed: dict[str, Any]
    """See changes.Change; empty unless it was edited."""
    before: Wording
    after: Wording


def keep_edit(session: Session, article_id: int, article: Article, change: Change, *, now: datetime) -> None:
    """Keep what an article was as a version, put what it is in its place, and have it matched again."""
    row = session.get_one(ArticleRow, article_id, populate_existing=True)
    version = VersionRow(
        article_id=article_id,
        seen_at=now,
        kind="edited",
        title=row.title,
        lead=row.lead,
        text=row.text,
        changed=asdict(change),
    )
    session.add(version)
    # when it was published stays, since many pages put the day of the edit there
    row.title, row.lead, row.text = article.title, article.lead, article.text
    row.authors, row.sections, row.flags = list(article.authors), list(article.sections), sorted(article.flags)
    row.fingerprint = fingerprint_of(article)
    session.flush()
    _unread_again(session, article_id, version.id)


def keep_event(session: Session, article_id: int, kind: str, *, now: datetime) -> None:
    """Note that an article was withdrawn or is there again; it stays as it was."""
    event = VersionRow(article_id=article_id, seen_at=now, kind=kind, title="", lead="", text="", changed={})
    session.add(event)
    session.flush()


def keep_title(session: Session, article_id: int, known: Article, article: Article, *, now: datetime) -> None:
    """Note that an article came with another headline, if it did; the rest of it stays."""
    change = change_between(known, article)
    if change and change.title:
        keep_edit(session, article_id, article, change, now=now)


def _unread_again(session: Session, article_id: int, version_id: int) -> None:
    """Put an article into the queue for every source that carried it, with what it was when it was read last.

    If it is there and somebody reads it just now, he reads what it was: the claim is taken from him, so that his
    leave of it removes nothing. If it is there and nobody has read it yet, it stays new.
    """
    carried = session.scalars(sa.select(EntryRow.source_id).where(EntryRow.article_id == article_id).distinct())
    edited = {"article_id": article_id, "already_there": False, "since_version": version_id}
    rows = [{**edited, "source_id": source_id} for source_id in carried]
    if rows:
        insert = inserting(session, UnreadRow)
        read = sa.case((UnreadRow.claimed_by.is_not(None), insert.excluded.since_version))
        since = sa.func.coalesce(UnreadRow.since_version, read)
        free = {"claimed_by": None, "claimed_until": None, "since_version": since}
        again = insert.on_conflict_do_update(index_elements=["article_id", "source_id"], set_=free)
        session.connection().execute(again, rows)


def versions(session: Session, *, since: datetime | None = None, source_id: str | None = None) -> Iterator[Version]:
    """Yield what was changed, the oldest first."""
    query = sa.select(VersionRow, ArticleRow).join(ArticleRow, ArticleRow.id == VersionRow.article_id)
    if since is not None:
        query = query.where(VersionRow.seen_at >= since)
    if source_id is not None:
        query = query.where(ArticleRow.source_id == source_id)
    for row, article in session.execute(query.order_by(VersionRow.seen_at, VersionRow.id)):
        after = _wording(_next_edit(session, row) or article)
        yield Version(
            id=row.id,
            article_id=article.id,
            url=article.url,
            source_id=article.source_id,
            seen_at=row.seen_at,
            kind=row.kind,
            changed=row.changed,
            before=_wording(row) if row.kind == "edited" else after,
            after=after,
        )


def _next_edit(session: Session, row: VersionRow) -> VersionRow | None:
    later = (VersionRow.article_id == row.article_id, VersionRow.id > row.id, VersionRow.kind == "edited")
    return session.scalars(sa.select(VersionRow).where(*later).order_by(VersionRow.id).limit(1)).first()


def _wording(row: ArticleRow | VersionRow) -> Wording:
    return Wording(title=row.title, lead=row.lead, text=row.text)
