"""What only means the same is told in digests, and never at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.related import relate

from monitors.cli.rehearsal_words import in_words
from monitors.domain import Resemblance
from monitors.in_force import InForce
from monitors.preview import preview
from monitors.rehearsal import rehearse
from monitors.replay import replay_of
from monitors.store.matches import matches_of
from monitors.store.tables import MatchRow, NoticeRow, StoryArticleRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.store.matches import Found

    Open = Callable[[str], Newsroom]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALERT = "{to: now@example.org, when: now}"
DIGEST = '{to: desk@example.org, at: "08:00"}'


def yaml(deliver: str, more: str = "") -> str:
    return f"""
settings: {{contact: desk@example.org}}
sources:
  - {{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}}
  - {{id: wire, name: Wire, url: "https://wire.example/feed"}}
watchlists:
  - name: Clouds
    keywords: [cloud]
    {more}
    deliver: [{deliver}]
"""


def open_related(newsroom: Open, configuration: str, *, finished: bool = True) -> Newsroom:
    """Open a newsroom that takes what tells of a hyperscaler (.7), a mainframe (.6) or an abacus (.5) for related."""
    room = relate(newsroom(configuration), "clouds", hyperscaler=0.7, mainframe=0.6, abacus=0.5)
    for source in ("harbour", "wire") if finished else ():
        room.finish(source)
    return room


def found(room: Newsroom) -> list[Found]:
    with room.app.database.read() as session:
        return matches_of(session, "clouds")


def keys(room: Newsroom) -> list[str]:
    with room.app.database.read() as session:
        return list(session.scalars(sa.select(NoticeRow.key).order_by(NoticeRow.match_id, NoticeRow.key)))


def untold(room: Newsroom) -> int:
    with room.app.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(NoticeRow.message_id.is_(None))) or 0


# -- storing ----------------------------------------------------------------------------------------------------------


def test_why_it_is_related_comes_back_from_the_database(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Port buys a mainframe", "Nothing else.\nThe mainframe fills a hall.")
    room.bring("A cloud above the port")
    room.match()
    first, second = (one.match for one in found(room))
    assert first.resemblance == Resemblance(score=0.6, similarity=0.43, terms=("mainframe", "中国"), tier="core")
    assert (first.kind, first.sentence.text) == ("related", "The mainframe fills a hall.")
    assert (second.kind, second.resemblance) == ("match", None)
    with room.app.database.read() as session:
        told = sa.select(MatchRow.resemblance.is_(None)).order_by(MatchRow.id)
        assert session.scalars(told).all() == [False, True], "none is a NULL, not JSON's null"


# -- what it is told under --------------------------------------------------------------------------------------------


def test_what_is_related_waits_for_a_digest_and_alerts_nobody(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(f"{DIGEST}, {ALERT}"))
    room.bring("Port buys a hyperscaler")
    room.match()
    assert keys(room) == ["digest:email:desk@example.org"]
    clock.turn(HOUR)
    assert room.compose(settling=timedelta()) == 1
    (digest,) = room.outbox()
    assert digest.recipient == "desk@example.org"
    assert "Port buys a hyperscaler, it was said." in digest.text


def test_with_alerts_alone_nothing_related_is_even_kept(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(ALERT))
    room.bring("Port buys a hyperscaler")
    room.bring("A cloud above the port")
    room.match()
    assert [one.match.kind for one in found(room)] == ["match"]
    room.edit(1, text="The hyperscaler was bought on Monday.")
    room.match()
    assert [one.match.kind for one in found(room)] == ["match"]
    assert len(room.outbox()) == 1


def test_where_nobody_is_told_it_is_kept_for_who_looks(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml("").replace("    deliver: []\n", ""))
    room.bring("Port buys a hyperscaler")
    room.match()
    with room.app.database.read() as session:
        digest, _ = preview(session, room.app.in_force, room.app.in_force.watchlists["clouds"], now=clock())
    assert [story.hit.match.kind for story in digest.stories] == ["related"]


@pytest.mark.parametrize(
    ("first_run", "told"), [("summarize", ["Clouds", "1 match was there before"]), ("skip", []), ("deliver", ["both"])]
)
def test_what_was_there_before_is_counted_without_what_is_related(
    newsroom: Open, clock: Clock, first_run: str, told: list[str]
) -> None:
    room = open_related(newsroom, yaml(DIGEST, f"first_run: {first_run}"), finished=False)
    room.bring("Port buys a hyperscaler")
    room.bring("A cloud above the port")
    room.match()
    clock.turn(HOUR)
    assert room.compose() == bool(told)
    texts = [one.text for one in room.outbox()]
    assert all("hyperscaler" not in text for text in texts) == (told != ["both"])
    assert all(part in text for text in texts for part in told if part != "both")
    assert len(found(room)) == 2


def test_a_digest_that_wants_no_related_ones_gets_none_and_none_wait(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Port buys a hyperscaler")
    room.match()
    watchlist = room.app.in_force.watchlists["clouds"]
    (rule,) = watchlist.deliver
    without = replace(watchlist, deliver=(replace(rule, max_related=0),))
    room.app.in_force = replace(
        room.app.in_force, configuration=replace(room.app.in_force.configuration, watchlists=(without,))
    )
    room.bring("Port buys a mainframe")
    room.match()
    assert len(keys(room)) == 1, "that of the first, from before"
    clock.turn(HOUR)
    assert room.compose() == 0
    assert untold(room) == 0


@pytest.mark.parametrize(
    ("deliver", "more", "said"),
    [
        ("", "", 1),
        (", max_related: 0", "", 0),
        ("", "related: false", 0),
        (", max_related: 0", "concepts: [computers]", 1),
    ],
)
def test_a_digest_says_how_what_is_related_is_looked_for_though_it_has_none(
    newsroom: Open, clock: Clock, deliver: str, more: str, said: int
) -> None:
    concepts = "concepts: [{id: computers, description: large computers}]\n" if "computers" in more else ""
    watched = yaml(DIGEST.replace("}", f", empty: send{deliver}}}"), more)
    room = newsroom(concepts + watched.replace("settings: {", "settings: {semantic: off, "))
    room.finish("harbour")
    clock.turn(HOUR)
    assert room.compose() == 1
    (digest,) = room.outbox()
    assert " ".join(digest.text.split()).count("is sought by words and word vectors (concepts: core)") == said


def test_two_services_tell_it_once(newsroom: Open, clock: Clock) -> None:
    both = [open_related(newsroom, yaml(DIGEST)) for _ in range(2)]
    both[0].bring("Port buys a hyperscaler")
    for room in both:
        room.match()
    clock.turn(HOUR)
    assert sorted(room.compose() for room in both) == [0, 1]


# -- what becomes of it -----------------------------------------------------------------------------------------------


def test_what_was_related_and_then_matches_is_told_as_a_match_and_at_once(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(f"{DIGEST}, {ALERT}"))
    room.bring("Port buys a hyperscaler")
    room.match()
    clock.turn(HOUR)
    room.compose()
    room.edit(1, text="Port buys a hyperscaler and its cloud, it was said.")
    room.match()
    digest, alert = room.outbox()
    assert (digest.recipient, alert.recipient) == ("desk@example.org", "now@example.org")
    assert "Matches since an edit" in alert.text
    clock.turn(DAY)
    assert room.compose() == 1
    assert room.outbox()[-1].subject == "Clouds: 1 story, Port buys a hyperscaler"
    assert [(one.match.kind, one.match.resemblance) for one in found(room)] == [("match", None)]


def test_what_matches_by_another_source_is_no_longer_only_related(newsroom: Open, clock: Clock) -> None:
    query = "query: 'source:wire AND hyperscaler'"
    room = open_related(newsroom, yaml(f"{DIGEST}, {ALERT}", query).replace("keywords: [cloud]", ""))
    room.bring("Port buys a hyperscaler")
    room.match()
    clock.turn(HOUR)
    room.compose()
    room.carry(1, "wire")
    room.match()
    assert [(one.match.kind, one.source_id) for one in found(room)] == [("match", "wire")]
    assert [one.recipient for one in room.outbox()] == ["desk@example.org", "now@example.org"]
    clock.turn(DAY)
    assert room.compose() == 1
    room.carry(1, "wire")
    room.match()
    assert untold(room) == 0, "and that it is told once"


def test_what_a_changed_watchlist_finds_in_an_edited_article_is_told_though_it_was_related(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(f"{DIGEST}, {ALERT}"))
    room.bring("Port buys a hyperscaler")
    room.match()
    room = newsroom(yaml(f"{DIGEST}, {ALERT}").replace("[cloud]", "[hyperscaler]"))
    room.edit(1, text="Port buys a hyperscaler, it was said on Monday.")
    room.match()
    (alert,) = room.outbox()
    assert (alert.recipient, "since an edit" in alert.text) == ("now@example.org", False)


def test_what_matched_and_then_is_only_related_is_told_as_lost(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Port buys a hyperscaler and its cloud")
    room.match()
    clock.turn(HOUR)
    room.compose()
    room.edit(1, title="Port buys a hyperscaler", text="Port buys a hyperscaler, it was said.")
    room.match()
    (one,) = found(room)
    assert (one.match.kind, one.lost_at is not None) == ("match", True)
    clock.turn(DAY)
    assert room.compose() == 1
    assert "Does not match any more since an edit" in room.outbox()[-1].text


def test_edits_of_what_is_related_are_no_news(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(f"{DIGEST}, {ALERT}"))
    room.bring("Port buys a hyperscaler")
    room.match()
    clock.turn(HOUR)
    room.compose()
    for title, text in (
        ("Port buys two hyperscalers", "Two hyperscalers.\nCorrection: an earlier version spoke of one."),
        ("Port buys nothing", "Nothing at all."),
        ("Port buys a mainframe", "A mainframe, at last."),
    ):
        room.edit(1, title=title, text=text)
        room.match()
    clock.turn(DAY)
    assert room.compose() == 0
    assert len(room.outbox()) == 1
    assert [(one.match.kind, one.match.sentence.text) for one in found(room)] == [("related", "A mainframe, at last.")]


def test_an_edit_by_which_an_article_becomes_related_is_told_without_a_word_of_the_edit(
    newsroom: Open, clock: Clock
) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Port buys nothing")
    room.match()
    room.edit(1, text="Port buys a mainframe, it was said.")
    room.match()
    clock.turn(HOUR)
    assert room.compose() == 1
    assert "since an edit" not in room.outbox()[0].text


def test_what_is_not_related_any_more_before_it_was_told_is_not_told(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Port buys a hyperscaler")
    room.match()
    room.edit(1, text="Port buys nothing, it was said.")
    room.match()
    clock.turn(HOUR)
    assert room.compose() == 0
    assert untold(room) == 0


# -- in a digest ------------------------------------------------------------------------------------------------------

SALE = """
Halden Systems has agreed to sell its {what} to the Lanhai Group for 2.4 billion crowns, the two companies said in
Port Calder on Tuesday. The sale covers 14 server halls and about 3,100 employees in four countries.
Mirelle Oster, who leads Halden, said that the new data law had left her no choice. The buyer will keep the name Halden
for two years, and the regulator in Port Calder has until 12 March to object.
Shares in Halden rose 7 percent. Analysts at Brask & Vey had expected a price of 2.1 billion crowns.
"""
REACTION = """
Trade unions in Port Calder have called on Halden Systems to guarantee the jobs of 3,100 people after the sale of its
hyperscaler to the Lanhai Group. Mirelle Oster met their leaders on Wednesday and promised nothing, two of them said.
The Lanhai Group would not comment on its plans for the 14 server halls.
"""


STORIES = {
    "Abacus found below the old town hall": "Workers dug up an abacus of whalebone in Sunderhavn on Monday.",
    "A mainframe leaves its cellar": "The tax office of Brightwater switched off its last mainframe after 41 years.",
    "Hyperscaler asks for more power": "A hyperscaler wants 300 megawatts from the dam at Ostrava, the mayor said.",
    "Schools count with an abacus again": "Pupils in Kanda learn sums on an abacus, as their grandparents did.",
    "Bank keeps its mainframe": "Lindholm & Sons will not replace the mainframe that books 9 million payments a night.",
}


def next_digest(room: Newsroom) -> str:
    """Return the next digest, with its subject; empty if there is none."""
    room.match()
    room.app.clock.turn(DAY)  # type: ignore[attr-defined]
    return f"{room.outbox()[-1].subject}\n{room.outbox()[-1].text}" if room.compose() else ""


def test_the_best_are_shown_and_the_rest_is_counted_and_comes_no_more(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    for title, text in STORIES.items():
        room.bring(title, text)
    text = next_digest(room)
    assert "Clouds: nothing new, 3 related stories" in text
    assert text.index("Hyperscaler asks") < text.index("A mainframe leaves") < text.index("2 more related stories left")
    assert "whalebone" not in text
    assert next_digest(room) == ""
    assert untold(room) == 0


def test_a_story_that_matches_too_is_told_once_with_what_is_related_below_it(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Halden sells its cloud unit", SALE.format(what="cloud unit"))
    room.bring("Unions fear for jobs after the sale", REACTION, "wire")
    text = next_digest(room)
    assert "1 story, from 2 articles" in text
    assert "Related:" not in text
    assert "· related)" in " ".join(text.split())


def test_a_story_that_was_told_as_a_match_is_not_told_again_as_related(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Halden sells its cloud unit", SALE.format(what="cloud unit"))
    assert "Halden sells its cloud unit" in next_digest(room)
    room.bring("Unions fear for jobs after the sale", REACTION, "wire")
    assert next_digest(room) == ""
    assert untold(room) == 0


def test_what_was_told_as_related_takes_nothing_from_a_match_that_is_nearly_its_copy(newsroom: Open) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("Halden sells its hyperscaler", SALE.format(what="hyperscaler"))
    assert "1 related story" in next_digest(room)
    room.bring("Halden sells its hyperscaler again", SALE.format(what="hyperscaler"), "wire")
    assert next_digest(room) == "", "a copy of what is related is no news"
    room.bring("Halden sells its cloud", SALE.format(what="cloud unit"), "wire")
    text = next_digest(room)
    assert "Clouds: 1 story, Halden sells its cloud" in text
    assert "told before" in text
    assert len({story for story, _ in places(room)}) == 1


def places(room: Newsroom) -> list[tuple[int, int | None]]:
    with room.app.database.read() as session:
        rows = session.execute(sa.select(StoryArticleRow.story_id, StoryArticleRow.copy_of))
        return [(story, copy_of) for story, copy_of in rows]


def test_a_preview_of_all_shows_those_that_are_left_out_too(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    for title, text in STORIES.items():
        room.bring(title, text)
    assert "2 more related stories left out." in next_digest(room)
    watchlist = room.app.in_force.watchlists["clouds"]
    with room.app.database.read() as session:
        digest, _ = preview(session, room.app.in_force, watchlist, everything=True, now=clock())
    assert (len(digest.kept), digest.left_out) == (5, 0)


def test_what_is_related_is_no_part_of_the_trend(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("The hyperscaler")
    room.bring("The cloud")
    room.match()
    with room.app.database.read() as session:
        digest, _ = preview(session, room.app.in_force, room.app.in_force.watchlists["clouds"], now=clock())
    assert digest.trend is not None
    assert digest.trend.counts[-1] == 1


def test_a_replay_tells_what_is_related_too(newsroom: Open, clock: Clock) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("The hyperscaler")
    assert next_digest(room)
    watchlist = room.app.in_force.watchlists["clouds"]
    with room.app.database.read() as session:
        digest, told = replay_of(session, room.app.in_force, watchlist, since=clock() - 2 * DAY, told="2d", now=clock())
    assert [story.hit.match.kind for story in digest.stories] == ["related"]
    assert len(told) == 1


def test_a_rehearsal_counts_it_apart(newsroom: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    room = open_related(newsroom, yaml(DIGEST))
    room.bring("The hyperscaler")
    room.bring("The cloud")
    in_force = room.app.in_force
    monkeypatch.setattr(
        InForce, "of", staticmethod(lambda _configuration: in_force)
    )  # its matcher would be another one
    watchlist = in_force.watchlists["clouds"]
    found = rehearse(room.app.database, in_force, watchlist, since=clock() - DAY, now=clock() + HOUR)
    assert found is not None
    assert (found.articles, found.stories, found.possible, found.related) == (1, 1, 0, 1)
    assert any(
        "1 related article not counted here; the best are told in the digest" in line for line in in_words(found)
    )
