"""The YAML file of a running service: loaded anew when it changes, kept as it was when the change is broken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from crawler.errors import ConfigError
from monitors.in_force import InForce
from monitors.tell_service import refuse_configuration
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.app import App

log = structlog.get_logger()

SETTLES_S = 0.5
"""A file that does not change for so long is not being written. Half a file may well be a good one, of half the
watchlists."""

Look = tuple[int, int, int] | str
"""What tells one state of the file from another; of one that cannot be looked at, the reason."""


class ConfigurationFile:
    """The file of a service, as it was looked at last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._look()

    async def reload(self, app: App) -> None:
        """Adopt the file if it changed. A broken one is not adopted, and told: in the log, in `status`, by a notice."""
        seen = self._look()
        if seen == self._seen:
            return
        await asyncio.sleep(SETTLES_S)
        if self._look() != seen:
            return
        try:
            in_force = await asyncio.to_thread(lambda: InForce.of(load(self.path, to_run=True)))
        except ConfigError as error:
            problems = str(error)
        except Exception as error:  # whatever reading it trips over, the service goes on with what it has
            log.exception("configuration_broke")
            problems = f"{self.path}: cannot be read ({type(error).__name__}); please report it"
        else:
            problems = ""
        if self._look() != seen:
            return
        if problems:
            log.error("configuration_refused", problems=problems)
            await app.database.run(refuse_configuration, app.in_force, problems, now=app.clock())
        else:
            await app.adopt(in_force)
        self._seen = seen

    def _look(self) -> Look:
        try:
            stat = self.path.stat()
        except OSError as error:
            return type(error).__name__
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
