"""What readers must be told, worked out plainly: from what was published, the plan of each delivery, and the clock.

It knows nothing of how Newsvane does it. It looks at the messages after every round of the jobs and says at once what
is wrong.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_HOUR = tuple(time(hour) for hour in range(24))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One delivery of a watchlist, as its reader would say it."""

    watchlist: str
    """Its id, its name and its only keyword."""
    channel: str
    recipients: tuple[str, ...]
    zone: str = "Europe/Zurich"
    at: tuple[time, ...] = ()
    """Empty: at once."""
    days: tuple[str, ...] = DAYS
    empty: bool = False
    """Whether a digest of nothing is sent."""
    quiet: tuple[time, time] | None = None
    max_per_hour: int | None = None

    @property
    def key(self) -> str:
        return f"{'digest' if self.at else 'alert'}:{self.channel}"

    @property
    def yaml(self) -> str:
        if not self.at:
            quiet = f', quiet: "{self.quiet[0]:%H:%M}-{self.quiet[1]:%H:%M}"' if self.quiet else ""
            most = f", max_per_hour: {self.max_per_hour}" if self.max_per_hour else ""
            zone = f", timezone: {self.zone}" if self.quiet else ""
            return f"{{channel: {self.channel}, when: now{quiet}{most}{zone}}}"
        times = ", ".join(f'"{one:%H:%M}"' for one in self.at)
        at = "hourly" if self.at == EVERY_HOUR else f"[{times}]"
        empty = "send" if self.empty else "skip"
        days = ", ".join(self.days)
        return f"{{channel: {self.channel}, at: {at}, timezone: {self.zone}, days: [{days}], empty: {empty}}}"

    def is_quiet(self, now: datetime) -> bool:
        if self.quiet is None:
            return False
        begin, end = self.quiet
        shown = now.astimezone(ZoneInfo(self.zone)).time()
        return begin <= shown < end if begin < end else shown >= begin or shown < end


class Almanac:
    """Every minute of a stretch of time, as the clocks on the walls show it."""

    def __init__(self, first: datetime, last: datetime) -> None:
        minutes = int((last - first) / MINUTE)
        self._first = first
        self._utc = [first + number * MINUTE for number in range(minutes)]
        self._latest: dict[str, list[datetime]] = {}

    def slots(self, plan: Plan) -> list[tuple[datetime, str]]:
        """Return when digests are due, each with its name: the first minute in which the clock shows it, or later."""
        latest = self._latest.get(plan.zone)
        if latest is None:
            zone = ZoneInfo(plan.zone)
            shown = (one.astimezone(zone).replace(tzinfo=None) for one in self._utc)
            latest = self._latest[plan.zone] = list(accumulate(shown, max))
        found: dict[datetime, str] = {}
        day = latest[0].date() + timedelta(days=1)
        while day < latest[-1].date():
            if DAYS[day.weekday()] in plan.days:
                for at in sorted(plan.at):
                    minute = self._utc[bisect_left(latest, datetime.combine(day, at))]
                    found[minute] = f"{day:%Y-%m-%d}T{at:%H:%M} {plan.zone}"
            day += timedelta(days=1)
        return sorted(found.items())


@dataclass(frozen=True, slots=True)
class News:
    """An article that was published."""

    number: int
    story: int
    """The number of the article that was the first to tell it; its own, or that of which it is a copy."""
    about: frozenset[str]
    """The watchlists that it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message that was composed in a round of the jobs."""

    id: int
    watchlist: str
    key: str
    slot: str
    news: frozenset[int]
    """The articles that it tells."""
    recipients: tuple[str, ...]
    """To whom it was queued; nobody, where there was nothing to say."""


@dataclass(slots=True)
class Line:
    """What is known of one delivery of one watchlist."""

    plan: Plan
    slots: Sequence[tuple[datetime, str]]
    last: datetime
    """When something was composed last; at first, since when it is in force."""
    waiting: set[int] = field(default_factory=set)
    stories: set[int] = field(default_factory=set)
    """That were told."""
    served: set[str] = field(default_factory=set)
    composed: list[datetime] = field(default_factory=list)

    def due(self, now: datetime) -> str | None:
        """Return the slot that is to be served now: the last that has come, if nothing was composed since."""
        number = bisect_right(self.slots, now, key=lambda slot: slot[0])
        if not number or self.slots[number - 1][0] <= self.last or self.slots[number - 1][1] in self.served:
            return None
        return self.slots[number - 1][1]

    def forget_the_future(self, now: datetime) -> None:
        """Take what was composed while the clock was ahead to be composed now."""
        self.last = min(self.last, now)
        self.composed = [min(at, now) for at in self.composed]

    def room(self, now: datetime) -> float:
        """Return how many messages the hour may still have."""
        most = self.plan.max_per_hour
        return inf if most is None else most - sum(now - HOUR < at <= now for at in self.composed)

    def is_used_up(self, now: datetime) -> bool:
        return self.room(now) <= 0

    def is_last_of_the_hour(self, now: datetime) -> bool:
        """Tell whether the next message is the last for an hour, which tells of all that there is."""
        return self.room(now) == 1


