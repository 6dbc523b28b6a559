"""A month in virtual time, with everything that goes wrong in one: every reader is told of everything, once, in time.

The months are those in which the clocks change in Zurich, New York and on Lord Howe, which turns them by half an hour.
`make months` runs the long campaign.
"""

from __future__ import annotations

import os
import random
import time as real_time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

import pytest
from stand_ins.expected import EVERY_HOUR, Almanac, Plan
from stand_ins.month import POINTS, World
from stand_ins.slack import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPRING, AUTUMN = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)
ANNA, BEN, CARL, DORA = (f"{name}@example.org" for name in ("anna", "ben", "carl", "dora"))
ZURICH, NEW_YORK, LORD_HOWE = "Europe/Zurich", "America/New_York", "Australia/Lord_Howe"

PLANS = (
    Plan(watchlist="harbour", channel="desk", recipients=(ANNA, BEN), at=(time(7),), empty=True),
    Plan(watchlist="railway", channel="carl", recipients=(CARL,), zone=NEW_YORK, at=(time(6, 30), time(17))),
    Plan(watchlist="glacier", channel="dora", recipients=(DORA,), zone=LORD_HOWE, at=(time(1, 45), time(2, 15))),
    Plan(watchlist="orchard", channel="anna", recipients=(ANNA,), at=(time(2, 30),)),
    Plan(
        watchlist="court",
        channel="ben",
        recipients=(BEN,),
        zone=NEW_YORK,
        at=(time(2, 30),),
        days=("mon", "tue", "wed", "thu", "fri"),
        empty=True,
    ),
    Plan(watchlist="budget", channel="desk", recipients=(ANNA, BEN), zone=LORD_HOWE, at=(time(9),), days=("sun",)),
    Plan(watchlist="strike", channel="team", recipients=(ANNA, BEN, CARL)),
    Plan(watchlist="strike", channel="slack", recipients=("slack",), zone=NEW_YORK, at=(time(18),)),
    Plan(watchlist="storm", channel="slack", recipients=("slack",), quiet=(time(20), time(7))),
    Plan(watchlist="storm", channel="desk", recipients=(ANNA, BEN), zone=NEW_YORK, at=EVERY_HOUR, days=("sat", "sun")),
    Plan(watchlist="market", channel="dora", recipients=(DORA,), max_per_hour=1),
    Plan(watchlist="market", channel="team", recipients=(ANNA, BEN, CARL), zone=LORD_HOWE, quiet=(time(1), time(2))),
    Plan(watchlist="market", channel="ben", recipients=(BEN,), zone=LORD_HOWE, at=(time(2),), empty=True),
)
WATCHLISTS = tuple(dict.fromkeys(plan.watchlist for plan in PLANS))


