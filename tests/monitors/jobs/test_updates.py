"""An edit that changes what was told is told: what it added, what it took away, a new headline, a correction."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from crawler.settings import Archive
from crawler.store.articles import articles_by_id
from crawler.store.tables import UnreadRow, VersionRow
from monitors import edits, jobs
from monitors.housekeeping import keep_house
from monitors.match.matcher import Matcher
from monitors.preview import preview
from monitors.store.matches import matches_of
from monitors.store.tables import DeliveryRow, UpdateNoticeRow, UpdateRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    Open = Callable[[str], Newsroom]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALERT = "{to: now@example.org, when: now}"
DIGEST = '{to: desk@example.org, at: "08:00"}'
FILL = "The council met until long after midnight, and those who came out had little to say to the reporters."


def yaml(deliver: str, more: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
sources:
  - {{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}}
  - {{id: wire, name: Wire, url: "https://wire.example/feed", groups: [wires]}}
entities:
  - {{id: amazon, name: Amazon.com, aliases: [{{text: Amazon, ambiguous: true, case_sensitive: true}}],
     context: [retailer, cloud]}}
watchlists:
  - name: Cranes
    keywords: [crane]
    {more}
    deliver: [{deliver}]
smtp: {{host: 127.0.0.1, port: 9}}
"""


def recorded(room: Newsroom) -> list[tuple[int, str]]:
    with room.app.database.read() as session:
        rows = session.execute(sa.select(UpdateRow.match_id, UpdateRow.kind).order_by(UpdateRow.id))
        return [(match_id, kind) for match_id, kind in rows]


def untold(room: Newsroom) -> int:
    with room.app.database.read() as session:
        untold = sa.select(sa.func.count()).where(UpdateNoticeRow.message_id.is_(None))
        return session.scalar(untold) or 0


def waiting(room: Newsroom) -> int:
    with room.app.database.read() as session:
        return session.scalar(sa.select(sa.func.count(UnreadRow.article_id))) or 0


def open_with(newsroom: Open, configuration: str, title: str, text: str = FILL) -> Newsroom:
    """Open a newsroom that has read one article, and told it."""
    room = newsroom(configuration)
    room.finish()
    room.finish("wire")
    room.bring(title, text)
    room.match()
    room.app.clock.turn(HOUR)  # type: ignore[attr-defined]
    room.compose()
    return room


def next_digest(room: Newsroom) -> str:
    """Return the text of tomorrow's digest; empty if there is none."""
    room.match()
    room.app.clock.turn(DAY)  # type: ignore[attr-defined]
    return room.outbox()[-1].text if room.compose() else ""


