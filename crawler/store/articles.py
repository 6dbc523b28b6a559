"""Questions about articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.domain import Article, Source, StoredArticle
from crawler.identity import alike_titles, fingerprint_of, same_site
from crawler.store.database import CHUNK, inserting
from crawler.store.tables import ArticleRow, EntryRow
from crawler.store.versions import keep_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_ARTICLES = ArticleRow.__table__
_ID_AT = sa.select(_ARTICLES.c.id).where(_ARTICLES.c.url == sa.bindparam("at"))
MOST_LIKE = 20  # articles with one body that are looked at; more of them are a wall that nobody recognised
_LIKE = (
    sa.select(_ARTICLES.c.id, _ARTICLES.c.url, _ARTICLES.c.title)
    .where(_ARTICLES.c.fingerprint == sa.bindparam("body"))
    .order_by(_ARTICLES.c.id)
    .limit(MOST_LIKE)
)


def article_id_of(
    session: Session, article: Article, source: Source, *, already_there: bool, now: datetime
) -> tuple[int, bool]:
    """Return the id of an article, storing it if nobody did, and whether it is new."""
    fingerprint = fingerprint_of(article)
    if fingerprint and (known := _twin(session, article, fingerprint, now=now)):
        return known, False
    row = {
        "url": article.url,
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "authors": list(article.authors),
        "published": article.published,
        "language": article.language,
        "site": article.site,
        "sections": list(article.sections),
        "flags": sorted(article.flags),
        "source_id": source.id,
        "stored_at": now,
        "already_there": already_there,
        "fingerprint": fingerprint,
    }
    insert = inserting(session, ArticleRow).on_conflict_do_nothing().returning(_ARTICLES.c.id)
    new_id = session.connection().scalar(insert, row)
    if new_id is not None:
        return new_id, True
    return session.connection().execute(_ID_AT, {"at": article.url}).scalar_one(), False


def _twin(session: Session, article: Article, fingerprint: str, *, now: datetime) -> int | None:
    """Return the article of the same site that has the same body, and a title that may be the same, rewritten."""
    connection = session.connection()
    alike = connection.execute(_LIKE, {"body": fingerprint}).all()
    if not alike or connection.scalar(_ID_AT, {"at": article.url}):
        return None
    for row in alike:
        if same_site(row.url, article.url) and alike_titles(row.title, article.title):
            known = from_row(session.get_one(ArticleRow, row.id)).article
            keep_title(session, row.id, known, article, now=now)
            return int(row.id)
    return None


def stored_articles(
    session: Session, *, since: datetime | None = None, source_id: str | None = None
) -> Iterator[StoredArticle]:
    """Yield what is stored, the oldest first."""
    query = sa.select(ArticleRow).order_by(ArticleRow.id).execution_options(yield_per=CHUNK)
    if since is not None:
        query = query.where(ArticleRow.stored_at >= since)
    if source_id is not None:
        query = query.where(ArticleRow.source_id == source_id)
    for row in session.scalars(query):
        yield from_row(row)


def articles_by_id(session: Session, ids: Sequence[int]) -> dict[int, StoredArticle]:
    found: dict[int, StoredArticle] = {}
    for at in range(0, len(ids), CHUNK):
        rows = session.scalars(sa.select(ArticleRow).where(ArticleRow.id.in_(ids[at : at + CHUNK])))
        found |= {row.id: from_row(row) for row in rows}
    return found


def article_at(session: Session, url: str) -> StoredArticle | None:
    """Return the article with a canonical URL, its own or one that a feed named it by."""
    named = sa.select(EntryRow.article_id).where(EntryRow.link == url, EntryRow.article_id.is_not(None))
    query = sa.select(ArticleRow).where(sa.or_(ArticleRow.url == url, ArticleRow.id.in_(named)))
    row = session.scalars(query.order_by(ArticleRow.url != url).limit(1)).first()
    return from_row(row) if row else None


def from_row(row: ArticleRow) -> StoredArticle:
    article = Article(
        url=row.url,
        title=row.title,
        lead=row.lead,
        text=row.text,
        authors=tuple(row.authors),
        published=row.published,
        language=row.language,
        site=row.site,
        sections=tuple(row.sections),
        flags=frozenset(row.flags),
    )
    return StoredArticle(
        id=row.id,
        article=article,
        source_id=row.source_id,
        stored_at=row.stored_at,
        already_there=row.already_there,
    )
