"""Tells by its bytes whether something is a feed, of which kind, and what it is if it is none."""

from __future__ import annotations

import re
import zlib
from typing import Literal

from crawler.errors import PermanentFetchError
from crawler.extract.charset import codec_of, decode
from crawler.extract.clean import is_text, one_line
from crawler.fetch.limits import FEED_BYTES

Kind = Literal["xml", "json"]

_START = 16 * 1024
"""Characters in which a feed begins that has anything before it: a warning of the server's PHP, blank lines."""
_GZIP = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31

# Byte order marks and first characters of encodings that the web's own standard does not know but XML does (its
# appendix F). UTF-32 comes first: its mark begins as that of UTF-16 does.
_XML_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)

_MOST_PARTS = 20_000
"""Comments, instructions and declarations before the first element. What has more is no feed."""
_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_NAME = r"(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)"
_ELEMENT = re.compile(f"<{_NAME}")
# a declaration such as <!DOCTYPE rss SYSTEM "a>b" [ or <!ENTITY …>: what stands in quotes ends nothing
_DECLARATION = re.compile(r"""<!(?:[^<>"'\[]|"[^"]*"|'[^']*')*+""")
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_ROOT_AFTER_JUNK = re.compile(r"<\?xml\b|<(?:rss|feed|(?:\w+:)?RDF)\b")
_JUNK = frozenset({"b", "br", "font", "p", "pre"})
"""The elements in which PHP words a warning."""

_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\b')
_HTML_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_OTHERS = {
    "html": "an HTML page",
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "opml": "a list of feeds (OPML); `newsvane sources import` reads it",
    "error": "an XML error message",
}


def feed_text(body: bytes, charset: str | None = None) -> str:
    """Return the text of a feed, from where it begins. `charset` is what the Content-Type header said.

    Raises:
        PermanentFetchError: it is compressed, and longer than a feed may be.
    """
    if body.startswith(_GZIP):
        body = _unzipped(body)
    stripped = body[:64].lstrip()
    text = next((_decoded(body, codec) for start, codec in _XML_ENCODINGS if stripped.startswith(start)), None)
    if text is None:
        # bytes that begin with a plain "<" are no UTF-16, whatever the header says
        is_narrow = stripped[:1] in {b"<", b"{"} and (codec_of(charset) or "").startswith("utf-16")
        text = decode(body, None if is_narrow else charset)
    return _without_junk(text.lstrip("\ufeff"))


def kind_of(text: str) -> Kind | None:
    """Return the kind of a feed, None for anything else."""
    if text.lstrip()[:1] == "{":
        return "json" if _JSON_FEED.search(text) else None
    return "xml" if _read_prolog(text)[0] in _ROOTS else None


def declares_entities(text: str) -> bool:
    """Tell whether XML declares entities before its first element: there bombs and the reading of files begin."""
    return _read_prolog(text)[1]


def what_it_is(text: str) -> str:
    """Say in a few words what something is that is no feed."""
    start = text.lstrip()
    if not start:
        return "nothing was sent"
    if not is_text(start):
        return "no text"
    if start[0] in "{[":
        return "JSON, but no JSON Feed"
    root = _read_prolog(text)[0]
    title = _HTML_TITLE.search(start[: 16 * _START])
    if root == "html" or title or start[:9].lower() == "<!doctype":
        return _OTHERS["html"] + (f" called “{one_line(title[1])[:80]}”" if title else "")
    return _OTHERS.get(root, f"XML of another kind: <{root[:40]}>" if root else "plain text")


def _unzipped(body: bytes) -> bytes:
    """Return what a gzip file holds, which some servers send without saying so; as it is if that cannot be read."""
    try:
        unzipped = zlib.decompressobj(_GZIP_WINDOW).decompress(body, FEED_BYTES + 1)
    except zlib.error:
        return body
    if len(unzipped) > FEED_BYTES:
        raise PermanentFetchError(f"larger than {FEED_BYTES // 2**20} MiB when decompressed", kind="too-large")
    return unzipped


def _decoded(body: bytes, codec: str) -> str:
    return body.decode(codec, "replace")


def _without_junk(text: str) -> str:
    """Return the text from where the feed begins, if something else stands before it."""
    if text.lstrip()[:1] in {"{", ""} or _read_prolog(text)[0] not in _JUNK:
        return text
    found = _ROOT_AFTER_JUNK.search(text, 0, _START)
    return text[found.start() :] if found else text


def _read_prolog(text: str) -> tuple[str, bool]:
    """Return the name of the first element in lower case, and whether entities are declared before it.

    Walks over comments, processing instructions and the declarations of a DOCTYPE, however long, since a declaration
    could hide behind whatever is not looked at. A prolog that does not come to an end has no first element.
    """
    at = text.find("<")
    for _ in range(_MOST_PARTS):
        if at < 0:
            break
        if text.startswith("<!--", at):
            at = _behind(text, "-->", at + 4)
        elif text.startswith("<?", at):
            at = _behind(text, "?>", at + 2)
        elif text.startswith("<!", at):
            if _ENTITY.match(text, at):
                return _root_behind(text, at), True
            declaration = _DECLARATION.match(text, at)
            at = declaration.end() if declaration else at + 2
        elif element := _ELEMENT.match(text, at):
            return element[1].lower(), False
        else:
            at += 1
        at = text.find("<", at) if at >= 0 else -1
    return "", False


def _behind(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return found + len(mark) if found >= 0 else -1


def _root_behind(text: str, at: int) -> str:
    """Return the name of the first feed-like element behind a declaration of entities."""
    names = (element[1].lower() for element in _ELEMENT.finditer(text, at, at + 64 * _START))
    return next((name for name in names if name in _ROOTS), "")
