"""Tells old articles that surface again from news."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.health import in_words

if TYPE_CHECKING:
    from datetime import timedelta

    from crawler.domain import Article, StoredArticle

BELIEVABLE = datetime(1995, 1, 1, tzinfo=UTC)
"""Before that nobody published on the web: a date before it is a mistake, often 1970."""


def is_too_old(stored: StoredArticle, max_age: timedelta | None) -> bool:
    """Tell whether an article was older than that when it was found. One whose age is not known is not."""
    age = _age(stored.article, stored.stored_at)
    return max_age is not None and age is not None and age > max_age


def why_left_out(article: Article, found_at: datetime, max_age: timedelta | None) -> str:
    """Say that an article is too old to be matched, and by what measure; empty if it is not."""
    age = _age(article, found_at)
    if max_age is None or age is None or age <= max_age:
        return ""
    found = f"it was published {in_words(age)} before it was found"
    return f"{found}, and settings.max_age leaves out what is older than {in_words(max_age)}"


def _age(article: Article, found_at: datetime) -> timedelta | None:
    published = article.published
    return None if published is None or published < BELIEVABLE else found_at - published
