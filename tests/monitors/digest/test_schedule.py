"""When digests are due, in every zone and on the odd days of the year."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.digest.schedule import due_slot, next_slot, slot_at
from monitors.domain import Schedule


def daily(*at: str, timezone: str = "Europe/Zurich", days: frozenset[int] = frozenset(range(7))) -> Schedule:
    return Schedule(at=tuple(time.fromisoformat(text) for text in at), timezone=timezone, days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walk(schedule: Schedule, after: str, until: str) -> list[tuple[str, str]]:
    """Every slot in a period: its label's date and time, and its UTC moment."""
    found = []
    slot = next_slot(schedule, after=utc(after))
    while slot.at <= utc(until):
        found.append((slot.label.split()[0], f"{slot.at.astimezone(UTC):%d %H:%M}"))
        slot = next_slot(schedule, after=slot.at)
    return found


def test_a_label_is_the_local_date_and_time_of_the_schedule() -> None:
    slot = next_slot(daily("07:00"), after=utc("2026-11-23T05:00"))
    assert slot.label == "2026-11-23T07:00 Europe/Zurich"
    assert slot.at == utc("2026-11-23T06:00")
    assert slot.at.tzinfo == ZoneInfo("Europe/Zurich")


def test_a_slot_is_due_once_its_moment_has_come() -> None:
    schedule = daily("07:00")
    loaded = utc("2026-11-23T05:00")
    assert due_slot(schedule, after=loaded, now=utc("2026-11-23T05:59:59")) is None
    slot = due_slot(schedule, after=loaded, now=utc("2026-11-23T06:00"))
    assert slot is not None
    assert due_slot(schedule, after=slot.at, now=utc("2026-11-24T05:59")) is None


def test_the_first_slot_is_the_first_one_after_the_watchlist_was_loaded() -> None:
    loaded = utc("2026-11-23T06:00:01")
    assert due_slot(daily("07:00"), after=loaded, now=utc("2026-11-23T20:00")) is None


def test_a_service_that_was_down_for_days_makes_up_with_the_latest_slot() -> None:
    slot = due_slot(daily("07:00", "17:00"), after=utc("2026-11-01T06:00"), now=utc("2026-11-23T12:00"))
    assert slot is not None
    assert slot.label == "2026-11-23T07:00 Europe/Zurich"


def test_a_clock_set_back_two_hours_sends_nothing_again() -> None:
    slot = due_slot(daily("07:00", "06:00"), after=utc("2026-11-22T12:00"), now=utc("2026-11-23T06:30"))
    assert slot is not None
    assert due_slot(daily("07:00", "06:00"), after=slot.at, now=utc("2026-11-23T05:10")) is None


def test_in_the_hour_that_comes_twice_a_reader_of_the_clock_is_not_misled() -> None:
    zone = ZoneInfo("Europe/Zurich")
    second_time_round = datetime(2026, 10, 25, 2, 15, tzinfo=zone, fold=1)
    slot = due_slot(daily("02:30"), after=utc("2026-10-24T12:00"), now=second_time_round)
    assert slot is not None
    assert slot.label.startswith("2026-10-25T02:30")
    assert next_slot(daily("02:30"), after=second_time_round).label.startswith("2026-10-26")


def test_only_the_days_asked_for_have_slots() -> None:
    working_days = daily("07:00", days=frozenset(range(5)))
    friday = utc("2026-11-20T12:00")
    assert next_slot(working_days, after=friday).label.startswith("2026-11-23T07:00")
    assert due_slot(working_days, after=friday, now=utc("2026-11-22T23:00")) is None


