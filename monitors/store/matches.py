"""Questions about matches: what nobody has read yet, what was found, and what is still to be told."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.domain import Article, StoredArticle
from crawler.store.articles import articles_by_id
from crawler.store.claims import Worker, claim
from crawler.store.database import chunks, inserting
from crawler.store.tables import ArticleRow, EntryRow, UnreadRow, UtcDateTime
from monitors.domain import Match, Passage, Resemblance, Span
from monitors.store.mutes import MUTED
from monitors.store.tables import MatchRow, MessageRow, NoticeRow, UpdateNoticeRow, UpdateRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

LEASE = timedelta(minutes=10)  # for a worker whose death cannot be seen; a batch takes a second
FOUND = sa.select(
    MatchRow.id.label("match_id"),
    MatchRow.watchlist_id,
    MatchRow.source_id,
    MatchRow.kind,
    MatchRow.score,
    MatchRow.sentence,
    MatchRow.spans,
    MatchRow.resemblance,
    MatchRow.already_there,
    MatchRow.lost_at,
    MatchRow.article_id,
    ArticleRow.url,
    ArticleRow.title,
    ArticleRow.lead,
    ArticleRow.published,
    ArticleRow.language,
    ArticleRow.site,
    ArticleRow.source_id.label("first_source"),
    ArticleRow.stored_at,
).join(ArticleRow, ArticleRow.id == MatchRow.article_id)
"""Matches with what is told of their articles: without the texts, which are most of it, and other facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An article to be matched, as one source carried it."""

    article: StoredArticle
    source_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A match with the article it was found in, and the source that carried it.

    Of an article that comes from the database with it, there is only what is told: see FOUND.
    """

    match: Match
    article: StoredArticle
    source_id: str
    id: int = 0
    """Of the match in the database, once it is there."""
    lost_at: datetime | None = None
    """Since when the article does not match any more."""


def claim_unread(session: Session, *, limit: int, worker: Worker, now: datetime) -> list[Unread]:
    """Take up to `limit` articles that nobody has read, the oldest first."""
    order, until = UnreadRow.article_id, now + LEASE
    rows = claim(session, UnreadRow, order_by=order, limit=limit, worker=worker, until=until, now=now, alone=True)
    return _with_articles(session, rows)


def unread(session: Session) -> list[Unread]:
    """Return what nobody has read yet, taking nothing."""
    return _with_articles(session, session.scalars(sa.select(UnreadRow)).all())


def was_read(session: Session, articles: Iterable[Unread], worker: Worker) -> None:
    """Take articles out of the queue that this worker had claimed."""
    for read in articles:
        key = (UnreadRow.article_id == read.article.id, UnreadRow.source_id == read.source_id)
        session.execute(sa.delete(UnreadRow).where(*key, UnreadRow.claimed_by == worker.id))


def record_match(session: Session, found: Found, keys: Sequence[str], *, now: datetime) -> Found | None:
    """Store a match and what is to be told of it under which keys; None if it was found before.

    What was related so far and now does match is promoted: see `promote`.
    """
    row = {
        "watchlist_id": found.match.watchlist_id,
        "article_id": found.article.id,
        "matched_at": now,
        "already_there": found.article.already_there,
        **match_values(found),
    }
    insert = inserting(session, MatchRow).values(row).on_conflict_do_nothing().returning(MatchRow.id)
    match_id = session.scalars(insert).one_or_none()
    if match_id is None:
        return None if found.match.is_related else _promoted(session, found, keys, now=now)
    session.add_all(NoticeRow(match_id=match_id, key=key) for key in keys)
    session.flush()
    return replace(found, id=match_id)


def _promoted(session: Session, found: Found, keys: Sequence[str], *, now: datetime) -> Found | None:
    its = (MatchRow.watchlist_id == found.match.watchlist_id, MatchRow.article_id == found.article.id)
    match_id = session.scalar(sa.select(MatchRow.id).where(*its, MatchRow.kind == "related"))
    return promote(session, replace(found, id=match_id), keys, now=now) if match_id else None