def test_a_match_that_an_edit_adds_is_told_with_what_was_changed(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Port shut")
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    text = next_digest(room)
    assert recorded(room) == [(1, "gained")]
    assert "Matches since an edit" in text
    assert "A crane fell into the harbour" in text
    assert next_digest(room) == "", "it is told once"


def test_a_match_that_an_edit_takes_away_is_told_as_lost(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    room.edit(1, text=f"{FILL}\nA truck fell into the harbour on Monday.")
    text = next_digest(room)
    assert recorded(room) == [(1, "lost")]
    assert "Does not match any more since an edit" in text
    assert "told before" in text
    assert "truck" in text
    assert next_digest(room) == ""


def test_what_was_lost_before_it_was_told_is_told_all_the_same(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    room.match()
    room.edit(1, text=FILL)
    room.match()
    clock.turn(HOUR)
    assert room.compose() == 1
    assert "A crane fell into the harbour on Monday." in room.outbox()[0].text
    assert "Does not match any more since an edit" in room.outbox()[0].text


def test_what_comes_back_matches_again(newsroom: Open) -> None:
    crane = f"{FILL}\nA crane fell into the harbour on Monday."
    room = open_with(newsroom, yaml(DIGEST), "Port shut", crane)
    room.edit(1, text=FILL)
    assert "Does not match any more" in next_digest(room)
    room.edit(1, text=crane.replace("Monday", "Tuesday"))
    text = next_digest(room)
    assert "Matches since an edit" in text
    assert "Does not match any more" not in text
    assert recorded(room) == [(1, "lost"), (1, "gained")]


def test_a_new_headline_and_a_correction_are_told_of_what_still_matches(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls into harbour")
    room.edit(
        1, title="Two cranes fall into harbour", text=f"{FILL}\nCorrection: an earlier version spoke of one crane."
    )
    text = next_digest(room)
    assert recorded(room) == [(1, "headline"), (1, "correction")]
    assert "New headline" in text
    assert "Corrected" in text
    assert "an earlier version spoke of" in text


def test_an_edit_that_changes_nothing_of_what_is_told_is_not_told(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls into harbour")
    room.edit(1, text=f"{FILL}\nNobody was hurt.")
    assert next_digest(room) == ""
    assert recorded(room) == []


def test_the_match_is_shown_as_the_text_is_now(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    room.match()
    room.edit(1, text=f"{FILL}\nTwo cranes fell into the harbour on Sunday.")
    room.match()
    clock.turn(HOUR)
    room.compose()
    assert "Two cranes fell into the harbour on Sunday." in room.outbox()[0].text
    assert "A crane fell" not in room.outbox()[0].text
    with room.app.database.read() as session:
        (found,) = matches_of(session, "cranes")
        text = articles_by_id(session, [found.article.id])[found.article.id].article.text
    assert {text[span.start : span.end] for span in found.match.spans} == {"cranes"}


def test_an_article_that_was_edited_before_anybody_read_it_is_new(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Port shut")
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    room.match()
    clock.turn(HOUR)
    assert room.compose() == 1
    assert recorded(room) == []
    assert "since an edit" not in room.outbox()[0].text


def test_several_edits_since_it_was_read_are_one(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls")
    room.edit(1, title="Crane falls into harbour", text=f"{FILL}\nNobody was hurt.")
    room.edit(1, title="Crane falls into the sea", text=f"{FILL}\nSomebody was hurt.")
    text = next_digest(room)
    assert recorded(room) == [(1, "headline")]
    assert "Crane falls {+into the sea+}" in text


def test_an_edit_that_is_taken_back_before_anybody_read_it_was_none(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    room.edit(1, text=FILL)
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    assert next_digest(room) == ""
    assert recorded(room) == []


def test_what_a_changed_watchlist_finds_is_no_edit(newsroom: Open) -> None:
    open_with(newsroom, yaml(DIGEST), "Port shut", f"{FILL}\nA truck fell into the harbour on Monday.")
    room = newsroom(yaml(DIGEST).replace("[crane]", "[truck]"))
    room.edit(1, text=f"{FILL}\nA truck fell into the harbour on Sunday.")
    room.match()
    assert recorded(room) == [], "the watchlist was changed, and finds it in either wording"
    room = newsroom(yaml(DIGEST))
    room.edit(1, text=f"{FILL}\nA truck fell into the harbour on Friday.")
    room.match()
    assert recorded(room) == [], "and what the old watchlist does not find, the edit did not take away"
    with room.app.database.read() as session:
        assert [found.lost_at for found in matches_of(session, "cranes")] == [None]


def test_a_possible_mention_that_becomes_sure_is_gained_and_alerted(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(f"{DIGEST}, {ALERT}", "entities: [amazon]"), "Amazon falls", f"{FILL}\nIt is dry.")
    assert len(room.outbox()) == 1, "a digest"
    room.edit(1, text=f"{FILL}\nThe retailer sells its cloud.")
    room.match()
    assert recorded(room) == [(1, "gained")]
    assert [one.recipient for one in room.outbox()] == ["desk@example.org", "now@example.org"]


def test_what_one_of_two_sources_still_carries_for_the_watchlist_is_not_lost(newsroom: Open) -> None:
    """The article left the queue once for both: what counts is whether any source that carries it still matches."""
    room = newsroom(yaml(DIGEST, "sources: {groups: [wires]}"))
    room.finish()
    room.finish("wire")
    crane = f"{FILL}\nA crane fell into the harbour on Monday."
    room.bring("Port shut", crane)
    room.carry(1, "wire")
    room.match()
    room.edit(1, text=f"{crane}\nNobody was hurt.")
    room.match()
    assert recorded(room) == []
    with room.app.database.read() as session:
        (found,) = matches_of(session, "cranes")
    assert (found.source_id, found.lost_at) == ("wire", None)
    assert waiting(room) == 0


def test_two_services_record_and_tell_it_once(newsroom: Open, clock: Clock) -> None:
    both = open_with(newsroom, yaml(DIGEST), "Crane falls"), newsroom(yaml(DIGEST))
    both[0].edit(1, title="Crane falls into the sea")
    for room in both:
        room.match()
    assert recorded(both[0]) == [(1, "headline")]
    clock.turn(DAY)
    assert sorted(room.compose() for room in both) == [0, 1]


def test_an_edit_while_another_is_judged_is_not_lost(newsroom: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    room.edit(1, text=f"{FILL}\nTwo cranes fell.")
    reread = edits.reread

    def edited_meanwhile(*arguments: object) -> list[edits.Reread]:
        monkeypatch.setattr(jobs, "reread", reread)
        room.edit(1, text=FILL)
        return reread(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "reread", edited_meanwhile)
    asyncio.run(jobs.match_new(room.app))
    assert recorded(room) == []
    assert waiting(room) == 1, "it is read again"
    room.match()
    assert recorded(room) == [(1, "lost")]


def test_an_edit_while_the_article_is_read_for_the_first_time_takes_its_match_back(
    newsroom: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = newsroom(yaml(DIGEST))
    room.finish()
    room.bring("Port shut", f"{FILL}\nA crane fell into the harbour on Monday.")
    find = jobs.find_matches

    def edited_meanwhile(*arguments: object) -> object:
        monkeypatch.setattr(jobs, "find_matches", find)
        room.edit(1, text=FILL)
        return find(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "find_matches", edited_meanwhile)
    asyncio.run(jobs.match_new(room.app))
    room.match()
    assert recorded(room) == [(1, "lost")]


@pytest.mark.parametrize(
    ("fails_on", "more"), [(1, ""), (2, ""), (1, "The lock is shut.")], ids=["as it was", "as it is", "as it was, new"]
)
def test_a_watchlist_that_fails_loses_nothing(
    newsroom: Open, monkeypatch: pytest.MonkeyPatch, fails_on: int, more: str
) -> None:
    crane = f"{FILL}\nA crane fell into the harbour on Monday."
    room = open_with(newsroom, yaml(DIGEST, "none: [lock]"), "Port shut", f"{crane}\n{more}")
    match, calls = Matcher._match, iter(range(1, 9))

    def failing(*arguments: object) -> object:
        if next(calls) == fails_on:
            raise RuntimeError("a bug")
        return match(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Matcher, "_match", failing)
    room.edit(1, text=f"{crane}\nNobody was hurt.")
    room.match()
    assert recorded(room) == [], "it cannot be told what the edit did"
    with room.app.database.read() as session:
        assert [found.lost_at for found in matches_of(session, "cranes")] == [None]


# -- alerts -----------------------------------------------------------------------------------------------------------


def test_an_alert_is_sent_again_for_a_correction_and_for_a_match_that_was_lost(newsroom: Open) -> None:
    crane = f"{FILL}\nA crane fell into the harbour on Monday."
    room = open_with(newsroom, yaml(ALERT), "Port shut", crane)
    room.edit(1, text=f"{crane}\nCorrection: it fell on Sunday, not on Monday.")
    room.match()
    room.edit(1, text=FILL)
    room.match()
    first, corrected, lost = room.outbox()
    assert "Port shut" in first.subject
    assert "Told again: it was corrected" in corrected.text
    assert "it fell on Sunday" in corrected.text
    assert "Does not match any more since an edit" in lost.text
    assert len({one.message_id for one in room.outbox()}) == 3
    assert corrected.answers == lost.answers == f"<{first.message_id}>", "programs show it below the first"
    assert untold(room) == 0


def test_no_story_is_alerted_more_often_than_it_may_be(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(ALERT, "stories: {max_alerts: 2}"), "Crane falls")
    for day in ("Sunday", "Saturday", "Friday"):
        room.edit(1, text=f"{FILL}\nCorrection: it fell on {day}.")
        room.match()
    assert len(room.outbox()) == 2
    assert untold(room) == 0
    assert room.compose() == 0


def test_a_new_headline_is_alerted_where_it_is_asked_for(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(ALERT), "Crane falls")
    room.edit(1, title="Crane falls into the sea")
    room.match()
    assert len(room.outbox()) == 1
    assert untold(room) == 0, "it is settled"
    asking = newsroom(yaml(ALERT, "stories: {realert_on: [headline]}"))
    asking.edit(1, title="Two cranes fall into the sea")
    asking.match()
    assert "Told again: it has a new headline" in asking.outbox()[-1].text
    assert len(asking.outbox()) == 2


def test_a_match_that_an_edit_adds_is_alerted_with_the_edit(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(ALERT), "Port shut")
    assert room.outbox() == []
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    room.match()
    (alert,) = room.outbox()
    assert "Matches since an edit" in alert.text
    assert untold(room) == 0


def test_what_could_not_be_alerted_at_once_is_alerted_later(newsroom: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    room = open_with(newsroom, yaml(ALERT), "Crane falls")
    room.edit(1, text=f"{FILL}\nCorrection: it fell on Sunday.")
    with monkeypatch.context() as broken:
        broken.setattr("monitors.tell_alerts.gather", None)
        room.match()
    assert len(room.outbox()) == 1
    assert room.compose() == 1
    assert "it was corrected" in room.outbox()[-1].text


# -- what was there before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_run", ["skip", "summarize"])
def test_an_edit_of_what_was_there_before_is_told_where_it_was_told(
    newsroom: Open, clock: Clock, first_run: str
) -> None:
    room = newsroom(yaml(DIGEST, f"first_run: {first_run}"))
    room.bring("Crane falls")
    room.finish()
    room.match()
    clock.turn(HOUR)
    assert room.compose() == (first_run == "summarize")
    room.edit(1, title="Crane falls into the sea")
    text = next_digest(room)
    assert ("New headline" in text) == (first_run == "summarize")


def test_a_match_that_an_edit_adds_to_what_was_there_before_is_news(newsroom: Open, clock: Clock) -> None:
    room = newsroom(yaml(DIGEST, "first_run: skip"))
    room.bring("Port shut")
    room.finish()
    room.match()
    clock.turn(HOUR)
    room.compose()
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    assert "Matches since an edit" in next_digest(room)


def test_an_edit_is_news_where_another_source_carries_its_article_at_its_first_read(newsroom: Open) -> None:
    room = newsroom(yaml(DIGEST, "first_run: skip"))
    room.finish()
    room.bring("Port shut")
    room.match()
    room.edit(1, text=f"{FILL}\nA crane fell into the harbour on Monday.")
    room.carry(1, "wire")
    assert "Matches since an edit" in next_digest(room)


# -- preview, housekeeping --------------------------------------------------------------------------------------------


def test_a_preview_shows_the_edits_that_the_next_digest_tells_and_those_of_the_last(
    newsroom: Open, clock: Clock
) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls")
    watchlist = room.app.in_force.watchlists["cranes"]
    room.edit(1, title="Crane falls into the sea")
    room.match()

    def shown(*, everything: bool = False) -> list[list[str]]:
        with room.app.database.read() as session:
            digest, _ = preview(session, room.app.in_force, watchlist, everything=everything, now=clock())
        return [[update.kind for update in story.updates] for story in digest.stories]

    assert shown() == [["headline"]]
    clock.turn(DAY)
    room.compose()
    assert shown() == []
    assert shown(everything=True) == [["headline"]]


def test_a_text_that_the_housekeeping_has_cut_is_not_new_when_it_comes_back(newsroom: Open) -> None:
    from monitors.store.housekeeping import excerpt

    long = f"{FILL}\n" * 20 + "A crane fell into the harbour on Monday."
    room = open_with(newsroom, yaml(DIGEST), "Port shut", excerpt(long))
    room.edit(1, title="Port shut again", text=long)
    room.match()
    assert recorded(room) == []


def test_an_old_article_stays_until_its_edits_are_told_and_goes_with_them(newsroom: Open, clock: Clock) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls")
    room.edit(1, title="Crane falls into the sea")
    room.match()
    clock.turn(400 * DAY)
    with room.app.database.begin() as session:
        session.execute(sa.update(DeliveryRow).values(state="sent", sent_at=clock()))
    assert "articles" not in tidy(room)
    clock.turn(DAY)
    assert room.compose() == 1
    assert "articles" not in tidy(room), "the mail is queued"
    with room.app.database.begin() as session:
        session.execute(sa.update(DeliveryRow).values(state="sent", sent_at=clock()))
    clock.turn(DAY)
    assert tidy(room)["articles"] == 1
    assert recorded(room) == []


def tidy(room: Newsroom) -> dict[str, int]:
    gone = asyncio.run(keep_house(room.app.database, Archive(keep=365 * DAY), room.app.clock))
    assert gone is not None, "it is done once a day"
    return gone


def test_diffs_are_kept_with_the_update_and_not_made_of_what_comes_later(newsroom: Open) -> None:
    room = open_with(newsroom, yaml(DIGEST), "Crane falls")
    room.edit(1, title="Crane falls into the sea")
    room.match()
    with room.app.database.begin() as session:
        session.execute(sa.update(VersionRow).values(text="", title=""))
    assert "Crane falls" in next_digest(room)
