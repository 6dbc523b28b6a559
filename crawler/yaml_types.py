"""The values that keys of a configuration may have: durations, zones, languages, addresses, ids."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from crawler.languages import canonical
from crawler.yaml_file import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationInfo

MOST_ID = 100

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COUNTRY = re.compile(r"[A-Z]{2}")
# What RFC 5321 allows without quotes, in letters of any script (RFC 6531).
_ATOM = r"[^\s@<>()\[\],;:.\"\\]+"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LAYOUT = re.compile("[\t\n\r]")
_IDENTIFIER = re.compile(r"\w[\w.-]*")
_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[^\w.]+")

_ISO_639_1 = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_LANGUAGES = frozenset(_ISO_639_1.split())


def as_list(written: object) -> object:
    """Let one value stand for a list of one."""
    return written if isinstance(written, list) else [written]


def short_for(key: str, needs: str = "text (in quotes, if it is to be taken as text)") -> Callable[[object], object]:
    """Let a text stand for a mapping with this one key; `needs` is what to say where it is neither."""

    def expanded(written: object) -> object:
        if isinstance(written, str):
            return {key: written}
        if isinstance(written, dict):
            return written
        raise ValueError(f"needs {needs} or a mapping")

    return expanded


def beside_the_configuration(path: Path, info: ValidationInfo) -> Path:
    """Return a path as the configuration means it, within a validator: relative to its own folder."""
    return getattr(info.context, "folder", Path()) / path


def slug(text: str) -> str:
    """Make an id of a name: `Cloud divestment, Asia` → `cloud-divestment-asia`, `Zürich` → `zurich`.

    Letters of other scripts stay as they are: `网络安全` → `网络安全`. Empty if there is no letter and no digit.
    """
    plain = (
        text if text.isascii() else unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    )
    return _BETWEEN_WORDS.sub("-", plain.casefold())[:MOST_ID].strip("-._")


def is_email(text: str) -> bool:
    # `=?` would begin an encoded word in a mail's header.
    return text.isprintable() and "=?" not in text and _EMAIL.fullmatch(text) is not None


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("needs a duration such as 1s, 0.1s, 10m, 6h or 7d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"is not a time zone of the IANA database{nearest(name, _zones())}")
    return name


def language_code(code: str) -> str:
    if code not in _LANGUAGES:
        raise ValueError("needs a language code of two letters, such as en, de or zh (ISO 639-1)")
    return canonical(code)


def country_code(code: str) -> str:
    if not _COUNTRY.fullmatch(code):
        raise ValueError("needs a country code of two capital letters, such as HK (ISO 3166)")
    return code


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError("needs letters, digits, dots, dashes or underscores, and no spaces")
    return unicodedata.normalize("NFC", text)


def _line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("needs one line of text, without control characters")
    return _filled(text)


def _text(text: str) -> str:
    if _CONTROL.search(_LAYOUT.sub(" ", text)):
        raise ValueError("needs text without control characters")
    return _filled(text)


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


def _web_address(text: str) -> str:
    """Accept what a crawler can ask for. A password in it would end up in logs and digests."""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        fits = False
    if not fits or not text.isprintable() or " " in text:
        raise ValueError("needs an address such as https://www.example.org/feed")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or a password")
    return text


def _contact(text: str) -> str:
    if is_email(text):
        return text
    try:
        return _web_address(text)
    except ValueError:
        raise ValueError("needs an e-mail address or a web address where you can be reached") from None


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(language_code)]
Country = Annotated[str, AfterValidator(country_code)]
Identifier = Annotated[str, Field(max_length=MOST_ID), AfterValidator(_identifier)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Contact = Annotated[str, AfterValidator(_contact)]
Line = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_line)]
Text = Annotated[str, Field(min_length=1, max_length=100_000), AfterValidator(_text)]
