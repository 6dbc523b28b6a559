"""One story is one alert and one entry of a digest, whoever carries it and however often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from monitors import jobs
from monitors.gather import News
from monitors.preview import slot_now
from monitors.store import matches as match_store
from monitors.store.tables import MatchRow, NoticeRow, StoryArticleRow
from monitors.tell import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.domain import Digest

    Open = Callable[[str], Newsroom]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SALE = """
Halden Systems has agreed to sell its cloud unit to the Lanhai Group for 2.4 billion crowns, the two companies said in
Port Calder on Tuesday. The sale covers 14 server halls and about 3,100 employees in four countries.
Mirelle Oster, who leads Halden, said that the new data law had left her no choice. The buyer will keep the name Halden
Cloud for two years, and the regulator in Port Calder has until 12 March to object.
Shares in Halden rose 7 percent. Analysts at Brask & Vey had expected a price of 2.1 billion crowns.
The unit made 310 million crowns last year, a third of which came from hospitals and schools along the coast.
"""
REACTION = """
Trade unions in Port Calder have called on Halden Systems to guarantee the jobs of 3,100 people after the sale of its
cloud unit to the Lanhai Group. Mirelle Oster met their leaders on Wednesday and promised nothing, two of them said.
The Lanhai Group would not comment on its plans for the 14 server halls.
"""
STRIKE = """
Ferry pilots on the Aller voted for a strike of two days from Friday, their union said. A cloud of smoke from the depot
fire keeps the southern pier closed in any case. The port authority expects 60 ships to wait.
"""


def yaml(deliver: str, *, more: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
sources:
  - {{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed", tier: 1}}
  - {{id: wire, name: Wire, url: "https://wire.example/feed", tier: 2}}
  - {{id: blog, name: Pier Blog, url: "https://blog.example/feed"}}
entities: [{{id: lanhai, name: Lanhai Group}}, {{id: brask, name: Brask & Vey}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    entities: [lanhai, brask]
    {more}
    deliver: [{deliver}]
"""


ALERT = "{to: desk@example.org, when: now}"
DIGEST = '{to: desk@example.org, at: "08:00"}'


@pytest.fixture
def room(newsroom: Open) -> Callable[..., Newsroom]:
    def opened(deliver: str, more: str = "") -> Newsroom:
        room = newsroom(yaml(deliver, more=more))
        for source in ("harbour", "wire", "blog"):
            room.finish(source)
        return room

    return opened


def digest_now(room: Newsroom, key: str = "digest:email:desk@example.org") -> Digest:
    watchlist = room.app.in_force.watchlists["clouds"]
    rule = next(rule for rule in watchlist.deliver if rule.key == key)
    with room.app.database.read() as session:
        found = match_store.untold(session, "clouds", key)
        slot = slot_now(room.app.in_force, rule, room.app.clock())
        return digest_of(session, room.app.in_force, watchlist, rule, News(found, []), slot=slot, now=room.app.clock())


def places(room: Newsroom) -> dict[int, tuple[int, int | None]]:
    with room.app.database.read() as session:
        rows = session.execute(sa.select(StoryArticleRow.article_id, StoryArticleRow.story_id, StoryArticleRow.copy_of))
        return {article: (story, copy_of) for article, story, copy_of in rows}


def untold(room: Newsroom) -> int:
    with room.app.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(NoticeRow.message_id.is_(None))) or 0


def test_copies_and_later_articles_of_a_story_make_no_second_alert(room: Callable[..., Newsroom]) -> None:
    desk = room(ALERT)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    desk.bring("Lanhai buys Halden's server halls", SALE, "blog")
    desk.match()
    (alert,) = desk.outbox()
    assert "Halden sells cloud unit to Lanhai Group" in alert.subject
    desk.bring("Cloud sale agreed in Port Calder", SALE, "blog")
    desk.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    desk.match()
    assert len(desk.outbox()) == 1
    assert untold(desk) == 0, "what is not told again is settled, and does not come up for ever"
    desk.bring("Ferry pilots vote for strike", STRIKE, "wire")
    desk.match()
    assert len(desk.outbox()) == 2, "another story is another alert"


