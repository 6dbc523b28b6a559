"""Sends one delivery, and decides what becomes of it and of its destination. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import structlog

from crawler.errors import DeliveryError
from crawler.masking import masked
from monitors.domain import Circuit

if TYPE_CHECKING:
    from random import Random

    from pydantic import BaseModel

    from crawler.errors import DeliveryScope
    from monitors.deliver.channels import Channel, Facilities
    from monitors.domain import Delivery

log = structlog.get_logger()

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=72)
FIRST_WAIT_WHILE_OPEN = timedelta(minutes=30)  # what refuses a login may lock whoever tries it often
WAIT_FOR_RECIPIENT = timedelta(hours=24)  # a mailbox that is not there: mail servers hold repeats against the sender
_MOST_DOUBLINGS = 10  # 30 s doubled ten times is over 6 h


@dataclass(frozen=True, slots=True)
class Sent:
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A try that failed; the fields are those of DeliveryError."""

    reason: str
    scope: DeliveryScope
    permanent: bool = False
    retry_after: timedelta | None = None


Tried = Sent | Refused


@dataclass(frozen=True, slots=True)
class Later:
    """It stays in the outbox. For `scope` see DeliveryError."""

    after: timedelta
    reason: str
    scope: DeliveryScope


@dataclass(frozen=True, slots=True)
class Dead:
    reason: str
    scope: DeliveryScope


Outcome = Sent | Later | Dead


def send(delivery: Delivery, channel: Channel, options: BaseModel, facilities: Facilities) -> Tried:
    """Try a delivery once. Never raises: what a channel did not foresee costs this one message a retry."""
    try:
        return Sent(channel.deliver(delivery, options, facilities))
    except DeliveryError as error:
        return Refused(
            reason=masked(str(error)),
            scope=error.scope,
            permanent=error.permanent,
            retry_after=_asked(error.retry_after),
        )
    except Exception as error:  # a channel's bug must not stop the deliveries behind it
        log.exception("delivery_broke", delivery=delivery.id, channel=delivery.channel)
        return Refused(reason=f"unexpected {type(error).__name__}", scope="message")


def _asked(wait: timedelta | None) -> timedelta | None:
    """Return a wait that was asked for; none at all is no leave to hammer."""
    return wait if wait and wait > timedelta(0) else None


# -- what becomes of the message --------------------------------------------------------------------------------------


def judge(delivery: Delivery, refused: Refused, circuit: Circuit | None, *, now: datetime, rng: Random) -> Later | Dead:
    """Decide on a message that was refused; `circuit` is what its destination (or recipient) is like after that.

    A message that nobody will ever take is dead. So is one that was tried for long enough, but not while its
    destination needs mending. And the one by which it is found out that a recipient is not there: its sender is
    to know, while those behind it wait.
    """
    over = delivery.give_up_at is not None and delivery.give_up_at <= now
    if refused.scope == "message" or circuit is None:
        return _alone(delivery, refused, over=over, now=now, rng=rng)
    found_out = refused.scope == "recipient" and refused.permanent and circuit.failures == 1
    if found_out or (over and circuit.state == "failing"):
        return Dead(refused.reason, refused.scope)
    return Later(circuit.next_try_at - now, refused.reason, refused.scope)


def _alone(delivery: Delivery, refused: Refused, *, over: bool, now: datetime, rng: Random) -> Later | Dead:
    if refused.permanent or over:
        return Dead(refused.reason, refused.scope)
    left = delivery.give_up_at - now if delivery.give_up_at else GIVE_UP_AFTER
    wait = refused.retry_after
    if wait is None:
        wait = min(backoff(delivery.attempts, rng), left)  # the last try is when time is up
    return Later(wait, refused.reason, refused.scope) if wait <= left else Dead(refused.reason, refused.scope)


# -- what becomes of its destination ----------------------------------------------------------------------------------


def tripped(
    before: Circuit | None,
    refused: Refused,
    *,
    destination: str,
    recipient: str,
    fingerprint: str,
    now: datetime,
    rng: Random,
) -> Circuit:
    """Return the circuit of a destination after a failure.

    What is open stays so until something gets through. Deliveries that were under way at the same time count as one.
    """
    if before is not None and before.next_try_at > now and (before.state == "open" or not refused.permanent):
        asked = now + refused.retry_after if refused.retry_after else before.next_try_at
        return replace(before, next_try_at=max(before.next_try_at, asked))
    opens = refused.permanent or (before is not None and before.state == "open")
    state: Literal["failing", "open"] = "open" if opens else "failing"
    failures = before.failures + 1 if before is not None and before.state == state else 1
    return Circuit(
        destination=destination,
        recipient=recipient,
        state=state,
        since=before.since if before else now,
        failures=failures,
        next_try_at=now + _wait(state, recipient, failures, refused.retry_after, rng),
        reason=refused.reason,
        fingerprint=fingerprint,
        told_at=before.told_at if before else None,
    )


def _wait(state: str, recipient: str, failures: int, asked: timedelta | None, rng: Random) -> timedelta:
    if state == "failing":
        return asked or backoff(failures - 1, rng)
    if recipient:
        return max(asked or timedelta(0), WAIT_FOR_RECIPIENT * rng.uniform(1, 1.1))
    return max(asked or timedelta(0), backoff(failures - 1, rng, first=FIRST_WAIT_WHILE_OPEN))


def backoff(attempts: int, rng: Random, *, first: timedelta = FIRST_WAIT) -> timedelta:
    """Return how long to wait after so many earlier attempts: twice as long each time, never quite in step."""
    wait = first * (1 << min(attempts, _MOST_DOUBLINGS)) * rng.uniform(1, 1.3)
    return min(wait, LONGEST_WAIT)
