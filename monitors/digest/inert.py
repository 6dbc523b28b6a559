"""Makes text and links from the web inert: one line of plain letters, and addresses that lead where they say."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

import idna

# Control characters and all that ends a line; the Braille blank is one more letter that looks like none.
_BLANKS = r"\s\x00-\x1f\x7f-\x9f\u2800"
_SPACES = re.compile(rf"(?! )[{_BLANKS}]+| [{_BLANKS}]+")  # a single space needs no other
# What nobody sees: surrogates, noncharacters, format characters (bidi and tags among them) and Unicode's other
# "default ignorable" ones, such as Hangul fillers, for text can be hidden in them, and a host be cut in two.
_UNSEEN = re.compile(
    "[\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
# Persian, Indic scripts and emoji are misspelled without joiners, and emoji without the selectors of their look:
# one of them stays, behind what it can join.
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
_LOOSE_JOINERS = re.compile(rf"(^|[\s\u200c\u200d])[{_JOINERS}]+|([\ufe0e\ufe0f])[\ufe0e\ufe0f]+")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # all but the line break
_PILE = re.compile(r"[^\w\s\x00-\x7f]{5,}")  # may hold too many marks; fewer characters cannot
_MOST_MARKS = 4
"""One above the other, as in Unicode's UTS #39, 5.4: more of them would cover the lines around."""
_ROOM = 3
"""How many times its length a text is looked at to be cut: there may be much in it that nobody sees."""
_MISREAD = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_LOOKS_LIKE_A_HOST = re.compile(r"(?<=://)[^\s/?#:]+|(?:[^\W_][\w-]*\.)+[^\W\d_]{2,}|\d{1,3}(?:\.\d{1,3}){3}")
_RESERVED = "%/:?#[]@!$&'()*+,;=~"
_LONGEST_HOST = 253  # RFC 1035
_LONGEST_LINK = 2_000  # leaves room for a title in a Slack section of 3,000


def plain(text: str) -> str:
    """Return the text on one line: no control or format characters (bidi among them), no lone surrogates."""
    text = _SPACES.sub(" ", text)
    if text.isascii():
        return text
    text = _PILE.sub(_without_excess_marks, _UNSEEN.sub("", text))
    return _SPACES.sub(" ", _LOOSE_JOINERS.sub(r"\1\2", text))


def printable(text: str) -> str:
    """Return text that a terminal shows and does not obey; unlike plain text, with its lines and spaces."""
    return _UNSEEN.sub("", _CONTROLS.sub(" ", text))


def shorten(text: str, length: int) -> str:
    """Cut plain text to a number of characters, if possible between two words."""
    within = text[: _ROOM * length]
    left = "…" if len(within) < len(text) else ""
    text = on_its_own(plain(within).strip() + left)
    if len(text) <= length:
        return text
    words = text[:length].rpartition(" ")[0]
    return (words if len(words) > length * 2 // 3 else text[: length - 1]).rstrip() + "…"


def on_its_own(text: str) -> str:
    """Return plain text without what at its start would join what stands in front of it: marks and joiners."""
    own = (at for at, char in enumerate(text) if unicodedata.category(char)[0] not in "MZ" and char not in _JOINERS)
    return text[next(own, len(text)) :]


def web_link(url: str) -> str | None:
    """Return the address, ASCII and safe in any markup; None if it is no plain http(s) address.

    Refused are other schemes, what browsers read differently than we do (backslashes, white space, control
    characters), user names in front of the host, and addresses of unreasonable length.
    """
    if _misread(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except ValueError:  # not a port, not an IPv6 address, not a name
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        return None
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(_bracketed(host)):
        return None
    port = f":{parts.port}" if parts.port is not None else ""
    link = quote(parts._replace(netloc=_bracketed(host) + port).geturl(), safe=_RESERVED)
    return link if len(link) <= _LONGEST_LINK else None


def _misread(url: str) -> bool:
    if url.isascii():
        return _MISREAD.search(url) is not None
    return "\\" in url or any(char.isspace() or unicodedata.category(char).startswith("C") for char in url)


def link_host(link: str) -> str:
    """Return the host of a web_link, as a label that cannot mislead."""
    return urlsplit(link).hostname or ""


def names_another_host(label: str, link: str) -> bool:
    """Tell whether a label reads like an address that the link does not lead to."""
    named = (found.group().casefold() for found in _LOOKS_LIKE_A_HOST.finditer(_bare(label)))
    return any(not f".{link_host(link)}".endswith(f".{name}") for name in named)


def _bare(label: str) -> str:
    """Return a label without marks, letters in their plain form, as somebody reads it who looks for an address."""
    if label.isascii():
        return label
    letters = (char for char in unicodedata.normalize("NFKD", label) if unicodedata.category(char) not in {"Mn", "Cf"})
    return "".join(letters).replace("。", ".")


def _without_excess_marks(pile: re.Match[str]) -> str:
    kept, marks = [], 0
    for char in pile.group():
        is_mark = unicodedata.category(char) in {"Mn", "Me"}
        marks = marks + is_mark if is_mark or char in _JOINERS else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
