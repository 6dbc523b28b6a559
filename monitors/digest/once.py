"""Does once for a message what is asked for again and again: for each recipient, each form, each try to make it fit."""

from __future__ import annotations

import weakref
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from monitors.domain import Message

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
M = TypeVar("M", bound=Message)


def once_a_message(make: Callable[[M], T]) -> Callable[[M], T]:
    """Remember what was made of the last message, as long as somebody has that message."""
    last: tuple[weakref.ref[M], T] | None = None

    def forget(gone: weakref.ref[M]) -> None:
        nonlocal last
        if last and last[0] is gone:
            last = None

    @wraps(make)
    def made(message: M) -> T:
        nonlocal last
        known = last
        if known is None or known[0]() is not message:
            known = last = weakref.ref(message, forget), make(message)
        return known[1]

    return made
