"""What becomes of one delivery, and of its destination."""

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
from monitors.deliver.outbox import (
    FIRST_WAIT,
    FIRST_WAIT_WHILE_OPEN,
    GIVE_UP_AFTER,
    LONGEST_WAIT,
    Dead,
    Later,
    Refused,
    Sent,
    Tried,
    backoff,
    judge,
    send,
    tripped,
)
from monitors.deliver.smtp import Smtp
from monitors.domain import Circuit, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUED = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DELIVERY = Delivery(
    id=7,
    channel="team",
    recipient="team",
    message_id="d1@x",
    payload=b"{}",
    queued_at=QUEUED,
    give_up_at=QUEUED + GIVE_UP_AFTER,
)
DOWN = Refused(reason="busy", scope="channel")
BAD_LOGIN = Refused(reason="535", scope="channel", permanent=True)
NOBODY = Refused(reason="550", scope="recipient", permanent=True)
TOO_LARGE = Refused(reason="552", scope="message", permanent=True)
LATER = Refused(reason="451", scope="message")


class Options(BaseModel):
    """A channel without options."""


def chance(seed: int = 1) -> Random:
    return Random(seed)  # noqa: S311 -- jitter is no secret


# -- one try ----------------------------------------------------------------------------------------------------------


def attempt(deliver: Callable[..., str]) -> Tried:
    return send(DELIVERY, cast("Channel", SimpleNamespace(deliver=deliver)), Options(), Facilities(smtp=Smtp()))


def failing(reason: str = "busy", **how: Any) -> Callable[..., str]:
    def deliver(*_: object) -> str:
        raise DeliveryError(reason, **how)

    return deliver


def test_what_was_accepted_is_sent_and_has_a_receipt() -> None:
    assert attempt(lambda *_: "250 queued as 1") == Sent("250 queued as 1")


def test_what_was_refused_says_what_of_and_for_how_long() -> None:
    wait = timedelta(seconds=30)
    refused = attempt(failing(scope="recipient", permanent=True, retry_after=wait))
    assert refused == Refused(reason="busy", scope="recipient", permanent=True, retry_after=wait)


@pytest.mark.parametrize("wait", [timedelta(0), timedelta(seconds=-5)])
def test_a_wait_of_nothing_is_no_leave_to_hammer(wait: timedelta) -> None:
    assert attempt(failing(retry_after=wait)) == DOWN


def test_a_channel_that_breaks_costs_its_own_message_a_retry_and_is_logged() -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("s3cr3t")

    with capture_logs() as logs:
        tried = attempt(broken)
    assert tried == Refused(reason="unexpected ZeroDivisionError", scope="message")
    assert [(entry["event"], entry["delivery"]) for entry in logs] == [("delivery_broke", 7)]


# -- the message ------------------------------------------------------------------------------------------------------


def judged(
    refused: Refused,
    circuit: Circuit | None = None,
    *,
    delivery: Delivery = DELIVERY,
    waited: timedelta = timedelta(0),
    seed: int = 1,
) -> Later | Dead:
    return judge(delivery, refused, circuit, now=QUEUED + waited, rng=chance(seed))


def test_what_nobody_will_ever_take_is_dead_at_once() -> None:
    assert judged(TOO_LARGE) == Dead("552", "message")


def test_a_passing_trouble_of_one_message_is_over_in_half_a_minute_or_so() -> None:
    outcome = judged(LATER)
    assert isinstance(outcome, Later)
    assert timedelta(seconds=30) <= outcome.after <= timedelta(seconds=39)


@given(st.timedeltas(timedelta(seconds=1), GIVE_UP_AFTER))
def test_the_wait_that_is_asked_for_is_kept_to_the_second(wait: timedelta) -> None:
    assert judged(replace(LATER, retry_after=wait)) == Later(wait, "451", "message")
    circuit = trip(None, replace(DOWN, retry_after=wait))
    assert circuit.next_try_at == QUEUED + wait
    assert judged(DOWN, circuit) == Later(wait, "busy", "channel")


def test_a_wait_beyond_the_end_is_not_waited_for() -> None:
    assert isinstance(judged(replace(LATER, retry_after=timedelta(days=9))), Dead)


