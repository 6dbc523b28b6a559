"""Headers of a subscription: sent to the host that they are for, and shown to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from crawler.domain import Source


def headers_for(url: str, source: Source | None) -> dict[str, str]:
    """Return the headers that a request of a source to this URL carries: none on another scheme, host or port."""
    if source is None or not source.headers or origin(url) != origin(source.url):
        return {}
    return {name: value.get_secret_value() for name, value in source.headers}


def origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").rstrip("."), port
