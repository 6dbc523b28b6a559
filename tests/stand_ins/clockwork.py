"""`newsvane` as it is, but for its clock: the process starts at the time that NEWSVANE_STARTS_AT says, and goes on.

Run as a program (`python -P clockwork.py run --once`); a test drives it through `Newsvane.at`.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta

from monitors.cli import opening


def started_at(start: datetime) -> None:
    """Let every command tell the time as if this process had begun at `start`."""
    begun = time.monotonic()
    opening.now = lambda: start + timedelta(seconds=time.monotonic() - begun)


if __name__ == "__main__":
    started_at(datetime.fromisoformat(os.environ["NEWSVANE_STARTS_AT"]))
    # only now, since the commands take the clock with them when they are imported
    from monitors.cli import main

    main()
