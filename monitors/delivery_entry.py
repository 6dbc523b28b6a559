"""One entry of `deliver:` → DeliveryRule."""

import re
from collections.abc import Iterator
from datetime import time
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from crawler.yaml_file import Section, nearest
from crawler.yaml_types import Line, Zone, as_list
from monitors.deliver.channels import channels
from monitors.deliver.channels.email import Options as EmailOptions
from monitors.domain import DeliveryRule, Schedule
from monitors.known import known

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def _time(value: object) -> time:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('needs a time of day such as "07:00"')
    return time(int(found[1]), int(found[2]))


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


Times = Annotated[tuple[Annotated[time, BeforeValidator(_time)], ...], BeforeValidator(as_list), Field(min_length=1)]
Days = Annotated[frozenset[int], BeforeValidator(_days), Field(min_length=1)]


class DeliveryEntry(Section):
    """One entry of `deliver:`. The order of the fields matters: a check looks at those above its own."""

    channel: Line | None = None
    to: EmailOptions | None = Field(default=None, validate_default=True)
    when: Literal["now"] | None = None
    at: Times | None = Field(default=None, validate_default=True)
    days: Days = EVERY_DAY
    timezone: Zone | None = None
    empty: Literal["send", "skip"] = "skip"
    max_items: int = Field(default=100, ge=1, strict=True)

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
        if channel and known(info).channels[channel] not in channels():
            return at  # whether its kind needs a time is known when the kind is built
        if "when" in info.data and (info.data["when"] is None) == (at is None):
            raise ValueError('needs either `when: now` or `at: "07:00"`' + ("" if at is None else ", not both"))
        return at

    @field_validator("days", "timezone", "empty", "max_items")
    @classmethod
    def _of_a_digest(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("when"):
            raise ValueError("is for digests (`at`), and means nothing with `when: now`")
        return value

    def rule(self, zone: str) -> DeliveryRule:
        """Return the rule, at the hours of a zone where it has no other."""
        schedule = None
        if self.at:
            schedule = Schedule(at=tuple(sorted(self.at)), timezone=self.timezone or zone, days=self.days)
        return DeliveryRule(channel=self.channel_id, schedule=schedule, empty=self.empty, max_items=self.max_items)

    @property
    def channel_id(self) -> str:
        return self.channel or "email:" + ",".join(self.to.to if self.to else ())

    def clashes(self, other: Self) -> bool:
        """Tell whether both would tell the same at the same time to the same readers."""
        if self.channel_id != other.channel_id or self.when != other.when:
            return False
        if self.when:
            return True
        same_time = not set(self.at or ()).isdisjoint(other.at or ())
        return self.timezone == other.timezone and same_time and not self.days.isdisjoint(other.days)