@pytest.mark.parametrize(
    ("schedule", "after", "until", "expected"),
    [
        pytest.param(
            daily("02:30"), "2026-10-24T12:00", "2026-10-26T12:00",
            [("2026-10-25T02:30", "25 00:30"), ("2026-10-26T02:30", "26 01:30")],
            id="the hour that comes twice counts once",
        ),
        pytest.param(
            daily("02:30"), "2026-03-28T12:00", "2026-03-30T12:00",
            [("2026-03-29T02:30", "29 01:00"), ("2026-03-30T02:30", "30 00:30")],
            id="the hour that is skipped is due when the clocks have changed",
        ),
        pytest.param(
            daily("02:15", "02:45", "03:00"), "2026-03-28T12:00", "2026-03-29T12:00",
            [("2026-03-29T03:00", "29 01:00")],
            id="times on one moment are one slot",
        ),
        pytest.param(
            daily("02:15", timezone="Australia/Lord_Howe"), "2026-10-03T12:00", "2026-10-04T12:00",
            [("2026-10-04T02:15", "03 15:30")],
            id="Lord Howe skips half an hour",
        ),
        pytest.param(
            daily("01:45", timezone="Australia/Lord_Howe"), "2026-04-04T02:00", "2026-04-05T12:00",
            [("2026-04-05T01:45", "04 14:45")],
            id="Lord Howe repeats half an hour",
        ),
        pytest.param(
            daily("07:00", timezone="Pacific/Apia"), "2011-12-29T12:00", "2011-12-31T12:00",
            [("2011-12-29T07:00", "29 17:00"), ("2011-12-30T07:00", "30 10:00"), ("2011-12-31T07:00", "30 17:00")],
            id="Samoa skipped a day",
        ),
    ],
)  # fmt: skip
def test_odd_days(schedule: Schedule, after: str, until: str, expected: list[tuple[str, str]]) -> None:
    assert walk(schedule, after, until) == expected


def test_a_slot_out_of_turn_takes_no_scheduled_slots_label() -> None:
    schedule = daily("07:00")
    assert slot_at(schedule, utc("2026-11-23T06:00")).label != next_slot(schedule, after=utc("2026-11-23T05:00")).label


schedules = st.builds(
    Schedule,
    at=st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=3).map(tuple),
    timezone=st.sampled_from(sorted(available_timezones() - {"localtime"})),
    days=st.frozensets(st.integers(0, 6), min_size=1),
)
moments = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- UTC by timezones=


@given(schedules, moments)
def test_slots_strictly_increase_and_no_label_comes_twice(schedule: Schedule, start: datetime) -> None:
    slots = [next_slot(schedule, after=start)]
    for _ in range(12):
        slots.append(next_slot(schedule, after=slots[-1].at))
    moments = [slot.at.astimezone(UTC) for slot in slots]
    assert moments == sorted(set(moments))
    assert len({slot.label for slot in slots}) == len(slots)


@given(schedules, moments)
def test_a_slot_is_at_its_local_time_or_at_the_end_of_the_gap_that_holds_it(
    schedule: Schedule, after: datetime
) -> None:
    slot = next_slot(schedule, after=after)
    wanted = datetime.fromisoformat(slot.label.split()[0])
    shown = slot.at.replace(tzinfo=None)
    if shown != wanted:
        just_before = (slot.at.astimezone(UTC) - timedelta(seconds=1)).astimezone(slot.at.tzinfo).replace(tzinfo=None)
        assert just_before < wanted < shown


@given(schedules, moments)
def test_what_is_due_is_what_came_next_and_was_not_followed_by_another(schedule: Schedule, after: datetime) -> None:
    following = next_slot(schedule, after=after)
    instant = timedelta(seconds=1)
    assert due_slot(schedule, after=after, now=following.at) == following
    assert due_slot(schedule, after=after, now=following.at.astimezone(UTC) - instant) is None
    assert due_slot(schedule, after=following.at, now=following.at) is None


@given(schedules.map(lambda s: Schedule(at=s.at, timezone=s.timezone)), st.dates(date(1975, 1, 1), date(2036, 1, 1)))
def test_every_local_day_has_as_many_labels_as_times_save_those_that_merge(schedule: Schedule, day: date) -> None:
    zone = ZoneInfo(schedule.timezone)
    start = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    slots = [next_slot(schedule, after=start)]
    while not slots[-1].label.startswith(f"{day + timedelta(days=2)}"):
        slots.append(next_slot(schedule, after=slots[-1].at))
    of_the_day = [slot for slot in slots if slot.label.startswith(f"{day + timedelta(days=1)}")]
    assert 1 <= len(of_the_day) <= len(set(schedule.at))


ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe")
hourly = Schedule(at=tuple(time(hour) for hour in range(24)), timezone="Europe/Zurich")


