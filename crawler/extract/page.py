"""Turns a page into an Article: bytes in, clean text out. Pure; what was unusual becomes a flag, never an exception."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.domain import Article
from crawler.extract.body import read_body
from crawler.extract.charset import decode
from crawler.extract.clean import is_text
from crawler.extract.fallback import as_its_feed_says, glance
from crawler.extract.feed_text import with_feed_text
from crawler.extract.head import read_head
from crawler.extract.instead import is_wall, is_wall_title, look_around, seen_instead, without_offers
from crawler.extract.language import detect
from crawler.extract.metadata import read_metadata
from crawler.extract.titles import own_titles
from crawler.extract.tree import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.domain import Page
    from crawler.extract.instead import Instead

USABLE_BODY = 50
"""Characters. A body with fewer is flagged `no-body`: a picture's caption, a cookie notice."""


def extract(page: Page, *, languages: Sequence[str] = (), now: datetime | None = None) -> Article:
    """Return the article of a page. Never raises: of a page that cannot be read, what its feed entry said is left.

    Where the page has no usable body, or there is no page at all, the text is the one that the feed carries.

    `languages` are those to choose from when the text's language is detected, all if none are given. A date after
    `now` (by default the current time) is not believed.
    """
    now = now or datetime.now(UTC)
    article = _of_page(page, languages, now)
    if page.entry and page.entry.content and (len(article.text) < USABLE_BODY or "paywall" in article.flags):
        return with_feed_text(article, page.entry, lambda content: _of_page(content, languages, now))
    return article


def _of_page(page: Page, languages: Sequence[str], now: datetime) -> Article:
    try:
        return _read(page, languages, now)
    except Exception:  # noqa: BLE001  any bytes may come over the wire, and no parser is proven against all of them
        return glance(page, flag="broken", now=now, languages=languages)


def _read(page: Page, languages: Sequence[str], now: datetime) -> Article:
    html = decode(page.body, page.charset)
    root = parse(html) if is_text(html) else None
    if root is None:
        return glance(page, flag="broken", now=now, languages=languages)
    head = read_head(root)
    around = look_around(root, head, page.url)
    meta = read_metadata(root, page, head=head, now=now)
    body = read_body(root, meta)
    instead = seen_instead(around, body.found, root, largest=body.largest)
    lines = () if instead and is_wall(around) else _usable_lines(body.lines, instead)
    if instead and not lines and (is_wall(around) or not around.is_article):
        # nothing that such a page says is about the article: not its title, nor its address
        titles = [title for title in own_titles(head, page.url) if not is_wall_title(title)]
        return as_its_feed_says(page, flag=instead, title="".join(titles[:1]), languages=languages, now=now)
    text = "\n".join(lines)
    usable = len(text) >= USABLE_BODY
    lead = body.lead if usable else body.lead or "".join(meta.descriptions[:1])
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
        flags=frozenset(filter(None, (instead, None if usable else "no-body"))),
        headline=meta.headline,
    )


def _usable_lines(lines: Sequence[str], instead: Instead | None) -> Sequence[str]:
    if instead == "paywall":
        return without_offers(lines)
    return () if instead else lines
