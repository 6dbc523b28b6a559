"""`newsvane replay`: what was matched is sent once more, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.errors import NewsvaneError

if TYPE_CHECKING:
    from conftest import Desk


@pytest.fixture
def told(desk: Desk) -> Desk:
    desk.alert("Cloud unit sold")
    desk.clock.turn(timedelta(days=4))
    desk.alert("Pilots welcome cloud law", "Council buys cloud service")
    desk.deliver()
    desk.mail.messages.clear()
    return desk


REPLAY = ("replay", "clouds", "--since", "3d", "--channel", "late")


def test_what_was_matched_since_is_sent_as_one_digest_that_says_so(told: Desk) -> None:
    assert told.says(*REPLAY) == "sent to cyd@example.org\n"
    (mail,) = told.mail.messages
    assert mail.recipients == ("cyd@example.org",)
    assert str(mail.message["subject"]).startswith("Sent again: Clouds")
    text = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "Sent again, by hand" in text
    assert "Pilots welcome" in text
    assert "Council buys" in text
    assert "unit sold" not in text
    told.says("replay", "clouds", "--since", "5d", "--channel", "late")
    assert "unit sold" in told.mail.messages[1].message.as_string()


def test_the_ledger_knows_it_as_a_replay_with_its_articles(told: Desk) -> None:
    told.says(*REPLAY)
    line = told.json("ledger", "--channel", "late", "--json")[0]
    assert line["kind"] == "replay"
    assert {one["title"] for one in line["articles"]} == {"Pilots welcome cloud law", "Council buys cloud service"}


def test_the_same_twice_within_a_minute_is_sent_once(told: Desk) -> None:
    told.says(*REPLAY)
    error = told.type(*REPLAY).exception
    assert isinstance(error, NewsvaneError)
    assert len(told.mail.messages) == 1
    told.clock.turn(timedelta(minutes=1))
    told.says(*REPLAY)
    assert len(told.mail.messages) == 2


def test_what_counts_as_told_stays_as_it_is(told: Desk) -> None:
    before = told.room.compose()
    told.says(*REPLAY)
    assert (before, told.room.compose()) == (0, 0)
    told.alert("Museum opens cloud hall")
    told.deliver()
    assert [one.recipients[0] for one in told.mail.messages[1:]] == ["ann@example.org", "bob@example.org"]


def test_a_look_beforehand_sends_nothing(told: Desk) -> None:
    shown = told.says(*REPLAY, "--dry-run")
    assert "Sent again, by hand" in shown
    assert "Pilots welcome" in shown
    assert told.mail.messages == []
    assert told.json("ledger", "--channel", "late", "--json") == []


def test_a_destination_in_trouble_gets_it_later(told: Desk) -> None:
    told.mail.at["greeting"] = ["421 down"]
    assert "not sent to cyd@example.org yet" in told.says(*REPLAY)
    told.clock.turn(timedelta(minutes=1))
    told.deliver()
    assert len(told.mail.messages) == 1


@pytest.mark.parametrize(
    ("words", "told_of"),
    [
        (("replay", "clouds", "--since", "3d", "--channel", "nowhere"), "no channel is called nowhere"),
        (("replay", "skies", "--since", "3d", "--channel", "late"), "no watchlist has the id skies"),
        (("replay", "clouds", "--channel", "late"), "name a time"),
    ],
)
def test_mistakes_of_the_command_line_are_said(told: Desk, words: tuple[str, ...], told_of: str) -> None:
    result = told.type(*words)
    assert result.exit_code == 2
    assert told_of in result.output


def test_where_nothing_was_matched_nothing_is_sent(told: Desk) -> None:
    told.clock.turn(timedelta(days=9))
    assert isinstance(told.type(*REPLAY).exception, NewsvaneError)
    assert told.mail.messages == []
