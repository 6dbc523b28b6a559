"""What is found is told: at once or at its hour, once, and never silently dropped."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.smtp import MailCatcher

from monitors import jobs
from monitors.preview import preview
from monitors.store.status import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Clock, Newsroom

    Open = Callable[[str], Newsroom]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def yaml(deliver: str, *, more: str = "", smtp: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
sources:
  - {{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}}
  - {{id: wire, name: Wire, url: "https://wire.example/feed", groups: [wires]}}
watchlists:
  - name: Clouds
    keywords: [cloud]
    {more}
    deliver: [{deliver}]
{smtp}
"""


ALERT = "{to: desk@example.org, when: now}"
DIGEST = '{to: desk@example.org, at: "08:00"}'


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


def test_a_possible_mention_is_told_as_such_in_digests_and_never_as_an_alert(newsroom: Open, clock: Clock) -> None:
    ambiguous = "[{text: Amazon, case_sensitive: true, ambiguous: true}]"
    room = newsroom(
        yaml(f"{ALERT}, {DIGEST}", more="entities: [amazon]")
        + f"entities: [{{id: amazon, name: Amazon.com, aliases: {ambiguous}, context: [retailer, cloud]}}]\n"
    )
    room.finish()
    room.bring("The Amazon is dry")
    room.bring("Amazon.com sells a unit")
    room.match()
    (alert,) = room.outbox()
    assert "Amazon.com sells a unit" in alert.subject
    clock.turn(DAY)
    room.compose()
    digest = room.outbox()[-1]
    assert "The Amazon is dry" in digest.text
    assert digest.text.index("Amazon.com sells a unit") < digest.text.index("Possible") < digest.text.index("is dry")


def test_a_match_is_told_at_once(newsroom: Open) -> None:
    room = newsroom(yaml(ALERT))
    room.finish()
    room.bring("Cloud unit sold")
    room.bring("Pilots vote on strike")
    room.match()
    (alert,) = room.outbox()
    assert "Cloud unit sold" in alert.subject
    assert room.compose() == 0, "it is told once"


