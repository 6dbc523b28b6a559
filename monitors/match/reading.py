"""An article as the matcher reads it: its three fields in tokens, and where in them each term of the queries stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from monitors.domain import Span
from monitors.match.needs import CLOSE
from monitors.match.presearch import BLOCKS, HEAD
from monitors.text.folding import as_cased
from monitors.text.sentences import sentences
from monitors.text.tokens import WORD, Tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import FieldName
    from monitors.match.lexicon import Lexicon, Term
    from monitors.match.needs import Needs
    from monitors.match.presearch import Presearch

FIELDS: tuple[FieldName, ...] = ("title", "lead", "text")
TITLE, LEAD, TEXT = range(len(FIELDS))

_FIRST_PARAGRAPH = re.compile(r"\s*[^\n\r\x85\u2028\u2029]*")


class Hit(NamedTuple):
    """Where a node of a query was found: tokens first..last of a field, and how many signs around belong to it."""

    field: int
    first: int
    last: int
    before: int = 0
    after: int = 0
    stretch: tuple[int, int] = (0, 0)
    """Where it stands in the original text, if not just at those tokens: a regular expression may end anywhere."""


class Reading:
    """Valid for the lexicon it was made with. Everything beyond "which words stand here?" is found when asked for."""

    def __init__(self, article: Article, language: str | None, lexicon: Lexicon, source: Source | None = None) -> None:
        self.article = article
        self.source = source
        self.language = language
        self.fields = (Tokens(article.title), Tokens(article.lead), Tokens(article.text))
        self.memo: dict[object, Any] = {}
        """What nodes remember of this article, so that a hundred watchlists ask only once."""
        self.possible = False
        """Whether mentions count that are no more than possible."""
        lexicon.make_room()
        self._lexicon = lexicon
        self._found: dict[Term, Sequence[Sequence[int]]] = {}
        self._hits: dict[Term, Sequence[Hit]] = {}
        self.words = self._words()
        """The words of the article, folded, each with the bits of where it stands; see presearch.py."""

    def _words(self) -> Mapping[str, int]:
        title, lead, text = (field.words for field in self.fields)
        words = dict.fromkeys(chain(title, lead, text[: self.head]), HEAD)
        steps = self.fields[TEXT].steps
        block = max(CLOSE * WORD, -(-steps[-1] // BLOCKS))
        begin = number = 0
        while begin < len(text):
            end = bisect_left(steps, (number + 1) * block)
            bit = 1 << number
            for word in text[begin:end]:
                words[word] = words.get(word, 0) | bit
            begin, number = end, number + 1
        return words

    def candidates(self, presearch: Presearch) -> list[int]:
        """Return the numbers of the queries that can match."""
        filled, where = [], []
        lexicon = self._lexicon
        for word, bits in self.words.items():
            if (slots := lexicon[word]) is not None:
                filled.append(slots)
                where.append(bits)
        return presearch.candidates(filled, where)

    def meets(self, needs: Needs) -> bool:
        """Whether of each set one term stands here, but for case."""
        return all(any(map(self._spelled, terms)) for terms in needs)

    def _spelled(self, term: Term) -> set[str]:
        """Return the words of the article that satisfy a term, but for case."""
        return self._lexicon.spellings[term] & self.words.keys()

    def positions(self, term: Term) -> Sequence[Sequence[int]]:
        """Return for each field at which indices the term stands, in order."""
        found = self._found.get(term)
        if found is None:
            words = self._spelled(term)
            found = self._found[term] = [self._in_field(field, term, words) for field in range(len(FIELDS))]
        return found

    def hits(self, term: Term) -> Sequence[Hit]:
        hits = self._hits.get(term)
        if hits is None:
            everywhere = enumerate(self.positions(term))
            hits = self._hits[term] = [Hit(field, at, at) for field, found in everywhere for at in found]
        return hits

    def _in_field(self, field: int, term: Term, words: Collection[str]) -> Sequence[int]:
        positions = self._positions[field]
        lists = [positions[word] for word in words if word in positions]
        indices = lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists))
        if not term.case_sensitive:
            return indices
        tokens, fits = self.fields[field], term.pattern.match
        return [index for index in indices if fits(as_cased(tokens.original(index)))]

    @cached_property
    def _positions(self) -> Sequence[Mapping[str, list[int]]]:
        return [_positions(field.words) for field in self.fields]

    @cached_property
    def head(self) -> int:
        """How many tokens of the text are in the lead: none if there is a deck, else those of the first paragraph."""
        if self.fields[LEAD].words:
            return 0
        first = _FIRST_PARAGRAPH.match(self.fields[TEXT].text)
        return len(Tokens(first.group())) if first else 0

    def in_lead(self, hit: Hit) -> bool:
        return hit.field == LEAD or (hit.field == TEXT and hit.last < self.head)

    @cached_property
    def sentences(self) -> Sequence[Sequence[tuple[int, int]]]:
        """Where the sentences of each field start and end; a title is one."""
        title, lead, text = (field.text for field in self.fields)
        return [[(len(title) - len(title.lstrip()), len(title.rstrip()))], list(sentences(lead)), list(sentences(text))]

    def stretch(self, hit: Hit) -> tuple[int, int]:
        """Return where a hit starts and ends in the original text of its field."""
        if hit.stretch[1]:
            return hit.stretch
        return self.fields[hit.field].span(hit.first, hit.last, before=hit.before, after=hit.after)

    def spans(self, hits: Iterable[Hit], clause: str) -> list[Span]:
        """Return where hits stand in the original, each stretch once."""
        spans = []
        for hit in dict.fromkeys(hits):
            start, end = self.stretch(hit)
            spans.append(Span(FIELDS[hit.field], start, end, self.fields[hit.field].text[start:end], clause))
        return spans


def _positions(words: Iterable[str]) -> Mapping[str, list[int]]:
    positions: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        positions[word].append(index)
    return positions
