"""A destination in trouble: nothing is lost, nothing hammers, order is kept, and somebody hears of it once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.slack import Answer, SlackStandIn
from stand_ins.smtp import MailCatcher

from monitors import jobs
from monitors.domain import Alert, AlreadyThere
from monitors.store.circuits import circuits, held_back
from monitors.store.outbox import open_message
from monitors.store.tables import DeliveryRow, MessageRow
from monitors.tell import calling, queue_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.domain import Circuit

    Open = Callable[[str], Newsroom]

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


def yaml(mail: MailCatcher, slack: SlackStandIn, *, health: str = "health: {channel: ops}", more: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
sources: [{{id: harbour, url: "https://harbour.example/feed"}}]
watchlists: [{{name: Clouds, keywords: [cloud], deliver: [{{channel: desk, when: now}}]}}]
channels:
  - {{id: ops, type: email, to: [ops@example.org]}}
  - {{id: desk, type: email, to: [ann@example.org]}}
  - {{id: all, type: email, to: [ann@example.org, bob@example.org, cyd@example.org, dan@example.org]}}
  - {{id: team, type: slack, webhook_url: "{slack.url}"}}
smtp: {{host: {mail.host}, port: {mail.port}{more}}}
{health}
"""


class Outbox:
    """A newsroom of which only the outbox is at work."""

    def __init__(self, room: Newsroom, clock: Clock) -> None:
        self.room, self.clock, self.number = room, clock, 0

    def queue(self, channel: str = "desk", *, times: int = 1) -> None:
        for _ in range(times):
            self.number += 1
            self.room.app.database.write(self._queue, channel, f"number {self.number}")

    def _queue(self, session: sa.orm.Session, channel: str, slot: str) -> None:
        in_force, now = self.room.app.in_force, self.clock()
        there = AlreadyThere(count=self.number)
        alert = Alert(watchlist=in_force.watchlists["clouds"], at=now, already_there=there)
        key = f"alert:{channel}"
        message_id = open_message(session, "clouds", key, slot, now=now, **calling(alert))
        assert message_id is not None
        queue_message(
            session, in_force, alert, channel=channel, names=("clouds", key, slot), message_id=message_id, now=now
        )

    def deliver(self) -> int:
        """Send until nothing is due; return how many tries that were."""
        tries = 0
        while tried := self.room.deliver():
            tries += tried
        return tries

    def pass_time(self, time: timedelta, *, step: timedelta = MINUTE) -> int:
        """Let the service work for a while; return how many tries it made."""
        tries, until = 0, self.clock() + time
        while self.clock() < until:
            self.clock.turn(step)
            tries += self.deliver()
            asyncio.run(jobs.watch_health(self.room.app))
        return tries + self.deliver()

    def states(self, channel: str | None = None) -> list[str]:
        query = sa.select(DeliveryRow.state).join(MessageRow).where(MessageRow.kind == "alert")
        query = query.where(DeliveryRow.channel == channel) if channel else query
        with self.room.app.database.read() as session:
            return list(session.scalars(query.order_by(DeliveryRow.id)))

    @property
    def circuits(self) -> list[Circuit]:
        with self.room.app.database.read() as session:
            return circuits(session)

    @property
    def held_back(self) -> set[str]:
        with self.room.app.database.read() as session:
            return held_back(session, self.room.app.in_force, self.clock())

    @property
    def notices(self) -> list[tuple[str, str]]:
        """The channel and the subject of every notice."""
        query = sa.select(DeliveryRow.channel, MessageRow.subject).join(MessageRow).where(MessageRow.kind == "notice")
        with self.room.app.database.read() as session:
            return [(channel, subject) for channel, subject in session.execute(query.order_by(DeliveryRow.id))]


@pytest.fixture
def open_outbox(newsroom: Open, clock: Clock) -> Callable[[str], Outbox]:
    return lambda text: Outbox(newsroom(text), clock)


@pytest.fixture
def outbox(open_outbox: Callable[[str], Outbox], mail: MailCatcher, slack: SlackStandIn) -> Outbox:
    return open_outbox(yaml(mail, slack))


def counts(mail: MailCatcher, recipient: str = "ann@example.org") -> list[int]:
    """Return the numbers of the alerts that arrived, in order."""
    to_one = (one.message["subject"] for one in mail.messages if one.recipients == (recipient,))
    return [int("".join(char for char in str(subject) if char.isdigit())) for subject in to_one]


