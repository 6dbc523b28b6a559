"""Tells old articles that surface again from news."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from crawler.domain import StoredArticle

BELIEVABLE = datetime(1995, 1, 1, tzinfo=UTC)
"""Before that nobody published on the web: a date before it is a mistake, often 1970."""


def is_too_old(stored: StoredArticle, max_age: timedelta | None) -> bool:
    """Tell whether an article was older than that when it was found. One whose age is not known is not."""
    published = stored.article.published
    if max_age is None or published is None or published < BELIEVABLE:
        return False
    return stored.stored_at - published > max_age