def test_a_better_tier_that_picks_a_story_up_is_an_alert_where_it_is_asked_for(room: Callable[..., Newsroom]) -> None:
    desk = room(ALERT, "stories: {realert_on: better_tier, max_alerts: 2}")
    desk.bring("Lanhai buys Halden's cloud", SALE, "blog")
    desk.match()
    desk.bring("Halden sells cloud unit", SALE, "wire")
    desk.match()
    assert len(desk.outbox()) == 2
    desk.bring("Halden parts with its cloud", SALE, "harbour")
    desk.match()
    assert len(desk.outbox()) == 2, "no more than max_alerts"
    assert untold(desk) == 0


def test_the_same_tier_again_is_no_alert(room: Callable[..., Newsroom]) -> None:
    desk = room(ALERT, "stories: {realert_on: better_tier}")
    desk.bring("Halden sells cloud unit", SALE, "harbour")
    desk.match()
    desk.bring("Lanhai buys Halden's cloud", SALE, "wire")
    desk.bring("Halden parts with its cloud", SALE, "harbour")
    desk.match()
    assert len(desk.outbox()) == 1


def test_an_entity_that_comes_into_a_story_is_an_alert_where_it_is_asked_for(room: Callable[..., Newsroom]) -> None:
    desk = room(ALERT, "stories: {realert_on: [new_entity]}")
    desk.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    desk.match()
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    desk.match()
    assert len(desk.outbox()) == 2
    assert len({story for story, _ in places(desk).values()}) == 1


def test_a_digest_shows_a_story_once_with_its_copies_and_who_had_it_first(
    room: Callable[..., Newsroom], clock: Clock
) -> None:
    desk = room(DIGEST)
    desk.bring("Lanhai Group buys Halden's cloud unit", SALE, "blog")
    desk.match()
    clock.turn(timedelta(minutes=10))
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "harbour")
    desk.bring("Unions fear for jobs at Halden Systems", REACTION, "wire")
    desk.match()
    (story,) = digest_now(desk).stories
    assert story.hit.article.article.title == "Lanhai Group buys Halden's cloud unit"
    assert [copy.source_name for copy in story.copies] == ["The Harbour Ledger"]
    assert story.first is None
    assert [hit.source_name for hit in story.others] == ["Wire"]


def test_the_copy_of_the_best_tier_is_shown_if_preferred(room: Callable[..., Newsroom], clock: Clock) -> None:
    desk = room(DIGEST, "stories: {prefer: tier}")
    desk.bring("Lanhai buys Halden's cloud", SALE, "blog")
    clock.turn(timedelta(minutes=10))
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "harbour")
    desk.match()
    (story,) = digest_now(desk).stories
    assert story.hit.source_name == "The Harbour Ledger"
    assert story.first is not None
    assert story.first.source_name == "Pier Blog"


def test_a_story_goes_on_in_the_next_digest_and_its_new_copies_are_only_counted(
    room: Callable[..., Newsroom], clock: Clock
) -> None:
    desk = room(DIGEST)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "harbour")
    desk.match()
    told_at = clock.turn(HOUR)
    assert desk.compose() == 1
    desk.bring("Cloud sale agreed in Port Calder", SALE, "blog")
    desk.match()
    only_a_copy = digest_now(desk)
    assert (only_a_copy.stories, only_a_copy.repeats) == ((), 1)
    desk.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    desk.match()
    (story,) = digest_now(desk).stories
    assert story.told_at == told_at
    assert story.hit.source_name == "Wire"
    clock.turn(DAY)
    assert desk.compose() == 1
    assert untold(desk) == 0


def test_a_copy_that_does_not_match_by_itself_is_counted(room: Callable[..., Newsroom]) -> None:
    desk = room(DIGEST, "query: 'title:\"server halls\"'\n    none: [strike]")
    desk.bring("Lanhai buys Halden's server halls", SALE, "blog")
    desk.bring("After a strike, Lanhai buys Halden's server halls", SALE, "wire")
    desk.match()
    (story,) = digest_now(desk).stories
    assert [copy.source_name for copy in story.copies] == ["Wire"]


