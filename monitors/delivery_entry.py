"""One entry of `deliver:` → DeliveryRule."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from crawler.yaml_file import Section, nearest, refuse_characters
from crawler.yaml_types import Line, Zone, as_list
from monitors.deliver.channels import channels
from monitors.deliver.channels.email import Options as EmailOptions
from monitors.domain import MIDNIGHT, DeliveryRule, QuietHours, Schedule
from monitors.known import Known, known
from monitors.requirement import Compared, Requirement
from monitors.requirement.parse import RequirementError, parse

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
HOURS = tuple(map(time, range(24)))
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_QUIET = re.compile(r"(?:(?P<days>[a-z][a-z, -]*) +)?(?P<start>[0-9:]+) *- *(?P<end>[0-9:]+)")


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('needs a time of day such as "07:00"')
    return time(int(found[1]), int(found[2]))


def _times(value: object) -> object:
    """Read `hourly`, a time or a list of times."""
    return HOURS if value == "hourly" else as_list(value)


def _days(value: object) -> frozenset[int]:
    """Read `mon-fri`, `sat,sun` or `[mon, wed]`."""
    parts = value if isinstance(value, list) else str(value).split(",")
    return frozenset(day for part in parts for day in _span(str(part).strip().lower()))


def _span(text: str) -> Iterator[int]:
    first, dash, last = text.partition("-")
    last = last if dash else first
    if first not in DAYS or last not in DAYS:
        raise ValueError("needs days such as mon-fri, [mon, wed] or sat,sun")
    start, end = DAYS.index(first), DAYS.index(last)
    return (day % 7 for day in range(start, end + 1 if end >= start else end + 8))


def _quiet(value: object) -> QuietHours:
    """Read `20:00-07:00`, `sat-sun` or `mon-fri 12:00-13:00`."""
    written = value.strip().lower() if isinstance(value, str) else ""
    found = _QUIET.fullmatch(written)
    try:
        if found is None:
            return QuietHours(start=MIDNIGHT, end=MIDNIGHT, days=_days(written))
        start = _time(found["start"])
        end = MIDNIGHT if found["end"] == "24:00" else _time(found["end"])
        days = _days(found["days"]) if found["days"] else EVERY_DAY
    except ValueError:
        raise ValueError('needs hours such as "20:00-07:00", "sat-sun" or "mon-fri 12:00-13:00"') from None
    if start == end:
        raise ValueError("begins when it ends; for whole days, name the days alone: sat-sun")
    return QuietHours(start=start, end=end, days=days)


Times = Annotated[tuple[Annotated[time, BeforeValidator(_time)], ...], BeforeValidator(_times), Field(min_length=1)]
Days = Annotated[frozenset[int], BeforeValidator(_days), Field(min_length=1)]
Quiet = Annotated[
    tuple[Annotated[QuietHours, BeforeValidator(_quiet)], ...], BeforeValidator(as_list), Field(min_length=1)
]


def _condition(written: object, info: ValidationInfo) -> Requirement | None:
    if not isinstance(written, str):
        raise ValueError('needs a condition such as "score >= 0.8 or tier == 1"')  # noqa: TRY004  # pydantic catches no other
    try:
        requirement = parse(written)
    except RequirementError as error:
        refuse_characters([((), error.at, error.message)])
    if mistakes := [((), one.at, told) for one in requirement.comparisons() for told in _unknown(one, known(info))]:
        refuse_characters(mistakes)
    return requirement


def _unknown(compared: Compared, there: Known) -> Iterator[str]:
    """Find what a comparison names and is not there."""
    for value in map(str, compared.values):
        match compared.name:
            case "source" if value not in there.sources:
                yield f"there is no source `{value}`{nearest(value, there.sources)}"
            case "group" if value not in there.groups:
                yield f"no source is in a group `{value}`{nearest(value, there.groups)}"
            case "language" if there.languages and value not in there.languages:
                yield f"no article will be in `{value}`: it is missing from settings.languages"


class DeliveryEntry(Section):
    """One entry of `deliver:`. The order of the fields matters: a check looks at those above its own."""

    channel: Line | None = None
    to: EmailOptions | None = Field(default=None, validate_default=True)
    when: Literal["now"] | None = None
    at: Times | None = Field(default=None, validate_default=True)
    only_if: Annotated[Requirement | None, PlainValidator(_condition)] = Field(default=None, alias="if")
    quiet: Quiet = ()
    max_per_hour: int | None = Field(default=None, ge=1, strict=True)
    days: Days = EVERY_DAY
    timezone: Zone | None = None
    empty: Literal["send", "skip"] = "skip"
    max_items: int = Field(default=100, ge=1, strict=True)
    max_related: int = Field(default=3, ge=0, strict=True)

    @field_validator("channel")
    @classmethod
    def _is_there(cls, channel: str, info: ValidationInfo) -> str:
        if channel not in (there := known(info).channels):
            raise ValueError(f"there is no channel `{channel}`{nearest(channel, there)}")
        return channel

    @field_validator("to", mode="before")
    @classmethod
    def _as_options(cls, written: Any) -> Any:
        return None if written is None else {"to": written}

    @field_validator("to")
    @classmethod
    def _one_of_two(cls, to: EmailOptions | None, info: ValidationInfo) -> EmailOptions | None:
        if "channel" in info.data and (info.data["channel"] is None) == (to is None):
            raise ValueError("needs either `channel` or `to`" + ("" if to is None else ", not both"))
        return to

    @field_validator("at")
    @classmethod
    def _at_once_or_at(cls, at: tuple[time, ...] | None, info: ValidationInfo) -> tuple[time, ...] | None:
        channel = info.data.get("channel")
        kind = channels().get(known(info).channels[channel] if channel else "email")
        if kind is None:
            return at  # whether its kind needs a time is known when the kind is built
        if "when" in info.data and (info.data["when"] is None) == (at is None):
            if at is None and getattr(kind, "at_once", False):
                return at
            raise ValueError('needs either `when: now` or `at: "07:00"`' + ("" if at is None else ", not both"))
        return at

    @field_validator("only_if", "quiet", "max_per_hour")
    @classmethod
    def _of_an_alert(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("at"):
            raise ValueError("is for alerts (`when: now`), and means nothing with `at`")
        return value

    @field_validator("quiet")
    @classmethod
    def _leaves_some_time(cls, quiet: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
        week = (datetime(2026, 6, 1) + timedelta(minutes=minute) for minute in range(7 * 24 * 60))  # noqa: DTZ001  # on a wall
        if all(any(hours.hold(moment) for hours in quiet) for moment in week):
            raise ValueError("leaves no time in which anything would be told")
        return quiet

    @field_validator("days", "empty", "max_related")
    @classmethod
    def _of_a_digest(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("when"):
            raise ValueError("is for digests (`at`), and means nothing with `when: now`")
        return value

    @field_validator("timezone")
    @classmethod
    def _of_some_hours(cls, zone: str, info: ValidationInfo) -> str:
        if info.data.get("when") and not info.data.get("quiet", "broken"):
            raise ValueError("says where `at` or `quiet` are meant, and there is neither")
        return zone

    def rule(self, zone: str) -> DeliveryRule:
        """Return the rule, at the hours of a zone where it has no other."""
        zone = self.timezone or zone
        schedule = Schedule(at=tuple(sorted(self.at)), timezone=zone, days=self.days) if self.at else None
        return DeliveryRule(
            channel=self.channel_id,
            schedule=schedule,
            only_if=self.only_if,
            empty=self.empty,
            max_items=self.max_items,
            max_related=self.max_related,
            quiet=self.quiet,
            max_per_hour=self.max_per_hour,
            timezone=zone,
        )

    @property
    def channel_id(self) -> str:
        return self.channel or "email:" + ",".join(self.to.to if self.to else ())

    def clashes(self, other: Self) -> bool:
        """Tell whether both would tell the same at the same time to the same readers."""
        if self.channel_id != other.channel_id or (self.at is None) != (other.at is None):
            return False
        if self.at is None:
            return True
        same_time = not set(self.at).isdisjoint(other.at or ())
        return self.timezone == other.timezone and same_time and not self.days.isdisjoint(other.days)
