"""Proves, before anything is fetched, that the guard holds: nothing of our own network can be reached."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import scrapy

from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.fetch.guard import Allowed
    from crawler.fetch.scrapy import Download

_LOOPBACK = "127.0.0.1"
_SPELLINGS = (_LOOPBACK, "localhost", "[::ffff:127.0.0.1]", "2130706433")
"""An address, a name, an address in another's clothes, and one that only the resolver understands."""
_PATIENCE_S = 1


class LeakError(NewsvaneError):
    """The guard let a connection through."""


async def prove_guard(download: Download, allowed: Sequence[Allowed]) -> None:
    """Try to reach a listener of our own on loopback as pages are fetched.

    Raises:
        LeakError: somebody came.
    """
    with _forbidden_listener(allowed) as listener:
        port = listener.getsockname()[1]
        for host in _SPELLINGS:
            if await _answers(download, f"http://{host}:{port}/") or _was_reached(listener):
                raise LeakError(
                    f"the guard does not hold: {host} on port {port} could be reached, though it is no public address; "
                    "nothing is fetched. Is another reactor or download handler in use?"
                )


def _forbidden_listener(allowed: Sequence[Allowed]) -> socket.socket:
    """Listen on a port of loopback that nobody allowed."""
    while True:
        listener = socket.create_server((_LOOPBACK, 0))
        listener.setblocking(False)  # noqa: FBT003  (the library's signature)
        if not any(one.admits(ip_address(_LOOPBACK), listener.getsockname()[1]) for one in allowed):
            return listener
        listener.close()


async def _answers(download: Download, url: str) -> bool:
    try:
        await download(scrapy.Request(url, meta={"download_timeout": _PATIENCE_S}))
    except Exception:  # noqa: BLE001  # that it fails is what we want, in whatever way
        return False
    return True


def _was_reached(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
