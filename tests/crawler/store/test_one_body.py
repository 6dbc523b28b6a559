"""Two addresses are one article by an identical body, within a site, and never by a wall."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.newsroom import HARBOUR, WIRE

from crawler.domain import Article, Entry
from crawler.identity import body_fingerprint
from crawler.store.articles import stored_articles
from crawler.store.tables import UnreadRow
from crawler.store.versions import versions

if TYPE_CHECKING:
    from crawler.domain import StoredArticle
    from crawler.store.database import Database
    from crawler.store.desk import StoreDesk

TEXT = "The port of Rotterdam was shut on Monday after a crane fell into the harbour, its operator said.\n" * 4
ARTICLE = Article(url="https://www.harbour.example/a", title="Port of Rotterdam shut after crane falls", text=TEXT)


def bring(desk: StoreDesk, article: Article, source: object = HARBOUR) -> bool:
    entry = Entry(link=article.url, title=article.title)
    asyncio.run(desk.discovered(source, [entry]))  # type: ignore[arg-type]
    return asyncio.run(desk.fetched(source, entry, article))  # type: ignore[arg-type]


def stored(database: Database) -> list[StoredArticle]:
    with database.read() as session:
        return list(stored_articles(session))


def unread(database: Database) -> set[tuple[int, str]]:
    with database.read() as session:
        return {tuple(row) for row in session.execute(sa.select(UnreadRow.article_id, UnreadRow.source_id))}


SAME = {
    "another address": {"url": "https://www.harbour.example/2026/b"},
    "another host of the site": {"url": "https://m2.harbour.example/a"},
    "other spacing": {"url": "https://www.harbour.example/b", "text": TEXT.replace(" ", "  ")},
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME.keys())
def test_it_is_the_same_article_and_not_read_again(database: Database, desk: StoreDesk, other: dict[str, str]) -> None:
    assert bring(desk, ARTICLE)
    assert not bring(desk, replace(ARTICLE, **other))  # type: ignore[arg-type]
    assert len(stored(database)) == 1
    assert unread(database) == {(1, "harbour")}


OTHER = {
    "another text": {"text": TEXT + "It is open again."},
    "another site": {"url": "https://www.wire.example/a"},
    "another title": {"title": "Senate passes budget"},
    "a flag": {"flags": frozenset({"paywall"})},
    "a short body": {"text": "Subscribe to read."},
    "no body": {"text": ""},
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER.keys())
def test_it_is_another_article(database: Database, desk: StoreDesk, other: dict[str, object]) -> None:
    second = replace(ARTICLE, **{"url": "https://www.harbour.example/b", **other})  # type: ignore[arg-type]
    first = replace(second, url=ARTICLE.url) if {"flags", "text"} & other.keys() else ARTICLE
    if second.text.startswith(TEXT) and second.text != TEXT:
        first = ARTICLE
    assert bring(desk, first)
    assert bring(desk, second)
    assert len(stored(database)) == 2


def test_a_rewritten_headline_at_another_address_is_an_edit(database: Database, desk: StoreDesk) -> None:
    bring(desk, ARTICLE)
    again = replace(ARTICLE, url="https://www.harbour.example/b", title="Port of Rotterdam shut after two cranes fall")
    assert not bring(desk, again)
    (article,) = stored(database)
    assert (article.article.url, article.article.title) == (ARTICLE.url, again.title)
    with database.read() as session:
        assert [version.before.title for version in versions(session)] == [ARTICLE.title]


def test_another_source_of_the_site_carries_the_same_article(database: Database, desk: StoreDesk) -> None:
    bring(desk, ARTICLE)
    bring(desk, replace(ARTICLE, url="https://www.harbour.example/b"), WIRE)
    assert unread(database) == {(1, "harbour"), (1, "wire")}


def test_a_short_body_has_no_fingerprint() -> None:
    assert body_fingerprint("Subscribe to read.") is None
    assert body_fingerprint("字" * 300) != body_fingerprint("子" * 300)
