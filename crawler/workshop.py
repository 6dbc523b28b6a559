"""What happens in the processes that can be killed (see processes.py)."""

from __future__ import annotations

import ctypes
import resource
import signal
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

TIDY_EVERY = 16
"""Calls after which memory is given back, which takes a millisecond."""
_calls = count(1)


def limit_memory(memory: int) -> None:
    """Limit the memory of a fresh process."""
    if reserved := _address_space():
        resource.setrlimit(resource.RLIMIT_AS, (reserved + memory, reserved + memory))


def work(function: Callable[..., T], arguments: tuple[object, ...], deadline_s: float) -> T:
    # A second deadline that needs nobody: if the parent is killed, its processes must not go on for minutes.
    signal.setitimer(signal.ITIMER_REAL, 2 * deadline_s)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if next(_calls) % TIDY_EVERY == 0:
            _give_back_memory()


def _give_back_memory() -> None:
    """Return to the system what large pages took: glibc keeps it, 25 MB a process after a few hundred pages."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _address_space() -> int:
    """Return how much the process has reserved already, most of it by libraries that will never use it.

    0 where no system tells (macOS); the deadline must do there.
    """
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except FileNotFoundError:
        return 0
    return int(pages) * resource.getpagesize()
