"""Random queries on random texts find what the language says, said again as slowly and plainly as can be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins.queries import Vocabulary, random_query

from crawler.domain import Article
from monitors.domain import Watchlist
from monitors.match.matcher import Matcher
from monitors.match.query import read_query, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

WORDS = ("law", "laws", "data", "center", "new", "york", "times", "cyber", "cyborg", "Us", "us")
VOCABULARY = Vocabulary(words=(*WORDS, "new york", "data-center"), patterns=(), facts=())


class Hit(NamedTuple):
    field: str
    first: int
    last: int


@dataclass(frozen=True)
class Scope:
    names: tuple[str, ...] = ()
    first: int = 10**6


@dataclass(frozen=True)
class Token:
    word: str
    start: int
    sentence: int
    paragraph: int


class Oracle:
    """Answers a query by trying everything."""

    def __init__(self, article: Article) -> None:
        self.fields = {"title": _tokens(article.title), "lead": _tokens(article.lead), "text": _tokens(article.text)}
        for index, token in enumerate(self.fields["title"]):
            self.fields["title"][index] = Token(token.word, token.start, 0, 0)

    def answer(self, part: tree.Part, scope: Scope = Scope()) -> set[Hit] | None:
        """Return what was found, or nothing if the query does not hold."""
        match part:
            case tree.Both():
                every = [self.answer(one, scope) for one in part.conditions]
                return None if None in every else set[Hit]().union(*(found for found in every if found))
            case tree.Either():
                held = [found for one in part.alternatives if (found := self.answer(one, scope)) is not None]
                return set[Hit]().union(*held) if held else None
            case tree.Not():
                return set() if self.answer(part.part, scope) is None else None
            case tree.In() | tree.First() | tree.Weighted():
                return self.answer(part.part, _narrowed(part, scope))
        return self.find(part, scope) or None

    def find(self, part: tree.Part, scope: Scope) -> set[Hit]:  # noqa: PLR0911  # one for each kind of part
        match part:
            case tree.Words():
                return {hit for hit in self._occurrences(part) if self._admits(hit, scope)}
            case tree.Either():
                return set[Hit]().union(*(self.find(one, scope) for one in part.alternatives))
            case tree.In() | tree.First() | tree.Weighted():
                return self.find(part.part, _narrowed(part, scope))
            case tree.Pair(kind="not near"):
                others = self.find(part.right, scope)
                left = self.find(part.left, scope)
                return {hit for hit in left if not any(self._apart(hit, one) <= part.distance for one in others)}
            case tree.Pair():
                return set[Hit]().union(*self._sides(part, scope))
            case tree.Together():
                return set[Hit]().union(*self._members(part, scope))
            case tree.AtLeast():
                enough = _clusters(self._anchors(part.part, scope)) >= part.count
                return self.find(part.part, scope) if enough else set()
        raise AssertionError(part)

    def _occurrences(self, part: tree.Words) -> Iterable[Hit]:
        wanted = re.findall(r"[\w*?]+", part.words)
        for field, tokens in self.fields.items():
            for at in range(len(tokens) - len(wanted) + 1):
                if all(_is(tokens[at + n].word, one, part.form) for n, one in enumerate(wanted)):
                    yield Hit(field, at, at + len(wanted) - 1)

    def _admits(self, hit: Hit, scope: Scope) -> bool:
        is_head = hit.field == "text" and not self.fields["lead"] and self.fields["text"][hit.last].paragraph == 0
        places = {
            "title": hit.field == "title",
            "lead": hit.field == "lead" or is_head,
            "hlead": hit.field in {"title", "lead"} or is_head,
            "body": hit.field == "text",
        }
        in_first = scope.first == 10**6 or (hit.field == "text" and hit.last < scope.first)
        return in_first and all(places[name] for name in scope.names)

    def _apart(self, one: Hit, other: Hit) -> float:
        """Neighbours are one apart, what overlaps nothing; infinitely, what stands in different fields."""
        if one.field != other.field:
            return float("inf")
        return max(0, other.first - one.last, one.first - other.last)

    def _sides(self, part: tree.Pair, scope: Scope) -> tuple[set[Hit], set[Hit]]:
        pairs = product(self.find(part.left, scope), self.find(part.right, scope))
        fits: dict[str, Callable[[Hit, Hit], bool]] = {
            "near": lambda a, b: 0 < self._apart(a, b) <= part.distance,
            "onear": lambda a, b: a.last < b.first and self._apart(a, b) <= part.distance,
            "sentence": lambda a, b: 0 < self._apart(a, b) < 10**6 and self._unit(a)[0] == self._unit(b)[0],
            "paragraph": lambda a, b: 0 < self._apart(a, b) < 10**6 and self._unit(a)[1] == self._unit(b)[1],
        }
        kept = [pair for pair in pairs if fits[part.kind](*pair)]
        return {left for left, _ in kept}, {right for _, right in kept}

    def _unit(self, hit: Hit) -> tuple[int, int]:
        token = self.fields[hit.field][hit.first]
        return token.sentence, token.paragraph

    def _members(self, part: tree.Together, scope: Scope) -> Sequence[set[Hit]]:
        sides: list[set[Hit]] = [set() for _ in part.members]
        for chosen in product(*(self.find(one, scope) for one in part.members)):
            width = max(hit.last for hit in chosen) - min(hit.first for hit in chosen) + 1
            if len({hit.field for hit in chosen}) == 1 and width <= part.width:
                for side, hit in zip(sides, chosen, strict=True):
                    side.add(hit)
        return sides

    def _anchors(self, part: tree.Part, scope: Scope) -> set[Hit]:
        """Return what is counted: of what stands together, the rarest."""
        match part:
            case tree.Either():
                return set[Hit]().union(*(self._anchors(one, scope) for one in part.alternatives))
            case tree.In() | tree.First() | tree.Weighted():
                return self._anchors(part.part, _narrowed(part, scope))
            case tree.Pair(kind="near" | "onear" | "sentence" | "paragraph"):
                return min(self._sides(part, scope), key=_clusters)
            case tree.Together():
                return min(self._members(part, scope), key=_clusters)
        return self.find(part, scope)


def _tokens(text: str) -> list[Token]:
    tokens, sentence, paragraph = [], 0, 0
    for found in re.finditer(r"\w+|[!\n]", text):
        if found.group() in "!\n":
            sentence += 1
            paragraph += found.group() == "\n"
        else:
            tokens.append(Token(found.group(), found.start(), sentence, paragraph))
    return tokens


def _is(word: str, wanted: str, form: str) -> bool:
    if form != "cased":
        word, wanted = word.lower(), wanted.lower()
    return fnmatchcase(word, wanted)


def _narrowed(part: tree.In | tree.First | tree.Weighted, scope: Scope) -> Scope:
    match part:
        case tree.In():
            return Scope((*scope.names, part.scope), scope.first)
        case tree.First():
            return Scope(scope.names, min(part.words, scope.first))
    return scope


def _clusters(hits: Iterable[Hit]) -> int:
    count, field, reached = 0, "", -1
    for hit in sorted(hits):
        count += hit.field != field or hit.first > reached
        reached = max(hit.last, reached) if hit.field == field else hit.last
        field = hit.field
    return count


def random_sentences(rng: Random, most: int) -> str:
    """Write sentences that begin with a capital and end with an exclamation mark, which nobody takes for an initial."""
    sentences = (rng.choices(WORDS, k=rng.randint(1, 9)) for _ in range(rng.randint(0, most)))
    return " ".join(" ".join(words)[0].upper() + " ".join(words)[1:] + "!" for words in sentences)


def random_article(rng: Random) -> Article:
    paragraphs = [random_sentences(rng, 3) for _ in range(rng.randint(0, 4))]
    return Article(
        url="u",
        title=random_sentences(rng, 1),
        lead=random_sentences(rng, 2) if rng.random() < 0.4 else "",
        text="\n".join(filter(None, paragraphs)),
    )


def prove(rng: Random, *, queries: int, articles: int) -> int:
    """Return how many matches there were."""
    texts = [random_query(rng, VOCABULARY) for _ in range(queries)]
    trees = [read_query(text) for text in texts]
    matcher = Matcher([Watchlist(id=str(n), name="W", query=one) for n, one in enumerate(trees)], [])
    matches = 0
    for _ in range(articles):
        article = random_article(rng)
        oracle = Oracle(article)
        result = matcher.match(article)
        found = {
            match.watchlist_id: {(span.field, span.start, span.end) for span in match.spans} for match in result.matches
        }
        matches += len(found)
        for number, query in enumerate(trees):
            expected = oracle.answer(query)
            stretches = None if expected is None else {_stretch(hit, oracle) for hit in expected}
            assert found.get(str(number)) == stretches, (texts[number], article)
    return matches


def _stretch(hit: Hit, oracle: Oracle) -> tuple[str, int, int]:
    first, last = oracle.fields[hit.field][hit.first], oracle.fields[hit.field][hit.last]
    return hit.field, first.start, last.start + len(last.word)


@settings(max_examples=40)
@given(st.randoms(use_true_random=True))
def test_a_query_finds_what_trying_everything_finds(rng: Random) -> None:
    prove(rng, queries=15, articles=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_queries_find_what_trying_everything_finds(seed: int) -> None:
    assert prove(Random(seed), queries=300, articles=30) > 1_000  # noqa: S311  # no secret
