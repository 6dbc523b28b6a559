"""The project's errors.

NewsvaneError
├── ConfigError            the YAML, the environment or the command line is wrong: exit code 2
│   ├── KeywordError           a keyword cannot be read or could never match (monitors.match.keywords)
│   └── QueryError             a query cannot be read or could never match (monitors.match.query)
├── FetchError             a source or a page could not be read
│   ├── TemporaryFetchError    worth another try, perhaps after `retry_after`
│   └── PermanentFetchError    will not get better by itself: 404, 410, not a feed
│       └── ForbiddenFetchError    not ours to fetch: robots.txt, a non-public address, a page too large
├── DatabaseTroubleError   the database cannot be worked with for now: full, locked, gone, read-only, broken
└── DeliveryError          a message was not accepted; `permanent` says whether to try again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta


class NewsvaneError(Exception):
    """Base of all errors that Newsvane raises on purpose. Its text is fit for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration file: where it is, what it is, and what would be right."""

    file: str
    line: int
    key: str
    message: str
    column: int | None = None
    """Where one character of the line is to blame."""
    excerpt: str = ""
    """The line, and below it a caret; or whatever else helps to see the mistake."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        told = f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"
        return "\n    ".join((told, *self.excerpt.splitlines()))


class ConfigError(NewsvaneError):
    """Carries every problem that was found, so that all can be mended in one go."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, problems)))


class FetchError(NewsvaneError):
    """A source or a page could not be read; the text is the reason that `newsvane status` shows.

    `kind` is one short word for it that stays the same, so that failures can be counted: those of a network are in
    NETWORK_KINDS, a status is `http-404` or `http-5xx`, the others stand in docs/operation.md.
    """

    kind = "other"

    def __init__(self, reason: str, *, kind: str | None = None) -> None:
        super().__init__(reason)
        self.kind = kind or self.kind


NETWORK_KINDS = frozenset({"timeout", "dns", "refused", "tls", "dropped", "unreachable"})
"""The kinds of failure of which the network between us and the host may be the cause."""


class TemporaryFetchError(FetchError):
    """Worth another try. `retry_after` is how long the server asked us to stay away, if it did."""

    def __init__(self, reason: str, *, kind: str | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, kind=kind)
        self.retry_after = retry_after


class PermanentFetchError(FetchError):
    """Trying again will not help until somebody changes something."""


class ForbiddenFetchError(PermanentFetchError):
    """We must not fetch this: robots.txt says no, the address is not public, the body is over its limit."""


TroubleKind = Literal["full", "locked", "gone", "read-only", "broken"]


class DatabaseTroubleError(NewsvaneError):
    """The database cannot be worked with, whatever is asked of it. Nothing of the transaction that met it was written.

    `full`: there is no room on its disk; `locked`: another program kept it for longer than we wait; `gone`: its file
    or its server is not there; `read-only`; `broken`: an I/O error, or a damaged file.
    """

    def __init__(self, reason: str, *, kind: TroubleKind) -> None:
        super().__init__(reason)
        self.kind: TroubleKind = kind


def trouble_in(error: BaseException) -> DatabaseTroubleError | None:
    """Return the trouble that an error is, or that is among those that stopped a group of tasks."""
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(trouble_in, error.exceptions)), None)
    return error if isinstance(error, DatabaseTroubleError) else None


DeliveryScope = Literal["message", "recipient", "channel"]


class DeliveryError(NewsvaneError):
    """A channel did not accept a message.

    `permanent` means that trying again will not help until somebody changes something (a deleted webhook, an unknown
    recipient); otherwise it is worth another try, and not before `retry_after` if the service named one. `scope` says
    what of: this message alone (too large), whatever is sent to this recipient (no such mailbox), or whatever is sent
    through this channel (a refused login, a server that is down).
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        scope: DeliveryScope = "channel",
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after
        self.scope = scope
