"""Each clause says whether it is true, what it found and, if it is not, how near it came."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article, Source
from crawler.errors import ConfigError
from monitors.domain import Keyword, SourceFilter, Watchlist
from monitors.match.explain import explain, why
from monitors.match.matcher import Matcher
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.match.explain import Explanation, Finding

QUERIES = {"merger": "merger OR takeover", "war": "title:(trade NEAR/3 war)"}
WIRE = Source(id="wire", url="https://wire.example/feed", name="Wire", tier=2, groups=frozenset({"wires", "asia"}))


def article(text: str = "", title: str = "", language: str | None = "en", **known: object) -> Article:
    """Return an article; ` ¶ ` ends its title, and `| ` stands for a first paragraph that says something else."""
    head, _, body = text.rpartition(" ¶ ")
    body = body.replace("| ", "Something else.\n")
    return Article(url="https://example.org/news/1", title=title or head, text=body, language=language, **known)  # type: ignore[arg-type]


def watchlist(query: str | None = None, **asked: object) -> Watchlist:
    named = {name: read_query(text) for name, text in QUERIES.items()}
    return Watchlist(id="w", name="W", query=read_query(query, named) if query else None, **asked)  # type: ignore[arg-type]


def explained(query: str, text: str, **known: object) -> Explanation:
    return explain(watchlist(query), (), article(text, **known))


def walk(finding: Finding) -> Iterator[Finding]:
    yield finding
    for part in finding.parts:
        yield from walk(part)


def clause(explanation: Explanation, text: str) -> Finding:
    return next(one for one in walk(explanation.tree) if one.text == text)


MISSES = {
    "no word": ("merger", "It grows.", "not in the article"),
    "another field": ("title:merger", "| A merger, a merger", "only in the text (2×), not in the title"),
    "the lead": ("body:merger AND title:merger", "A merger", "only in the lead, not in the title"),
    "the title": ("body:merger", "Mergers ¶ It grows.", "only in the title, not in the body"),
    "case": ("cs(US)", "They told us, and Us again.", "only as “us”, “Us” (2×)"),
    "inflection": ("exact(selling)", "It sells, it sold, it is a sell-off", "only as “sells”, “sell” (2×)"),
    "signs": ("C++", "Written in C.", "only without its signs, as “C”"),
    "compound": ("Gesetz", "[de] Das Sicherheitsgesetz gilt.", "only inside of “Sicherheitsgesetz”"),
    "phrase, inflected": ('"spin off"', "They are spinning off.", "only as “spinning off”"),
    "phrase, apart": (
        '"spin off"',
        "They spin the unit off.",
        "its words stand apart: nearest within 4 words, “spin the unit off”",
    ),
    "phrase, in another order": ('"spin off"', "Off-spin", "its words stand in another order, as “Off-spin”"),
    "phrase, in two fields": ('"spin off"', "A spin ¶ Off it goes", "its words stand in different fields"),
    "phrase, in part": ('"spin off now"', "Off it goes now", "of its words only `off` and `now` are there"),
    "characters": ("网络安全", "[zh] 网络的安全", "its characters stand apart: nearest within 3 words, “网络的安全”"),
    "expression": ("re/EU|UN/", "The eu, the Un", "only in another case, as “eu”, “Un”"),
    "no expression": ("re/[0-9]{4}/", "In 99", "matches nothing"),
    "first words": (
        "first5(merger)",
        "Merger ¶ At last, after many years, a merger",
        "the first stands at word 7, 5 allowed",
    ),
    "first words of the body": (
        "first5(merger)",
        "Merger ¶ It grows",
        "only in the title, and the first 5 words are those of the body",
    ),
    "near": (
        "sale NEAR/3 cloud",
        "The sale of a very old cloud. A cloud " + "w " * 9 + "sale",
        "nearest pair 5 words apart, 3 allowed: “sale of a very old cloud”",
    ),
    "near, neighbours in two fields": (
        "sale NEAR/3 cloud",
        "A sale ¶ Cloud",
        "in different fields: the one in the title, the other in the lead",
    ),
    "near itself": ("cloud NEAR/3 clouds", "A cloud", "they are the same words, which is no pair"),
    "near, one side": ("sale NEAR/3 (cloud OR server)", "A sale", "`cloud OR server` is missing"),
    "near, one side almost": ("sale NEAR/3 cs(US)", "A sale by us", "`cs(US)` is missing: only as “us”"),
    "near, both sides": (
        "title:(sale NEAR/3 cloud)",
        "The cloud",
        "`sale` and `cloud` (only in the lead, not in the title) are missing",
    ),
    "other order": ("sale ONEAR/3 cloud", "A cloud sale", "only in the other order: 1 word apart, “cloud sale”"),
    "right order but far": (
        "sale ONEAR/2 cloud",
        "The sale of the old cloud. " + "w " * 9 + "Cloud " + "w " * 9 + "sale",
        "nearest pair 4 words apart, 2 allowed: “sale of the old cloud”",
    ),
    "sentence": ("sale SENTENCE cloud", "A sale. No more. A cloud.", "not in one sentence; nearest 2 sentences apart"),
    "paragraph": ("sale PARAGRAPH cloud", "A sale.\nA cloud.", "not in one paragraph; nearest 1 paragraph apart"),
    "dropped": (
        "Amazon NOT NEAR/3 river",
        "Amazon, the river. The river Amazon.",
        "all 2 mentions are within 3 words of `river`: “river Amazon”",
    ),
    "dropped, the only one": ("Amazon NOT NEAR/3 river", "Amazon river", "the only mention is within 3 words of"),
    "too few": ("atleast3(merger)", "A merger, a merger", "2 mentions, 3 wanted"),
    "too few pairs": ("atleast3(sale NEAR/2 cloud)", "Cloud sale, cloud sale", "2 mentions, 3 wanted"),
    "none of them": ("atleast2(merger)", "It grows", "0 mentions, 2 wanted"),
    "together": (
        '"sale old cloud"~4',
        "| The sale of a very new and very old cloud",
        "its 3 words stand at nearest within 9 words, 5 allowed",
    ),
    "forbidden": (
        "sale NOT (sport OR game)",
        "A sale of sports and games",
        "must not be there, and is: “sports” (text), “games” (text)",
    ),
    "forbidden pair": ("sale NOT (sport NEAR/2 day)", "A sale, a sports day", "“sports” (text), “day” (text)"),
    "language": ("lang:de", "A sale", "its language is “en”"),
    "words": ("words:>300", "A sale", "the number of its words is “2”"),
    "author": ('author:"Jane Doe"', "A sale", "names no author"),
    "address": ("url:sponsored", "A sale", "its address is “https://example.org/news/1”"),
    "site": ("site:example.com", "A sale", "its site is “example.org”"),
}  # fmt: skip


@pytest.mark.parametrize(("query", "text", "told"), MISSES.values(), ids=MISSES)
def test_a_miss_says_how_near_it_came(query: str, text: str, told: str) -> None:
    language, text = (text[1:3], text[5:]) if text.startswith("[") else ("en", text)
    explanation = explained(query, text, language=language)
    assert explanation.verdict == "no"
    assert told in (explanation.first_failure or "")


HELD = {
    "near": ("sale NEAR/3 cloud", "The cloud is for sale", "nearest pair 3 words apart, “cloud is for sale”"),
    "onear": ("cloud ONEAR/9 sale", "A sale of a cloud for sale", "nearest pair 2 words apart, “cloud for sale”"),
    "sentence": ("sale SENTENCE cloud", "A sale. The cloud is for sale", "in one sentence, “cloud is for sale”"),
    "paragraph": ("sale PARAGRAPH cloud", "A sale.\nA sale. One cloud", "in one paragraph, “sale. One cloud”"),
    "not near": ("Amazon NOT NEAR/1 river", "Amazon. Amazon river", "1 of 2 mentions is within 1 word of `river`"),
    "at least": ("atleast2(sale)", "A sale, a sale, a sale", "3 mentions, 2 wanted"),
    "unknown": ("source:wire AND sale", "A sale", "not known, so it does not hide the article"),
}


@pytest.mark.parametrize(("query", "text", "told"), HELD.values(), ids=HELD)
def test_what_is_true_says_why(query: str, text: str, told: str) -> None:
    explanation = explained(query, text)
    assert explanation.verdict == "match"
    assert explanation.first_failure is None
    assert any(told in note for finding in walk(explanation.tree) for note in finding.notes)


FACTS = {
    "author": ('author:"Jane Doe"', "written by “John Roe”, “Ann”"),
    "site": ("site:other.org", "its site is “example.org”, “The Post”"),
    "source": ("source:other", "it comes from “wire”"),
    "group": ("group:europe", "its source is in “asia”, “wires”"),
    "tier": ("tier:1", "its source has the tier “2”"),
    "country": ("country:CH", "its source has no country"),
    "section": ("section:sport", "it stands in “World”"),
    "published": ("published:[2026-12-01 TO *]", "it was published on “2026-11-23”"),
}


@pytest.mark.parametrize(("query", "told"), FACTS.values(), ids=FACTS)
def test_a_fact_that_is_another_says_which_it_is(query: str, told: str) -> None:
    known = article(
        "A sale",
        authors=("John Roe", "Ann"),
        site="The Post",
        sections=("World",),
        published=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert told in (explain(watchlist(query), (), known, WIRE).first_failure or "")


def test_what_nobody_knows_hides_nothing_in_a_not_either() -> None:
    explanation = explained("sale NOT group:sports", "A sale")
    assert explanation.verdict == "match"
    assert clause(explanation, "group:sports").notes == ("not known, so it does not hide the article",)


# -- what was found ---------------------------------------------------------------------------------------------------


def test_every_part_tells_what_it_found_and_how_often() -> None:
    explanation = explained("(sale OR sell) NEAR/4 cloud AND title:rule", "A rule ¶ | It sells a cloud. Clouds.")
    pair, cloud, rule = (clause(explanation, text) for text in ("(sale OR sell) NEAR/4 cloud", "cloud", "title:rule"))
    assert [(span.field, span.text) for span in pair.spans] == [
        ("text", "sells"),
        ("text", "cloud"),
        ("text", "Clouds"),
    ]
    assert [span.text for span in cloud.spans] == ["cloud", "Clouds"]
    assert (cloud.count, [(span.field, span.start, span.end) for span in rule.spans]) == (2, [("title", 2, 6)])
    assert clause(explanation, "sale").state == "no"


def test_a_named_query_stands_with_its_name_and_what_it_says() -> None:
    explanation = explained("@merger AND @war", "A merger")
    named = clause(explanation, "@merger")
    assert (named.kind, named.state) == ("named query", "yes")
    assert [(part.kind, part.text, part.state) for part in named.parts] == [("either", "merger OR takeover", "yes")]
    assert clause(explanation, "title:(trade NEAR/3 war)").state == "no"


def test_the_tree_has_the_groups_of_the_watchlist_as_it_was_written() -> None:
    asked = watchlist(
        "merger AND sale",
        keywords=(Keyword(text="cloud sale"), Keyword(text="US", case_sensitive=True, lang="en")),
        all=(Keyword(text="China"),),
        none=(Keyword(text="sport"),),
    )
    tree = explain(asked, (), article("The cloud sale in China")).tree
    assert [(part.kind, part.state) for part in tree.parts] == [("some", "yes"), ("all", "yes"), ("none", "yes")]
    assert [(part.kind, part.state) for part in tree.parts[0].parts] == [("keywords", "yes"), ("query", "no")]
    assert [part.text for part in tree.parts[0].parts[0].parts] == ["cloud sale", "US (case_sensitive, lang: en)"]


def test_a_keyword_says_how_near_its_words_stand_and_what_the_head_lacks() -> None:
    text = "In China they talked of cybersecurity.\n" + "w " * 20 + "China " + "w " * 20 + "cybersecurity and the law"
    explanation = explain(watchlist(keywords=(Keyword(text="China cybersecurity law"),)), (), article(text))
    assert explanation.first_failure == (
        "keyword `China cybersecurity law`: its 3 words stand at nearest within 25 words, 13 allowed; "
        "not all of them in title and lead: `law` is missing there"
    )


def test_a_keyword_of_another_language_says_so() -> None:
    asked = watchlist(keywords=(Keyword(text="gift", lang="de"),))
    failure = explain(asked, (), article("A gift")).first_failure
    assert failure == "keyword `gift (lang: de)`: counts only in articles in `de`; this one is in `en`"


# -- the first failure ------------------------------------------------------------------------------------------------


def test_of_several_alternatives_the_nearest_is_told() -> None:
    asked = watchlist("merger NEAR/2 bank", keywords=(Keyword(text="cloud sale"), Keyword(text="port strike")))
    failure = explain(asked, (), article("The merger was slow, said the bank of the port.")).first_failure or ""
    assert failure.startswith("query `merger NEAR/2 bank`: nearest pair 5 words apart")
    assert failure.endswith("(the nearest of 3 alternatives)")
    nothing = explain(asked, (), article("It grows.")).first_failure or ""
    assert nothing == "keyword `cloud sale`: `cloud` and `sale` are missing (the first of 3 alternatives)"


def test_what_is_for_another_language_came_no_nearer_than_what_is_not_there() -> None:
    asked = watchlist(keywords=(Keyword(text="port strike"), Keyword(text="cloud", lang="de")))
    assert (explain(asked, (), article("A cloud")).first_failure or "").startswith("keyword `port strike`")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param({"all": (Keyword(text="China"),)}, "all `China`: not in the article", id="all"),
        pytest.param(
            {"none": (Keyword(text="old"),)}, "none `old`: must not be there, and is: “old” (text)", id="none"
        ),
        pytest.param(
            {"languages": frozenset({"de", "zh"})}, "languages `de, zh`: the article is in `en`", id="languages"
        ),
        pytest.param(
            {"sources": SourceFilter(ids=frozenset({"other"}), groups=frozenset({"europe"}))},
            "sources `other, group europe`: the article comes from `wire`, of the group asia and wires",
            id="sources",
        ),
    ],
)
def test_what_limits_a_watchlist_is_told(asked: dict[str, object], told: str) -> None:
    explanation = explain(watchlist("cloud", **asked), (), article("An old cloud"), WIRE)
    assert (explanation.verdict, explanation.match, explanation.first_failure) == ("no", None, told)
    assert explanation.admitted == ("languages" not in asked and "sources" not in asked)
    assert clause(explanation, "cloud").state == "yes", "what it asks for is told even of what is not admitted"


def test_an_article_of_unknown_origin_is_looked_at() -> None:
    limits = {"sources": SourceFilter(ids=frozenset({"other"})), "languages": frozenset({"de"})}
    explanation = explain(watchlist("cloud", **limits), (), article("A cloud", language=None))
    assert (explanation.verdict, explanation.admitted) == ("match", True)
    assert [limit.state for limit in explanation.limits] == ["yes", "yes"]
    assert "not known, so it is looked at" in explanation.limits[0].notes[0]


# -- the score --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [("A cloud ¶ Cloud", "title", 0.7), ("Cloud", "lead", 0.5), ("| Cloud", "text", 0.3)],
    ids=["title", "lead", "text"],
)
def test_the_parts_of_a_score_add_up_to_it(text: str, place: str, value: float) -> None:
    explanation = explain(watchlist("cloud"), (), article(text), WIRE)
    score, match = explanation.score, explanation.match
    assert score
    assert match
    assert (score.place, score.place_value, score.tier, score.tier_value) == (place, value, 2, 0.06)
    assert score.place_value + score.often_value + score.tier_value == pytest.approx(score.total)
    assert score.total == match.score


def test_of_facts_alone_the_score_has_no_place() -> None:
    explanation = explain(watchlist("tier:2"), (), article("A cloud"), WIRE)
    assert explanation.score
    assert explanation.score.place is None


def test_an_explanation_is_a_value() -> None:
    explanation = explained("cloud", "A cloud")
    assert explanation == explained("cloud", "A cloud")
    with pytest.raises(FrozenInstanceError):
        explanation.tree.text = ""  # type: ignore[misc]


def test_what_cannot_be_compiled_is_said() -> None:
    broken = replace(watchlist(), entities=("nobody",))
    with pytest.raises(ConfigError, match="no entity nobody"):
        explain(broken, (), article("A cloud"))
    assert why(broken, (), article("A cloud")) == "it cannot be compiled: no entity nobody"


# -- in a few lines ---------------------------------------------------------------------------------------------------


def test_why_not_begins_with_what_failed_first_and_goes_on_with_the_rest() -> None:
    lines = why(watchlist("cloud AND title:sale AND merger"), (), article("A cloud for sale")).splitlines()
    assert lines == ["query `title:sale`: only in the lead, not in the title", "`merger`: not in the article"]


def test_why_names_the_clauses_that_are_true_and_what_they_found() -> None:
    lines = why(
        watchlist("cloud AND (sale OR sell)"), (), article("Clouds ¶ It sells. It sold. It sells.")
    ).splitlines()
    assert lines == ["found `cloud`, `sell`", "`cloud`: “Clouds” (title)", "`sell`: “sells” (text)"]


def test_why_is_a_few_lines_however_much_fails() -> None:
    many = " AND ".join(f"word{number}" for number in range(100))
    assert len(why(watchlist(many), (), article("A cloud")).splitlines()) < 10
    assert len(why(watchlist(f"cloud NOT ({many})"), (), article("cloud " * 5_000)).splitlines()) < 10


def test_what_an_article_hides_is_not_quoted() -> None:
    told = why(watchlist("cs(US)"), (), article("The u\u200bs \x1b[2J\u202eand \nmore")) + why(
        watchlist("sale NEAR/1 cloud"), (), article("A sale \x1b[2J\u202e\n of a cloud")
    )
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert told.count("\n") == 0


def test_it_is_told_soon_how_near_a_thousand_mentions_came() -> None:
    far = "sale " * 20_000 + "w " * 50 + "cloud " * 20_000
    explanation = explained("sale NEAR/5 cloud", far)
    assert "nearest pair 51 words apart, 5 allowed" in (explanation.first_failure or "")


def test_the_article_is_matched_as_the_matcher_matches_it() -> None:
    asked, given = watchlist("cloud NEAR/5 sale"), article("The cloud ¶ is for sale. A cloud sale.")
    assert explain(asked, (), given, WIRE).match == Matcher([asked], ()).match(given, WIRE).matches[0]
