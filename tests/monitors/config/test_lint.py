"""`newsvane check` warns of what can hardly be meant, and of nothing that can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crawler.yaml_tree import read
from monitors.lint import RULES, lint
from monitors.lint.subject import Subject
from monitors.watchlist_file import configuration_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Warned = Callable[[str], list[str]]

HEAD = """\
settings: {languages: [en, zh, de]}
sources:
  - {id: cac, url: "https://a.org", groups: [china], language: zh, country: CN, tier: 2}
  - {id: reg, url: "https://b.org", groups: [tech], language: en, tier: 1}
"""
DELIVER = "deliver: [{to: me@example.org, when: now}]"


@pytest.fixture
def warned(write: Callable[[str], Path]) -> Warned:
    """Return each warning of a text below HEAD as `line:column key: message`, the line counted in that text."""

    def warnings(text: str) -> list[str]:
        path = write(HEAD + text)
        document = read(path, {})
        problems = lint(document, configuration_of(document, path))
        before = HEAD.count("\n")
        return [f"{one.line - before}:{one.column or ''} {one.key}: {one.message}" for one in problems]

    return warnings


def watchlist(*keys: str) -> str:
    """Return a watchlist that tells somebody; its other keys begin on line 3."""
    return "watchlists:\n  - name: A\n" + "".join(f"    {key}\n" for key in (*keys, DELIVER))


def query(text: str, *keys: str) -> str:
    return watchlist(f"query: '{text}'", *keys)


def entity(keys: str) -> str:
    return f"entities: [{{id: a, {keys}}}]\n{watchlist('entities: [a]')}"


# Each rule: what it warns of, and the warning.
WARNED = {
    "none_forbids_what_is_asked_for": [
        (
            watchlist("keywords: [China law]", "none: [law]"),
            "4: watchlists.0.none.0: excludes every article that `China law` of `keywords` finds",
        ),
        (
            watchlist("keywords: [x, (China|Chinese) laws]", "none: [sport, (law|rule)]"),
            "4: watchlists.0.none.1: excludes every article in `en` that `(China|Chinese) laws` of `keywords` finds",
        ),
        (
            watchlist("keywords: [cyber* attack]", "none: [cyber*]"),
            "4: watchlists.0.none.0: excludes every article that `cyber* attack` of `keywords` finds",
        ),
        (
            watchlist("keywords: [x]", "all: [网络安全法]", "none: [安全]"),
            "5: watchlists.0.none.0: excludes every article that `网络安全法` of `all` finds",
        ),
        (
            query("(sell NEAR/3 cloud) AND title:law", "none: [cloud]"),
            "4: watchlists.0.none.0: excludes every article that the query finds",
        ),
        (
            "entities: [{id: a, name: Amazon.com, aliases: [Amazon]}]\n"
            + watchlist("entities: [a]", "none: [Amazon]"),
            "5: watchlists.0.none.0: excludes every article that `a` of `entities` finds",
        ),
    ],
    "not_near_drops_all_that_is_found": [
        (
            query('"spin off" NOT NEAR/3 (sale OR spin)'),
            '3:13 watchlists.0.query: never finds anything: `sale OR spin` is in all that `"spin off"` finds',
        ),
        (
            query("x OR (law NOT NEAR laws)"),
            "3:19 watchlists.0.query: never finds anything in `en`: `laws` is in all that `law` finds",
        ),
    ],
    "not_forbids_what_is_asked_for": [
        (
            watchlist("keywords: ['\"law firm\" -law']"),
            "3:28 watchlists.0.keywords.0: `-law` excludes every article that the rest finds",
        ),
        (
            query("(China OR Chinese) AND law NOT (sport OR laws)"),
            "3:40 watchlists.0.query: `NOT (sport OR laws)` excludes every article in `en` that the rest finds",
        ),
        (
            "queries: {a: 'x AND y NOT (x NEAR/300 y)', b: '(x NEAR/5 y) NOT (x NEAR/8 y)'}\n" + query("@a OR @b"),
            "1:61 queries.b: `NOT (x NEAR/8 y)` excludes every article that the rest finds",
        ),
    ],
    "watchlists_without_a_source": [
        (
            watchlist("keywords: [law]", "sources: {groups: [china]}", "languages: [en, de]"),
            "5: watchlists.0.languages: no source of this watchlist is in one of these: they are in `zh`",
        )
    ],
    "keywords_without_a_source": [
        (
            watchlist("keywords: [law, {text: Gesetz, lang: de}]", "sources: {ids: [reg, cac]}"),
            "3: watchlists.0.keywords.1.lang: no source of this watchlist is in `de`: they are in `en`, `zh`",
        )
    ],
    "queries_without_a_source": [
        (
            query("law AND source:reg AND group:china"),
            "3:13 watchlists.0.query: asks for what none of the sources of this watchlist is",
        ),
        (
            query("law AND group:tech", "sources: {ids: [cac]}"),
            "3:21 watchlists.0.query: asks for what none of the sources of this watchlist is",
        ),
        (
            query("law NOT source:reg", "sources: {groups: [tech]}"),
            "3:13 watchlists.0.query: asks for what none of the sources of this watchlist is",
        ),
    ],
    "facts_that_are_never_true": [
        (
            query("law AND source:rag"),
            "3:21 watchlists.0.query: there is no source `rag`; did you mean `reg`?",
        ),
        (
            query("law AND group:tec"),
            "3:21 watchlists.0.query: no source is in a group `tec`; did you mean `tech`?",
        ),
        (query("law NOT country:FR"), "3:21 watchlists.0.query: no source has the country `FR`"),
        (query("law AND tier:>2"), "3:21 watchlists.0.query: no source has the tier `>2`"),
    ],
    "comparison_that_is_never_true": [
        (
            watchlist("keywords: [law]").replace("when: now", "when: now, if: score > 0.5 and tier == 3"),
            "4:67 watchlists.0.deliver.0.if: `tier == 3` is never true: no source of this watchlist is of such a tier",
        ),
    ],
    "languages_that_no_article_has": [
        (
            query("law AND lang:fr"),
            "3:21 watchlists.0.query: no article will be in `fr`: it is missing from settings.languages",
        ),
    ],
    "languages_outside_those_of_the_watchlist": [
        (
            query("law AND lang:de", "languages: [en]"),
            "3:21 watchlists.0.query: no article will be in `de`: it is not among `languages`",
        ),
    ],
    "keyword_twice": [
        (
            watchlist("keywords: [cloud, law, laws]"),
            "3: watchlists.0.keywords.2: says the same as `law` above in `en`",
        ),
        (watchlist("keywords: [China law, LAW china]"), "3: watchlists.0.keywords.1: says the same as `China law`"),
        (watchlist("keywords: [x]", "none: [São Paulo, Sao Paulo]"), "4: watchlists.0.none.1: says the same as `São"),
    ],
    "acronym_in_any_case": [
        (
            watchlist("keywords: [US sanctions]"),
            "3:16 watchlists.0.keywords.0: `US` also finds `us`, which is a word in `en`; `case_sensitive: true`",
        ),
        (watchlist("keywords: [x]", "none: [y, IT]"), "4:15 watchlists.0.none.1: `IT` also finds `it`"),
        (
            query("pandemic AND (WHO OR UN)"),
            "3:27 watchlists.0.query: `WHO` also finds `who`, which is a word in `en`; `cs(WHO)` does not",
        ),
        (watchlist("keywords: [{text: MAN trucks, lang: de}]"), "3:23 watchlists.0.keywords.0.text: `MAN` also"),
        (
            entity("name: World Health Organization, aliases: [UNHO, WHO]"),
            "1: entities.0.aliases.1: `WHO` also finds `who`, which is a word in `en`; `case_sensitive: true` helps",
        ),
    ],
    "far_apart": [
        (query("law NEAR/150 rule"), "3:13 watchlists.0.query: 150 words are most of an article"),
    ],
    "rules_without_effect": [
        (
            entity("name: Amazon.com, context: [x, y]"),
            "1: entities.0.context: has no effect: none of the aliases is `ambiguous`",
        ),
        (
            entity("name: Amazon.com, aliases: [{text: Amazon, ambiguous: true}], context: [x]"),
            "1: entities.0.context: never suffices: it takes two of these words to make an alias certain",
        ),
    ],
    "ambiguous_name": [
        (
            entity("name: Amazon, aliases: [{text: AMAZON, ambiguous: true}]"),
            "1: entities.0.aliases.0.ambiguous: has no effect: the `name` of the entity, which is never ambiguous",
        )
    ],
    "name_of_two": [
        (
            "entities: [{id: a, name: Apple Inc, aliases: [Apple]}, {id: b, name: Apple}]\n"
            + watchlist("entities: [a, b]"),
            "1: entities.1.name: is a name of `a` too: make it `ambiguous` for both",
        )
    ],
    "unused_entity": [
        (
            "entities: [{id: a, name: Apple}, {id: b, name: New York}, {id: c, name: Paris}]\n"
            + query("entity:a AND about:b"),
            "1: entities.2: no watchlist asks for `c`",
        )
    ],
    "watchlist_that_tells_nobody": [
        ("watchlists: [{name: A, keywords: [x]}]\n", "1: watchlists.0.deliver: is missing: nobody is told of")
    ],
    "story_rule_without_effect": [
        (
            'watchlists: [{name: A, keywords: [x], stories: {max_alerts: 2}, deliver: [{to: a@b.org, at: "07:00"}]}]\n',
            "1: watchlists.0.stories: says when a story is alerted again, and no entry of `deliver` is `when: now`",
        ),
        (
            watchlist("keywords: [x]", "stories: {realert_on: new_entity}"),
            "4: watchlists.0.stories.realert_on: `new_entity` never happens: the watchlist asks for no entity",
        ),
        (
            watchlist("keywords: [x]", "sources: {ids: [reg]}", "stories: {realert_on: better_tier}"),
            "5: watchlists.0.stories.realert_on: `better_tier` never happens: its sources are all of one tier",
        ),
        (
            watchlist("keywords: [x]", "sources: {ids: [reg]}", "stories: {prefer: tier}"),
            "5: watchlists.0.stories.prefer: `tier` chooses nothing: its sources are all of one tier",
        ),
    ],
    "health_for_everybody": [
        ('health: {listen: "0.0.0.0:9630"}\n', "1: health.listen: 0.0.0.0:9630 is not of this machine alone")
    ],
    "unused_query": [
        (
            "queries: {a: x, b: '@c', c: y, d: '@a'}\n" + query("@a"),
            "1: queries.b: is used by no watchlist",
        )
    ],
    "unused_concept": [
        (
            f"concepts:\n  - {{id: a, description: x}}\n  - {{id: b, description: x}}\n{watchlist('concepts: [a]')}",
            "3: concepts.1: `b` is used by no watchlist and by no query",
        ),
        ("concepts: [{id: a, description: x}]\n" + query("law"), "1: concepts.0: `a` is used by no"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param(rule, *case, id=f"{rule}-{number}")
        for rule, cases in WARNED.items()
        for number, case in enumerate(cases)
    ],
)
def test_what_can_hardly_be_meant_is_warned_of(warned: Warned, rule: str, text: str, expected: str) -> None:
    assert any(one.startswith(expected) for one in warned(text)), (rule, warned(text))


def test_every_rule_has_a_case() -> None:
    assert {rule.__name__ for rule in RULES} == set(WARNED)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(watchlist("keywords: [China law]", "none: ['\"China law\"', '\"law firm\"']"), id="a phrase"),
        pytest.param(watchlist("keywords: [(China|Chinese) law]", "none: [Chinese]"), id="one alternative excluded"),
        pytest.param(watchlist("keywords: [cyber*]", "none: [cyberpunk]"), id="one ending excluded"),
        pytest.param(watchlist("keywords: [{text: gift, lang: zh}]", "none: [{text: gift, lang: en}]"), id="a tongue"),
        pytest.param(query('new NOT NEAR/1 ("New York" OR "new deal")'), id="a longer phrase dropped"),
        pytest.param(
            "entities: [{id: a, name: Amazon.com, aliases: [亚马逊]}]\n"
            + watchlist("entities: [a]", "none: [Amazon]"),
            id="one name excluded",
        ),
        pytest.param(watchlist("keywords: [China -sport, law -(a|b)]"), id="minus"),
        pytest.param(watchlist("query: laws SENTENCE rules", "none: [rules law]"), id="what may stand far apart"),
        pytest.param(query("China AND law NOT (China NEAR/3 law)"), id="near each other excluded"),
        pytest.param(query("China NOT title:China"), id="in the title excluded"),
        pytest.param(query("(China NEAR/10 law) NOT (China NEAR/3 law)"), id="very near excluded"),
        pytest.param(query("law NOT (source:reg OR group:china)"), id="a source excluded"),
        pytest.param(query("law NOT url:sponsored"), id="an address excluded"),
        pytest.param(query("law NOT lang:de", "languages: [en, zh]"), id="a language excluded"),
        pytest.param(query("law AND (group:china OR group:tech) AND tier:<=2"), id="facts of some"),
        pytest.param(query("law AND lang:zh", "languages: [en, zh]"), id="a language of several"),
        pytest.param(query("law AND site:nowhere.org AND section:none AND words:>300"), id="facts of articles"),
        pytest.param(watchlist("keywords: [law, law rule, '\"laws\"', C, C++]"), id="keywords that are alike"),
        pytest.param(watchlist("keywords: [{text: US, case_sensitive: true}, EU, ECB, NATO, us law]"), id="acronyms"),
        pytest.param(query('cs(WHO) OR who OR "US Treasury"'), id="acronyms in queries"),
        pytest.param(
            "entities: [{id: ny, name: New York}, {id: nyt, name: The New York Times}]\n" + watchlist("entities: [ny]"),
            id="an entity that shields another",
        ),
        pytest.param("entities: [{id: a, name: A}]\n", id="nothing to watch yet"),
        pytest.param(
            "concepts: [{id: a, description: x}, {id: b, description: x}, {id: c, description: x}]\n"
            "queries: {law: law NOT concept:c}\n" + query("@law AND concept:b>0.7", "concepts: [a]"),
            id="concepts of watchlists and of queries",
        ),
        pytest.param(
            entity(
                "name: Amazon.com Inc., aliases: [Amazon.com, {text: Amazon, ambiguous: true}], "
                "context: [cloud, shop], never_near: {any: [river]}"
            ),
            id="an entity with all its rules",
        ),
    ],
)  # fmt: skip
def test_what_can_be_meant_is_not(warned: Warned, text: str) -> None:
    assert warned(text) == []


def shown(repository: Path) -> list[tuple[str, str]]:
    """Return what the page shows: the keys of a watchlist or of an entity, and the warning."""
    page = (repository / "docs" / "configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```warnings\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [tuple(re.split(r" {2,}", line)) for block in blocks for line in block.splitlines()]  # type: ignore[misc]


def test_the_page_shows_true_warnings(repository: Path, write: Callable[[str], Path]) -> None:
    lines = shown(repository)
    assert len(lines) > 10
    for keys, expected in lines:
        entry = keys.removesuffix("}")
        asked = ", entities: [a]" if "name:" in keys else "" if "deliver" in keys else f", {DELIVER}"
        path = write(f"""
