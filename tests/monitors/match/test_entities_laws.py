"""Laws of entities, on random names and random texts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins.queries import meets

from crawler.domain import Article
from monitors.domain import Alias, Entity, NeverNear
from monitors.match.entities import Roster
from monitors.match.lexicon import Lexicon
from monitors.match.reading import Reading
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitors.match.nodes import Node
    from monitors.match.reading import Hit

WORDS = [
    *("Orange", "orange", "S.A.", "SA", "Ltd", "Co.", "&", "Company", "Jerome", "H.", "J.", "Powell", "powell"),
    *("Xi", "xi", "Jinping", "New", "York", "Times", "NASDAQ:", "AMZN", "$AMZN", "cloud", "clouds", "river", "the"),
    *("株式会社", "(株)", "トヨタ", "ОАО", "«Газпром»", ",", ".", "\n", "’s", "-"),
]
NAMES = ["Orange", "Orange S.A.", "Orange Ltd", "Jerome Powell", "Jerome H. Powell", "Xi", "Xi Jinping", "New York"]
NAMES += [
    "New York Times",
    "NASDAQ:AMZN",
    "トヨタ",
    "株式会社トヨタ",
    "Газпром",
    "Powell & Co.",
    "York Company",
    "Co.",
    "J",
]

texts = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
names = st.sampled_from(NAMES) | texts.filter(lambda text: bool(Tokens(text).words))
aliases = st.builds(
    Alias,
    text=names,
    case_sensitive=st.booleans(),
    lang=st.sampled_from([None, None, "en", "ja"]),
    ambiguous=st.booleans(),
)
words = st.sampled_from(["cloud", "river", '"new york"', "times", "orange"])
entities = st.builds(
    Entity,
    id=st.uuids().map(str),
    name=names,
    aliases=st.lists(aliases, max_size=4).map(tuple),
    context=st.lists(words, max_size=3).map(tuple),
    never_near=st.none()
    | st.builds(NeverNear, any=st.lists(words, min_size=1, max_size=2).map(tuple), within=st.integers(1, 4)),
    person=st.booleans(),
)
rosters = st.lists(entities, min_size=1, max_size=4)
articles = st.builds(
    Article, url=st.just("u"), title=texts, lead=texts, text=texts, language=st.sampled_from([None, "en", "ja"])
)


def read(article: Article, *nodes: Node) -> Reading:
    lexicon = Lexicon((term for node in nodes for term in node.terms()), article.language, {})
    return Reading(article, article.language, lexicon)


def places(hits: Sequence[Hit]) -> list[tuple[int, ...]]:
    return [hit[:3] for hit in hits]


@settings(max_examples=400)
@given(rosters, articles)
def test_mentions_are_in_order_apart_from_one_another_and_never_hidden(
    entities: list[Entity], article: Article
) -> None:
    roster = Roster(entities)
    for entity in entities:
        certain, possible, about = (ask(entity.id) for ask in (roster.mentions, roster.possible, roster.about))
        reading = read(article, certain)
        found = places(possible.find(reading))
        assert found == sorted(set(found))
        assert set(places(certain.find(reading))) <= set(found)
        assert list(about.find(reading)) in ([], list(certain.find(reading)))
        assert meets(reading, possible.needs()) or not found
        for span in reading.spans(possible.find(reading), ""):
            assert getattr(article, span.field)[span.start : span.end] == span.text != ""


@settings(max_examples=200)
@given(rosters, articles)
def test_an_entity_without_ambiguous_or_tiny_names_has_only_certain_mentions(
    entities: list[Entity], article: Article
) -> None:
    clear = [
        Entity(
            id=one.id, name=f"{one.name} Abc", aliases=tuple(Alias(text=f"{alias.text} Abc") for alias in one.aliases)
        )
        for one in entities
    ]
    roster = Roster(clear)
    for entity in clear:
        reading = read(article, roster.mentions(entity.id))
        assert roster.mentions(entity.id).find(reading) == roster.possible(entity.id).find(reading)


@settings(max_examples=200)
@given(rosters, articles)
def test_no_mention_of_an_entity_lies_inside_another(entities: list[Entity], article: Article) -> None:
    roster = Roster(entities)
    for entity in entities:
        reading = read(article, roster.mentions(entity.id))
        for (field, first, last), (other, start, end) in pairwise(places(roster.possible(entity.id).find(reading))):
            assert field != other or (first <= start and last <= end)


@settings(max_examples=200)
@given(entities, articles, articles)
def test_what_stands_in_the_text_never_hides_a_mention_in_the_title(
    entity: Entity, article: Article, other: Article
) -> None:
    roster = Roster([entity])
    node = roster.possible(entity.id)
    alone = Article(url="u", title=article.title, text="", language=article.language)
    beside = Article(url="u", title=article.title, text=other.text, language=article.language)
    before, after = (
        {place for place in places(node.find(read(one, node))) if place[0] == 0} for one in (alone, beside)
    )
    assert all(any(first <= begin and end <= last for _, first, last in after) for _, begin, end in before)
