"""Crawling through a proxy: what it is asked with, and what is not asked of it.

The proxy resolves names and opens the connections, so the guard sees only the connection to the proxy. What can be
known here is checked here, before the proxy is asked: literal addresses, and what a name means to us.
"""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.errors import NewsvaneError
from crawler.fetch import guard, limits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

    from pydantic import SecretStr

    from crawler.fetch.guard import Allowed


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy at the one address that is trusted beside the public ones."""

    address: IPv4Address | IPv6Address
    port: int
    credentials: str = ""
    """The value of Proxy-Authorization."""

    def __repr__(self) -> str:
        return f"Proxy({self.url})"

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else self.address  # noqa: PLR2004  (IPv6)
        return f"http://{host}:{self.port}"

    def admits(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        return (address, port) == (self.address, self.port)


async def find_proxy(setting: SecretStr | None) -> Proxy | None:
    """Return the proxy that the settings name, at its address of now.

    Raises:
        NewsvaneError: its name cannot be resolved.
    """
    if setting is None:
        return None
    parts = urlsplit(setting.get_secret_value())
    host, port = parts.hostname or "", parts.port or 80
    try:
        addresses = await _addresses(host, port)
    except (OSError, TimeoutError):
        raise NewsvaneError(f"settings.proxy: the name {host} cannot be resolved; nothing is fetched") from None
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    encoded = "Basic " + b64encode(credentials.encode()).decode() if parts.username else ""
    return Proxy(ip_address(addresses[0]), port, encoded)


async def check_target(url: str, allowed: Sequence[Allowed]) -> None:
    """Let a URL be asked of the proxy, or raise BlockedAddressError. A name that only the proxy can resolve passes."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = await _addresses(host, port)
    except (OSError, UnicodeError, TimeoutError):
        return
    for address in addresses:
        guard.check(address, port, allowed)


async def _addresses(host: str, port: int) -> list[str]:
    """Resolve a name in the threads that Twisted has for it: asyncio's are few, and feeds are parsed in them."""
    from twisted.internet.threads import deferToThread

    asked = deferToThread(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    async with asyncio.timeout(limits.TIMEOUT_S):
        found = await asked.asFuture(asyncio.get_running_loop())
    return [str(one[4][0]) for one in found]