settings: {{languages: [en, de]}}
sources:
  - {{url: "https://a.org", id: reg, groups: [tech], language: en}}
  - {{url: "https://b.org", id: cac, groups: [china], language: zh}}
entities: [{entry + ", id: a}" if "name:" in keys else ""}]
watchlists: [{"{" if "name:" in keys else entry + ", "}name: A{asked}}}]
""")
        document = read(path, {})
        warnings = lint(document, configuration_of(document, path))
        assert any(warning.message.startswith(expected) for warning in warnings), (keys, warnings)


def test_without_sources_nothing_is_said_of_them(write: Callable[[str], Path]) -> None:
    path = write(query("law AND source:reg"))
    document = read(path, {})
    assert lint(document, configuration_of(document, path)) == []


def test_the_rules_do_not_read_a_keyword_twice(write: Callable[[str], Path]) -> None:
    path = write(watchlist("keywords: [law]"))
    document = read(path, {})
    subject = Subject(configuration_of(document, path))
    assert subject.watchlists[0].keywords[0].part is subject.watchlists[0].keywords[0].part


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_a_secret_that_everybody_can_read_is_warned_of(warned: Warned, tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    secret.write_text("hunter2")
    secret.chmod(0o644)
    text = "smtp: {password_file: smtp}\n"
    assert warned(text) == [
        f"1: smtp.password_file: every user of this machine can read {secret}; `chmod o-r` mends it"
    ]
    secret.chmod(0o640)
    assert warned(text) == []
