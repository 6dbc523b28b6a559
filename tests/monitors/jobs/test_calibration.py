"""Concepts are measured against the archive once it is large enough, and moved by what is judged."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from monitors import calibration
from monitors.cli import newsvane
from monitors.store import concepts as store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stand_ins.newsroom import Clock, Newsroom

    from monitors.match.concepts.panel import Panel

SUBJECTS = ("harbour", "railway", "orchard", "museum", "glacier", "bakery", "library", "theatre")
YAML = """
sources: [{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}]
watchlists:
  - {id: law, name: Law, keywords: [China cybersecurity law], deliver: [{to: desk@example.org, at: "08:00"}]}
  - {id: plain, name: Plain, keywords: [horoscope], related: false, deliver: [{to: desk@example.org, at: "08:00"}]}
channels: []
smtp: {host: localhost, from: newsvane@example.org}
"""
LIKED = "Regulators fined an app store in Beijing for moving records of users to servers overseas."


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "LEAST", 40)


@pytest.fixture
def room(newsroom: Callable[[str], Newsroom]) -> Newsroom:
    return newsroom(YAML)


def fill(room: Newsroom, number: int, first: int = 0) -> None:
    for at in range(first, first + number):
        subject, other = SUBJECTS[at % 8], SUBJECTS[at // 8 % 8]
        room.bring(
            f"The {subject} and the {other}, part {at}", f"What the {subject} did for the {other} on day {at}. " * 4
        )
    room.finish()
    room.match()


def follow(room: Newsroom) -> bool:
    return asyncio.run(calibration.follow(room.app))


def panel(room: Newsroom) -> Panel:
    found = room.app.in_force.matcher.panel
    assert found
    return found


def type_(*words: str, file: Path) -> str:
    result = CliRunner().invoke(newsvane, [*words, "--config", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


# -- surveys ----------------------------------------------------------------------------------------------------------


def test_a_small_archive_is_measured_by_what_is_bundled(room: Newsroom) -> None:
    fill(room, 39)
    follow(room)
    assert panel(room).is_bundled


def test_a_larger_one_by_itself_and_again_when_it_has_grown(room: Newsroom, clock: Clock) -> None:
    fill(room, 40)
    assert follow(room)
    assert (panel(room).is_bundled, len(panel(room).background)) == (False, 40)
    fill(room, 9, first=40)
    assert not follow(room), "it has grown by less than a quarter"
    fill(room, 1, first=49)
    assert follow(room)
    assert len(panel(room).background) == 50
    clock.turn(calibration.OLD)
    assert not follow(room), "nothing came since"
    fill(room, 1, first=50)
    assert follow(room)


def test_it_knows_how_many_articles_come_in_a_week(room: Newsroom, clock: Clock) -> None:
    fill(room, 1)
    for week in range(4):
        clock.turn(timedelta(days=7))
        fill(room, 20, first=1 + 20 * week)
    follow(room)
    assert panel(room).background.per_week == pytest.approx(20, rel=0.1)


def test_a_new_configuration_is_measured_at_once(room: Newsroom) -> None:
    fill(room, 40)
    follow(room)
    asyncio.run(room.app.adopt(room.app.in_force))
    assert room.app.calibrated_by is None
    assert follow(room)


def test_two_services_survey_once(newsroom: Callable[[str], Newsroom], room: Newsroom) -> None:
    fill(room, 40)
    other = newsroom(YAML)
    follow(room)
    with room.app.database.read() as session:
        before = store.last_survey(session)
    assert follow(other)
    with room.app.database.read() as session:
        assert store.last_survey(session) == before
    assert len(panel(other).background) == 40


# -- judgements -------------------------------------------------------------------------------------------------------


def judge(room: Newsroom, number: int, verdict: str, watchlist: str = "law") -> str:
    url = str(room.app.database.engine.url.render_as_string(hide_password=False))
    file = room.app.in_force.configuration.path
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSVANE_DATABASE_URL", url)
        return type_("feedback", str(number), verdict, "--watchlist", watchlist, "--json", file=file)


def test_what_is_judged_good_moves_what_comes_after_it(room: Newsroom) -> None:
    room.bring("App store fined", LIKED)
    room.finish()
    room.match()
    follow(room)
    before = panel(room).gauges["related:law"].sought
    told = json.loads(judge(room, 1, "good"))
    assert (told["watchlist"], told["verdict"], told["good"], told["bad"]) == ("law", "good", 1, 0)
    assert follow(room)
    after = panel(room).gauges["related:law"].sought
    assert set(after.terms.tolist()) > set(before.terms.tolist())
    assert not follow(room), "once"


def test_a_judgement_can_be_changed_and_taken_back(room: Newsroom) -> None:
    room.bring("App store fined", LIKED)
    room.finish()
    for verdict, good, bad in (("good", 1, 0), ("bad", 0, 1), ("forget", 0, 0)):
        told = json.loads(judge(room, 1, verdict))
        assert (told["good"], told["bad"]) == (good, bad)
        assert follow(room), verdict


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("feedback", "77", "good", "--watchlist", "law"), "no article is stored with the number 77"),
        (("feedback", "https://a.example/", "bad", "--watchlist", "law"), "no article is stored with the address"),
        (("feedback", "9" * 40, "bad", "--watchlist", "law"), "no article is stored with the number"),
        (("feedback", "1", "good", "--watchlist", "plain"), "means no concept"),
        (("feedback", "1", "good", "--watchlist", "lwa"), "did you mean"),
        (("feedback", "1", "forget", "--watchlist", "law"), "was not judged"),
        (("calibrate", "plain"), "means no concept"),
        (("calibrate", "lw"), "no concept and no watchlist"),
    ],
)
def test_what_cannot_be_done_is_said(room: Newsroom, words: tuple[str, ...], said: str) -> None:
    room.bring("App store fined", LIKED)
    room.finish()
    url = str(room.app.database.engine.url.render_as_string(hide_password=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSVANE_DATABASE_URL", url)
        arguments = [*words, "--config", str(room.app.in_force.configuration.path)]
        result = CliRunner().invoke(newsvane, arguments)
    assert result.exit_code != 0
    assert said in f"{result.exception} {result.output}"


# -- newsvane calibrate -----------------------------------------------------------------------------------------------


def calibrated(room: Newsroom, *words: str) -> str:
    url = str(room.app.database.engine.url.render_as_string(hide_password=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSVANE_DATABASE_URL", url)
        return type_("calibrate", "law", *words, file=room.app.in_force.configuration.path)


def test_it_shows_how_many_each_setting_would_flag_and_what_is_at_the_border(room: Newsroom, clock: Clock) -> None:
    fill(room, 1)
    for week in range(3):
        clock.turn(timedelta(days=7))
        fill(room, 20, first=1 + 20 * week)
    clock.turn(timedelta(days=1))
    room.bring("Internet safety laws in China", "China's internet safety laws require that data is stored locally.")
    follow(room)
    report = json.loads(calibrated(room, "--json"))
    assert report["looked_at"] == 61
    assert report["over"][0]["title"] == "Internet safety laws in China"
    assert len(report["under"]) == 5
    flagged = [one["flagged"] for one in report["settings"]]
    assert [one["about"] for one in report["settings"]][:3] == ["default", "1/week", "2/week"]
    assert flagged[1:] == sorted(flagged[1:])
    told = calibrated(room)
    assert "* about default" in told
    assert "Internet safety laws in China (The Harbour Ledger)" in told


def test_it_shows_what_judgements_changed(room: Newsroom) -> None:
    room.bring("Already there")
    room.finish()
    room.bring("App store fined", LIKED)
    for number in range(2):
        room.bring(f"Another app store fined, case {number}", LIKED.replace("Regulators", "Courts"))
    follow(room)
    assert json.loads(calibrated(room, "--json"))["judged"] is None
    judge(room, 2, "good")
    judged = json.loads(calibrated(room, "--json"))["judged"]
    assert (judged["good"], judged["bad"]) == (1, 0)
    assert judged["flagged"] >= judged["flagged_before"]
    assert "judged: 1 good, 0 bad" in calibrated(room)


def test_with_nothing_to_look_at_it_says_so(room: Newsroom) -> None:
    assert "nothing to look at" in calibrated(room)
