"""Which articles are on one event: in several languages, and where many look alike."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from crawler.domain import Article
from monitors.stories.events import Events
from monitors.stories.features import Features, features

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
# Of each language two on one event, and one on another.
NEWS = {
    "de": (
        (
            "Bundesbank warnt vor Rezession",
            "Die Bundesbank rechnet mit weniger Wirtschaft, sagte Präsident Joachim Nagel am Montag in Frankfurt.",
        ),
        ("Nagel: Wirtschaft schrumpft", "Bundesbank-Präsident Joachim Nagel erwartet in Frankfurt eine Rezession."),
        (
            "Bahn streicht Züge",
            "Die Deutsche Bahn lässt am Montag wegen des Sturms an der Küste alle Fernzüge ausfallen.",
        ),
    ),
    "zh": (
        (
            "全国人大常委会通过修改网络安全法的决定",
            "全国人大常委会周二表决通过关于修改网络安全法的决定，自明年一月起施行。",
        ),
        ("网络安全法完成修改", "修改后的网络安全法周二获全国人大常委会表决通过，加重对违法行为的处罚。"),
        ("台风登陆广东", "今年第二十号台风昨晚在广东沿海登陆，多地停课停工。"),
    ),
    "ja": (
        ("日銀が利上げを決定", "日本銀行は金融政策決定会合で政策金利を引き上げることを決めた。植田総裁が会見した。"),
        ("日銀、政策金利を引き上げ", "日本銀行は十九日の金融政策決定会合で利上げを決定し、植田総裁が理由を説明した。"),
        ("北海道で地震", "昨夜、北海道で震度五の地震があり、列車が止まった。"),
    ),
    "in capitals": (
        ("RED SOX MAKE HUGE OFFER TO TEIXEIRA", "THE BOSTON RED SOX OFFERED MARK TEIXEIRA AN EIGHT-YEAR CONTRACT."),
        (
            "Red Sox offer Teixeira $200 million",
            "The Boston Red Sox made Mark Teixeira an eight-year, $200 million offer.",
        ),
        ("Bolton sign goalkeeper", "Bolton Wanderers signed the Finnish goalkeeper Jussi Jaaskelainen for two years."),
    ),
}


def grouped(articles: list[Article], *, gap: timedelta = timedelta(0)) -> list[int]:
    events, stories = Events(timedelta(days=4)), list[int]()
    for number, article in enumerate(articles):
        its, at = features(article), NOON + number * gap
        found = events.story_of(its, at)
        stories.append(number if found is None else found)
        events.add(number, its, at, stories[-1])
    return stories


@pytest.mark.parametrize("language", NEWS)
def test_two_on_one_event_are_told_from_another(language: str) -> None:
    articles = [Article(url="https://a.example", title=title, text=text) for title, text in NEWS[language]]
    assert grouped(articles) == [0, 0, 2]


def test_a_wrap_up_joins_no_stories_that_were_apart() -> None:
    events = [NEWS[language][place] for language in ("de", "in capitals") for place in (0, 2)]
    apart = [Article(url="https://a.example", title=title, text=text) for title, text in events]
    later = [Article(url="https://a.example", title=title, text=f"Update: {text}") for title, text in events]
    hub = Article(url="https://a.example", title="Morning briefing", text="\n".join(text for _, text in events))
    stories = grouped([*apart, hub, *later])
    assert stories[:4] == [0, 1, 2, 3]
    assert stories[5:] == [0, 1, 2, 3]


def test_a_column_of_every_day_is_no_story_that_never_ends() -> None:
    articles = [
        Article(
            url="https://a.example",
            title="Dax closes higher in Frankfurt",
            text=f"The Dax of Deutsche Börse closed at {20_000 + 37 * day} points in Frankfurt; Siemens led.",
        )
        for day in range(60)
    ]
    stories = Counter(grouped(articles, gap=timedelta(days=1)))
    assert max(stories.values()) <= 5


def test_the_features_of_an_article_are_few_and_always_the_same() -> None:
    long = Article(
        url="https://a.example",
        title="All names",
        text=" ".join(f"Name{chr(97 + n % 26) * 3}{n}" for n in range(9_999)),
    )
    its = features(long)
    assert len(its.hashes) <= 48
    assert Features.from_bytes(its.to_bytes()).to_bytes() == its.to_bytes() == features(long).to_bytes()
    assert len(its.to_bytes()) < 300


def test_what_was_forgotten_weighs_no_more() -> None:
    events = Events(timedelta(days=4))
    names = [features(Article(url="https://a.example", title=f"Harbour closed by ice {n}")) for n in range(3_000)]
    for number, its in enumerate(names):
        events.add(number, its, NOON + timedelta(minutes=number), number)
    events.forget(NOON + timedelta(minutes=2_500))
    assert len(events) == 500
    assert [events.story(number) for number in (10, 2_600)] == [None, 2_600]