def test_a_source_that_the_watchlist_does_not_listen_to_is_not_counted(room: Callable[..., Newsroom]) -> None:
    desk = room(DIGEST, "sources: {ids: [harbour]}")
    desk.bring("Lanhai buys Halden's cloud", SALE, "blog")
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "harbour")
    desk.match()
    (story,) = digest_now(desk).stories
    assert story.copies == ()
    assert story.first is None


def test_stories_keep_their_ids_when_the_service_starts_again(newsroom: Open) -> None:
    one = newsroom(yaml(ALERT))
    one.finish("wire")
    one.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    one.match()
    two = newsroom(yaml(ALERT))
    two.bring("Cloud sale agreed in Port Calder", SALE, "blog")
    two.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    two.match()
    assert places(two) == {1: (1, None), 2: (1, 1), 3: (1, None)}
    one.bring("Lanhai buys Halden's cloud", SALE, "harbour")
    one.match()
    assert places(one)[4] == (1, 1), "what another service placed is known"
    assert len(one.outbox()) == 1


def test_what_was_placed_in_a_transaction_that_failed_was_not(
    room: Callable[..., Newsroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = room(ALERT)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    with monkeypatch.context() as broken:
        broken.setattr(match_store, "was_read", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            asyncio.run(jobs.match_new(desk.app))
    assert places(desk) == {}
    desk.bring("Ferry pilots vote for strike", STRIKE, "wire")
    desk.app.clock.turn(HOUR)  # type: ignore[attr-defined]  # until the claim is over
    desk.match()
    assert places(desk) == {1: (1, None), 2: (2, None)}


def test_an_article_that_is_edited_stays_in_its_story(room: Callable[..., Newsroom]) -> None:
    from dataclasses import replace

    from crawler.changes import change_between
    from crawler.store.articles import articles_by_id
    from crawler.store.versions import keep_edit

    desk = room(ALERT)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    desk.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    desk.match()
    with desk.app.database.begin() as session:
        known = articles_by_id(session, [2])[2].article
        edited = replace(known, text=STRIKE)
        change = change_between(known, edited)
        assert change
        keep_edit(session, 2, edited, change, now=desk.app.clock())
    desk.match()
    assert places(desk) == {1: (1, None), 2: (1, None)}


def test_a_match_of_before_there_were_stories_is_a_story_of_its_own(room: Callable[..., Newsroom]) -> None:
    desk = room(DIGEST)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire")
    desk.match()
    with desk.app.database.begin() as session:
        session.execute(sa.delete(StoryArticleRow))
        assert session.scalar(sa.select(MatchRow.id)) == 1
    (story,) = digest_now(desk).stories
    assert (story.id, story.copies, story.told_at) == (1, (), None)


def test_copies_that_say_they_are_old_are_copies_all_the_same(room: Callable[..., Newsroom], clock: Clock) -> None:
    desk = room(DIGEST)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire", published=clock() - 900 * DAY)
    desk.match()
    clock.turn(HOUR)
    desk.bring("Cloud sale agreed in Port Calder", SALE, "blog", published=clock() - 800 * DAY)
    desk.bring("Lanhai buys Halden's cloud", SALE, "harbour")
    desk.match()
    assert places(desk) == {1: (1, None), 2: (1, 1), 3: (1, 1)}


def test_an_old_article_is_not_taken_for_todays_story(room: Callable[..., Newsroom], clock: Clock) -> None:
    desk = room(ALERT)
    desk.bring("Halden sells cloud unit to Lanhai Group", SALE, "wire", published=clock() - 900 * DAY)
    desk.match()
    desk.bring("Unions fear for jobs after Halden's cloud sale to Lanhai Group", REACTION, "wire")
    desk.match()
    assert len(desk.outbox()) == 2
