"""`newsvane outbox`: what waits and what is dead is seen, tried again or dropped, and obeyed by no terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    from conftest import Desk

NOBODY = "550 5.1.1 no such user"


@pytest.fixture
def troubled(desk: Desk) -> Desk:
    """Return a desk with two alerts: Ann has both, Bob's first is dead, and his second waits."""
    desk.alert("Cloud unit sold", "Pilots welcome cloud law")
    desk.mail.answers["bob@example.org"] = [NOBODY] * 9
    desk.deliver()
    assert desk.states() == ["sent", "dead", "sent", "queued"]
    return desk


def test_what_is_in_trouble_stands_above_what_waits_for_it(troubled: Desk) -> None:
    lines = troubled.says("outbox", "list").splitlines()
    assert lines[0].startswith("smtp, bob@example.org: needs mending since 2026-11-23 07:00")
    assert NOBODY in lines[1]
    assert lines[2] == "2  dead  bob@example.org through desk  Clouds: Cloud unit sold"
    assert "tried 1 time: RCPT answered 550" in lines[3]
    assert lines[4].startswith("4  queued  bob@example.org through desk  Clouds: Pilots welcome")


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ((), [2, 4]),
        (("--state", "dead"), [2]),
        (("--state", "sent"), [1, 3]),
        (("--recipient", "ann@example.org"), []),
        (("--channel", "desk"), [2, 4]),
        (("--channel", "late"), []),
        (("--watchlist", "clouds"), [2, 4]),
        (("--since", "1h"), [2, 4]),
    ],
)
def test_what_is_listed_can_be_chosen(troubled: Desk, asked: tuple[str, ...], numbers: list[int]) -> None:
    found = troubled.json("outbox", "list", *asked, "--json")
    assert [one["id"] for one in found if one["type"] == "delivery"] == numbers
    assert [one["recipient"] for one in found if one["type"] == "circuit"] == ["bob@example.org"]
    assert all("fingerprint" not in one for one in found)


def test_an_empty_outbox_says_so(desk: Desk) -> None:
    assert desk.says("outbox", "list") == "nothing is queued or dead\n"


def test_a_message_is_shown_as_it_is_sent(troubled: Desk) -> None:
    shown = troubled.says("outbox", "show", "2")
    assert "To: bob@example.org" in shown
    assert "Subject: Clouds: Cloud unit sold" in shown
    assert "https://harbour.example/" in shown


def test_hostile_text_is_shown_and_not_obeyed(desk: Desk) -> None:
    desk.alert("Cloud \x1b[2J\u202e=HYPERLINK(1) sold")
    desk.mail.answers["bob@example.org"] = ["550 5.1.1 \x1b]0;owned"]
    desk.deliver()
    told = desk.says("outbox", "list") + desk.says("outbox", "show", "2") + desk.says("outbox", "list", "--json")
    assert not {char for char in told if char in "\x1b\u202e\x07"}


def test_a_dead_message_is_tried_again_before_those_behind_it(troubled: Desk) -> None:
    troubled.mail.answers.clear()
    assert troubled.says("outbox", "retry", "2") == "1 message due now\n"
    troubled.deliver()
    assert troubled.states() == ["sent"] * 4
    subjects = [str(one.message["subject"]) for one in troubled.mail.messages if one.recipients == ("bob@example.org",)]
    assert [subject.split(":")[1][:7] for subject in subjects] == [" Cloud ", " Pilots"]


@pytest.mark.parametrize("what", [("--all-dead",), ("--channel", "desk"), ("--recipient", "bob@example.org")])
def test_many_are_tried_again_at_once(troubled: Desk, what: tuple[str, ...]) -> None:
    troubled.mail.answers.clear()
    troubled.says("outbox", "retry", *what)
    troubled.deliver()
    assert troubled.states() == ["sent"] * 4


def test_where_it_is_not_mended_one_try_tells_and_all_go_on_waiting(troubled: Desk) -> None:
    troubled.says("outbox", "retry", "--recipient", "bob@example.org")
    before = len(troubled.mail.heard)
    troubled.deliver()
    assert len([one for one in troubled.mail.heard[before:] if one.startswith("RCPT")]) == 1
    assert troubled.states() == ["sent", "queued", "sent", "queued"]


def test_a_message_that_is_tried_again_by_hand_has_three_days_more(troubled: Desk) -> None:
    troubled.clock.turn(timedelta(days=9))
    troubled.says("outbox", "retry", "--all-dead")
    troubled.mail.answers["bob@example.org"] = ["451 4.2.1 later"]
    troubled.deliver()
    assert troubled.states() == ["sent", "queued", "sent", "queued"]


def test_what_is_dropped_is_sent_to_nobody_and_stays_in_the_ledger(troubled: Desk) -> None:
    assert troubled.says("outbox", "drop", "2", "4", "--yes") == "2 messages dropped\n"
    troubled.mail.answers.clear()
    troubled.clock.turn(timedelta(days=9))
    troubled.deliver()
    assert troubled.states() == ["sent", "dropped", "sent", "dropped"]
    assert troubled.says("outbox", "list") == "nothing is queued or dead\n", "nor is Bob in trouble any more"
    assert "2 dropped by hand" in troubled.says("status")


def test_a_drop_is_asked_about(troubled: Desk) -> None:
    assert troubled.type("outbox", "drop", "--channel", "desk", input="n\n").exit_code == 1
    assert troubled.states() == ["sent", "dead", "sent", "queued"]
    assert troubled.type("outbox", "drop", "--channel", "desk", input="y\n").exit_code == 0
    assert troubled.states() == ["sent", "dropped", "sent", "dropped"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("outbox", "retry", "1"), "message 1 is sent already"),
        (("outbox", "retry", "99"), "no message has the number 99"),
        (("outbox", "drop", "99", "--yes"), "no message has the number 99"),
        (("outbox", "show", "99"), "no message has the number 99"),
    ],
)
def test_what_cannot_be_done_is_said(troubled: Desk, words: tuple[str, ...], told: str) -> None:
    error = troubled.type(*words).exception
    assert isinstance(error, NewsvaneError)
    assert told in str(error)


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_nothing_is_chosen_by_saying_nothing(troubled: Desk, command: str) -> None:
    assert troubled.type("outbox", command).exit_code == 2
    assert troubled.states() == ["sent", "dead", "sent", "queued"]


def test_status_tells_of_destinations_in_trouble(troubled: Desk) -> None:
    told = troubled.says("status")
    assert "smtp, bob@example.org: needs mending since" in told
    assert "2 sent, 1 queued, 1 dead" in told
