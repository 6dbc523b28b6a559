"""Turns the bytes of a feed into entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discover import json_feed, xml_feed
from crawler.discover.entries import MOST_ENTRIES, Feed, Item, plain_text
from crawler.discover.feed_bytes import declares_entities, feed_text, kind_of, what_it_is
from crawler.discover.full_text import with_full_texts
from crawler.errors import PermanentFetchError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.domain import Entry

__all__ = ["Feed", "is_feed", "parse_feed", "plain_text"]

_READERS = {"xml": xml_feed.read, "json": json_feed.read}


def is_feed(body: bytes, charset: str | None = None) -> bool:
    """Tell a feed by its bytes; servers send feeds as anything from text/html to octet-stream."""
    try:
        return kind_of(feed_text(body, charset)) is not None
    except PermanentFetchError:
        return False


def tells_feed(body: bytes, url: str, charset: str | None = None) -> bool:  # noqa: ARG001  (as other parsers)
    """Tell what `is_feed` tells; called as parsers are, since it takes a while for megabytes."""
    return is_feed(body, charset)


def parse_feed(body: bytes, url: str, charset: str | None = None) -> Feed:
    """Read a feed found at `url`; `charset` is what its Content-Type header said. Pure, and its result can be pickled.

    Raises:
        PermanentFetchError: it is no feed, or one that declares entities.
    """
    text = feed_text(body, charset)
    kind = kind_of(text)
    if kind != "json" and declares_entities(text):
        # bombs and the reading of our files begin here; feeds do without
        raise PermanentFetchError("declares XML entities, as no feed needs to", kind="not-a-feed")
    if kind is None:
        raise PermanentFetchError(f"not a feed: {what_it_is(text)}", kind="not-a-feed")
    said = _READERS[kind](text, url)
    kept, entries, refused = _distinct(said.items)
    return Feed(
        title=plain_text(said.title), entries=tuple(with_full_texts(kept, entries)), refused=refused, ttl=said.ttl
    )


def _distinct(items: Iterable[Item]) -> tuple[list[Item], list[Entry], int]:
    """Return the items that lead to different articles, their entries, and how many lead to no address of the web."""
    found: dict[str, tuple[Item, Entry]] = {}
    refused = 0
    for item in items:
        try:
            entry = item.entry()
        except ValueError:
            refused += 1
        else:
            found.setdefault(entry.link, (item, entry))
            if len(found) == MOST_ENTRIES:
                break
    kept = found.values()
    return [item for item, _ in kept], [entry for _, entry in kept], refused