def test_a_digest_comes_at_its_hour_with_all_that_was_found(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Cloud unit sold")
    room.bring("Cloud law passed")
    room.match()
    assert room.compose() == 0, "not before 08:00"
    clock.turn(HOUR)
    assert room.compose() == 1
    (digest,) = room.outbox()
    assert "Cloud unit sold" in digest.text
    assert "Cloud law passed" in digest.text
    room.bring("Cloud bill rejected")
    room.match()
    clock.turn(timedelta(minutes=5))
    assert room.compose() == 0, "one digest a slot"
    clock.turn(DAY)
    assert room.compose() == 1
    assert "Cloud bill rejected" in room.outbox()[1].text
    assert "Cloud law passed" not in room.outbox()[1].text


@pytest.mark.parametrize(("empty", "digests"), [("skip", 0), ("send", 1)])
def test_an_empty_digest_is_sent_where_it_is_asked_for(newsroom: Open, clock: Clock, empty: str, digests: int) -> None:
    room = newsroom(yaml(f'{{to: desk@example.org, at: "08:00", empty: {empty}}}'))
    clock.turn(HOUR)
    assert room.compose() == digests
    assert room.compose() == 0
    assert len(room.outbox()) == digests


def test_a_service_that_was_down_sends_one_digest_for_all_it_missed(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    clock.turn(5 * DAY)
    assert room.compose() == 1
    assert room.compose() == 0


def test_what_was_made_up_for_while_the_clock_was_ahead_is_not_told_again(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml('{to: desk@example.org, at: ["08:00", "10:00"], empty: send}'))
    clock.turn(4 * HOUR)
    assert room.compose() == 1, "10:00, for 08:00 too"
    clock.turn(-2 * HOUR)
    assert room.compose() == 0, "08:00 comes a second time"
    clock.turn(HOUR)
    assert room.compose() == 0, "and so does 10:00"
    clock.turn(22 * HOUR)
    assert room.compose() == 1, "08:00 of the next day"


def test_two_services_on_one_database_tell_it_once(newsroom: Open, clock: Clock) -> None:
    both = newsroom(yaml(f"{DIGEST}, {ALERT}")), newsroom(yaml(f"{DIGEST}, {ALERT}"))
    both[0].finish()
    both[0].bring("Cloud unit sold")
    for room in both:
        room.match()
    clock.turn(HOUR)
    assert sorted(room.compose() for room in both) == [0, 1]
    assert len(both[0].outbox()) == 2, "an alert and a digest"


def test_what_was_already_there_is_summarized(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    for number in range(30):
        room.bring(f"Cloud story number {number}")
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    clock.turn(HOUR)
    room.compose()
    (digest,) = room.outbox()
    assert "30" in digest.text
    assert "Cloud unit sold" in digest.text
    assert digest.text.count("Cloud story number") == 10, "the newest titles"


def test_alerts_of_what_was_already_there_are_one_message_once_all_is_in(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(ALERT))
    for number in range(30):
        room.bring(f"Cloud story number {number}")
    room.finish()
    room.match()
    assert room.outbox() == []
    assert room.compose() == 0, "more of it may come"
    clock.turn(jobs.SETTLING)
    assert room.compose() == 1
    assert room.compose() == 0
    assert "30" in room.outbox()[0].text


@pytest.mark.parametrize(("first_run", "told"), [("skip", 0), ("deliver", 2)])
def test_first_run_decides_on_what_was_already_there(newsroom: Open, clock: Clock, first_run: str, told: int) -> None:
    room = newsroom(yaml(ALERT, more=f"first_run: {first_run}"))
    room.bring("Cloud unit sold")
    room.bring("Cloud law passed")
    room.finish()
    room.match()
    clock.turn(HOUR)
    room.compose()
    assert len(room.outbox()) == told


def test_a_new_watchlist_reads_the_archive(newsroom: Open, clock: Clock) -> None:
    before = newsroom(yaml(DIGEST))
    before.finish()
    before.bring("Pilots vote on strike")
    before.match()
    clock.turn(DAY)
    after = newsroom(
        yaml(DIGEST) + '  - {name: Pilots, keywords: [pilot], deliver: [{to: desk@example.org, at: "08:00"}]}\n'
    )
    assert asyncio.run(jobs.read_archive(after.app)) == 1
    assert asyncio.run(jobs.read_archive(after.app)) == 0, "once"
    clock.turn(2 * HOUR)
    after.compose()
    assert "Pilots vote on strike" in after.outbox()[-1].text


def test_a_watchlist_hears_of_its_own_sources_only_whoever_was_first(newsroom: Open) -> None:
    room = newsroom(yaml(ALERT, more="sources: {groups: [wires]}"))
    room.finish()
    room.finish("wire")
    room.bring("Cloud unit sold")
    room.match()
    assert room.outbox() == []
    its = room.app.in_force.sources["wire"]
    link = f"https://harbour.example/{abs(hash('Cloud unit sold'))}"
    from crawler.domain import Entry

    asyncio.run(room._desk.discovered(its, [Entry(link=link, title="Cloud unit sold")]))
    room.match()
    assert len(room.outbox()) == 1, "the wire carried it, too"


def test_mail_that_is_refused_for_now_is_sent_later_as_it_was(newsroom: Open, clock: Clock, mail: MailCatcher) -> None:
    room = newsroom(yaml(ALERT, smtp=f"smtp: {{host: {mail.host}, port: {mail.port}}}"))
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    mail.answers["desk@example.org"] = ["451 later"]
    assert room.deliver() == 1
    assert room.deliver() == 0, "not at once"
    with room.app.database.read() as session:
        assert "451" in (status(session, now=clock()).undelivered[0].reason or "")
    clock.turn(HOUR)
    assert room.deliver() == 1
    assert [one.message_id for one in mail.messages] == [f"<{room.outbox()[0].message_id}>"]
    assert room.outbox()[0].state == "sent"


def test_mail_to_nobody_becomes_a_dead_letter_that_status_tells(
    newsroom: Open, clock: Clock, mail: MailCatcher
) -> None:
    room = newsroom(yaml(ALERT, smtp=f"smtp: {{host: {mail.host}, port: {mail.port}}}"))
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    mail.answers["desk@example.org"] = ["550 no such user"]
    room.deliver()
    with room.app.database.read() as session:
        found = status(session, now=clock())
    assert found.deliveries == {"queued": 0, "sent": 0, "dead": 1}
    assert "550" in (found.undelivered[0].reason or "")


def test_a_preview_is_the_digest_to_come_and_changes_nothing(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    room.bring("Cloud law passed, not yet matched")
    watchlist = room.app.in_force.watchlists["clouds"]
    for _ in range(2):
        with room.app.database.read() as session:
            digest, found = preview(session, room.app.in_force, watchlist, now=clock())
        assert len(digest.stories) == len(found) == 2
    room.match()
    clock.turn(HOUR)
    assert room.compose() == 1
    assert room.outbox()[0].text.count("Cloud") >= 2


def test_what_a_cap_hid_can_be_seen_after_the_digest_went_out(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml('{to: desk@example.org, at: "08:00", max_items: 1}'))
    room.finish()
    for title in ("Cloud unit sold", "Cloud law passed", "Cloud bill rejected"):
        room.bring(title)
    room.match()
    clock.turn(HOUR)
    room.compose()
    assert "and 2 more: newsvane preview clouds --all" in room.outbox()[0].text
    watchlist = room.app.in_force.watchlists["clouds"]
    with room.app.database.read() as session:
        assert len(preview(session, room.app.in_force, watchlist, now=clock())[1]) == 0
        digest, found = preview(session, room.app.in_force, watchlist, everything=True, now=clock())
    assert len(found) == len(digest.stories) == digest.max_items == 3


def test_a_watchlist_that_tells_nobody_can_be_previewed(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(ALERT) + "  - {name: Pilots, keywords: [pilot]}\n")
    room.finish()
    room.bring("Pilots vote on strike")
    room.match()
    with room.app.database.read() as session:
        _, found = preview(session, room.app.in_force, room.app.in_force.watchlists["pilots"], now=clock())
    assert len(found) == 1


def test_a_channel_that_left_the_configuration_keeps_its_queue(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(ALERT))
    room.finish()
    room.bring("Cloud unit sold")
    room.match()
    without = newsroom(yaml("{to: other@example.org, when: now}"))
    assert without.deliver() == 1
    with without.app.database.read() as session:
        (letter,) = status(session, now=clock()).undelivered
    assert letter.state == "queued"
    assert "no channel" in (letter.reason or "")
