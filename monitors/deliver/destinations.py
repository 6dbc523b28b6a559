"""Where channels lead: several may share one destination, and what ails that ails all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from monitors.deliver.channels import channels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.deliver.channels import Facilities
    from monitors.watchlist_file import ChannelConfig

_ROUNDS = 50_000  # some 20 ms for a guess at a password, and as much for us, once a configuration


@dataclass(frozen=True)
class Destinations:
    """The destinations of a configuration: the mail server, which all e-mail shares, and every other channel."""

    configured: Mapping[str, ChannelConfig]
    facilities: Facilities

    def of(self, channel: str) -> str:
        """Return where a channel leads. One that left the configuration is a destination of its own."""
        configured = self.configured.get(channel)
        shared = configured and shared_by(configured.kind)
        return shared or (f"channel {channel}" if channel in _shared_names() else channel)

    def channels_of(self, destination: str) -> tuple[str, ...]:
        """Return the ids of the channels that lead there."""
        found = tuple(channel for channel in self.configured if self.of(channel) == destination)
        return found or (destination.removeprefix("channel "),)

    def recipients_of(self, channel: str) -> tuple[str, ...]:
        configured = self.configured[channel]
        return channels()[configured.kind].recipients(channel, configured.options)

    def name_of(self, destination: str) -> str:
        """Return what people call it."""
        if destination in _shared_names():
            return f"the mail server {self.facilities.smtp.host}:{self.facilities.smtp.port}"
        return f"channel {destination.removeprefix('channel ')}"

    def fingerprint(self, destination: str) -> str:
        """Return what changes when the configuration of a destination does, also the content of a file it names.

        Secrets cannot be read from it.
        """
        options = self._options(destination)
        if options is None:
            return "not configured"
        files = (path.stat() for path in _files(options) if path.is_file())
        return f"{self._digests[destination]} {' '.join(f'{one.st_mtime_ns}/{one.st_size}' for one in files)}".strip()

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        found = {self.of(channel) for channel in self.configured}
        return {destination: _digest(self._options(destination)) for destination in found}

    def _options(self, destination: str) -> BaseModel | None:
        if destination in _shared_names():
            return self.facilities.smtp
        configured = self.configured.get(destination.removeprefix("channel "))
        return configured.options if configured else None


def shared_by(kind: str) -> str | None:
    """Return the destination that all channels of a kind share, if they do: its module says so by `destination`."""
    return getattr(channels()[kind], "destination", None)


def _shared_names() -> set[str]:
    return {shared for kind in channels() if (shared := shared_by(kind))}


def _files(options: BaseModel) -> list[Path]:
    return [value for _, value in options if isinstance(value, Path)]


def _digest(options: BaseModel | None) -> str:
    said = json.dumps(dict(options) if options else {}, default=_revealed, sort_keys=True)
    return pbkdf2_hmac("sha256", said.encode(), b"newsvane destination", _ROUNDS).hex()[:32]


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return dict(value) if isinstance(value, BaseModel) else str(value)
