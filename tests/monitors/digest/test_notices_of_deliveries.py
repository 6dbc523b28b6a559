"""What whoever looks after the service reads of messages that do not get through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitors.digest.render import render_html, render_slack, render_text, subject
from monitors.domain import DeadLetter, DestinationNews, Notice

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SERVER = DestinationNews(
    name="the mail server mail.example.org:587",
    channels=("desk", "ops"),
    state="open",
    since=NOW - timedelta(hours=2),
    why="LOGIN answered 535 <b>no</b> \x1b[2J",
    next_try_at=NOW + timedelta(hours=1),
    waiting=3,
)
LETTER = DeadLetter(
    id=17,
    subject="Clouds: <script>alert(1)</script>",
    channel="desk",
    recipient="ann@example.org",
    queued_at=NOW - timedelta(hours=80),
    attempts=9,
    reason="DATA answered 552 too large",
)


def text_of(notice: Notice) -> str:
    return " ".join(render_text(notice).split())


def test_a_destination_that_needs_mending_says_why_what_waits_and_what_to_do() -> None:
    notice = Notice(at=NOW, destinations=(SERVER,))
    assert subject(notice) == "Newsvane: the mail server mail.example.org:587 takes no messages"
    told = text_of(notice)
    assert "Since Mon 23 Nov, 07:00: LOGIN answered 535" in told
    assert "3 messages wait" in told
    assert "kept until this is mended" in told
    assert "newsvane outbox retry --channel desk" in told


def test_one_that_fails_says_for_how_long_it_is_tried() -> None:
    assert "72 hours" in text_of(Notice(at=NOW, destinations=(replace(SERVER, state="failing"),)))


def test_one_that_is_well_again_says_what_is_sent_now() -> None:
    told = text_of(Notice(at=NOW, destinations=(replace(SERVER, state="ok"),)))
    assert "takes messages again" in told
    assert "3 messages that waited are sent now" in told


def test_an_address_keeps_its_letters() -> None:
    notice = Notice(at=NOW, destinations=(replace(SERVER, recipient="ann@example.org"),), dead=(LETTER,))
    assert subject(notice) == "Newsvane: ann@example.org takes no messages, 1 message could not be delivered"
    assert "Ann@" not in text_of(notice)
    assert "newsvane outbox retry --recipient ann@example.org" in text_of(notice)


def test_a_dead_letter_has_the_command_that_sends_it_once_more() -> None:
    told = text_of(Notice(at=NOW, dead=(LETTER,), more_dead=4))
    assert "To ann@example.org through desk, tried 9 times" in told
    assert "newsvane outbox retry 17" in told
    assert "and 4 more: newsvane outbox list --state dead" in told


@pytest.mark.parametrize("notice", [Notice(at=NOW, destinations=(SERVER,)), Notice(at=NOW, dead=(LETTER,))])
def test_nothing_in_it_acts(notice: Notice) -> None:
    html = render_html(notice)
    assert "<script>" not in html
    assert "<b>no</b>" not in html
    assert "\x1b" not in html + render_text(notice) + str(render_slack(notice))
