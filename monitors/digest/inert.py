"""Makes text and links from the web inert: one line of plain letters, and addresses that lead where they say."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

import idna

_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are misspelled without them
_NONCHARACTERS = "\ufffe\uffff"
_SPACES = re.compile(r"\s+")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_LOOKS_LIKE_A_HOST = re.compile(r"(?:[^\W_][\w-]*\.)+[^\W\d_]{2,}")
_RESERVED = "%/:?#[]@!$&'()*+,;=~"
_LONGEST_HOST = 253  # RFC 1035
_LONGEST_LINK = 2_000  # leaves room for a title in a Slack section of 3,000


def plain(text: str) -> str:
    """Return the text on one line: no control or format characters (bidi among them), no lone surrogates."""
    return _SPACES.sub(" ", "".join(map(_plain_character, text)))


def shorten(text: str, length: int) -> str:
    """Cut plain text to a number of characters, if possible between two words."""
    text = plain(text).strip()
    if len(text) <= length:
        return text
    words = text[:length].rpartition(" ")[0]
    return (words if len(words) > length * 2 // 3 else text[: length - 1]).rstrip() + "…"


def web_link(url: str) -> str | None:
    """Return the address, ASCII and safe in any markup; None if it is no plain http(s) address.

    Refused are other schemes, what browsers read differently than we do (backslashes, white space, control
    characters), user names in front of the host, and addresses of unreasonable length.
    """
    if "\\" in url or any(char.isspace() or unicodedata.category(char).startswith("C") for char in url):
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


def link_host(link: str) -> str:
    """Return the host of a web_link, as a label that cannot mislead."""
    return urlsplit(link).hostname or ""


def names_another_host(label: str, link: str) -> bool:
    """Tell whether a label reads like an address that the link does not lead to."""
    text = unicodedata.normalize("NFKC", label).translate({ord(c): None for c in _JOINERS} | {ord("。"): "."})
    named = (found.group().casefold() for found in _LOOKS_LIKE_A_HOST.finditer(text))
    return any(not f".{link_host(link)}".endswith(f".{name}") for name in named)


def _plain_character(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cs":
            return ""
        case "Cf":
            return char if char in _JOINERS else ""
        case _:
            return "" if char in _NONCHARACTERS else char


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
