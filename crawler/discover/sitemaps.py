"""Turns the bytes of a sitemap into what it lists: pages, or other sitemaps."""

from __future__ import annotations

import contextlib
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from lxml import etree

from crawler.discover.entries import LONGEST_TITLE, MOST_ENTRIES, plain_text
from crawler.discover.feeds import is_feed, parse_feed
from crawler.domain import Entry
from crawler.errors import ForbiddenFetchError, PermanentFetchError
from crawler.extract.charset import decode
from crawler.identity import MAX_URL_LENGTH, canonical_url, web_url
from crawler.languages import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

_Item = dict[str, str]
"""What the XML says of a page (`url`) or of a sitemap (`sitemap`), by the names of its elements."""

MOST_LISTED = 50_000
"""The protocol's own limit, of pages and of sitemaps; what comes after is not read."""
MOST_UNPACKED = 20 * 1024 * 1024

_GZIP = b"\x1f\x8b"
_MOST_WRAPPINGS = 2  # some servers compress a .gz once more and say so of neither
_LAYERS = 16 + zlib.MAX_WBITS  # what zlib calls "with a gzip header"
_SLICE = 256 * 1024
_PROLOG = 16 * 1024
_LONGEST_VALUE = 8 * 1024
_YEARS = range(1990, 2200)
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
_CAPTURED = frozenset(
    {
        ("url", "loc"),
        ("url", "lastmod"),
        ("sitemap", "loc"),
        ("sitemap", "lastmod"),
        ("news", "title"),
        ("news", "publication_date"),
        ("publication", "language"),
    }
)
_ITEMS = frozenset({"url", "sitemap"})

_BEFORE_THE_ROOT = re.compile(r"\A(?:\s|<\?.*?\?>|<!--.*?-->|<!(?!--)[^>\[]*>)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex)[\s/>]")
_ENTITY = re.compile(r"<!\s*(?:DOCTYPE[^>\[]*\[|ENTITY)", re.IGNORECASE)
_STRAY_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page that a sitemap lists."""

    entry: Entry
    changed: datetime | None = None
    """When it was published or last changed, as far as the sitemap says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submap:
    """A sitemap that an index lists."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What a sitemap says, the newest first, and then what has no date."""

    listed: tuple[Listed, ...] = ()
    maps: tuple[Submap, ...] = ()
    is_news: bool = False
    """Whether it is a news sitemap: such a one lists two days, the others as much as they like."""
    refused: int = 0
    """How many addresses were none of the web."""


def is_sitemap(body: bytes) -> bool:
    """Tell a sitemap in XML by its bytes, also one that is packed."""
    with contextlib.suppress(zlib.error):
        return _is_xml_sitemap(decode(_inflated(body, _PROLOG) if body.startswith(_GZIP) else body[:_PROLOG]))
    return False


def parse_sitemap(body: bytes, url: str, charset: str | None = None) -> Sitemap:
    """Read a sitemap found at `url`, whether in XML, packed, a feed, or plain text with an address a line.

    Raises:
        PermanentFetchError: it is none, or one that declares entities or unpacks to too much.
    """
    body = _unpacked(body)
    text = decode(body, charset)
    if _is_xml_sitemap(text):
        return _parse_xml(text)
    if is_feed(body, charset):
        feed = parse_feed(body, url, charset)
        listed = tuple(Listed(entry=entry, changed=entry.published) for entry in feed.entries)
        return Sitemap(listed=listed, refused=feed.refused)
    if lines := _addresses(text):
        return _sitemap([{"url": line} for line in lines])
    raise PermanentFetchError("not a sitemap", kind="not-a-feed")


def _unpacked(body: bytes) -> bytes:
    for _ in range(_MOST_WRAPPINGS):
        if not body.startswith(_GZIP):
            break
        try:
            body = _inflated(body, MOST_UNPACKED + 1)
        except zlib.error as error:
            raise PermanentFetchError(f"a sitemap that cannot be unpacked: {error}", kind="not-a-feed") from None
        if len(body) > MOST_UNPACKED:
            raise ForbiddenFetchError(
                f"a sitemap that unpacks to more than {MOST_UNPACKED // 2**20} MiB", kind="too-large"
            )
    return body


def _inflated(body: bytes, most_bytes: int) -> bytes:
    return zlib.decompressobj(_LAYERS).decompress(body, most_bytes)


def _is_xml_sitemap(text: str) -> bool:
    prolog = text[:_PROLOG]
    return bool(_ROOT.match(prolog, _start_of_root(prolog))) or _declares_entities(prolog)


def _start_of_root(prolog: str) -> int:
    before = _BEFORE_THE_ROOT.match(prolog)
    return before.end() if before else 0


