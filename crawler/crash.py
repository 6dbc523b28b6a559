"""Named points at which a test may kill the process, to prove that nothing is lost there.

`NEWSVANE_CRASH_AT=article-stored` makes the process send itself SIGKILL when it first gets to that point.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "entries-recorded",
    "page-fetched",
    "article-stored",
    "source-finished",
    "articles-claimed",
    "matches-found",
    "edits-recorded",
    "matches-recorded",
    "digest-composed",
    "digest-queued",
    "delivery-claimed",
    "message-sent",
    "delivery-recorded",
)


def point(name: str) -> None:
    """Die here by SIGKILL if a test asked for it; otherwise do nothing."""
    if os.environ.get("NEWSVANE_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
