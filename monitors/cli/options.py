"""The options that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import TypeAdapter, ValidationError

from crawler.yaml_types import Duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_Command = TypeVar("_Command", bound="Callable[..., Any]")

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The configuration; otherwise NEWSVANE_CONFIG, otherwise newsvane.yaml here.",
)
"""Hands over `config: Path | None`; `watchlist_file.config_path` makes a file of it."""

json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")


@dataclass(frozen=True, slots=True)
class Since:
    """What `--since` was told: a time back from now, or the beginning of a day."""

    told: str
    back: timedelta | date

    def at(self, now: datetime, zone: tzinfo | None = None) -> datetime:
        """Return the moment; a day begins in the zone, or else in the machine's.

        Raises:
            click.BadParameter: the moment is none, or still to come.

        """
        try:
            if isinstance(self.back, timedelta):
                return now - self.back
            begins = datetime.combine(self.back, time.min)
            moment = (begins.replace(tzinfo=zone) if zone else begins.astimezone()).astimezone(UTC)
            past = moment <= now
        except (OverflowError, ValueError):
            raise click.BadParameter(f"{self.told} is before any news", param_hint="--since") from None
        if not past:
            raise click.BadParameter(f"{self.told} is still to come", param_hint="--since")
        return moment


class _SinceType(click.ParamType[Since]):
    name = "duration or date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Since:
        if isinstance(value, Since):
            return value
        try:
            return Since(value, _duration(value))
        except ValidationError:
            pass
        try:
            return Since(value, date.fromisoformat(value))
        except ValueError:
            self.fail(f"{value!r} is no duration such as 12h, 30d or 2w, and no date such as 2026-11-02", param, ctx)


class DurationType(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return _duration(value)
        except (ValidationError, OverflowError):
            self.fail(f"{value!r} is no duration such as 12h, 4d or 2w", param, ctx)


def _duration(value: str) -> timedelta:
    if value.endswith("w"):  # a word of the command line: the configuration speaks of days
        return _DURATION.validate_python(f"{value[:-1]}d") * 7
    return _DURATION.validate_python(value)


def since_option(about: str) -> Callable[[_Command], _Command]:
    """Hand over `since: Since | None`."""
    return click.option("--since", type=_SinceType(), metavar="30d", help=about)