@dataclass
class Month:
    """What happens in a month, by a seed: each event at its moment of true time, whatever the machine's clock shows."""

    world: World
    seed: int
    start: datetime
    days: int
    events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.start} {self.seed}")  # noqa: S311
        self.true = self.start
        self.backlog: list[tuple[tuple[str, ...], int | None]] = []
        self.off = False
        self._order = count()

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        heappush(self.events, (moment, next(self._order), event))

    def sometime(self, event: Callable[[], None], *, before_the_end: timedelta = DAY) -> datetime:
        moment = self.start + self.random.random() * (self.days * DAY - before_the_end)
        self.at(moment, event)
        return moment

    # -- the script ---------------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Spread everything over the month; the long troubles lie in weeks of their own."""
        for _ in range(self.days * 10):
            self.sometime(self._news)
        for _ in range(self.days):
            self.sometime(lambda: self.world.crash_at(self.random.choice(POINTS), self.random.randrange(3)))
        for _ in range(self.days // 4):
            self.sometime(self._lose_an_answer)
            self.sometime(self._refuse_one)
            self.sometime(self._reload)
            self.sometime(self._mute)
        troubles = (
            self._mail_fails,
            self._slack_fails,
            self._clock_goes_back,
            self._clock_goes_ahead,
            self._off,
            self._two,
        )
        some = self.random.sample(troubles, min(len(troubles), self.days // 3))
        for number, trouble in enumerate(some):
            its_days = self.days * DAY / len(some)
            self.at(self.start + its_days * (number + self.random.random() / 3), trouble)

    def _news(self) -> None:
        about = tuple(self.random.sample(WATCHLISTS, self.random.choice((1, 1, 2, 3))))
        number = self._publish(about)
        if number and self.random.random() < 0.2:
            for _ in range(self.random.randint(1, 3)):
                self.at(self.true + self.random.random() * 30 * HOUR, lambda: self._publish((), number) and None)

    def _publish(self, about: tuple[str, ...], copy_of: int | None = None) -> int:
        if self.off:
            self.backlog.append((about, copy_of))
            return 0
        return self.world.publish(about, copy_of=copy_of)

    def _lose_an_answer(self) -> None:
        if self.random.random() < 0.5:
            self.world.trouble("smtp")
            self.world.mail.data_answers.append("lost")
        else:
            self.world.trouble("slack")
            self.world.slack.lose += 1

    def _refuse_one(self) -> None:
        match self.random.randrange(3):
            case 0:
                self.world.trouble("smtp")
                self.world.mail.data_answers.append("451 try again later")
            case 1:
                self.world.trouble("smtp")
                self.world.mail.answers[self.random.choice((ANNA, BEN, CARL, DORA))].append("451 greylisted")
            case 2:
                self.world.trouble("slack")
                self.world.slack.answers.append(Answer(429, "rate_limited", {"Retry-After": "30"}))

    def _reload(self) -> None:
        plans = list(self.world.plans)
        number = self.random.choice([number for number, plan in enumerate(plans) if plan.at])
        moved = tuple(
            sorted({time(self.random.randrange(24), self.random.choice((0, 15, 30))) for _ in plans[number].at})
        )
        plans[number] = replace(plans[number], at=moved) if plans[number] == PLANS[number] else PLANS[number]
        self.world.configure(plans)

    def _mute(self) -> None:
        watchlist = self.random.choice(WATCHLISTS)
        self.world.mute(watchlist, self.random.uniform(1, 40) * HOUR)
        if self.random.random() < 0.5:
            self.at(self.true + self.random.uniform(1, 20) * HOUR, lambda: self.world.unmute(watchlist))

    def _mail_fails(self) -> None:
        self.world.break_mail()
        self.at(self.true + 26 * HOUR, self.world.mend_mail)

    def _slack_fails(self) -> None:
        self.world.break_slack()
        self.at(self.true + 26 * HOUR, self.world.mend_slack)

    def _clock_goes_back(self) -> None:
        self.world.turn(-2 * HOUR)
        self.at(self.true + 9 * HOUR, lambda: self.world.turn(2 * HOUR))

    def _clock_goes_ahead(self) -> None:
        self.world.turn(2 * HOUR)
        self.at(self.true + 9 * HOUR, lambda: self.world.turn(-2 * HOUR))

    def _off(self) -> None:
        for _ in list(self.world.services):
            self.world.stop_service()
        self.off = True
        self.at(self.true + 3 * DAY, self._on)

    def _on(self) -> None:
        self.off = False
        self.world.start_service()
        for about, copy_of in self.backlog:
            self.world.publish(about, copy_of=copy_of)

    def _two(self) -> None:
        if self.off:
            return
        self.world.start_service()
        self.at(self.true + 2 * DAY, self._one)

    def _one(self) -> None:
        while len(self.world.services) > 1:
            self.world.stop_service()

    # -- time ---------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        self.plan()
        end = self.start + self.days * DAY
        while self.true < end:
            self._go_on_to(min(self._next_moment(), end))
        while self.events or self.world.count_queued():
            assert self.true < end + 4 * DAY, "all of it is sent in the end"
            self._go_on_to(self._next_moment())
        self.world.judge_what_came()

    def _next_moment(self) -> datetime:
        world = self.world
        ahead = [self.true + self.random.uniform(30, 180) * MINUTE]
        if self.events:
            ahead.append(self.events[0][0])
        if not self.off:
            slot, again = world.expected.next_slot(world.now), world.next_try()
            ahead += [self.true + (slot - world.now)] if slot else []
            ahead += [self.true + max(again - world.now, 5 * MINUTE)] if again else []
        return max(min(ahead), self.true)

    def _go_on_to(self, moment: datetime) -> None:
        moment += timedelta(seconds=self.random.uniform(0, 20))
        self.world.now += moment - self.true
        self.true = moment
        while self.events and self.events[0][0] <= moment:
            heappop(self.events)[2]()
        if not self.off:
            self._round()

    def _round(self) -> None:
        world = self.world
        number = len(world.services)
        acting = [self.random.randrange(number)] if self.random.random() < 0.7 else range(number)
        if not world.round(*acting):
            pause = timedelta(seconds=self.random.choice((2, 30, 600)))
            self.world.now += pause
            self.true += pause
            while len(world.services) < number:
                world.start_service()
            self._round()

    def summary(self) -> str:
        world, figures = self.world, self.world.figures
        return (
            f"{self.start:%B} {self.seed}: {figures.rounds} rounds, {len(world.expected.news)} articles, "
            f"{len(world.expected.matched)} matches, {len(world.expected.told)} messages, "
            f"{len(world.mail.messages)} mails, {len(world.slack.taken)} posts, "
            f"{figures.crashes.total()} crashes at {len(figures.crashes)} points, {figures.outages} outages, "
            f"{figures.reloads} reloads, {figures.mutes} mutes, {figures.unnoted.total()} repeats"
        )


def run_month(folder: Path, url: str, seed: int, start: datetime, days: int) -> str:
    begun = real_time.monotonic()
    world = World(folder, url, PLANS, Almanac(start - 3 * DAY, start + (days + 9) * DAY), start)
    with world.open():
        month = Month(world, seed=seed, start=start, days=days)
        month.run()
    return f"\n{month.summary()}, {real_time.monotonic() - begun:.0f} s"


@pytest.mark.parametrize("start", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)], ids=str)
def test_nine_days_of_troubles_cost_nobody_a_line(start: datetime, tmp_path: Path, database_url: str) -> None:
    print(run_month(tmp_path, database_url, seed=1, start=start, days=9))  # noqa: T201  # with `pytest -s`


def test_a_mail_server_that_is_down_for_26_hours_costs_nothing_and_brings_no_flood(tmp_path: Path) -> None:
    start = datetime(2026, 10, 5, tzinfo=UTC)
    plans = (
        Plan(watchlist="strike", channel="team", recipients=(ANNA, BEN)),
        Plan(watchlist="harbour", channel="desk", recipients=(ANNA,), at=EVERY_HOUR),
    )
    world = World(
        tmp_path, f"sqlite:///{tmp_path / 'news.db'}", plans, Almanac(start - 3 * DAY, start + 9 * DAY), start
    )
    with world.open():
        world.round()
        world.break_mail()
        for _ in range(26 * 3):
            world.publish(("strike", "harbour"))
            world.now += 20 * MINUTE
            world.round()
        world.mend_mail()
        for _ in range(26):
            world.now += 15 * MINUTE
            world.round()
        assert world.count_queued() == 0, "it is tried again at least every six hours"
        world.judge_what_came()
        assert len(world.expected.matched) == 2 * 26 * 3
        assert len(world.mail.taken) < 20, "what came up in the outage is told as one"


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(int(os.environ.get("NEWSVANE_SEEDS", "3"))))
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_month_of_troubles_costs_nobody_a_line(
    start: datetime, seed: int, tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run_month(tmp_path, database_url, seed, start, days=31)
    with capsys.disabled():
        print(told)  # noqa: T201  # the figures are what the campaign is for
