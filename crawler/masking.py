"""Keeps secrets out of the log, of error messages and of the reasons that are stored and shown.

What is secret is known to the process as a whole, as its log is: whoever reads a secret tells it here.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST = 4
"""A shorter secret stands in many words by chance."""
LEAST_PART = 8
"""Of the address that is a secret, its parts that are as long are secrets themselves."""
MASK = "•••"


class _Known:
    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        with self._lock:
            if not forms <= self._forms:
                self._forms |= forms
                longest_first = sorted(self._forms, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text


_KNOWN = _Known()


def keep_secret(secrets: Iterable[str]) -> None:
    """Have these masked from now on, as long as the process lives."""
    _KNOWN.add(secrets)


def masked(text: str) -> str:
    """Return a text without the secrets in it."""
    return _KNOWN.mask(text)


def masked_value(value: Any) -> Any:
    """Return a value without the secrets in it, however deep; what is neither text nor number becomes text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return masked(value)
        case Mapping():
            return {masked(str(key)): masked_value(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [masked_value(one) for one in value]
        case _:
            return masked(str(value))


def _forms(secret: str) -> Iterator[str]:
    """Return how a secret may be spelled where it is quoted."""
    for part in _parts(secret.strip()):
        if len(part) >= LEAST:
            data = part.encode(errors="surrogatepass")
            yield part
            yield json.dumps(part)[1:-1]
            yield json.dumps(part, ensure_ascii=False)[1:-1]
            yield repr(part)[1:-1]
            yield repr(data)[2:-1]
            yield quote(data)
            yield quote(data, safe="")
            yield quote_plus(data)
            yield base64.b64encode(data).decode()


def _parts(secret: str) -> Iterator[str]:
    yield secret
    try:
        address = urlsplit(secret)
        password = address.password
    except ValueError:
        return
    if not address.scheme or not address.netloc:
        return
    if password:
        yield password
    for part in (f"{address.path}?{address.query}", address.path, address.query):
        if len(part) >= LEAST_PART:
            yield part
