"""Tells what hangs from what is slow: how fast something is, the benchmarks say."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDURED_S = 20


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail when what is done inside takes a time that only a square or worse in the input explains.

    It is for input so large that linear work takes a fraction of a second, and a square minutes. The processor's time
    of the thread is what counts, so that a busy machine does not.
    """
    started = time.thread_time()
    yield
    assert time.thread_time() - started < ENDURED_S
