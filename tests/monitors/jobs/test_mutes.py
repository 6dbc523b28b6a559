"""A muted watchlist waits, a muted story is not told, and both speak again when the mute ends."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from monitors.cli import newsvane
from monitors.preview import preview
from monitors.store import mutes
from monitors.store.tables import NoticeRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from stand_ins.newsroom import Clock, Newsroom

    Open = Callable[[str], Newsroom]
    Typed = Callable[..., Result]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALERT = "{to: now@example.org, when: now}"
DIGEST = '{to: desk@example.org, at: "08:00"}'
SALE = """Halden Systems has agreed to sell its cloud unit to the Lanhai Group for 2.4 billion crowns, both said in Port
Calder on Tuesday. The sale covers 14 server halls and 3,100 employees. Mirelle Oster leads Halden Systems."""
REACTION = """Trade unions in Port Calder have called on Halden Systems to guarantee the jobs of 3,100 people after
the sale of its cloud unit to the Lanhai Group. Mirelle Oster met their leaders, two of them said."""
BID = """Brask & Vey has offered 3.3 billion crowns for the cloud unit of Halden Systems, far more than the Lanhai Group
is ready to pay for the 14 server halls. Mirelle Oster would not comment in Port Calder."""
STRIKE = """Ferry pilots on the Aller voted for a strike of two days. A cloud of smoke from the depot fire keeps
the southern pier closed in any case. The port authority expects 60 ships to wait."""


def yaml(*deliver: str) -> str:
    return f"""
settings: {{contact: desk@example.org, related: false}}
sources: [{{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}}]
watchlists: [{{name: Clouds, keywords: [cloud], deliver: [{", ".join(deliver)}]}}]
"""


@pytest.fixture
def room(newsroom: Open, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Newsroom]:
    def opened(*deliver: str) -> Newsroom:
        room = newsroom(yaml(*deliver))
        url = room.app.database.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("NEWSVANE_DATABASE_URL", url)
        room.finish()
        return room

    return opened


@pytest.fixture
def typed(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command at the clock's time."""
    monkeypatch.setattr("monitors.cli.mute.now", clock)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(newsvane, [*words, "--config", str(tmp_path / "newsvane.yaml")])
        assert result.exit_code == code, result.output
        return result

    return run


def untold(room: Newsroom) -> int:
    with room.app.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(NoticeRow.message_id.is_(None))) or 0


def news(room: Newsroom, title: str, text: str) -> None:
    room.bring(title, text)
    room.match()


# -- a watchlist ------------------------------------------------------------------------------------------------------


def test_a_muted_watchlist_waits_and_then_tells_one_of_each(
    room: Callable[..., Newsroom], clock: Clock, typed: Typed
) -> None:
    desk = room(ALERT, DIGEST)
    assert "the watchlist clouds is muted until" in typed("mute", "clouds", "--for", "2d").output
    news(desk, "Halden sells cloud unit", SALE)
    clock.turn(DAY)
    news(desk, "Pilots vote for strike", STRIKE)
    assert (desk.compose(), desk.outbox()) == (0, []), "no digest and no alert"
    assert "clouds: until" in typed("mute").output
    assert "2 matches wait" in typed("mute").output
    clock.turn(DAY + HOUR)
    assert desk.compose() == 2
    assert [(one.recipient, one.subject.partition(",")[0]) for one in desk.outbox()] == [
        ("desk@example.org", "Clouds: 2 stories"),
        ("now@example.org", "Clouds: 2 stories"),
    ]
    assert "while the watchlist was muted" in " ".join(desk.outbox()[1].text.split())
    assert untold(desk) == 0
    assert typed("mute").output == "nothing is muted\n"


def test_unmute_lifts_it_at_once(room: Callable[..., Newsroom], typed: Typed) -> None:
    desk = room(ALERT)
    assert "is muted until `newsvane unmute clouds`" in typed("mute", "clouds").output
    news(desk, "Halden sells cloud unit", SALE)
    assert desk.outbox() == []
    assert "the watchlist clouds is not muted any more; 1 match wait" in typed("unmute", "clouds").output
    desk.compose()
    assert [one.subject for one in desk.outbox()] == ["Clouds: Halden sells cloud unit"]


# -- a story ----------------------------------------------------------------------------------------------------------


def test_of_a_muted_story_nothing_is_told_until_the_mute_ends(
    room: Callable[..., Newsroom], clock: Clock, typed: Typed
) -> None:
    desk = room(ALERT, DIGEST)
    news(desk, "Halden sells cloud unit", SALE)
    assert "newsvane mute 1 --for 7d" in " ".join(desk.outbox()[0].text.split())
    clock.turn(2 * HOUR)
    desk.compose()
    assert len(desk.outbox()) == 2
    assert "story 1 (Halden sells cloud unit) is muted until" in typed("mute", "1", "--for", "25h").output
    news(desk, "Unions fear for jobs after Halden's cloud sale", REACTION)
    desk.edit(1, text=f"{SALE}\nCorrection: the price is 2.5 billion.")
    desk.match()
    news(desk, "Pilots vote for strike", STRIKE)
    clock.turn(DAY)
    desk.compose()
    *_, alert, digest = desk.outbox()
    assert len(desk.outbox()) == 4
    assert "Pilots vote" in alert.subject
    assert digest.subject == "Clouds: 1 story, Pilots vote for strike"
    told = " ".join(digest.text.split())
    assert "2 more articles on muted stories are not shown: newsvane preview clouds --all" in told
    assert untold(desk) == 0, "what is not told is settled"
    assert "1 match not told" in typed("mute").output
    clock.turn(2 * HOUR)
    news(desk, "Brask bids more for Halden cloud unit than Lanhai", BID)
    clock.turn(DAY)
    desk.compose()
    assert "Brask bids more" in desk.outbox()[-1].text


