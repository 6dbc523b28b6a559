"""Writes queries as people write them, out of the words and names of real articles; a seed makes them again."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import Stemmer

from crawler.errors import ConfigError
from monitors.domain import Alias, Entity, Keyword, Watchlist
from monitors.match.keywords import check_keyword
from monitors.match.query import read_query, tree

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

_WORD = re.compile(r"\b[a-z]{4,14}\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,12} [A-Z][a-z]{2,12}\b")
_PHRASE = re.compile(r"\b[a-z]{4,12} [a-z]{4,12}\b")
_STEMMER = Stemmer.Stemmer("english")
_SINGLE, _JOINED = 0.002, 0.05
"""A word that people watch alone stands in one of 500 articles at most; one of several in one of 20."""
_AMBIGUOUS = 2
"""A last name is an alias, if an ambiguous one, where so many at most bear it: nobody watches for every Smith."""


class Writer:
    """Writes watchlists with a query each: names, phrases, words near one another, and what is not wanted."""

    def __init__(self, texts: Sequence[str], chance: random.Random) -> None:
        self._chance = chance
        held: Counter[str] = Counter()
        for text in texts:
            held.update(set(_STEMMER.stemWords(_WORD.findall(text))))
        words = sorted({word for text in texts for word in _WORD.findall(text)})
        often = dict(zip(words, (held[stem] for stem in _STEMMER.stemWords(words)), strict=True))
        self._joined = [word for word in words if 1 < often[word] <= _JOINED * len(texts)]
        self._single = [word for word in self._joined if often[word] <= _SINGLE * len(texts)]
        self._names = sorted({name for text in texts for name in _NAME.findall(text)})
        self._named = Counter(name.split()[1] for name in self._names)
        self._phrases = sorted(self._rare(often, texts))
        self.entities: list[Entity] = []

    def _rare(self, often: Mapping[str, int], texts: Sequence[str]) -> set[str]:
        """Return the phrases of which one word at least is none of everybody's."""
        phrases = {phrase for text in texts for phrase in _PHRASE.findall(text)}
        return {phrase for phrase in phrases if min(often[word] for word in phrase.split()) <= _JOINED * len(texts) / 2}

    def watchlist(self, index: int) -> Watchlist:
        identifier = str(index)
        share = self._chance.random()
        if share < 0.25:
            return Watchlist(id=identifier, name=identifier, keywords=(self._keyword(),))
        if share < 0.37:
            self.entities.append(self._entity(identifier))
            return Watchlist(id=identifier, name=identifier, entities=(identifier,))
        return Watchlist(id=identifier, name=identifier, query=self._query(share))

    def _query(self, share: float) -> tree.Part:
        while True:
            try:
                return read_query(self._written(share))
            except ConfigError:  # by chance, it wants what it forbids
                continue

    def _written(self, share: float) -> str:  # noqa: PLR0911  # one for each form
        if share < 0.45:
            return f'"{self._name()}"'
        if share < 0.55:
            return f'"{self._phrase()}" OR "{self._phrase()}"'
        if share < 0.70:
            return f"{self._group(1, 5)} NEAR/8 {self._group(1, 5)}"
        if share < 0.80:
            return f"{self._group(1, 3)} AND {self._group(1, 3)} AND {self._word()} NOT {self._word()}"
        if share < 0.85:
            return f'("{self._name()}" NOT NEAR/5 {self._word()}) AND {self._group(2, 6)}'
        if share < 0.90:
            return f"{self._word()[:5]}* SENTENCE {self._group(2, 4)}"
        if share < 0.95:
            return f"title:{self._group(2, 4)} OR (atleast2({self._one()}) AND {self._word()})"
        return self._one()

    def _keyword(self) -> Keyword:
        while True:
            text = " ".join(self._word() for _ in range(self._chance.choice([2, 3])))
            if not check_keyword(text, None):
                return Keyword(text=text)

    def _entity(self, identifier: str) -> Entity:
        name = self._name()
        first, last = name.split()
        if self._named[last] > _AMBIGUOUS:
            return Entity(id=identifier, name=name, aliases=(Alias(text=f"{first} Group"),))
        alias = Alias(text=last, case_sensitive=True, ambiguous=True)
        return Entity(id=identifier, name=name, aliases=(alias,), context=tuple(self._word() for _ in range(4)))

    def _group(self, least: int, most: int) -> str:
        words = [self._word() for _ in range(self._chance.randint(least, most))]
        return words[0] if len(words) == 1 else f"({' OR '.join(words)})"

    def _word(self) -> str:
        return self._chance.choice(self._joined)

    def _one(self) -> str:
        return self._chance.choice(self._single)

    def _name(self) -> str:
        return self._chance.choice(self._names)

    def _phrase(self) -> str:
        return self._chance.choice(self._phrases)


def words_of(watchlist: Watchlist) -> Sequence[str]:
    """Return the words that a watchlist looks for, in small letters: what one expression of alternatives would hold."""
    written = [keyword.text for keyword in watchlist.keywords]
    if watchlist.query:
        written += _wanted(watchlist.query)
    return sorted({word.rstrip("*") for text in written for word in text.lower().split()}) or ["\0"]


def _wanted(part: tree.Part) -> Iterator[str]:
    if isinstance(part, tree.Words):
        yield part.words
    for inner in part.parts:
        yield from _wanted(inner)
