"""Finds the browser of this machine, and says how to start it so that nothing of it bypasses the guard."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from crawler.fetch.tunnel import Tunnel

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Programs that will do, the lightest first."""

MOST_BYTES = 1024 * 1024 * 1024
"""Memory that one process of the browser may take."""
_LOOK_EVERY_S = 0.5

_ARGUMENTS = (
    # Every connection goes through the tunnel: to loopback, too; none by UDP; the browser resolves no name itself.
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    # nothing is sent but what the page asks for
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--safebrowsing-disable-auto-update",
    # nothing is drawn or played
    "--blink-settings=imagesEnabled=false",
    "--disable-gpu",
    "--disable-remote-fonts",
    "--mute-audio",
    "--js-flags=--max-old-space-size=512",
)


def executable() -> str | None:
    """Return the path of a Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """Return what is to be installed before pages can be rendered, None if all is there."""
    if find_spec("scrapy_playwright") is None:
        return 'needs a browser to be driven: pip install "newsvane[render]"'
    if executable() is None:
        return "needs a browser: install Chromium (Debian, Ubuntu: apt install chromium), so that it is on the PATH"
    return None


@contextmanager
def profile() -> Iterator[str]:
    """Lend the name of a folder for one browser, by which its processes are known, too."""
    with tempfile.TemporaryDirectory(prefix="newsvane-browser-", ignore_cleanup_errors=True) as folder:
        yield folder


def launch_options(tunnel: Tunnel, profile: str) -> dict[str, Any]:
    """Return how Playwright is to start the browser of one page."""
    return {
        "executable_path": executable(),
        "headless": True,
        # Chromium's sandbox refuses to work for root
        "chromium_sandbox": os.geteuid() != 0,
        "args": [*_ARGUMENTS, f"--crash-dumps-dir={profile}"],
        # or a page could open windows without end
        "ignore_default_args": ["--disable-popup-blocking"],
        "proxy": {"server": tunnel.url, "username": tunnel.username, "password": tunnel.password},
        # the passwords in our environment are none of its business
        "env": {"PATH": os.environ.get("PATH", os.defpath), "HOME": profile, "TMPDIR": profile},
        "timeout": 15_000,
    }


# -- its processes ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def watched(profile: str) -> AsyncIterator[None]:
    """End the browser if one of its processes takes more memory than a page may need."""
    watching = asyncio.ensure_future(_watch(profile))
    try:
        yield
    finally:
        watching.cancel()


async def _watch(profile: str) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        if any(_resident_bytes(pid) > MOST_BYTES for pid in processes(profile)):
            kill(profile)


def kill(profile: str) -> None:
    """End what is left of a browser."""
    for pid in processes(profile):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def processes(profile: str) -> list[int]:
    """Return the processes of a browser, as /proc shows them; none where there is no /proc.

    All inherit its environment, which names the profile.
    """
    mark = f"TMPDIR={profile}".encode()
    return [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/environ") if mark in _read(one).split(b"\0")]


def _resident_bytes(pid: int) -> int:
    words = _read(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * os.sysconf("SC_PAGESIZE") if words else 0


def _read(path: Path) -> bytes:
    """Return what a file of /proc says; nothing if the process has ended, or is somebody else's."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