# -- nothing hammers --------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_tried_with_one_message_at_growing_intervals(
    outbox: Outbox, mail: MailCatcher
) -> None:
    outbox.queue(times=30)
    outbox.queue("all", times=10)
    mail.at["greeting"] = ["421 down"] * 1_000
    outbox.deliver()
    outbox.pass_time(26 * HOUR, step=20 * MINUTE)
    assert 6 <= mail.connections <= 16
    (circuit,) = outbox.circuits
    assert (circuit.destination, circuit.recipient, circuit.state) == ("smtp", "", "failing")


def test_after_26_hours_all_arrive_in_order_and_once(outbox: Outbox, mail: MailCatcher) -> None:
    mail.at["greeting"] = ["421 down"] * 1_000
    for _ in range(13):
        outbox.queue(times=2)
        outbox.pass_time(2 * HOUR, step=20 * MINUTE)
    mail.at["greeting"].clear()
    outbox.pass_time(7 * HOUR, step=20 * MINUTE)
    assert counts(mail) == list(range(1, 27))
    assert outbox.circuits == []


def test_a_refused_login_is_tried_seldom_keeps_all_and_is_told_once_by_another_channel(
    open_outbox: Callable[[str], Outbox], slack: SlackStandIn
) -> None:
    with MailCatcher(users={"newsvane": "right"}) as mail:
        outbox = open_outbox(yaml(mail, slack, more=", username: newsvane, password: wrong"))
        outbox.queue("all", times=5)
        outbox.pass_time(DAY, step=HOUR / 2)
        assert mail.connections <= 8, "no hammering"
        assert outbox.states() == ["queued"] * 20
        assert len(slack.messages) == 1, "told once"
        told = slack.messages[0]["text"]
        assert "takes no messages" in told
        (circuit,) = outbox.circuits
        assert circuit.state == "open"
        outbox.pass_time(4 * DAY, step=6 * HOUR)
        assert outbox.states() == ["queued"] * 20, "72 hours do not count while somebody has to mend it"
        outbox = open_outbox(yaml(mail, slack, more=", username: newsvane, password: right"))
        assert outbox.deliver() == 21, "another password is tried at once; the last is the notice of that"
        assert counts(mail) == list(range(1, 6))
        assert [channel for channel, _ in outbox.notices] == ["team", "team"]
        assert "takes messages again" in slack.messages[1]["text"]
        assert len(slack.messages) == 2


def test_the_wait_that_slack_asks_for_is_kept_for_all_that_goes_there(
    outbox: Outbox, slack: SlackStandIn, clock: Clock
) -> None:
    outbox.queue("team", times=3)
    slack.answers = [Answer(429, "rate_limited", {"Retry-After": "30"})]
    assert outbox.deliver() == 1
    outbox.pass_time(25 * SECOND, step=5 * SECOND)
    outbox.pass_time(4 * SECOND, step=SECOND)
    assert len(slack.bodies) == 1, "never sooner"
    clock.turn(SECOND)
    slack.answers = [Answer(200, '{"ok": false, "error": "ratelimited"}')]
    assert outbox.deliver() == 1
    assert slack.messages == []
    outbox.pass_time(29 * SECOND, step=SECOND)
    assert len(slack.bodies) == 2, "what names no wait is not tried again at once either"
    outbox.pass_time(2 * MINUTE, step=10 * SECOND)
    assert [body == slack.bodies[0] for body in slack.bodies] == [True, True, True, False, False]
    assert outbox.states() == ["sent"] * 3


