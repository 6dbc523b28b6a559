"""An article is found by its address, and by the one that a feed gave it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stand_ins.newsroom import HARBOUR

from crawler.store.articles import article_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.domain import Article, Entry
    from crawler.store.database import Database
    from crawler.store.desk import StoreDesk


def title_at(database: Database, path: str) -> str | None:
    with database.read() as session:
        found = article_at(session, f"https://harbour.example/{path}")
    return found and found.article.title


def test_an_article_is_found_by_either_address(
    database: Database, desk: StoreDesk, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("link"), entry("waiting"), entry("other")]))
    asyncio.run(desk.fetched(HARBOUR, entry("link"), article("canonical")))
    assert title_at(database, "canonical") == "About canonical"
    assert title_at(database, "link") == "About canonical"
    assert title_at(database, "waiting") is None
    assert title_at(database, "nowhere") is None


def test_its_own_address_comes_before_what_a_feed_called_another(
    database: Database, desk: StoreDesk, entry: Callable[[str], Entry], article: Callable[[str], Article]
) -> None:
    asyncio.run(desk.discovered(HARBOUR, [entry("a"), entry("b")]))
    asyncio.run(desk.fetched(HARBOUR, entry("a"), article("moved")))
    asyncio.run(desk.fetched(HARBOUR, entry("b"), article("a")))
    assert title_at(database, "a") == "About a"
