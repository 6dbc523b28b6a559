"""Makes an Article of a page without one, or that could not be read: of what its feed said, or a glance shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.domain import Article, Entry
from crawler.extract.charset import decode
from crawler.extract.clean import one_line
from crawler.extract.dates import is_plausible, parse_date
from crawler.extract.language import detect
from crawler.extract.sections import sections_of
from crawler.extract.titles import host_of, tidy, without_site
from crawler.extract.work import GLANCE
from crawler.identity import canonical_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.domain import Page

# Each of these reads the start of the page once, whatever is in it.
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,1000})", re.IGNORECASE)
_META = re.compile(r"<meta\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z:-]{1,30})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)')""")
_LANGUAGE = re.compile(r"<html\b[^<>]{0,500}?\blang\s{0,5}=\s{0,5}[\"']?([a-zA-Z-]{2,12})", re.IGNORECASE)
_MAX_SUMMARY = 10_000


def glance(page: Page, *, flag: str, now: datetime, languages: Sequence[str] = ()) -> Article:
    """Return the Article of a page without its body, flagged with the reason. Cannot hang, whatever the page holds."""
    html = decode(page.body[:GLANCE], page.charset)
    meta = _meta(html)
    title = (page.entry and page.entry.title) or meta.get("og:title") or "".join(_TITLE.findall(html)[:1])
    title = without_site(tidy(title), sites=frozenset())
    lead = tidy((page.entry and page.entry.summary) or meta.get("og:description") or "")[:_MAX_SUMMARY]
    said = _LANGUAGE.search(html)
    declared = said[1] if said else page.entry.language if page.entry else None
    moment = page.entry.published if page.entry else parse_date(meta.get("article:published_time", ""))
    url = own_url(page)
    return Article(
        url=url,
        title=title,
        lead=lead,
        authors=tuple(filter(None, map(one_line, page.entry.authors))) if page.entry else (),
        published=moment if moment and is_plausible(moment, now=now) else None,
        language=detect(f"{title}\n{lead}", declared=declared, languages=languages),
        site=tidy(meta.get("og:site_name", "")) or host_of(page.url),
        sections=sections_of(
            [meta.get("article:section", "")], categories=page.entry.categories if page.entry else (), url=url
        ),
        flags=frozenset({flag}),
    )


def as_its_feed_says(page: Page, *, flag: str, title: str, languages: Sequence[str], now: datetime) -> Article:
    """Return the Article of a page that shows something else instead; `title` is for one that came without a feed's.

    Its address is the one that the feed gave: a wall may have an address of its own, the same for every article.
    """
    entry = page.entry or Entry(link=own_url(page))
    title = without_site(tidy(entry.title), sites=frozenset()) or title
    lead = tidy(entry.summary)[:_MAX_SUMMARY]
    moment = entry.published
    return Article(
        url=entry.link,
        title=title,
        lead=lead,
        authors=tuple(filter(None, map(one_line, entry.authors))),
        published=moment if moment and is_plausible(moment, now=now) else None,
        language=detect(f"{title}\n{lead}", languages=languages),
        site=host_of(entry.link),
        sections=sections_of((), categories=entry.categories, url=entry.link),
        flags=frozenset({flag, "no-body"}),
    )


def own_url(page: Page) -> str:
    """Return the canonical spelling of where the page came from."""
    try:
        return canonical_url(page.url)
    except ValueError:
        return page.url


def _meta(html: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for inside in _META.findall(html):
        attributes = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(inside)}
        key = attributes.get("property") or attributes.get("name") or ""
        found.setdefault(key.lower(), attributes.get("content", ""))
    return found
