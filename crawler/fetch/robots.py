"""Tells what a host's robots.txt allows, after RFC 9309."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego

from crawler.errors import FetchError, ForbiddenFetchError, TemporaryFetchError
from crawler.fetch.limits import ROBOTS_BYTES
from crawler.identity import web_url

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.desk import Robots

PRODUCT = "Newsvane"
"""The name that robots.txt files know us by."""

FRESH_FOR = timedelta(hours=24)  # the longest that RFC 9309, 2.4 lets a copy be used
FAILURE_FRESH_FOR = timedelta(minutes=10)
MOST_SITEMAPS = 50
LONGEST_CRAWL_DELAY = timedelta(seconds=60)

_TOKEN_AND_MORE = re.compile(
    r"^([^\S\n]*user-?agent[^\S\n]*:[^\S\n]*[a-z_-]+)(?:/|[^\S\n])[^\n]*$", re.IGNORECASE | re.MULTILINE
)
_BETWEEN_AGENTS = re.compile(
    r"^(user-?agent[^\S\n]*:[^\n]*\n)"
    r"(?:(?!user-?agent|(?:dis)?allow|crawl-delay|request-rate|visit-time|site-?maps?|host)[\w-]+[^\S\n]*:[^\n]*\n)+"
    r"(?=user-?agent[^\S\n]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_LAST_SEGMENT = re.compile(r"[^/]+(/?)$")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host lets us fetch, and how long we are to rest between two requests."""

    parsed: Protego | None
    """None: the host did not say, and nothing may be fetched before it does."""
    reason: str
    crawl_delay: timedelta
    good_until: datetime
    kind: str = ""
    """Where nothing may be fetched, the kind of failure that this is; see FetchError."""

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the file names, as far as they are addresses of the web."""
        named = list(self.parsed.sitemaps)[:MOST_SITEMAPS] if self.parsed else []
        return tuple(dict.fromkeys(filter(None, map(_address, named))))

    def refusal(self, url: str, *, published: str) -> FetchError | None:
        """Return why a URL may not be fetched now, or None if it may.

        `published` is how its publisher spelled it, perhaps with tracking. A rule against this very page in that
        spelling counts; one against tracking as such does not concern us, who ask without.
        """
        if self.parsed is None:
            return TemporaryFetchError(self.reason, kind=self.kind)
        refused = not self._allows(url) or (
            published != url and not self._allows(published) and self._allows(_another_page(published))
        )
        return ForbiddenFetchError("robots.txt does not allow it", kind="robots") if refused else None

    def _allows(self, url: str) -> bool:
        return self.parsed is not None and bool(self.parsed.can_fetch(url, PRODUCT))


def _address(text: str) -> str:
    try:
        return web_url(text)
    except ValueError:
        return ""


def good_until(robots: Robots) -> datetime:
    return robots.fetched_at + (FAILURE_FRESH_FOR if _is_failure(robots) else FRESH_FOR)


def parse_robots(robots: Robots, trouble: str = "") -> Rules:
    """Return the rules: those of the file, all is allowed without one (4xx), nothing if the host cannot tell now.

    `trouble` is why it could not be had, where that is known.
    """
    if _is_failure(robots):
        why = trouble or ("it could not be reached" if robots.status is None else f"HTTP {robots.status}")
        kind = "unreachable" if robots.status is None else "robots"
        return Rules(None, f"robots.txt cannot be read: {why}", timedelta(0), good_until(robots), kind)
    there = robots.status is not None and 200 <= robots.status < 300  # noqa: PLR2004  (success, RFC 9110)
    text = robots.body[:ROBOTS_BYTES].decode("utf-8-sig", "replace") if there else ""
    # a page made for people, sent for every unknown path, holds no rules
    parsed = Protego.parse("" if text.lstrip().startswith("<") else _as_meant(text))
    return Rules(parsed, "", _crawl_delay(parsed), good_until(robots))


def _as_meant(text: str) -> str:
    """Spell a file so that Protego reads it as RFC 9309 does: an agent is one token, what is unknown parts no group."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BETWEEN_AGENTS.sub(r"\1", _TOKEN_AND_MORE.sub(r"\1", lines))


def _another_page(url: str) -> str:
    """Return a URL with the same query in the same folder."""
    parts = urlsplit(url)
    return parts._replace(path=_LAST_SEGMENT.sub(r"-\1", parts.path)).geturl()


def _crawl_delay(parsed: Protego) -> timedelta:
    seconds = parsed.crawl_delay(PRODUCT) or 0.0
    # written so that NaN is no delay
    return min(timedelta(seconds=min(seconds, 1e6)), LONGEST_CRAWL_DELAY) if seconds > 0 else timedelta(0)


def _is_failure(robots: Robots) -> bool:
    """Tell whether the host did not say: unreachable, an error of the server's, or "too many requests"."""
    return robots.status is None or robots.status >= 500 or robots.status == 429  # noqa: PLR2004