def test_what_all_that_is_under_way_is_told_counts_as_one_failure(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue("all")
    mail.at["MAIL"] = ["250 OK", "451 4.3.0 later", "451 4.3.0 later", "451 4.3.0 later"]
    outbox.deliver()
    assert [circuit.failures for circuit in outbox.circuits] == [1]


def test_one_destination_in_trouble_holds_up_no_other(outbox: Outbox, mail: MailCatcher, slack: SlackStandIn) -> None:
    mail.at["greeting"] = ["421 down"] * 100
    outbox.queue("desk", times=20)
    outbox.queue("team", times=3)
    outbox.deliver()
    assert len(slack.messages) == 3


# -- recipients and single messages -----------------------------------------------------------------------------------


def test_of_four_recipients_two_get_it_once_one_is_dead_and_one_gets_it_later(
    outbox: Outbox, mail: MailCatcher
) -> None:
    outbox.queue("all")
    mail.answers["cyd@example.org"] = ["550 5.1.1 no such user"]
    mail.answers["dan@example.org"] = ["451 4.2.1 later"]
    outbox.deliver()
    assert outbox.states() == ["sent", "sent", "dead", "queued"]
    outbox.pass_time(HOUR, step=10 * MINUTE)
    assert outbox.states() == ["sent", "sent", "dead", "sent"]
    recipients = [one.recipients[0] for one in mail.messages]
    assert sorted(name for name in recipients if name != "ops@example.org") == [
        "ann@example.org",
        "bob@example.org",
        "dan@example.org",
    ]


def test_a_recipient_who_is_not_there_is_probed_by_the_day_and_keeps_what_comes_later(
    outbox: Outbox, mail: MailCatcher
) -> None:
    outbox.queue(times=3)
    mail.answers["ann@example.org"] = ["550 5.1.1 no such user"] * 3
    outbox.deliver()
    assert outbox.states() == ["dead", "queued", "queued"]
    outbox.queue("all")
    outbox.pass_time(2 * DAY, step=4 * HOUR)
    assert len([one for one in mail.heard if one.startswith("RCPT TO:<ann@")]) <= 3
    assert outbox.states("desk") == ["dead", "queued", "queued"]
    assert outbox.states("all") == ["queued", "sent", "sent", "sent"], "the others get theirs"
    outbox.pass_time(3 * DAY, step=4 * HOUR)
    assert outbox.states("desk") == ["dead", "sent", "sent"]
    told = [subject for _, subject in outbox.notices]
    assert told == [
        "Newsvane: ann@example.org takes no messages, 1 message could not be delivered",
        "Newsvane: ann@example.org takes messages again",
    ]


def test_a_message_that_is_put_off_by_itself_holds_up_no_other(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue(times=3)
    mail.data_answers = ["451 4.6.0 not this one now"]
    outbox.deliver()
    assert counts(mail) == [2, 3]
    outbox.pass_time(2 * MINUTE, step=10 * SECOND)
    assert counts(mail) == [2, 3, 1]


def test_a_message_that_is_refused_for_good_is_dead_alone(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue(times=2)
    mail.data_answers = ["554 5.7.1 spam"]
    outbox.deliver()
    assert outbox.states() == ["dead", "sent"]
    assert outbox.circuits == []


def test_a_lost_acknowledgement_is_answered_with_the_same_bytes(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue()
    mail.data_answers = ["lost"]
    outbox.pass_time(2 * MINUTE, step=10 * SECOND)
    first, second = mail.messages
    assert first.raw == second.raw


def put_into_parts(outbox: Outbox, number: int) -> None:
    """Make a message in parts of the last one that was queued."""

    def split(session: sa.orm.Session) -> None:
        last = session.scalars(sa.select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(1)).one()
        columns = {column.key: getattr(last, column.key) for column in sa.inspect(DeliveryRow).columns}
        del columns["id"]
        session.add_all(DeliveryRow(**columns | {"part": part}) for part in range(1, number))

    outbox.room.app.database.write(split)


def test_of_a_message_whose_first_part_is_dead_no_part_goes_out(outbox: Outbox, slack: SlackStandIn) -> None:
    outbox.queue("team")
    put_into_parts(outbox, 3)
    outbox.queue("team")
    slack.answers = [Answer(400, "invalid_blocks")]
    outbox.deliver()
    assert outbox.states() == ["dead", "dead", "dead", "sent"]


def test_parts_are_put_off_together(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue()
    put_into_parts(outbox, 3)
    outbox.queue()
    mail.data_answers = ["250 OK", "451 4.6.0 not this one now"]
    outbox.deliver()
    assert outbox.states() == ["sent", "queued", "queued", "sent"]
    outbox.pass_time(2 * MINUTE, step=10 * SECOND)
    assert outbox.states() == ["sent"] * 4
    assert counts(mail) == [1, 2, 1, 1]


# -- time -------------------------------------------------------------------------------------------------------------


def test_what_could_not_be_sent_for_three_days_is_dead_and_told_in_one_notice(
    outbox: Outbox, mail: MailCatcher, slack: SlackStandIn
) -> None:
    outbox.queue(times=5)
    mail.at["greeting"] = ["421 down"] * 1_000
    outbox.pass_time(2 * DAY, step=4 * HOUR)
    outbox.queue()
    outbox.pass_time(2 * DAY, step=4 * HOUR)
    assert outbox.states() == ["dead"] * 5 + ["queued"]
    assert outbox.notices == [
        ("team", f"Newsvane: the mail server {mail.host}:{mail.port} takes no messages"),
        ("team", "Newsvane: 5 messages could not be delivered"),
    ]
    assert len(slack.messages) == 2


def test_alerts_wait_while_their_destination_fails_for_half_an_hour_or_longer(
    outbox: Outbox, mail: MailCatcher
) -> None:
    outbox.queue()
    mail.at["greeting"] = ["421 down"] * 1_000
    outbox.pass_time(28 * MINUTE, step=4 * MINUTE)
    assert outbox.held_back == set()
    outbox.pass_time(8 * MINUTE, step=4 * MINUTE)
    assert outbox.held_back == {"ops", "desk", "all"}
    mail.at["greeting"].clear()
    outbox.pass_time(2 * HOUR, step=10 * MINUTE)
    assert outbox.held_back == set()


def test_where_nothing_waits_any_more_nothing_is_held_back(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue()
    mail.at["greeting"] = ["421 down"] * 1_000
    outbox.pass_time(4 * DAY, step=6 * HOUR)
    assert outbox.states() == ["dead"]
    assert outbox.held_back == set(), "or nobody would find out that it is well again"


# -- who hears of it --------------------------------------------------------------------------------------------------


def test_a_short_failure_is_not_told_of(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue()
    mail.at["greeting"] = ["421 down"] * 5
    outbox.pass_time(2 * HOUR, step=10 * MINUTE)
    assert outbox.states() == ["sent"]
    assert outbox.notices == []


def test_without_another_way_nothing_counts_as_told_until_there_is_one(
    open_outbox: Callable[[str], Outbox], mail: MailCatcher, slack: SlackStandIn
) -> None:
    outbox = open_outbox(yaml(mail, slack))
    outbox.queue()
    outbox.queue("team")
    mail.at["AUTH"] = []
    mail.at["MAIL"] = ["550 5.7.1 who are you"] * 50
    slack.answers = [Answer(404, "no_service")] * 9
    outbox.pass_time(4 * HOUR, step=20 * MINUTE)
    assert {circuit.destination for circuit in outbox.circuits} == {"smtp", "team"}
    assert outbox.notices == []
    slack.answers.clear()
    outbox.pass_time(8 * HOUR, step=HOUR)
    assert [channel for channel, _ in outbox.notices] == ["team"]


def test_nobody_is_told_where_no_channel_is_named_for_it(
    open_outbox: Callable[[str], Outbox], mail: MailCatcher, slack: SlackStandIn
) -> None:
    outbox = open_outbox(yaml(mail, slack, health=""))
    outbox.queue()
    mail.at["MAIL"] = ["550 5.7.1 who are you"] * 50
    outbox.pass_time(4 * HOUR, step=20 * MINUTE)
    assert outbox.notices == []
    assert len(outbox.circuits) == 1


def test_a_destination_that_breaks_again_and_again_is_not_told_of_each_time(
    outbox: Outbox, slack: SlackStandIn
) -> None:
    for _ in range(20):
        outbox.queue("team")
        slack.answers = [Answer(404, "no_service")]
        outbox.pass_time(HOUR, step=20 * MINUTE)
    assert outbox.states() == ["sent"] * 20
    assert len(outbox.notices) <= 8


def test_a_notice_that_is_dead_makes_no_notice(outbox: Outbox, mail: MailCatcher) -> None:
    outbox.queue()
    mail.data_answers = ["554 5.7.1 spam"] * 9
    outbox.pass_time(5 * HOUR, step=20 * MINUTE)
    assert [subject for _, subject in outbox.notices] == ["Newsvane: 1 message could not be delivered"]


def test_a_channel_that_left_the_configuration_keeps_its_queue_and_is_told_of(
    outbox: Outbox, open_outbox: Callable[[str], Outbox], mail: MailCatcher, slack: SlackStandIn
) -> None:
    outbox.queue("team", times=3)
    text = yaml(mail, slack)
    without = open_outbox(text.replace("id: team", "id: others"))
    without.pass_time(5 * HOUR, step=HOUR)
    assert without.states() == ["queued"] * 3
    assert without.notices == [("ops", "Newsvane: channel team takes no messages")]
    again = open_outbox(text)
    again.deliver()
    assert len(slack.messages) == 3


def test_a_destination_that_does_not_answer_holds_up_no_other(
    outbox: Outbox, mail: MailCatcher, slack: SlackStandIn
) -> None:
    mail.data_answers = ["hang"]
    outbox.queue("desk", times=2)

    async def deliver_side_by_side() -> tuple[int, bool]:
        slow = asyncio.create_task(jobs.deliver_due(outbox.room.app))
        while not mail.connections:  # noqa: ASYNC110  (another thread counts them)
            await asyncio.sleep(0.01)
        await asyncio.to_thread(outbox.queue, "team")
        beside = await jobs.deliver_due(outbox.room.app)
        under_way = not slow.done()
        await asyncio.to_thread(mail.__exit__)
        await slow
        return len(beside), under_way

    assert asyncio.run(deliver_side_by_side()) == (1, True)
    assert len(slack.messages) == 1, "and what is under way was not tried a second time"
    assert outbox.states() == ["queued", "queued", "sent"]
    mail.__enter__()
    outbox.pass_time(HOUR)
    assert outbox.states() == ["sent", "sent", "sent"]
