"""Turns the bytes of a page into text: what the page declares, if it may, else what its bytes look like."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from charset_normalizer import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://encoding.spec.whatwg.org/#names-and-labels: the Python codec that a label names → the one that reads what
# browsers read for it. Everything else that Python could decode (idna, punycode, unicode_escape, utf-7, EBCDIC …)
# is refused: it would let a page write characters that no browser shows.
_CODECS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "iso2022_jp": "iso2022_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "mac-roman": "mac-roman",
    "mac-cyrillic": "mac-cyrillic",
    "cp866": "cp866",
    "cp874": "cp874",
    **{f"cp125{n}": f"cp125{n}" for n in range(9)},
    **{f"iso8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
# Labels of the standard that Python spells otherwise.
_SPELLINGS = {
    "dos-874": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "x-sjis": "cp932",
    "x-gbk": "gbk",
    "x-euc-jp": "euc_jp",
    "x-x-big5": "big5",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ukrainian": "mac-cyrillic",
    "unicode": "utf-16",
    "unicode-1-1-utf-8": "utf-8",
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    **{f"x-cp125{n}": f"cp125{n}" for n in range(9)},
}
_LABEL = re.compile(r"[a-z0-9_:.+-]{1,40}")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w:.+-]{1,40})""", re.IGNORECASE
)
# Browsers look for the declaration in the first 1,024 bytes; pages that put scripts before it are common.
_META_WINDOW = 8192
_GUESS_WINDOW = 8192
# These write other characters with ASCII bytes, so that being valid UTF-8 proves nothing.
_SEVEN_BIT = frozenset({"iso2022_jp", "utf-16-le", "utf-16-be"})


def decode(body: bytes, declared: str | None = None) -> str:
    """Return the text of a page. `declared` is the charset of the Content-Type header, whatever it says."""
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(codec, "replace")
    labelled = list(_declared_codecs(body, declared))
    if not _SEVEN_BIT.intersection(labelled):
        # Text that is not UTF-8 almost never passes as UTF-8, and servers often claim ISO-8859-1 for all they send.
        labelled.insert(0, "utf-8")
    for codec in labelled:
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    # Nothing fits to the last byte: a few broken bytes must not cost the page.
    return body.decode(_likely(body, labelled), "replace")


def codec_of(label: str | None) -> str | None:
    """Return the Python codec for a label of the WHATWG Encoding Standard, None for anything else."""
    name = (label or "").strip(" \t\r\n\f\"'").lower()
    if not _LABEL.fullmatch(name):
        return None
    try:
        return _CODECS.get(codecs.lookup(_SPELLINGS.get(name, name)).name)
    except LookupError:
        return None


def _declared_codecs(body: bytes, declared: str | None) -> Iterator[str]:
    if codec := codec_of(declared):
        yield codec
    if found := _META.search(body[:_META_WINDOW]):
        codec = codec_of(found[1].decode("ascii", "replace"))
        # An ASCII-readable declaration cannot stand in UTF-16; the standard reads it as UTF-8.
        if codec and not codec.startswith("utf-16"):
            yield codec


def _likely(body: bytes, labelled: list[str]) -> str:
    for codec in labelled:
        sample = body[:_GUESS_WINDOW].decode(codec, "replace")
        if sample.count("\N{REPLACEMENT CHARACTER}") < len(sample) / 200:
            return codec
    best = from_bytes(body[:_GUESS_WINDOW]).best()
    return (codec_of(best.encoding) if best else None) or "cp1252"
