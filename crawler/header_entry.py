"""The `headers:` of a source: names and secret values that can neither forge a request nor break it."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

MOST_HEADERS = 20
MOST_BYTES = 8_000

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # a token of RFC 9110
_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "if-modified-since",
        "if-none-match",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""What says how we speak, and who we are."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("needs the name of a header such as Cookie")
    if text.lower() in _OURS:
        raise ValueError(f"{text} is set by Newsvane itself")
    return text


def _value(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) > MOST_BYTES:
        raise ValueError(f"is longer than {MOST_BYTES:,} characters")
    if not _VALUE.fullmatch(text):
        raise ValueError("needs printable ASCII on one line, without blanks around it")
    return secret


HeaderName = Annotated[str, AfterValidator(_name)]
HeaderValue = Annotated[SecretStr, AfterValidator(_value)]
