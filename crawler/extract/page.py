"""Turns a page into an Article: bytes in, clean text out. Pure; what was unusual becomes a flag, never an exception."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.domain import Article
from crawler.extract.body import body_lines
from crawler.extract.charset import decode
from crawler.extract.clean import is_text
from crawler.extract.fallback import glance
from crawler.extract.language import detect
from crawler.extract.metadata import read_metadata
from crawler.extract.tree import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Page

USABLE_BODY = 50
"""Characters. A body with fewer is flagged `no-body`: a picture's caption, a cookie notice."""


def extract(page: Page, *, languages: Sequence[str] = (), now: datetime | None = None) -> Article:
    """Return the article of a page. Never raises: of a page that cannot be read, what its feed entry said is left.

    `languages` are those to choose from when the text's language is detected, all if none are given. A date after
    `now` (by default the current time) is not believed.
    """
    now = now or datetime.now(UTC)
    try:
        return _read(page, languages, now)
    except Exception:  # noqa: BLE001  any bytes may come over the wire, and no parser is proven against all of them
        return glance(page, flag="broken", now=now, languages=languages)


def _read(page: Page, languages: Sequence[str], now: datetime) -> Article:
    html = decode(page.body, page.charset)
    root = parse(html) if is_text(html) else None
    if root is None:
        return glance(page, flag="broken", now=now, languages=languages)
    meta = read_metadata(root, page, now=now)
    deck, lines = body_lines(root, meta)
    text = "\n".join(lines)
    usable = len(text) >= USABLE_BODY
    lead = deck if usable else deck or "".join(meta.descriptions[:1])
    return Article(
        url=meta.url,
        title=meta.title,
        lead=lead,
        text=text,
        authors=meta.authors,
        published=meta.published,
        language=detect(f"{meta.title}\n{lead}\n{text}", declared=meta.language, languages=languages),
        site=meta.site,
        sections=meta.sections,
        flags=frozenset() if usable else frozenset({"no-body"}),
    )
