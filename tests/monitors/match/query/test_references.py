"""Named queries: each reference gets its query; missing ones, circles and what grows without bounds are refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from monitors.match.query import QueryError, check, parse, read_query, resolve
from monitors.match.query.tree import Both, Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.match.query.tree import Part


def named(**texts: str) -> Mapping[str, Part]:
    return {name: parse(text) for name, text in texts.items()}


def refused(text: str, **queries: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        read_query(text, named(**queries))
    return caught.value


def test_every_reference_gets_its_query_however_deep() -> None:
    queries = named(cloud='cloud OR "data center"', deal="(sell OR sale) NEAR/8 @cloud", routine="title:newsletter")
    query = read_query("title:(@deal^5) AND NOT (a OR @routine)", queries)
    found = {part.name: part.query for part in query.walk() if isinstance(part, Reference)}
    assert found["cloud"] == queries["cloud"]
    assert found["routine"] == queries["routine"]
    assert found.keys() == {"cloud", "deal", "routine"}
    assert all(found.values())


def test_a_reference_keeps_its_text_and_place() -> None:
    query = read_query("a AND @b", named(b="x OR y"))
    assert isinstance(query, Both)
    reference = query.conditions[1]
    assert (reference.text, reference.at) == ("@b", 6)


def test_to_look_up_again_changes_nothing() -> None:
    queries = named(a="x OR @b", b="y")
    once = resolve(parse("@a AND @b"), queries)
    assert resolve(once, queries) == once
    assert resolve(parse("@a"), {"a": resolve(queries["a"], queries)} | queries) == resolve(parse("@a"), queries)


def test_a_query_without_references_stays_as_it_is() -> None:
    query = parse("a AND (b OR c)")
    assert resolve(query, {}) is query


def test_a_missing_query_is_told_with_the_nearest_name() -> None:
    error = refused("a AND @rutine", routine="x")
    assert error.message == "there is no query `rutine`; did you mean `routine`?"
    assert (error.at, error.query) == (6, None)


def test_a_query_missing_from_a_named_one_is_told_of_that() -> None:
    error = refused("a AND @b", b="x OR @nobody")
    assert error.message == "there is no query `nobody` (in the query `b`)"
    assert (error.at, error.query) == (6, "b")


CIRCLES = {
    "of one": ({"a": "x OR @a"}, "@a → @a"),
    "of two": ({"a": "x OR @b", "b": "y OR @a"}, "@a → @b → @a"),
    "of three": ({"a": "@b", "b": "@c", "c": "z OR @a"}, "@a → @b → @c → @a"),
}


@pytest.mark.parametrize(("texts", "way"), CIRCLES.values(), ids=CIRCLES)
def test_a_circle_is_told_with_its_way(texts: Mapping[str, str], way: str) -> None:
    assert refused("a OR @a", **texts).message.startswith(f"refers to itself: {way}")


def test_a_named_query_of_a_circle_is_wrong_itself_and_one_that_leads_to_it_is_not() -> None:
    queries = named(a="x OR @b", b="y OR @a", c="z OR @a")
    for name, way, to_blame in (
        ("a", "@a → @b → @a", None),
        ("b", "@b → @a → @b", None),
        ("c", "@a → @b → @a", "b"),
    ):
        with pytest.raises(QueryError) as caught:
            resolve(queries[name], queries)
        assert caught.value.message.startswith(f"refers to itself: {way}")
        assert caught.value.query == to_blame
        assert caught.value.at == 5


def test_a_long_circle_is_told_in_short() -> None:
    queries = {f"a{i}": f"@a{(i + 1) % 30}" for i in range(30)}
    assert refused("@a0", **queries).message.startswith("refers to itself: @a0 → @a1 → @a2 → @a3 → @a4 → @a5 → … → @a0")


def test_references_that_multiply_are_refused_at_once() -> None:
    queries = {"a0": "laugh", **{f"a{i}": " OR ".join([f"@a{i - 1}"] * 10) for i in range(1, 11)}}
    started = time.thread_time()
    error = refused("@a10", **queries)
    assert "stands for more than 20,000 parts" in error.message
    assert time.thread_time() - started < 1


def test_a_named_query_that_grows_too_big_is_itself_to_blame() -> None:
    queries = named(small=" OR ".join(["x"] * 3_000), big=" AND ".join(["@small"] * 10))
    with pytest.raises(QueryError, match="20,000 parts") as caught:
        resolve(queries["big"], queries)
    assert caught.value.query is None
    assert refused("@big", small=" OR ".join(["x"] * 3_000), big=" AND ".join(["@small"] * 10)).query == "big"


@pytest.mark.parametrize("count", [200, 20_000])
def test_references_that_lead_too_deep_are_refused(count: int) -> None:
    queries = {"a0": parse("x"), **{f"a{i}": parse(f"@a{i - 1}") for i in range(1, count)}}
    with pytest.raises(QueryError, match="more than 100 parts inside of each other"):
        read_query(f"@a{count - 1}", queries)


def test_a_query_may_be_referred_to_many_times() -> None:
    queries = named(a="x OR y", **{f"b{i}": "@a NEAR/3 z" for i in range(50)})
    assert read_query(" OR ".join(f"@b{i}" for i in range(50)), queries)


FITTING = {
    "an operand": ("x NEAR/3 @a", {"a": "y OR z"}),
    "a part of an operand": ("x NEAR/3 (w OR @a)", {"a": "y OR z"}),
    "in a field": ("title:@a", {"a": "y AND z"}),
    "with a weight": ("@a^5", {"a": "y"}),
    "counted": ("atleast3(@a)", {"a": "y OR z"}),
    "forbidden": ("x NOT @a", {"a": "y OR z"}),
}


@pytest.mark.parametrize(("text", "queries"), FITTING.values(), ids=FITTING)
def test_a_reference_fits_where_its_query_does(text: str, queries: Mapping[str, str]) -> None:
    assert read_query(text, named(**queries))


# What is wrong, where, and which named query is to blame.
MISFITS = {
    "AND beside NEAR": ("x NEAR/3 @a", {"a": "y AND z"}, 9, "no AND: put it behind the pair", None),
    "a pair in a pair": ("x NEAR/3 @a", {"a": "y NEAR z"}, 9, "NEAR cannot stand inside of NEAR", None),
    "a fact beside NEAR": ("x NEAR/3 @a", {"a": "y OR url:z"}, 9, "`url:` has no place in the text", None),
    "a fact in a field": ("title:@a", {"a": "x OR url:z"}, 6, "cannot stand inside of `title:`: use AND (in @a)", None),
    "the body in the title": ("title:@a", {"a": "body:z"}, 6, "`body:` inside of `title:` can never match", None),
    "wanted and forbidden": ("x NOT @a", {"a": "y OR x"}, 0, "`x` is wanted and forbidden", None),
    "forbidden and wanted": ("x AND @a NOT y", {"a": "y AND z"}, 6, "`@a` is wanted and forbidden", None),
    "the same query": ("@a AND NOT @a", {"a": "y AND z"}, 7, "`NOT @a` forbids what is wanted", None),
    "facts apart": ("lang:en AND @a", {"a": "lang:de"}, 12, "no article is `@a` and what stands before it", None),
    "only negative": ("x AND @a", {"a": "NOT y"}, 6, "only forbids", "a"),
    "only negative, further away": ("x AND @a", {"a": "z OR @b", "b": "NOT y"}, 6, "only forbids", "b"),
    "wrong by itself": ("x AND @a", {"a": "z OR (y NOT y)"}, 6, "`y` is wanted and forbidden (in the query `a`)", "a"),
}


@pytest.mark.parametrize(("text", "queries", "at", "said", "to_blame"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_told_at_the_reference(
    text: str, queries: Mapping[str, str], at: int, said: str, to_blame: str | None
) -> None:
    error = refused(text, **queries)
    assert said in error.message
    assert (error.at, error.query) == (at, to_blame)


def test_references_that_were_not_looked_up_are_not_judged() -> None:
    check(parse("title:(@a NEAR/3 x) NOT @b"))


def test_a_big_query_under_many_names_costs_less_than_a_second() -> None:
    queries = {"big": parse(" AND ".join(f"(w{i} OR v{i})" for i in range(1_000)))}
    queries["a0"] = parse(" AND ".join(["@big"] * 5))
    queries |= {f"a{i}": parse(f"@a{i - 1} NOT y{i}") for i in range(1, 45)}
    started = time.thread_time()
    assert read_query("@a44", queries)
    assert time.thread_time() - started < 1
