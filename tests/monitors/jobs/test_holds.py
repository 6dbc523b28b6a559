"""What must not be told now waits, and is told as one: nothing is lost, nothing comes twice, nobody is flooded."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.smtp import MailCatcher

from monitors.store import circuits as circuit_store
from monitors.store.holds import holds
from monitors.store.tables import NoticeRow, UpdateNoticeRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Clock, Newsroom

    Open = Callable[[str], Newsroom]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUIET = 'quiet: "20:00-07:00"'


def yaml(*keys: str, more: str = "", smtp: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org, timezone: Europe/Zurich, related: false}}
sources:
  - {{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed", tier: 1}}
  - {{id: wire, name: Wire, url: "https://wire.example/feed", tier: 3}}
watchlists:
  - name: Clouds
    keywords: [cloud]
    {more}
    deliver: [{{to: desk@example.org, when: now, {", ".join(keys)}}}]
{smtp}
"""


def at(local: str) -> datetime:
    """Return a time of November 2026 in Zurich."""
    day, clock = local.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00+01:00").astimezone(UTC)


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


STORIES = (
    "Cloud unit sold by Halden to Lanhai",
    "Ferry strike: cloud of smoke over Calder",
    "Regulator fines cloud firm Brask 40 million",
    "Storm cloud closes airport in Porto",
    "Museum opens cloud exhibit in Oslo",
    "Minister Vey praises cloud schools",
    "Satellite Kestrel maps every cloud",
    "Bank Meridian leaves cloud for own halls",
)
WORDS = random.Random(5)  # noqa: S311  # repeats itself
PROSE = {
    title: f"{title}, it was said. " + " ".join("".join(WORDS.choices("abdeiklmnorstu", k=8)) for _ in range(60))
    for title in STORIES
}
"""Each story in words of its own, so that it is one."""


def bring(room: Newsroom, *numbers: int, source: str = "harbour") -> None:
    for number in numbers:
        room.bring(STORIES[number], PROSE[STORIES[number]], source)
    room.match()


def untold(room: Newsroom) -> int:
    with room.app.database.read() as session:
        waiting = (session.scalar(sa.select(sa.func.count()).select_from(row).where(row.message_id.is_(None)))
                   for row in (NoticeRow, UpdateNoticeRow))  # fmt: skip
        return sum(filter(None, waiting))


def held(room: Newsroom) -> list[str]:
    return [why for why, _ in waiting(room)]


def waiting(room: Newsroom) -> list[tuple[str, int]]:
    with room.app.database.read() as session:
        return [(one.why, one.waiting) for one in holds(session)]


# -- conditions -------------------------------------------------------------------------------------------------------


def test_what_does_not_fulfil_the_condition_is_not_told(newsroom: Open) -> None:
    room = newsroom(yaml('if: "tier == 1 and score > 0"'))
    room.finish()
    room.finish("wire")
    bring(room, 0, source="wire")
    assert room.outbox() == []
    assert untold(room) == 0, "it does not wait either"
    bring(room, 1)
    assert [STORIES[1] in alert.subject for alert in room.outbox()] == [True]


def test_a_digest_beside_still_tells_it(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml("if: tier == 1").replace("deliver: [", 'deliver: [{to: all@example.org, at: "08:00"}, '))
    room.finish("wire")
    bring(room, 0, source="wire")
    clock.turn(DAY)
    room.compose()
    assert [one.recipient for one in room.outbox()] == ["all@example.org"]


# -- quiet hours ------------------------------------------------------------------------------------------------------


