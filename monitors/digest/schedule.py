"""Says when digests are due: wall-clock times in a zone become slots, one for each local day and time.

A time that the clocks skip in spring is due at the first moment after the gap; a time that comes twice in autumn is due
the first time. Times that fall on one and the same moment are one slot. Every hour is 24 times: so the hour that comes
twice has one slot.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.domain import Schedule

# A slot can be a day after its local date: Samoa skipped 30 December 2011 as a whole.
_GAP = timedelta(days=2)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment at which a digest is due."""

    label: str
    """Its local date and time, as the schedule has it: `2026-11-23T07:00 Europe/Zurich`. What makes it unique."""
    at: datetime
    """Aware, in the schedule's zone."""


def next_slot(schedule: Schedule, *, after: datetime) -> Slot:
    """Return the first slot later than a moment."""
    today = after.astimezone(ZoneInfo(schedule.timezone)).date()
    return next(slot for slot in _slots(schedule, today - _GAP, today + _GAP + _WEEK) if _utc(slot) > after)


def due_slot(schedule: Schedule, *, after: datetime, now: datetime) -> Slot | None:
    """Return the latest slot that came after a moment and is not in the future: one digest makes up for all missed."""
    today = now.astimezone(ZoneInfo(schedule.timezone)).date()
    passed = [slot for slot in _slots(schedule, today - _GAP - _WEEK, today + _GAP) if _utc(slot) <= now]
    return passed[-1] if _utc(passed[-1]) > after else None


def slot_at(schedule: Schedule, moment: datetime) -> Slot:
    """Return a slot out of turn: a digest that somebody asked for by hand."""
    at = moment.astimezone(ZoneInfo(schedule.timezone))
    return Slot(f"{at:%Y-%m-%dT%H:%M:%S} {schedule.timezone} by hand", at)


def _utc(slot: Slot) -> datetime:
    # Two datetimes of one zone compare by their wall clocks, blind to the hour that comes twice.
    return slot.at.astimezone(UTC)


def _slots(schedule: Schedule, first: date, last: date) -> Iterator[Slot]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    slots = (slot for day in days if day.weekday() in schedule.days for slot in _slots_of(schedule, day))
    for _, same_moment in groupby(slots, key=_utc):
        *_, latest = same_moment
        yield latest


@lru_cache(maxsize=2_000)  # it is asked every few seconds, of a few days, for schedules that are often the same
def _slots_of(schedule: Schedule, day: date) -> tuple[Slot, ...]:
    return tuple(_slot(day, at, schedule) for at in sorted(schedule.at))


def _slot(day: date, at: time, schedule: Schedule) -> Slot:
    moment = _first_valid(datetime.combine(day, at), ZoneInfo(schedule.timezone))
    return Slot(f"{day:%Y-%m-%d}T{at:%H:%M} {schedule.timezone}", moment)


def _first_valid(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that a clock in the zone shows a local time for the first time, or has passed it."""
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if early >= late:  # not in a gap; of two, fold 0 is the first
        return late.astimezone(zone)
    # In a gap, fold 1 is before the clocks change and fold 0 after: look for the change in between.
    seconds = range(int((late - early).total_seconds()) + 1)
    after = late.astimezone(zone).utcoffset()
    change = bisect_left(seconds, x=True, key=lambda s: _offset(early, s, zone) == after)
    return (early + timedelta(seconds=change)).astimezone(zone)


def _offset(start: datetime, seconds: int, zone: ZoneInfo) -> timedelta | None:
    return (start + timedelta(seconds=seconds)).astimezone(zone).utcoffset()
