"""Says in words what the flags of an article mean; docs/extraction.md has the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FLAGS = {
    "bad-input": "its line could not be read",
    "broken": "its page could not be read",
    "consent-wall": "its page asks for consent to cookies instead",
    "error-page": "its page shows an error instead",
    "feed-text": "its text is the one that the feed carries",
    "listing": "its page is a list of articles",
    "no-body": "no text was found on its page",
    "paywall": "its text is cut off by a paywall",
    "timeout": "its page took too long to read",
    "too-large": "its page is too large to be read",
    "unreachable": "its page could not be had",
}


def flags_told(flags: Iterable[str]) -> str:
    """`its page shows an error instead (error-page)`; empty where there are no flags."""
    return "; ".join(f"{FLAGS[flag]} ({flag})" if flag in FLAGS else flag for flag in sorted(flags))