def test_in_quiet_hours_nothing_is_told_and_afterwards_all_of_it_as_one(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    room.finish()
    clock.now = at("23 20:00")
    bring(room, 0, 1)
    clock.now = at("24 03:15")
    bring(room, 2)
    clock.now = at("24 06:59")
    assert (room.compose(), room.outbox(), waiting(room)) == (0, [], [("quiet", 3)])
    clock.now = at("24 07:00")
    assert room.compose() == 1
    (told,) = room.outbox()
    assert "Clouds: 3 stories" in told.subject
    assert all(title in told.text for title in STORIES[:3])
    assert "held since Mon 23 Nov, 20:00, during quiet hours" in " ".join(told.text.split())
    assert (held(room), untold(room)) == ([], 0)
    bring(room, 3)
    assert len(room.outbox()) == 2, "and then at once again"


def test_what_comes_just_when_they_end_is_told_with_what_waited(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    room.finish()
    clock.now = at("24 06:00")
    bring(room, 0)
    clock.now = at("24 07:00")
    bring(room, 1)
    (told,) = room.outbox()
    assert "2 stories" in told.subject


def test_one_story_that_waited_is_an_alert_like_any_other(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    room.finish()
    clock.now = at("24 06:00")
    bring(room, 0)
    clock.now = at("24 07:00")
    room.compose()
    assert [one.subject for one in room.outbox()] == [f"Clouds: {STORIES[0]}"]


def test_what_was_already_there_waits_too_and_is_told_as_part_of_it(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    clock.now = at("23 21:00")
    bring(room, 0, 1, 2)
    room.finish()
    clock.turn(HOUR)
    bring(room, 3)
    assert (room.compose(), room.outbox()) == (0, [])
    clock.now = at("24 07:00")
    room.compose()
    (told,) = room.outbox()
    assert told.subject == f"Clouds: 1 story, {STORIES[3]}"
    assert "3 matches were there before Newsvane started watching." in told.text
    assert untold(room) == 0


def test_only_what_was_already_there_is_the_message_it_always_is(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    clock.now = at("23 21:00")
    bring(room, 0, 1)
    room.finish()
    clock.now = at("24 07:00")
    room.compose()
    assert [one.subject for one in room.outbox()] == ["Clouds: 2 matches were there before Newsvane started watching"]


def test_an_edit_of_what_was_told_waits_like_anything_else(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(QUIET))
    room.finish()
    bring(room, 0)
    clock.now = at("23 23:00")
    room.edit(1, text=f"{PROSE[STORIES[0]]}\nCorrection: the buyer is somebody else.")
    room.match()
    assert (len(room.outbox()), waiting(room)) == (1, [("quiet", 1)])
    clock.now = at("24 07:00")
    room.compose()
    assert [one.subject for one in room.outbox()[1:]] == [f"Clouds, corrected: {STORIES[0]}"]
    assert untold(room) == 0


@pytest.mark.parametrize(
    ("zone", "quiet", "moment", "is_quiet"),
    [
        ("Europe/Zurich", "20:00-02:30", "2026-10-25T00:29", True),
        ("Europe/Zurich", "20:00-02:30", "2026-10-25T00:31", False),
        ("Europe/Zurich", "20:00-02:30", "2026-10-25T01:15", True),  # 02:15 for the second time
        ("Europe/Zurich", "20:00-02:30", "2026-10-25T01:30", False),
        ("Europe/Zurich", "20:00-02:30", "2026-03-29T00:59", True),
        ("Europe/Zurich", "20:00-02:30", "2026-03-29T01:00", False),  # 03:00, the clocks have skipped 02:30
        ("Europe/Zurich", "02:30-07:00", "2026-03-29T01:00", True),
        ("Australia/Lord_Howe", "01:45-02:15", "2026-10-03T15:29", True),  # 01:59
        ("Australia/Lord_Howe", "01:45-02:15", "2026-10-03T15:30", False),  # 02:30
        ("Australia/Lord_Howe", "01:45-02:15", "2026-04-04T15:20", True),  # 01:50 for the second time
        ("Asia/Hong_Kong", "sat-sun", "2026-11-20T15:59", False),
        ("Asia/Hong_Kong", "sat-sun", "2026-11-20T16:00", True),
        ("Asia/Hong_Kong", "sat-sun", "2026-11-22T16:00", False),
        ("UTC", "fri 20:00-07:00", "2026-11-21T06:59", True),
        ("UTC", "fri 20:00-07:00", "2026-11-20T06:59", False),
        ("UTC", "mon-fri 12:00-24:00", "2026-11-20T23:59", True),
        ("UTC", "mon-fri 12:00-24:00", "2026-11-21T00:00", False),
    ],
)
def test_quiet_is_what_a_clock_on_the_wall_shows(
    newsroom: Open,
    zone: str,
    quiet: str,
    moment: str,
    is_quiet: bool,  # noqa: FBT001  # as the table has it
) -> None:
    room = newsroom(yaml(f'quiet: "{quiet}"', f"timezone: {zone}"))
    (rule,) = room.app.in_force.watchlists["clouds"].deliver
    assert rule.is_quiet(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is is_quiet


# -- enough in an hour ------------------------------------------------------------------------------------------------


def test_what_is_more_than_an_hour_allows_becomes_a_round_up_and_the_rest_waits(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml("max_per_hour: 3"))
    room.finish()
    bring(room, 0, 1, 2, 3, 4)
    first, second, rest = room.outbox()
    assert all(title in first.subject or title in second.subject or title in rest.text for title in STORIES[:5])
    assert "3 stories" in rest.subject
    assert "told together, for there were enough alerts in this hour" in " ".join(rest.text.split())
    clock.turn(30 * MINUTE)
    bring(room, 5, 6)
    assert (len(room.outbox()), held(room)) == (3, ["max_per_hour"])
    clock.turn(30 * MINUTE)
    room.compose()
    assert "2 stories" in room.outbox()[3].subject
    assert "held since Mon 23 Nov, 08:30, for there were enough alerts in this hour" in " ".join(
        room.outbox()[3].text.split()
    )
    assert untold(room) == 0


def test_the_best_are_told_by_themselves(newsroom: Open) -> None:
    room = newsroom(yaml("max_per_hour: 2"))
    room.finish()
    room.bring("A word on the weather", "There was a cloud, and rain. " * 3)
    bring(room, 0, 1)
    alone, rest = room.outbox()
    assert "A word on the weather" not in alone.subject
    assert "A word on the weather" in rest.text


def test_one_an_hour_tells_several_as_one(newsroom: Open) -> None:
    room = newsroom(yaml("max_per_hour: 1"))
    room.finish()
    bring(room, 0, 1)
    assert ["2 stories" in one.subject for one in room.outbox()] == [True]


def test_as_many_as_there_is_room_for_are_alerts(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml("max_per_hour: 3"))
    room.finish()
    bring(room, 0)
    clock.turn(20 * MINUTE)
    bring(room, 1, 2)
    assert len(room.outbox()) == 3
    clock.turn(40 * MINUTE)
    bring(room, 3, 4)
    assert ["2 stories" in one.subject for one in room.outbox()[3:]] == [True], "only one was an hour ago"


def test_a_round_up_shows_max_items_and_says_how_to_see_the_others(newsroom: Open) -> None:
    room = newsroom(yaml("max_per_hour: 1", "max_items: 2"))
    room.finish()
    bring(room, 0, 1, 2, 3)
    (told,) = room.outbox()
    assert "4 stories" in told.subject
    assert "and 2 more: newsvane preview clouds --all" in told.text
    assert untold(room) == 0


# -- an outage --------------------------------------------------------------------------------------------------------


def test_after_a_long_outage_one_message_makes_up_for_it(newsroom: Open, clock: Clock, mail: MailCatcher) -> None:
    smtp = f"smtp: {{host: {mail.host}, port: {mail.port}}}"
    room = newsroom(yaml(smtp=smtp).replace("deliver: [", 'deliver: [{to: all@example.org, at: "08:00"}, '))
    room.finish()
    mail.__exit__()
    bring(room, 0)
    room.deliver()
    while clock.now < at("24 09:00"):
        clock.turn(10 * MINUTE)
        number = int((clock.now - at("23 08:00")) / HOUR) // 4 + 1
        if number < len(STORIES) and clock.now.minute == 0:
            bring(room, number)
        room.compose()
        room.deliver()
    assert len(room.outbox()) == 1, "there is no flood to come"
    with room.app.database.read() as session:
        assert circuit_store.circuits(session)
    mail.__enter__()
    for _ in range(5):
        clock.turn(HOUR)
        room.deliver()
        room.compose()
        room.deliver()
    subjects = [one.subject for one in room.outbox()]
    assert len(subjects) == len(mail.messages) == 3
    assert [subject.partition(",")[0] for subject in subjects[1:]] == ["Clouds: 8 stories", "Clouds: 7 stories"]
    assert untold(room) == 0


# -- two services, and death at any point -----------------------------------------------------------------------------


def test_two_services_release_what_waited_once(newsroom: Open, clock: Clock) -> None:
    one = newsroom(yaml(QUIET))
    other = newsroom(yaml(QUIET))
    one.finish()
    clock.now = at("23 23:00")
    bring(one, 0, 1)
    clock.now = at("24 07:00")
    assert (one.compose(), other.compose()) == (1, 0)
    assert len(one.outbox()) == 1


def test_a_message_that_breaks_leaves_what_waited_as_it_was(
    newsroom: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = newsroom(yaml(QUIET))
    room.finish()
    clock.now = at("23 23:00")
    bring(room, 0, 1)
    clock.now = at("24 07:00")
    with monkeypatch.context() as broken:
        broken.setattr("monitors.tell_alerts.queue_message", None)
        room.compose()
    assert (room.outbox(), held(room), untold(room)) == ([], ["quiet"], 2)
    room.compose()
    assert len(room.outbox()) == 1