def promote(session: Session, found: Found, keys: Sequence[str], *, now: datetime) -> Found:
    """Turn what was only related into the match that it is now: news, wherever it was told as related before."""
    values = {"matched_at": now, "already_there": found.article.already_there, "lost_at": None}
    session.execute(sa.update(MatchRow).where(MatchRow.id == found.id).values(match_values(found) | values))
    session.execute(sa.delete(NoticeRow).where(NoticeRow.match_id == found.id))
    session.add_all(NoticeRow(match_id=found.id, key=key) for key in keys)
    session.flush()
    return found


def match_values(found: Found) -> dict[str, Any]:
    """Return the columns that say what was found."""
    return {
        "source_id": found.source_id,
        "kind": found.match.kind,
        "score": found.match.score,
        "sentence": dataclasses.asdict(found.match.sentence),
        "spans": [dataclasses.asdict(span) for span in found.match.spans],
        "resemblance": found.match.resemblance and dataclasses.asdict(found.match.resemblance),
    }


def untold(session: Session, watchlist_id: str, key: str) -> list[Found]:
    """Return the matches of a watchlist that were not yet told under a key, in the order they were found."""
    return _told_in(session, watchlist_id, key, NoticeRow.message_id.is_(None))


def is_any_untold(session: Session, watchlist_id: str, key: str) -> bool:
    """Tell whether a watchlist has matches that were not yet told under a key."""
    untold = (NoticeRow.key == key, NoticeRow.message_id.is_(None), MatchRow.watchlist_id == watchlist_id)
    query = sa.select(NoticeRow.match_id).join(MatchRow, MatchRow.id == NoticeRow.match_id).where(*untold)
    return session.scalar(query.limit(1)) is not None


def last_message(session: Session, watchlist_id: str, key: str) -> int | None:
    """Return the last message under a key that told a match, or an update of one."""
    sent = (MatchRow.watchlist_id == watchlist_id, MessageRow.kind != MUTED)
    match = (
        sa.select(sa.func.max(NoticeRow.message_id))
        .join(MessageRow, MessageRow.id == NoticeRow.message_id)
        .join(MatchRow, MatchRow.id == NoticeRow.match_id)
        .where(NoticeRow.key == key, *sent)
    )
    update = (
        sa.select(sa.func.max(UpdateNoticeRow.message_id))
        .join(MessageRow, MessageRow.id == UpdateNoticeRow.message_id)
        .join(UpdateRow, UpdateRow.id == UpdateNoticeRow.update_id)
        .join(MatchRow, MatchRow.id == UpdateRow.match_id)
        .where(UpdateNoticeRow.key == key, *sent)
    )
    return max(filter(None, (session.scalar(match), session.scalar(update))), default=None)


def told_since(session: Session, watchlist_id: str, key: str, message_id: int) -> list[Found]:
    """Return the matches that a message told, or that were kept quiet in later ones."""
    return _told_in(session, watchlist_id, key, NoticeRow.message_id >= message_id)


def _told_in(session: Session, watchlist_id: str, key: str, where: sa.ColumnElement[bool]) -> list[Found]:
    query = (
        FOUND.join(NoticeRow, NoticeRow.match_id == MatchRow.id)
        .where(NoticeRow.key == key, MatchRow.watchlist_id == watchlist_id, where)
        .order_by(MatchRow.id)
    )
    session.flush()
    return [found_of(row) for row in session.connection().execute(query)]  # past the ORM, which takes as long again


def matches_of(session: Session, watchlist_id: str, *, since: datetime | None = None) -> list[Found]:
    """Return every match of a watchlist (found since then), in the order they were found."""
    query = FOUND.where(MatchRow.watchlist_id == watchlist_id).order_by(MatchRow.id)
    if since is not None:
        query = query.where(MatchRow.matched_at >= since)
    return [found_of(row) for row in session.execute(query)]