@pytest.mark.parametrize(
    ("zone", "after", "until", "expected"),
    [
        pytest.param(
            "Europe/Zurich", "2026-10-24T23:30", "2026-10-25T02:30",
            [("2026-10-25T02:00", "25 00:00"), ("2026-10-25T03:00", "25 02:00")],
            id="the hour that comes twice has one digest, the first time",
        ),
        pytest.param(
            "Europe/Zurich", "2026-03-28T23:30", "2026-03-29T02:30",
            [("2026-03-29T01:00", "29 00:00"), ("2026-03-29T03:00", "29 01:00"), ("2026-03-29T04:00", "29 02:00")],
            id="the hour that is skipped has none of its own",
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-03T14:10", "2026-10-03T17:10",
            [("2026-10-04T01:00", "03 14:30"), ("2026-10-04T02:00", "03 15:30"), ("2026-10-04T03:00", "03 16:00"),
             ("2026-10-04T04:00", "03 17:00")],
            id="Lord Howe skips half an hour, and two o'clock is at half past",
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-04-04T13:40", "2026-04-04T16:40",
            [("2026-04-05T01:00", "04 14:00"), ("2026-04-05T02:00", "04 15:30"), ("2026-04-05T03:00", "04 16:30")],
            id="Lord Howe repeats half an hour, and two o'clock comes once",
        ),
    ],
)  # fmt: skip
def test_hourly_is_once_for_each_hour_of_the_clock_on_the_wall(
    zone: str, after: str, until: str, expected: list[tuple[str, str]]
) -> None:
    assert walk(replace(hourly, timezone=zone), after, until) == expected


@dataclass
class Told:
    """What a service tells of one schedule: as `jobs.compose_due` asks, and the database remembers."""

    schedule: Schedule
    subscribed: datetime
    slots: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """By label: when it was due, and what the clock showed when it was told."""

    def look(self, now: datetime) -> None:
        before = [told for _, told in self.slots.values() if told <= now]
        self.subscribed = min(self.subscribed, now)
        slot = due_slot(self.schedule, after=max(before, default=self.subscribed), now=now)
        if slot and slot.label not in self.slots:
            self.slots[slot.label] = (slot.at.astimezone(UTC), now)


turns = st.lists(
    st.one_of(
        st.integers(1, 90).map(lambda minutes: timedelta(minutes=minutes)),
        st.sampled_from([timedelta(hours=-2), timedelta(days=3), timedelta(days=-3), timedelta(hours=30)]),
    ),
    max_size=60,
)
changes = st.sampled_from(["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"]).map(utc)
"""The days before the clocks change in one of the zones."""


@pytest.mark.parametrize("zone", ZONES)
@given(st.one_of(schedules, st.just(hourly)), changes, turns)
def test_whatever_the_clock_does_a_slot_is_told_once_and_the_latest_never_for_good_missed(
    zone: str, schedule: Schedule, start: datetime, turns: list[timedelta]
) -> None:
    now = start
    told = Told(replace(schedule, timezone=zone), now)
    for turn in turns:
        now += turn
        told.look(now)
        told.look(now)
        assert all(due <= at for due, at in told.slots.values()), "nothing is told before its time"
    # the clock is right from now on: each slot is told as it comes, but for those that were told already
    for _ in range(4):
        following = next_slot(told.schedule, after=now)
        now = following.at.astimezone(UTC) + timedelta(seconds=30)
        told.look(now)
        assert following.label in told.slots


@pytest.mark.parametrize("zone", ZONES)
@given(changes, st.lists(st.integers(1, 400), min_size=1, max_size=200))
def test_a_clock_that_only_goes_on_tells_every_slot_of_an_hour_it_looked_in_once(
    zone: str, start: datetime, minutes: list[int]
) -> None:
    now = begun = start
    told = Told(replace(hourly, timezone=zone), now)
    for minute in minutes:
        before, now = now, now + timedelta(minutes=minute)
        told.look(now)
        last = due_slot(told.schedule, after=before, now=now)
        assert last is None or last.label in told.slots, "the latest that has come is told"
    assert [due for due, _ in told.slots.values()] == sorted(due for due, _ in told.slots.values())
    assert all(begun < due <= at for due, at in told.slots.values())
