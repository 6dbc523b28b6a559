"""Measures how long the event loop is kept from going on."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Stalls:
    longest_s: float = 0.0
    """Of the processor's time, so that a busy machine does not count."""


@contextmanager
def watched_loop() -> Iterator[Stalls]:
    """Time each step of the loop while the context lasts."""
    stalls, run = Stalls(), asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        started = time.thread_time()
        try:
            run(handle)
        finally:
            stalls.longest_s = max(stalls.longest_s, time.thread_time() - started)

    with patch.object(asyncio.Handle, "_run", timed):
        yield stalls