def matched_articles(session: Session, watchlist_id: str) -> set[int]:
    """Return the ids of the articles that a watchlist matched."""
    return set(session.scalars(sa.select(MatchRow.article_id).where(MatchRow.watchlist_id == watchlist_id)))


def matches_on(session: Session, article_id: int) -> dict[str, Found]:
    """Return the matches of an article, by their watchlists."""
    rows = session.execute(FOUND.where(MatchRow.article_id == article_id))
    return {row.watchlist_id: found_of(row) for row in rows}


def tell(session: Session, found: Sequence[Found], key: str, message_id: int) -> None:
    """Note that these matches were told under a key, in this message."""
    for some in chunks([one.id for one in found]):
        notices = (NoticeRow.match_id.in_(some), NoticeRow.key == key)
        session.execute(sa.update(NoticeRow).where(*notices).values(message_id=message_id))


def untold_keys(session: Session, *, prefix: str) -> list[tuple[str, str, datetime]]:
    """Return (watchlist id, key, when the newest was found) for every key with matches that are still to be told."""
    query = (
        sa.select(MatchRow.watchlist_id, NoticeRow.key, sa.func.max(MatchRow.matched_at, type_=UtcDateTime))
        .join(NoticeRow, NoticeRow.match_id == MatchRow.id)
        .where(NoticeRow.message_id.is_(None), NoticeRow.key.startswith(prefix, autoescape=True))
        .group_by(MatchRow.watchlist_id, NoticeRow.key)
    )
    return [(watchlist_id, key, newest) for watchlist_id, key, newest in session.execute(query)]


def archive(session: Session, *, after: int, limit: int) -> list[Unread]:
    """Return the next articles after an id that are not waiting to be read, as already there, the oldest first."""
    waiting = sa.exists().where(UnreadRow.article_id == EntryRow.article_id, UnreadRow.source_id == EntryRow.source_id)
    ids = (
        sa.select(EntryRow.article_id)
        .where(EntryRow.article_id > after, ~waiting)
        .distinct()
        .order_by(EntryRow.article_id)
        .limit(limit)
    )
    query = (
        sa.select(ArticleRow.id, EntryRow.source_id)
        .join(EntryRow, EntryRow.article_id == ArticleRow.id)
        .where(ArticleRow.id.in_(ids), ~waiting)
        .distinct()
        .order_by(ArticleRow.id, EntryRow.source_id)
    )
    carried = session.execute(query).all()
    articles = articles_by_id(session, [article_id for article_id, _ in carried])
    return [
        Unread(article=replace(articles[article_id], already_there=True), source_id=source_id)
        for article_id, source_id in carried
    ]


def _with_articles(session: Session, rows: Sequence[UnreadRow]) -> list[Unread]:
    articles = articles_by_id(session, [row.article_id for row in rows])
    return [
        Unread(
            article=replace(articles[row.article_id], already_there=row.already_there),
            source_id=row.source_id,
        )
        for row in sorted(rows, key=lambda row: (row.article_id, row.source_id))
    ]


def found_of(row: Any) -> Found:
    """Return what a row that was asked for by FOUND says."""
    article = Article(
        url=row.url,
        title=row.title,
        lead=row.lead,
        published=row.published,
        language=row.language,
        site=row.site,
    )
    return Found(
        id=row.match_id,
        match=Match(
            watchlist_id=row.watchlist_id,
            kind=row.kind,
            score=row.score,
            sentence=Passage(**row.sentence),
            spans=tuple(Span(**span) for span in row.spans),
            resemblance=_resemblance(row.resemblance),
        ),
        article=StoredArticle(
            id=row.article_id,
            article=article,
            source_id=row.first_source,
            stored_at=row.stored_at,
            already_there=row.already_there,
        ),
        source_id=row.source_id,
        lost_at=row.lost_at,
    )


def _resemblance(stored: dict[str, Any] | None) -> Resemblance | None:
    return Resemblance(**{**stored, "terms": tuple(stored["terms"])}) if stored else None
