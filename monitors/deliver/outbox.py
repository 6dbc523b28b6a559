"""Sends one delivery and decides what becomes of it: sent, tried again later, or dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from crawler.errors import DeliveryError

if TYPE_CHECKING:
    from random import Random

    from pydantic import BaseModel

    from monitors.deliver.channels import Channel, Facilities
    from monitors.domain import Delivery

log = structlog.get_logger()

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=72)
_MOST_DOUBLINGS = 10  # 30 s doubled ten times is over 6 h


@dataclass(frozen=True, slots=True)
class Sent:
    receipt: str


@dataclass(frozen=True, slots=True)
class Later:
    after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    reason: str


Outcome = Sent | Later | Dead


def send(
    delivery: Delivery,
    channel: Channel,
    options: BaseModel,
    facilities: Facilities,
    *,
    now: datetime,
    rng: Random,
) -> Outcome:
    """Try a delivery once. Never raises: what a channel did not foresee costs this one message a retry."""
    try:
        return Sent(channel.deliver(delivery, options, facilities))
    except DeliveryError as error:
        return _after_failure(delivery, error, now=now, rng=rng)
    except Exception as error:  # a channel's bug must not stop the deliveries behind it
        log.exception("delivery_broke", delivery=delivery.id, channel=delivery.channel)
        return _after_failure(delivery, DeliveryError(f"unexpected {type(error).__name__}"), now=now, rng=rng)


def _after_failure(delivery: Delivery, error: DeliveryError, *, now: datetime, rng: Random) -> Later | Dead:
    reason = str(error)
    left = delivery.queued_at + GIVE_UP_AFTER - now
    if error.permanent or left <= timedelta(0):
        return Dead(reason)
    if error.retry_after:
        return Later(error.retry_after, reason) if error.retry_after <= left else Dead(reason)
    return Later(min(backoff(delivery.attempts, rng), left), reason)  # the last try is when time is up


def backoff(attempts: int, rng: Random) -> timedelta:
    """Return how long to wait after so many earlier attempts: twice as long each time, never quite in step."""
    wait = FIRST_WAIT * (1 << min(attempts, _MOST_DOUBLINGS)) * rng.uniform(1, 1.3)
    return min(wait, LONGEST_WAIT)
