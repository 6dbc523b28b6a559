"""What a worker does with pages. Imports what it needs when it is there, so that those who only ask load nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Article, Page

GLANCE = 256 * 1024
"""How many bytes of a page that could not be read are looked at."""


def extract_all(pages: Sequence[Page], languages: Sequence[str]) -> list[Article]:
    from crawler.extract.page import extract

    return [extract(page, languages=languages) for page in pages]


def glance_at(page: Page, flag: str, languages: Sequence[str]) -> Article:
    from crawler.extract.fallback import glance

    return glance(page, flag=flag, now=datetime.now(UTC), languages=languages)