def test_after_three_days_it_is_dead() -> None:
    just_before = GIVE_UP_AFTER - timedelta(seconds=1)
    assert isinstance(judged(LATER, waited=just_before), Later)
    assert isinstance(judged(LATER, waited=GIVE_UP_AFTER), Dead)
    assert isinstance(judged(DOWN, trip(None, DOWN, at=just_before), waited=just_before), Later)
    assert isinstance(judged(DOWN, trip(None, DOWN, at=GIVE_UP_AFTER), waited=GIVE_UP_AFTER), Dead)


def test_the_last_try_is_when_time_is_up() -> None:
    waited, tired = GIVE_UP_AFTER - timedelta(minutes=10), replace(DELIVERY, attempts=12)
    assert judged(LATER, delivery=tired, waited=waited) == Later(timedelta(minutes=10), "451", "message")


def test_where_somebody_has_to_mend_something_no_message_dies_of_age() -> None:
    late = 3 * GIVE_UP_AFTER
    assert isinstance(judged(BAD_LOGIN, trip(None, BAD_LOGIN, at=late), waited=late), Later)


def test_the_message_that_finds_out_that_nobody_is_there_is_dead_and_the_next_ones_wait() -> None:
    first = trip(None, NOBODY)
    assert isinstance(judged(NOBODY, first), Dead)
    assert isinstance(judged(NOBODY, trip(first, NOBODY, at=timedelta(days=2))), Later)


# -- its destination --------------------------------------------------------------------------------------------------


def trip(before: Circuit | None, refused: Refused, *, at: timedelta = timedelta(0), seed: int = 1) -> Circuit:
    recipient = "ann@example.org" if refused.scope == "recipient" else ""
    name = {"destination": "smtp", "recipient": recipient, "fingerprint": "f"}
    return tripped(before, refused, **name, now=QUEUED + at, rng=chance(seed))


def test_a_destination_that_is_down_is_tried_after_growing_waits() -> None:
    circuit = trip(None, DOWN)
    waits = []
    for _ in range(14):
        waits.append(circuit.next_try_at - QUEUED)
        circuit = trip(replace(circuit, next_try_at=QUEUED), DOWN)
    assert FIRST_WAIT <= waits[0] < waits[3] < waits[8] < waits[-1] == LONGEST_WAIT
    assert (circuit.state, circuit.failures, circuit.since) == ("failing", 15, QUEUED)


def test_a_destination_that_needs_mending_is_open_until_something_gets_through() -> None:
    circuit = trip(None, BAD_LOGIN)
    assert circuit.state == "open"
    assert FIRST_WAIT_WHILE_OPEN <= circuit.next_try_at - QUEUED < 2 * FIRST_WAIT_WHILE_OPEN
    assert trip(circuit, DOWN, at=timedelta(days=1)).state == "open", "that it is down too mends nothing"


def test_what_is_failing_and_then_refuses_for_good_opens() -> None:
    circuit = replace(trip(None, DOWN), told_at=QUEUED)
    opened = trip(circuit, BAD_LOGIN, at=timedelta(seconds=1))
    assert (opened.state, opened.failures) == ("open", 1)
    assert (opened.since, opened.told_at) == (QUEUED, QUEUED), "it is the same trouble, and told once"


def test_deliveries_that_were_under_way_together_count_as_one_failure() -> None:
    circuit = trip(None, DOWN)
    for _ in range(15):
        circuit = trip(circuit, DOWN)
    assert circuit == trip(None, DOWN)
    asked = trip(circuit, replace(DOWN, retry_after=timedelta(hours=2)))
    assert asked.next_try_at == QUEUED + timedelta(hours=2), "but the longest wait that any was told is kept"
    assert trip(asked, replace(DOWN, retry_after=timedelta(seconds=5))) == asked


def test_a_recipient_who_is_not_there_is_asked_for_once_a_day() -> None:
    circuit = trip(None, NOBODY)
    assert timedelta(days=1) <= circuit.next_try_at - QUEUED <= timedelta(hours=27)


@given(st.integers(0, 2_000), st.integers())
def test_waits_grow_from_half_a_minute_to_six_hours_and_stay(attempts: int, seed: int) -> None:
    now, later = backoff(attempts, chance(seed)), backoff(attempts + 1, chance(seed + 1))
    assert FIRST_WAIT <= now <= LONGEST_WAIT
    assert now < later or now == later == LONGEST_WAIT


def test_waits_are_not_in_step() -> None:
    assert len({backoff(3, chance(seed)) for seed in range(20)}) == 20
