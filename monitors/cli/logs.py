"""How the log looks: one event per unit of work, readable on a terminal and JSON everywhere else."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO

import structlog

from crawler.masking import masked_value
from monitors.cli.output import json_line
from monitors.digest.inert import plain, printable


def configure_logging(level: int = logging.INFO) -> None:
    """Send the log to stderr, from `level` up. Other libraries' logs join it from WARNING up."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    stream: Any = Steadfast(sys.stderr)
    terminal = sys.stderr.isatty()
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    look: Any = [_inert, console] if terminal else [structlog.processors.JSONRenderer(json_line)]
    last = [structlog.processors.format_exc_info, _without_secrets, *look]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last], foreign_pre_chain=shared
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # It warns of every tick that finds its job still at work, which is what a tick is meant to find.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


class Steadfast:
    """Writes to a stream as long as somebody takes it: a log that nobody reads, or a full disk, stops no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # a broken pipe, no room; a stream that was closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _without_secrets(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Mask what is secret, wherever in an event it stands."""
    return {name: masked_value(value) for name, value in event.items()}


def _inert(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Take out what a terminal obeys: a log quotes what servers answer, and errors quote pages."""
    return {name: _shown(name, value) if isinstance(value, str) else value for name, value in event.items()}


def _shown(name: str, value: str) -> str:
    """Return a value on one line; of an error, several, none of which looks like an event."""
    return "    " + printable(value).replace("\n", "\n    ") if name in {"exception", "stack"} else plain(value)
