"""What becomes of one delivery: sent, later or dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from structlog.testing import capture_logs

from crawler.errors import DeliveryError
from monitors.deliver.channels import Channel, Facilities
from monitors.deliver.outbox import FIRST_WAIT, GIVE_UP_AFTER, LONGEST_WAIT, Dead, Later, Outcome, Sent, backoff, send
from monitors.deliver.smtp import Smtp
from monitors.domain import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUED = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DELIVERY = Delivery(id=7, channel="team", recipient="team", message_id="d1@x", payload=b"{}", queued_at=QUEUED)


class Options(BaseModel):
    """A channel without options."""


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 -- jitter is no secret


def attempt(
    deliver: Callable[..., str], *, delivery: Delivery = DELIVERY, waited: timedelta = timedelta(0), seed: int = 1
) -> Outcome:
    channel = cast("Channel", SimpleNamespace(deliver=deliver))
    return send(
        delivery, channel, Options(), Facilities(smtp=Smtp()), now=delivery.queued_at + waited, rng=chance(seed)
    )


def failing(reason: str = "busy", **how: Any) -> Callable[..., str]:
    def deliver(*_: object) -> str:
        raise DeliveryError(reason, **how)

    return deliver


def test_what_was_accepted_is_sent_and_has_a_receipt() -> None:
    assert attempt(lambda *_: "250 queued as 1") == Sent("250 queued as 1")


def test_what_will_never_be_accepted_is_dead_at_once() -> None:
    assert attempt(failing("550 no such user", permanent=True)) == Dead("550 no such user")


def test_a_passing_trouble_is_tried_again_half_a_minute_later_or_so() -> None:
    outcome = attempt(failing())
    assert isinstance(outcome, Later)
    assert timedelta(seconds=30) <= outcome.after <= timedelta(seconds=39)


@given(st.timedeltas(timedelta(seconds=1), GIVE_UP_AFTER))
def test_the_wait_that_a_service_asks_for_is_kept_to_the_second(wait: timedelta) -> None:
    assert attempt(failing(retry_after=wait)) == Later(wait, "busy")


def test_a_wait_beyond_the_end_is_not_waited_for() -> None:
    assert attempt(failing(retry_after=timedelta(days=9))) == Dead("busy")


def test_a_wait_of_nothing_is_no_leave_to_hammer() -> None:
    outcome = attempt(failing(retry_after=timedelta(0)))
    assert isinstance(outcome, Later)
    assert outcome.after >= FIRST_WAIT


def test_after_three_days_it_is_dead() -> None:
    assert isinstance(attempt(failing(), waited=GIVE_UP_AFTER - timedelta(seconds=1)), Later)
    assert attempt(failing(), waited=GIVE_UP_AFTER) == Dead("busy")


def test_a_server_that_is_down_for_26_hours_gets_it_in_the_end() -> None:
    waited, delivery = timedelta(0), DELIVERY
    while waited < timedelta(hours=26):
        outcome = attempt(failing(), delivery=delivery, waited=waited)
        assert isinstance(outcome, Later)
        waited, delivery = waited + outcome.after, replace(delivery, attempts=delivery.attempts + 1)
    assert waited <= timedelta(hours=32)
    assert attempt(lambda *_: "250 ok", delivery=delivery, waited=waited) == Sent("250 ok")


def test_the_last_try_is_when_time_is_up() -> None:
    waited = GIVE_UP_AFTER - timedelta(minutes=10)
    assert attempt(failing(), delivery=replace(DELIVERY, attempts=12), waited=waited) == Later(
        timedelta(minutes=10), "busy"
    )


def test_a_channel_that_breaks_costs_its_own_message_a_retry_and_is_logged() -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("s3cr3t")

    with capture_logs() as logs:
        outcome = attempt(broken)
    assert isinstance(outcome, Later)
    assert outcome.reason == "unexpected ZeroDivisionError"
    assert [(entry["event"], entry["delivery"]) for entry in logs] == [("delivery_broke", 7)]


@given(st.integers(0, 2_000), st.integers())
def test_waits_grow_from_half_a_minute_to_six_hours_and_stay(attempts: int, seed: int) -> None:
    now, later = backoff(attempts, chance(seed)), backoff(attempts + 1, chance(seed + 1))
    assert FIRST_WAIT <= now <= LONGEST_WAIT
    assert now < later or now == later == LONGEST_WAIT


def test_waits_are_not_in_step() -> None:
    assert len({backoff(3, chance(seed)) for seed in range(20)}) == 20


@pytest.mark.parametrize("attempts", [0, 5, 30])
def test_the_same_chance_gives_the_same_wait(attempts: int) -> None:
    assert backoff(attempts, chance(1)) == backoff(attempts, chance(1))
