"""Makes an article's text of what its feed carries, where its page gives none or need not be fetched."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from crawler.domain import Article, Entry, Page
from crawler.extract.titles import fold

if TYPE_CHECKING:
    from collections.abc import Callable

FEED_TEXT = "feed-text"
"""The flag of an article whose text is the feed's."""

_TELLING = 12
"""From how many letters on a title in the last line is no chance."""
_SIGNATURE = 80
"""How much longer than the title a line such as "The post A tram for all appeared first on The Gazette" is."""
_LONGEST_DECK = 700
_CUT = 10
"""How much of its end a summary that was cut off may have lost."""


def with_feed_text(article: Article, entry: Entry, extract: Callable[[Page], Article]) -> Article:
    """Return an article that has little text or none of its own with that of its feed, if that holds more."""
    told = extract(_content_page(entry))
    lines = _without_signature(told.text.split("\n"), entry.title)
    text = "\n".join(lines)
    if told.flags or len(text) <= len(article.text):
        return article
    return replace(
        article,
        lead=told.lead or _deck(entry.summary, text),
        text=text,
        language=told.language,
        flags=(article.flags - {"no-body", "broken"}) | {FEED_TEXT},
    )


def _content_page(entry: Entry) -> Page:
    """Return the content of an entry as a page, for it to be read like one."""
    title = escape(entry.title)
    head = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
    body = f"{head}{entry.content}</article></body></html>".encode(errors="ignore")
    return Page(url=entry.link, body=body, charset="utf-8", entry=replace(entry, content=""))


def _without_signature(lines: list[str], title: str) -> list[str]:
    last, named = fold(lines[-1]), fold(title)
    signed = len(named) >= _TELLING and named in last and len(last) <= len(named) + _SIGNATURE
    return lines[:-1] if signed else lines


def _deck(summary: str, text: str) -> str:
    """Return the summary, if it is more than the beginning of the text."""
    said = fold(summary)
    return summary if len(summary) <= _LONGEST_DECK and said[:-_CUT] not in fold(text) else ""
