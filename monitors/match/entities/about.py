"""Decides whether an article is about an entity: it stands at the top, or hardly any other is named as often."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import chain
from typing import TYPE_CHECKING

from monitors.match.lexicon import Lexicon
from monitors.match.nodes import rows_of
from monitors.match.reading import TITLE, Reading
from monitors.text.folding import without_diacritics
from monitors.text.stems import stemmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from monitors.match.entities.mentions import Mentions
    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row
    from monitors.match.reading import Hit

OFTEN = 3
AMONG_MOST_MENTIONED = 2


class Census:
    """Counts how often every entity is mentioned in an article. Compiled when it is first asked."""

    def __init__(self, everyone: Callable[[], Sequence[Mentions]]) -> None:
        self._everyone = everyone
        self._lexicons: dict[str | None, Lexicon] = {}

    def to_be_among_most(self, reading: Reading) -> int:
        """Return how many mentions make an entity one of the most mentioned of an article; ties count."""
        count: int | None = reading.memo.get(self)
        if count is None:
            count = reading.memo[self] = min(nlargest(AMONG_MOST_MENTIONED, self._counts(reading)), default=0)
        return count

    def _counts(self, reading: Reading) -> Iterator[int]:
        # The lexicon of the watchlists need not know the words of entities that none of them asks for.
        lexicon = self._lexicon(stemmed(reading.language))
        again = Reading(reading.article, reading.language, lexicon, reading.source)
        standing: set[Mentions] = set()
        for word in again.words:
            standing.update(self._by_word.get(without_diacritics(word), ()))
        return (len(mentions.find(again)) for mentions in standing)

    def _lexicon(self, language: str | None) -> Lexicon:
        if language not in self._lexicons:
            terms = chain.from_iterable(mentions.terms() for mentions in self._everyone())
            self._lexicons[language] = Lexicon(terms, language, {})
        return self._lexicons[language]

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[Mentions]]:
        """The entities by words of which every article holds one that mentions them."""
        everyone = self._everyone()
        asked = Counter(term for mentions in everyone for terms in mentions.needs() for term in terms)
        index: dict[str, list[Mentions]] = defaultdict(list)
        for mentions in everyone:
            for term in min(mentions.needs(), key=lambda terms: sum(asked[term] for term in terms)):
                index[term.key].append(mentions)
        return index


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """`about:amazon`: the mentions of an entity in the articles that are about it."""

    mentions: Mentions
    census: Census

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = self.mentions.find(reading)
        return hits if self._is_subject(hits, reading) else ()

    def _is_subject(self, hits: Sequence[Hit], reading: Reading) -> bool:
        if any(hit.field == TITLE or reading.in_lead(hit) for hit in hits):
            return True
        return len(hits) >= OFTEN and len(hits) >= self.census.to_be_among_most(reading)

    def needs(self) -> Needs:
        return self.mentions.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.mentions)

    def reach(self) -> int | None:
        return self.mentions.reach()

    def terms(self) -> Iterator[Term]:
        return self.mentions.terms()
