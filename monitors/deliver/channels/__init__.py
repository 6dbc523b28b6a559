"""Where messages go: one file for each kind of channel, found by itself.

A channel's file holds `kind`, `Options` and the three functions of `Channel`; nothing else has to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from monitors.deliver.smtp import Smtp
    from monitors.domain import Delivery, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a message needs to be frozen: its identity, its hour and its reader."""

    message_id: str
    """Unique and stable: `<…@host>` without the angle brackets."""
    date: datetime
    recipient: str
    first_of_story: str | None = None
    """Of an alert about a story that was alerted before: the identity of its first message to the same reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities:
    """What the configuration offers to every channel."""

    smtp: Smtp


class Channel(Protocol):
    """The three functions and two names that make a module in this package a channel."""

    kind: str
    """What `type:` says in the YAML."""
    Options: type[BaseModel]
    """The other keys of the channel in the YAML; forbids what it does not know."""
    # `at_once = True` besides: a rule that names the channel needs neither `when` nor `at`, for it disturbs nobody.

    def recipients(self, channel_id: str, options: BaseModel) -> tuple[str, ...]:
        """Return whom to send to: each gets deliveries of their own. Without addresses, the channel's id."""

    def render(
        self, message: Message, envelope: Envelope, options: BaseModel, facilities: Facilities
    ) -> tuple[bytes, ...]:
        """Freeze a message into the bytes to be sent: one item a part, in order, each within the service's limits."""

    def deliver(self, delivery: Delivery, options: BaseModel, facilities: Facilities) -> str:
        """Send one part and return the receipt (what the service answered). Blocks; called in a thread.

        Raises:
            DeliveryError: it was not accepted; `permanent` and `retry_after` tell what to do.
        """


@cache
def channels() -> Mapping[str, Channel]:
    """Return every channel of this package by its kind."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {module.kind: module for module in modules}