def _declares_entities(prolog: str) -> bool:
    return bool(_ENTITY.search(prolog)) and bool(_ROOT.search(prolog))


def _parse_xml(text: str) -> Sitemap:
    prolog = text[:_PROLOG]
    if _declares_entities(prolog):
        # bombs and the reading of our files begin here; sitemaps do without
        raise PermanentFetchError("declares XML entities, as no sitemap needs to", kind="not-a-feed")
    reader = _Reader()
    parser = etree.XMLParser(target=reader, recover=True, resolve_entities=False, no_network=True)
    xml = _STRAY_AMPERSAND.sub("&amp;", _NOT_XML.sub("", text[_start_of_root(prolog) :])).encode()
    with contextlib.suppress(etree.XMLSyntaxError):  # what came before the mistake counts
        for at in range(0, len(xml), _SLICE):
            parser.feed(xml[at : at + _SLICE])
            if len(reader.items) >= MOST_LISTED:
                break
        else:
            parser.close()
    return _sitemap(reader.items[:MOST_LISTED], is_news=reader.is_news)


@dataclass(slots=True)
class _Reader:
    """Takes from a stream of XML what _CAPTURED names, whatever the namespaces are, and builds no tree of it."""

    items: list[_Item] = field(default_factory=list)
    is_news: bool = False
    _path: list[str] = field(default_factory=list)
    _item: _Item | None = None
    _text: list[str] | None = None
    _length: int = 0

    def start(self, tag: str, _attributes: object) -> None:
        name = tag.rpartition("}")[2]
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        self._text = None
        if name in _ITEMS and parent in {"urlset", "sitemapindex"}:
            self._item = {}
        elif self._item is not None:
            self.is_news = self.is_news or (parent, name) == ("url", "news")
            if (parent, name) in _CAPTURED:
                self._text, self._length = [], 0

    def data(self, text: str) -> None:
        if self._text is not None and self._length < _LONGEST_VALUE:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self._path.pop()
        if self._text is not None and self._item is not None:
            self._item.setdefault(name, "".join(self._text).strip())
        self._text = None
        if self._item is not None and name in _ITEMS and len(self._path) == 1:
            self.items.append({**self._item, name: self._item.get("loc", "")})
            self._item = None

    def close(self) -> None:
        pass


def _sitemap(items: list[_Item], *, is_news: bool = False) -> Sitemap:
    listed: dict[str, Listed] = {}
    maps: dict[str, Submap] = {}
    refused = 0
    for changed, item in _newest_first(items):
        try:
            if address := item.get("sitemap"):
                maps.setdefault(address, Submap(url=web_url(address), changed=changed))
            elif address := item.get("url"):
                entry = _entry(address, item)
                listed.setdefault(entry.link, Listed(entry=entry, changed=changed))
        except ValueError:
            refused += 1
    return Sitemap(listed=tuple(listed.values()), maps=tuple(maps.values()), is_news=is_news, refused=refused)


def _newest_first(items: list[_Item]) -> list[tuple[datetime | None, _Item]]:
    """Return the 10,000 newest; those without a date come last, in their order."""
    dated = ((date_of(item.get("publication_date") or item.get("lastmod", "")), item) for item in items)
    return sorted(dated, key=lambda one: one[0] or _LONG_AGO, reverse=True)[:MOST_ENTRIES]


def _entry(url: str, item: _Item) -> Entry:
    link, address = canonical_url(url), web_url(url)
    language = _LANGUAGE.fullmatch(item.get("language", ""))
    return Entry(
        link=link,
        address=address if address != link else "",
        title=plain_text(item.get("title", "")[: LONGEST_TITLE * 4])[:LONGEST_TITLE],
        published=date_of(item.get("publication_date", "")),
        language=canonical(language[1].lower()) if language else None,
    )


def date_of(text: str) -> datetime | None:
    """Return a date as sitemaps write it: ISO 8601 in any length, or as in a mail."""
    ways: tuple[Callable[[], datetime], ...] = (
        lambda: datetime.fromisoformat(text.strip()),
        lambda: datetime.fromisoformat(text.strip()[:10]),
        lambda: parsedate_to_datetime(text),
    )
    for read in ways:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            date = read()
            return (date if date.tzinfo else date.replace(tzinfo=UTC)) if date.year in _YEARS else None
    return None


def _addresses(text: str) -> list[str]:
    """Return the lines of a text sitemap; none where one of the first twenty is no address."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()][:MOST_LISTED]
    is_one = all(len(line) <= MAX_URL_LENGTH and _ADDRESS.fullmatch(line) for line in lines[:20])
    return lines if is_one else []
