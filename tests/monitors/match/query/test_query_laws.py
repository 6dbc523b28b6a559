"""Laws of the query parser, on random queries of the whole language."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins.queries import Vocabulary, random_query, random_text

from monitors.match.query import QueryError, check, parse, read_query, resolve
from monitors.match.query.tree import Fact, Form, Mention, Pair, PairKind, Part, Reference, Together, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = {
    "cloud": 'cloud OR "data center"',
    "deal": "(sell* OR sale) NEAR/8 @cloud",
    "routine": 'title:news OR url:"/x/"',
}
VOCABULARY = Vocabulary(
    words=[
        "law",
        "data",
        "China",
        "rule",
        "C++",
        "AT&T",
        "网络",
        "安全",
        "café",
        "US",
        "data-center",
        "O'Reilly",
        "and",
        "W",
    ],
    entities=["amazon", "ny"],
    concepts=["data-localization"],
    queries={name: parse(text) for name, text in NAMED.items()},
)
MOST_LEAVES = 12


@st.composite
def queries(draw: st.DrawFn) -> str:
    return random_query(draw(st.randoms(use_true_random=False)), VOCABULARY, leaves=draw(st.integers(1, MOST_LEAVES)))


def plain(text: str) -> str:
    return " ".join(text.split())


def words_of_phrases(part: Part) -> Iterator[Part]:
    """The words of `"a b"~8`: alone, they would be words that are inflected."""
    for one in part.walk():
        if isinstance(one, Together) or (isinstance(one, Pair) and one.text.startswith(('"', "“"))):
            yield from (word for word in one.parts if isinstance(word, Words) and word.text == plain(word.words))


@given(queries())
def test_each_part_reads_the_same_alone(query: str) -> None:
    tree = parse(query)
    excepted = set(map(id, words_of_phrases(tree)))
    for part in tree.walk():
        if id(part) not in excepted:
            assert parse(part.text) == part


@given(queries())
def test_each_part_stands_where_it_says(query: str) -> None:
    for part in parse(query).walk():
        beginning = plain(query[part.at :])
        is_one_of_several = isinstance(part, Fact | Mention) and not beginning.startswith(part.text)
        assert beginning.startswith(part.text.partition(":")[2] if is_one_of_several else part.text)


@given(queries(), st.sampled_from(["({})", "( {} )", "（{}）", "\n{}\t", "(({}))"]))
def test_parentheses_and_spaces_around_a_query_change_nothing(query: str, around: str) -> None:
    assert parse(around.format(query)) == parse(query)


@given(queries())
def test_any_space_is_as_good_as_another(query: str) -> None:
    if "re/" not in query:
        assert parse(query.replace(" ", " \n\t\u3000")) == parse(query)


@given(queries())
def test_what_is_read_twice_is_equal(query: str) -> None:
    once, again = (read_query(query, VOCABULARY.queries) for _ in range(2))
    assert once == again
    assert hash(once) == hash(again)


@given(queries())
def test_a_reference_says_what_its_query_would_say_in_parentheses(query: str) -> None:
    written_out = query
    for _ in NAMED:
        for name, text in NAMED.items():
            written_out = written_out.replace(f"@{name}", f"({text})")
    referring = resolve(parse(query), VOCABULARY.queries)
    assert without_references(referring) == read_query(written_out)


def without_references(part: Part) -> Part:
    from monitors.match.query.references import with_parts

    if isinstance(part, Reference):
        assert part.query is not None
        return without_references(part.query)
    return with_parts(part, [without_references(one) for one in part.parts])


@given(queries(), queries())
def test_sensible_queries_make_sensible_ones(one: str, other: str) -> None:
    assert read_query(f"({one}) OR ({other})", VOCABULARY.queries)
    assert read_query(f"({one})^2", VOCABULARY.queries)
    with pytest.raises(QueryError, match="only forbids"):
        read_query(f"NOT ({one})", VOCABULARY.queries)
    with pytest.raises(QueryError, match="can never match"):
        read_query(f"({one}) AND NOT ({one})", VOCABULARY.queries)


def test_most_random_queries_make_sense_and_the_others_can_never_match() -> None:
    rng = random.Random(7)  # noqa: S311  # a seed makes them reproducible
    sensible, refused = 0, []
    for _ in range(2_000):
        text = random_text(rng, VOCABULARY, leaves=MOST_LEAVES)
        try:
            read_query(text, VOCABULARY.queries)
            sensible += 1
        except QueryError as error:
            refused.append(error.message)
    assert sensible > 1_800
    assert not [message for message in refused if "can never match" not in message]


def test_random_queries_are_of_the_whole_language() -> None:
    rng = random.Random(5)  # noqa: S311  # a seed makes them reproducible
    kinds = set()
    for _ in range(500):
        query = resolve(parse(random_query(rng, VOCABULARY)), VOCABULARY.queries)
        check(query)
        for part in query.walk():
            kinds.add((type(part).__name__, getattr(part, "kind", None) or getattr(part, "form", None)))
    assert {kind for kind, _ in kinds} == {part.__name__ for part in Part.__subclasses__()} - {"Part", "InTongue"}
    assert {form for _, form in kinds if form} == {*get_args(Form), *get_args(PairKind)}
