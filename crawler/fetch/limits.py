"""What one answer may cost, and what its status means."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.errors import FetchError, PermanentFetchError, TemporaryFetchError

PAGE_BYTES = 5 * 1024 * 1024
FEED_BYTES = 10 * 1024 * 1024
ROBOTS_BYTES = 500 * 1024  # as much as RFC 9309 asks to parse; the rest is cut off
HEAD_BYTES = 64 * 1024  # status line and headers, with those of interim answers
HEAD_LINES = 200
WRAPPING_BYTES = 256 * 1024  # of a chunked body, all that is not body
MAX_ENCODINGS = 3  # a page packed twice is a mistake of somebody's, four times an attack
TIMEOUT_S = 20
MAX_REDIRECTS = 5
HOSTS_AT_ONCE = 64
BYTES_AT_ONCE = 96 * 1024 * 1024  # of bodies in memory; beyond that, the large ones are sent away
USUAL_BYTES = 128 * 1024  # as most pages have; they are never sent away
SLOW_HOSTS_AT_ONCE = 384  # beside those, waited for while others go on; each costs a socket
IDLE_CONNECTIONS = 128
IDLE_CONNECTION_S = 120  # most servers hang up sooner
LONGEST_RETRY_AFTER = timedelta(days=1)
LONGEST_MAX_AGE = timedelta(days=1)
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)

# A 403 often is the mood of a firewall; 421 and 425 ask for another try by their definition.
_WORTH_ANOTHER_TRY = frozenset({403, 408, 421, 425, 429})


def status_error(status: int, *, retry_after: timedelta | None = None) -> FetchError | None:
    """Return the error that an HTTP status stands for; None for success and for 304."""
    if 200 <= status < 300 or status == 304:  # noqa: PLR2004  (the numbers of RFC 9110)
        return None
    kind = "http-5xx" if status >= 500 else f"http-{status}"  # noqa: PLR2004
    if status >= 500 or status in _WORTH_ANOTHER_TRY:  # noqa: PLR2004
        return TemporaryFetchError(f"HTTP {status}", kind=kind, retry_after=retry_after)
    return PermanentFetchError(f"HTTP {status}", kind=kind)


def parse_retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read the Retry-After header, seconds or a date, at most a day; None for nonsense and for the past."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta(0) else None


def parse_max_age(value: str) -> timedelta | None:
    """Read for how long a Cache-Control header lets an answer be used, at most a day; None if it does not say."""
    if (found := _MAX_AGE.search(value)) is None or not int(found[1]):
        return None
    return min(timedelta(seconds=int(found[1])), LONGEST_MAX_AGE)