class Expected:
    """Follows a service round by round."""

    def __init__(self, almanac: Almanac) -> None:
        self._almanac = almanac
        self.lines: dict[tuple[str, str], Line] = {}
        self.news: dict[int, News] = {}
        self.matched: set[tuple[str, int]] = set()
        self.muted: dict[str, datetime] = {}
        """Until when, by watchlist."""
        self.told: dict[int, frozenset[int]] = {}
        """The stories that a message shows, by its id: those that its readers did not know."""

    def adopt(self, plans: Iterable[Plan], now: datetime) -> None:
        """Go on with other plans. What was told stays told."""
        for plan in plans:
            slots = self._almanac.slots(plan) if plan.at else []
            known = self.lines.get((plan.watchlist, plan.key))
            if known:
                known.plan, known.slots = plan, slots
            else:
                self.lines[plan.watchlist, plan.key] = Line(plan, slots, now)

    def publish(self, news: News) -> None:
        self.news[news.number] = news

    def next_slot(self, now: datetime) -> datetime | None:
        """Return when the next digest is due, or the next quiet hours or a mute end."""
        found = [until for until in self.muted.values() if until > now]
        for line in self.lines.values():
            number = bisect_right(line.slots, now, key=lambda slot: slot[0])
            found += [line.slots[number][0]] if number < len(line.slots) else []
            if line.plan.quiet:
                zone = ZoneInfo(line.plan.zone)
                end = datetime.combine(now.astimezone(zone).date(), line.plan.quiet[1], zone).astimezone(UTC)
                found += [end if end > now else end + timedelta(days=1)]
        return min(found, default=None)

    # -- a round of the jobs ------------------------------------------------------------------------------------------

    def round(
        self,
        now: datetime,
        seen: Sequence[Seen],
        *,
        matched: Collection[tuple[str, int]],
        untold: Collection[tuple[str, str, int]],
        whole: bool,
        may_wait: Mapping[str, bool],
        must_wait: Mapping[str, bool],
    ) -> None:
        """Judge what a round did.

        Args:
            now: What its clock showed.
            seen: The messages that it composed.
            matched: The (watchlist, article) that it found.
            untold: The (watchlist, key, article) that no message tells after it.
            whole: Whether it came to its end; one that was killed may have done any part of it.
            may_wait: Which channels may have nothing composed, because their destination may have failed for long.
            must_wait: Which channels must not, because it certainly has.
        """
        before = {names: set(line.waiting) for names, line in self.lines.items()}
        if whole or any(message.key.startswith("digest:") for message in seen):
            for line in self.lines.values():
                line.forget_the_future(now)
        for watchlist, number in matched:
            assert (watchlist, number) not in self.matched, f"matched twice: {watchlist} {number}"
            assert watchlist in self.news[number].about, f"{number} is not for {watchlist}"
            self.matched.add((watchlist, number))
            for line in self._lines_of(watchlist):
                line.waiting.add(number)
        if whole:
            wanted = {(watchlist, one.number) for one in self.news.values() for watchlist in one.about}
            assert self.matched == wanted, f"not matched: {sorted(wanted - self.matched)}"
        for message in seen:
            self._judge(message, now, before[message.watchlist, message.key], must_wait)
        for (watchlist, key), line in self.lines.items():
            left = {number for one, its, number in untold if (one, its) == (watchlist, key)}
            silent = line.waiting - left
            assert left <= line.waiting, f"{watchlist} {key}: told, and then not told: {left - line.waiting}"
            unknown = {number for number in silent if self.news[number].story not in line.stories}
            assert not unknown, f"{watchlist} {key}: counts as told, and is in no message: {unknown}"
            line.waiting = left
            if whole:
                self._judge_what_waits(line, now, may_wait[line.plan.channel])

    def _judge(self, message: Seen, now: datetime, before: set[int], must_wait: Mapping[str, bool]) -> None:
        line = self.lines[message.watchlist, message.key]
        what = f"{message} at {now.isoformat()}"
        plan = line.plan
        assert not self._is_muted(message.watchlist, now), f"{what}: it is muted"
        assert message.news <= line.waiting, f"{what}: told before: {message.news - line.waiting}"
        stories = {self.news[number].story for number in message.news} - line.stories
        if plan.at:
            assert message.slot == line.due(now), f"{what}: due is {line.due(now)}"
            assert message.slot not in line.served, f"{what}: a second digest"
            assert message.news == line.waiting, f"{what}: leaves out {line.waiting - message.news}"
            line.served.add(message.slot)
            wanted = plan.recipients if stories or plan.empty else ()
        else:
            assert not plan.is_quiet(now), f"{what}: in quiet hours"
            assert not line.is_used_up(now), f"{what}: too many in an hour"
            assert stories, f"{what}: tells nothing that is new"
            if before & message.news or line.is_last_of_the_hour(now):
                known = line.stories
                new = {number for number in line.waiting if self.news[number].story not in known}
                assert message.news >= new, f"{what}: what has to wait is to be one, but for {new - message.news}"
            else:
                assert len(stories) == 1, f"{what}: several stories, and none had to wait"
            wanted = plan.recipients
        assert not must_wait[plan.channel], f"{what}: its channel has failed for long"
        assert sorted(message.recipients) == sorted(wanted), f"{what}: is for {wanted}"
        line.waiting -= message.news
        line.stories |= stories
        line.last = max(line.last, now)
        line.composed.append(now)
        self.told[message.id] = frozenset(stories)

    def _judge_what_waits(self, line: Line, now: datetime, may_wait: bool) -> None:  # noqa: FBT001
        plan = line.plan
        if may_wait or self._is_muted(plan.watchlist, now):
            return
        what = f"{plan.watchlist} {plan.key} at {now.isoformat()}"
        if plan.at:
            assert line.due(now) is None, f"{what}: nothing was composed for {line.due(now)}"
        elif line.waiting:
            assert plan.is_quiet(now) or line.is_used_up(now), f"{what}: waits for nothing: {line.waiting}"

    def _is_muted(self, watchlist: str, now: datetime) -> bool:
        return watchlist in self.muted and now < self.muted[watchlist]

    def _lines_of(self, watchlist: str) -> list[Line]:
        return [line for (one, _), line in self.lines.items() if one == watchlist]
