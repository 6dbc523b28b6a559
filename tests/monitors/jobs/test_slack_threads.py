"""A long digest in Slack is one thread, also when the run breaks off in the middle of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.messages import LONG_DIGEST
from stand_ins.slack import CHANNEL, TOKEN, Answer, SlackStandIn

from monitors.digest.render import render_slack
from monitors.store.outbox import open_message
from monitors.tell import calling, queue_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from stand_ins.newsroom import Clock, Newsroom

DIGEST = replace(LONG_DIGEST, max_items=1_000)
PARTS = [payload["text"] for payload in render_slack(DIGEST)]


def yaml(slack: SlackStandIn) -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
watchlists: [{{name: Clouds, keywords: [cloud], deliver: [{{channel: team, at: "07:00"}}]}}]
channels: [{{id: team, type: slack, token: "{TOKEN}", channel: {CHANNEL}, api: "{slack.api}"}}]
"""


def queue(room: Newsroom, now: Clock) -> None:
    def write(session: Session) -> None:
        key = "digest:team"
        message_id = open_message(session, "clouds", key, "monday", now=now(), **calling(DIGEST))
        assert message_id is not None
        names = ("clouds", key, "monday")
        queue_message(session, room.app.in_force, DIGEST, channel="team", names=names, message_id=message_id, now=now())

    room.app.database.write(write)


def deliver_all(room: Newsroom) -> None:
    while room.deliver():
        pass


@pytest.mark.parametrize(
    "trouble",
    [Answer(503), Answer(200, '{"ok": false, "error": "ratelimited"}'), Answer(200, '{"ok": false, "error": "x"}')],
    ids=["down", "too fast", "some error"],
)
def test_a_broken_run_goes_on_with_the_part_that_was_not_sent(
    newsroom: Callable[[str], Newsroom], clock: Clock, trouble: Answer
) -> None:
    with SlackStandIn() as slack:
        room = newsroom(yaml(slack))
        queue(room, clock)
        room.deliver()
        assert len(slack.messages) == 1
        slack.answers = [trouble]
        deliver_all(room)
        assert len(slack.messages) == 1
        clock.turn(timedelta(minutes=5))
        another = newsroom(yaml(slack))  # the service was started again
        deliver_all(another)
        (thread,) = slack.threads()
    assert [message["text"] for message in thread] == PARTS


def test_a_channel_that_takes_one_message_a_second_gets_a_long_digest_whole_and_in_order(
    newsroom: Callable[[str], Newsroom], clock: Clock
) -> None:
    with SlackStandIn(a_second=1, clock=lambda: clock().timestamp()) as slack:
        room = newsroom(yaml(slack))
        queue(room, clock)
        for _ in PARTS:
            deliver_all(room)
            clock.turn(timedelta(seconds=1))
        (thread,) = slack.threads()
    assert [message["text"] for message in thread] == PARTS
    assert len(slack.bodies) < 2 * len(PARTS)
