"""The queries of a file: every mistake is told once, where it stands, and each query is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import ConfigError
from monitors import named_queries
from monitors.match.query.tree import Mention, Reference, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.watchlist_file import Configuration

    Configured = Callable[..., Configuration]
    Told = Callable[..., list[str]]

ENTITIES = "entities: [{id: amazon, name: Amazon.com}]\n"
CONCEPTS = "concepts: [{id: outage, description: down}]\n"


@pytest.fixture
def places(configured: Configured) -> Callable[[str], list[str]]:
    """Load a text that has mistakes and return each as `line:column key: message`."""

    def problems(text: str) -> list[str]:
        with pytest.raises(ConfigError) as error:
            configured(text)
        return [f"{one.line}:{one.column or ''} {one.key}: {one.message}" for one in error.value.problems]

    return problems


def test_a_query_suffices_and_comes_with_what_it_refers_to(configured: Configured) -> None:
    configuration = configured(f"""\
{ENTITIES}queries: {{law: law OR rule, both: '@law AND entity:amazon'}}
watchlists: [{{name: A, query: '@both NOT sport'}}]
""")
    query = configuration.watchlists[0].query
    assert query is not None
    named = {part.name: part.query for part in query.walk() if isinstance(part, Reference)}
    assert named == {"both": configuration.queries["both"], "law": configuration.queries["law"]}
    assert {part.words for part in query.walk() if isinstance(part, Words)} == {"law", "rule", "sport"}
    assert [part.entity for part in query.walk() if isinstance(part, Mention)] == ["amazon"]


def test_a_watchlist_without_one_has_none(configured: Configured) -> None:
    configuration = configured("watchlists: [{name: A, keywords: [a]}]\n")
    assert configuration.watchlists[0].query is None
    assert configuration.queries == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("query: law rule", "4:16 watchlists.0.query: `law` and `rule` stand side by side", id="grammar"),
        pytest.param("query: (law", "4:12 watchlists.0.query: ", id="parenthesis"),
        pytest.param(
            "query: law AND entity:amazn",
            "4:20 watchlists.0.query: there is no entity `amazn`; did you mean `amazon`?",
            id="entity",
        ),
        pytest.param(
            "query: 'law AND about:amazn'",
            "4:21 watchlists.0.query: there is no entity `amazn`; did you mean `amazon`?",
            id="about",
        ),
        pytest.param(
            "query: law AND @routin",
            "4:20 watchlists.0.query: there is no query `routin` in `queries`; did you mean `routine`?",
            id="reference to nothing",
        ),
        pytest.param(
            "query: law AND concept:outag>0.7",
            "4:20 watchlists.0.query: there is no concept `outag`; did you mean `outage`?",
            id="concept",
        ),
        pytest.param(
            "query: law AND concept:outage>1.7",
            "4:28 watchlists.0.query: concept: takes an id, and perhaps a threshold from 0 to 1: concept:x>0.7",
            id="threshold",
        ),
        pytest.param("query: NOT law", "4:12 watchlists.0.query: only forbids", id="only negative"),
        pytest.param("query: law NOT law", "4:12 watchlists.0.query: can never match", id="never"),
        pytest.param("query: ''", "4:13 watchlists.0.query: the query is empty", id="empty"),
        pytest.param("query: 2026", "4: watchlists.0.query: needs text", id="number"),
        pytest.param("query: [law]", "4: watchlists.0.query: needs text", id="list"),
        pytest.param("query: >\n      law AND\n      rule sale", "6:12 watchlists.0.query: `rule` and", id="folded"),
        pytest.param("keywords: [x, 'China (law']", "4:26 watchlists.0.keywords.1: a parenthesis that", id="keyword"),
        pytest.param(
            "keywords: [{text: a -a, lang: en}]", "4:23 watchlists.0.keywords.0.text: forbids a word", id="text"
        ),
    ],
)
def test_a_mistake_points_at_its_place(places: Callable[[str], list[str]], text: str, expected: str) -> None:
    (mistake,) = places(f"{ENTITIES}queries: {{routine: sport}}\nwatchlists:\n  - {text}\n    name: A\n{CONCEPTS}")
    assert mistake.startswith(expected)


def test_a_name_that_is_none_hides_no_mistake_in_another_query(places: Callable[[str], list[str]]) -> None:
    text = "queries:\n  a b: law\n  c: law rule\nwatchlists: [{name: A, query: '@c'}]\n"
    assert places(text) == [
        "2: queries.a b: needs letters, digits, dots, dashes or underscores, and no spaces",
        "3:10 queries.c: `law` and `rule` stand side by side: NEAR, AND or quotes?",
    ]


def test_all_that_is_missing_from_a_query_is_told_at_once(places: Callable[[str], list[str]]) -> None:
    assert places("watchlists:\n- name: A\n  query: entity:a OR @b OR concept:c\n") == [
        "3:10 watchlists.0.query: there is no entity `a`",
        "3:22 watchlists.0.query: there is no query `b` in `queries`",
        "3:28 watchlists.0.query: there is no concept `c`",
    ]


# -- named ones -------------------------------------------------------------------------------------------------------

USERS = "watchlists: [{name: A, query: '@a'}, {name: B, query: 'x AND @a'}, {name: C, keywords: [c]}]\n"


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        pytest.param("a: law rule", ["2:10 queries.a: `law` and `rule` stand side by side"], id="grammar"),
        pytest.param("a: law AND entity:x", ["2:14 queries.a: there is no entity `x`"], id="entity"),
        pytest.param("a: concept:x", ["2:6 queries.a: there is no concept `x`"], id="concept"),
        pytest.param("a: 'law AND @b'", ["2:15 queries.a: there is no query `b` in `queries`"], id="nothing"),
        pytest.param("a: 'law OR @a'", ["2:14 queries.a: refers to itself: @a → @a"], id="itself"),
        pytest.param("a: '@b'\n  b: '@c'\n  c: law rule", ["4:10 queries.c: `law` and `rule` stand side"], id="chain"),
        pytest.param(
            "a: law OR @b\n  b: '@c'\n  c: sale OR @b",
            ["3:7 queries.b: refers to itself: @b → @c → @b", "4:14 queries.c: refers to itself: @c → @b → @c"],
            id="circle",
        ),
        pytest.param("a: NOT law", ["2:6 queries.a: only forbids"], id="only negative"),
        pytest.param("a: [law]", ["2: queries.a: needs text"], id="list"),
        pytest.param("a: law\n  a: rule", ["3: queries.a: is there twice; the first is on line 2"], id="twice"),
        pytest.param("a: law\n  x y: rule", ["3: queries.x y: needs letters, digits"], id="name"),
        pytest.param("a:", ["2: queries.a: has no value"], id="no value"),
        pytest.param("a: '${NOPE}'", ["2: queries.a: the environment variable NOPE is not set"], id="variable"),
    ],
)
def test_a_mistake_in_a_named_query_is_told_once_at_its_own_place(
    places: Callable[[str], list[str]], queries: str, expected: list[str]
) -> None:
    found = places(f"queries:\n  {queries}\n{USERS}")
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True)), found


def test_what_a_watchlist_makes_of_a_good_query_is_told_at_the_watchlist(places: Callable[[str], list[str]]) -> None:
    (mistake,) = places("queries: {a: law AND rule}\nwatchlists:\n- {name: A, query: 'x NEAR/3 @a'}\n")
    assert mistake.startswith("3:30 watchlists.0.query: ")
    assert mistake.endswith("(in @a)")


def test_what_is_too_deep_only_together_is_told_where_it_is_put_together(places: Callable[[str], list[str]]) -> None:
    deep = "title:" * 55
    section = f"queries:\n  a: {deep}law\n  b: {deep}@a\n  c: '@b OR rule'\n"
    mistakes = places(f"{section}watchlists:\n- {{name: A, query: '{deep}@a'}}\n- {{name: B, query: '@b'}}\n")
    assert [mistake.partition(": more than 100 parts inside of each other")[0] for mistake in mistakes] == [
        f"3:{6 + len(deep)} queries.b",
        f"6:{21 + len(deep)} watchlists.0.query",
    ]


@pytest.mark.parametrize("queries", ["[a]", "a"])
def test_the_section_is_a_mapping(told: Told, queries: str) -> None:
    assert told(f"queries: {queries}\n{USERS}")[0] == "1 queries: needs a mapping (key: value)"


def test_a_name_may_be_of_any_script(configured: Configured) -> None:
    text = "queries: {gesetz-für-网络: law}\nwatchlists: [{name: A, query: '@gesetz-für-网络'}]\n"
    assert list(configured(text).queries) == ["gesetz-für-网络"]


def test_a_named_query_is_read_once_however_many_use_it(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = []
    monkeypatch.setattr(
        named_queries, "parse", lambda text, parse=named_queries.parse: texts.append(text) or parse(text)
    )
    configured("queries: {a: law}\n" + USERS)
    assert sorted(texts) == ["@a", "law", "x AND @a"]
