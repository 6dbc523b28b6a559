"""Short histories that nobody thought of: whatever happens, in whatever order, readers get what the model expects."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from stand_ins.expected import Almanac, Plan
from stand_ins.month import POINTS, World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 10, 24, 20, tzinfo=UTC)
"""In the night in which the clocks of Zurich go back; a week later, those of New York."""
LORD_HOWE = datetime(2026, 10, 3, 12, tzinfo=UTC)
ANNA, BEN = "anna@example.org", "ben@example.org"
PLANS = (
    Plan(watchlist="harbour", channel="desk", recipients=(ANNA, BEN), at=(time(2, 30), time(7)), empty=True),
    Plan(watchlist="railway", channel="anna", recipients=(ANNA,), zone="Australia/Lord_Howe", at=(time(2, 15),)),
    Plan(watchlist="storm", channel="ben", recipients=(BEN,)),
    Plan(watchlist="storm", channel="slack", recipients=("slack",)),
)
WATCHLISTS = tuple(dict.fromkeys(plan.watchlist for plan in PLANS))
ALMANAC = Almanac(LORD_HOWE - 3 * DAY, START + 90 * DAY)


class Newsvane(RuleBasedStateMachine):
    """A service, or two by mistake, and all that may befall it."""

    migrated: Path

    @initialize(start=st.sampled_from([START, LORD_HOWE]))
    def open(self, start: datetime) -> None:
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        database = shutil.copy(self.migrated, folder / "news.db")
        self.world = self.stack.enter_context(World(folder, f"sqlite:///{database}", PLANS, ALMANAC, start).open())

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        with self.stack:
            self._until_all_is_sent()
            self.world.judge_what_came(may_give_up=True)

    def _until_all_is_sent(self) -> None:
        world = self.world
        if not world.services:
            world.start_service()
        self.mend_mail()
        self.mend_slack()
        world.guillotine.armed = None
        world.round()
        for _ in range(100):
            if not world.count_queued():
                return
            world.now = max(world.next_try() or world.now, world.now) + MINUTE
            world.round()
        pytest.fail("something is never sent")

    # -- the readers' side --------------------------------------------------------------------------------------------

    @rule(about=st.sets(st.sampled_from(WATCHLISTS), min_size=1))
    def publish(self, about: set[str]) -> None:
        self.world.publish(sorted(about))

    @precondition(lambda self: self.world.expected.news)
    @rule(pick=st.randoms(use_true_random=False))
    def publish_a_copy(self, pick: st.DataObject) -> None:
        self.world.publish((), copy_of=pick.choice(sorted(self.world.expected.news)))

    @rule(wait=st.sampled_from([timedelta(seconds=1), 7 * MINUTE, 40 * MINUTE, 5 * HOUR, 26 * HOUR]))
    def wait(self, wait: timedelta) -> None:
        self.world.now += wait
        self._round()

    @precondition(lambda self: len(self.world.services) == 2)
    @rule()
    def both_at_once(self) -> None:
        self._round(0, 1)

    def _round(self, *numbers: int) -> None:
        if self.world.services:
            self.world.round(*numbers)

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    @rule(point=st.sampled_from(POINTS), passed=st.integers(0, 2))
    def is_going_to_be_killed_at(self, point: str, passed: int) -> None:
        self.world.crash_at(point, passed)

    @precondition(lambda self: self.world.services)
    @rule()
    def is_killed(self) -> None:
        self.world.kill_service()

    @precondition(lambda self: self.world.services)
    @rule()
    def is_stopped(self) -> None:
        self.world.stop_service()

    @precondition(lambda self: len(self.world.services) < 2)
    @rule()
    def is_started(self) -> None:
        self.world.start_service()
        self._round(-1)

    @rule(hours=st.sampled_from([-2, 2]))
    def turn_the_clock(self, hours: int) -> None:
        self.world.turn(hours * HOUR)

    @precondition(lambda self: self.world.well["smtp"])
    @rule()
    def break_mail(self) -> None:
        self.world.break_mail()

    @precondition(lambda self: not self.world.well["smtp"])
    @rule()
    def mend_mail(self) -> None:
        if not self.world.well["smtp"]:
            self.world.mend_mail()

    @precondition(lambda self: self.world.well["slack"])
    @rule()
    def break_slack(self) -> None:
        self.world.break_slack()

    @precondition(lambda self: not self.world.well["slack"])
    @rule()
    def mend_slack(self) -> None:
        self.world.mend_slack()

    @rule(answer=st.sampled_from(["lost", "451 try again later"]))
    def break_one_mail(self, answer: str) -> None:
        self.world.trouble("smtp")
        self.world.mail.data_answers.append(answer)

    @rule()
    def lose_an_answer_of_slack(self) -> None:
        self.world.trouble("slack")
        self.world.slack.lose += 1

    @rule(watchlist=st.sampled_from(WATCHLISTS), hours=st.sampled_from([1, 30]))
    def mute(self, watchlist: str, hours: int) -> None:
        self.world.mute(watchlist, hours * HOUR)

    @precondition(lambda self: self.world.expected.muted)
    @rule(pick=st.randoms(use_true_random=False))
    def unmute(self, pick: st.DataObject) -> None:
        self.world.unmute(pick.choice(sorted(self.world.expected.muted)))

    @rule(hour=st.integers(0, 23))
    def move_a_digest(self, hour: int) -> None:
        first, *others = self.world.plans
        self.world.configure([replace(first, at=(time(hour),)), *others])


def run(migrated: Path, examples: int, steps: int) -> None:
    Newsvane.migrated = migrated
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis has not typed it
        Newsvane,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_whatever_happens_everybody_is_told_of_everything_once(migrated_file: Path) -> None:
    run(migrated_file, examples=12, steps=20)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whatever_happens_in_longer_histories(migrated_file: Path) -> None:
    run(migrated_file, examples=150, steps=40)
