"""`newsvane` as it is, but for its clock: the process starts at the time that NEWSVANE_STARTS_AT says, and goes on.

Run as a program (`python -P clockwork.py run --once`); a test drives it through `Newsvane.at`. Where NEWSVANE_AHEAD
names a file, the clock is ahead by the seconds that stand in it: a test turns the clock of a service that runs.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from monitors.cli import opening

if TYPE_CHECKING:
    from collections.abc import Callable


def started_at(start: datetime, ahead: Callable[[], float] = float) -> None:
    """Let every command tell the time as if this process had begun at `start`."""
    begun = time.monotonic()
    opening.now = lambda: start + timedelta(seconds=time.monotonic() - begun + ahead())


def ahead_by_file(path: Path) -> float:
    return float(path.read_text()) if path.exists() else 0.0


if __name__ == "__main__":
    file = Path(os.environ.get("NEWSVANE_AHEAD", "/nowhere"))
    started_at(datetime.fromisoformat(os.environ["NEWSVANE_STARTS_AT"]), lambda: ahead_by_file(file))
    # only now, since the commands take the clock with them when they are imported
    from monitors.cli import main

    main()