def test_preview_leaves_muted_stories_out_and_shows_them_with_all(
    room: Callable[..., Newsroom], clock: Clock, typed: Typed
) -> None:
    desk = room(DIGEST)
    news(desk, "Halden sells cloud unit", SALE)
    news(desk, "Pilots vote for strike", STRIKE)
    typed("mute", "1")

    def shown(*, everything: bool) -> tuple[list[int], int]:
        watchlist = desk.app.in_force.watchlists["clouds"]
        with desk.app.database.read() as session:
            digest, _ = preview(session, desk.app.in_force, watchlist, everything=everything, now=clock())
        return sorted(story.id for story in digest.stories), digest.muted

    assert shown(everything=False) == ([2], 1)
    clock.turn(DAY)
    desk.compose()
    assert shown(everything=True) == ([1, 2], 0), "what was kept quiet with the last digest too"


def test_a_story_that_was_muted_before_it_was_told_is_news_afterwards(
    room: Callable[..., Newsroom], clock: Clock, typed: Typed
) -> None:
    desk = room(DIGEST, ALERT)
    typed("mute", "clouds", "--for", "1h")
    news(desk, "Halden sells cloud unit", SALE)
    typed("mute", "1", "--for", "2h")
    clock.turn(HOUR)
    desk.compose()
    assert (desk.outbox(), untold(desk)) == ([], 0)
    clock.turn(HOUR)
    news(desk, "Unions fear for jobs after Halden's cloud sale", REACTION)
    assert [one.subject for one in desk.outbox()] == ["Clouds: Unions fear for jobs after Halden's cloud sale"]


# -- what people type -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cluods"], "no watchlist is called cluods; did you mean `clouds`?"),
        (["Clouds"], "the one of that name has the id clouds"),
        (["77"], "no story has the number 77"),
        (["9" * 40], "no story has the number 999"),
        (["clouds", "--for", "soon"], "no duration such as 12h, 4d or 2w"),
        (["clouds", "--for", "999999999d"], "longer than time goes"),
        (["--for", "7d"], "--for needs the number of a story, or the id of a watchlist"),
    ],
)
def test_a_wrong_word_says_what_would_be_right(
    room: Callable[..., Newsroom], typed: Typed, words: list[str], told: str
) -> None:
    room(ALERT)
    assert told in typed("mute", *words, code=2).output


def test_unmuting_what_is_not_muted_says_what_is(room: Callable[..., Newsroom], typed: Typed) -> None:
    desk = room(ALERT)
    news(desk, "Halden sells cloud unit", SALE)
    assert "7 is not muted; nothing is" in str(typed("unmute", "7", code=1).exception)
    typed("mute", "clouds")
    assert "did you mean `clouds`?" in str(typed("unmute", "cloud", code=1).exception)


def test_an_article_of_a_story_stands_for_the_story(room: Callable[..., Newsroom], typed: Typed) -> None:
    desk = room(ALERT)
    news(desk, "Halden sells cloud unit", SALE)
    news(desk, "Unions fear for jobs after Halden's cloud sale", REACTION)
    assert "story 1 (Halden sells cloud unit) is muted" in typed("mute", "2").output
    assert "story 1 (Halden sells cloud unit) is not muted any more" in typed("unmute", "2").output


def test_programs_get_json(room: Callable[..., Newsroom], clock: Clock, typed: Typed) -> None:
    room(ALERT)
    muted = json.loads(typed("mute", "clouds", "--for", "2w", "--json").output)
    assert (muted["kind"], muted["target"]) == ("watchlist", "clouds")
    assert muted["until"] == (clock() + 14 * DAY).isoformat()
    (listed,) = map(json.loads, typed("mute", "--json").output.splitlines())
    assert listed["kept_quiet"] == 0
    assert json.loads(typed("unmute", "clouds", "--json").output)["target"] == "clouds"


def test_a_mute_can_be_prolonged_and_ends_by_itself(room: Callable[..., Newsroom], clock: Clock) -> None:
    database = room(ALERT).app.database
    begun = clock()
    database.write(mutes.mute, "story", "1", until=begun + HOUR, now=begun)
    database.write(mutes.mute, "story", "1", until=begun + DAY, now=clock.turn(HOUR / 2))
    with database.read() as session:
        (one,) = mutes.mutes(session, now=begun + 2 * HOUR)
        assert (one.since, one.until) == (begun, begun + DAY)
        assert mutes.mutes(session, now=begun + DAY) == []
    database.write(mutes.mute, "story", "1", until=None, now=begun + 2 * DAY)
    with database.read() as session:
        assert [one.since for one in mutes.mutes(session, now=begun + 2 * DAY)] == [begun + 2 * DAY]
