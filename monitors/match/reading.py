"""An article as the matcher reads it: its three fields in tokens, and where in them each term of the queries stands.

The tokens of all fields are numbered in one row, with a gap after each field, so that none neighbours another's.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from monitors.domain import Span
from monitors.match.needs import CLOSE
from monitors.match.presearch import BLOCKS, HEAD, HEADLINE, ROUND
from monitors.text.folding import as_cased
from monitors.text.sentences import LINE_ENDS
from monitors.text.tokens import WORD, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import TextField
    from monitors.match.concepts.meaning import Meaning
    from monitors.match.lexicon import Lexicon, Numbers, Term
    from monitors.match.presearch import Bits, Presearch

FIELDS: tuple[TextField, ...] = ("title", "lead", "text")
TITLE, LEAD, TEXT = range(len(FIELDS))

_GAP = np.ones(1, dtype=np.uint64)
"""The fingerprint of what stands between two fields."""
_HEAD = np.uint64(HEAD)
_EACH_BLOCK = np.left_shift(np.uint64(1), np.arange(BLOCKS, dtype=np.uint64))
_EACH_TURN = np.left_shift(np.uint64(1), np.arange(ROUND, dtype=np.uint64))
_NO_SLOTS = np.zeros(0, dtype=np.intp)
_NOWHERE = np.zeros(0, dtype=np.uint64)
_FIRST = np.ones(1, dtype=bool)
_LOW_BITS = 32
"""Where the number of a token is, in a key to sort by; above it is the number of its word."""
_LOW = (1 << _LOW_BITS) - 1
_NOTHING: frozenset[int] = frozenset()
_FIRST_PARAGRAPH = re.compile(rf"\s*[^{LINE_ENDS}]*")


class Hit(NamedTuple):
    """Where a node of a query was found: tokens first..last of a field, and how many signs around belong to it."""

    field: int
    first: int
    last: int
    before: int = 0
    after: int = 0
    stretch: tuple[int, int] = (0, 0)
    """Where it stands in the original text, if not just at those tokens: a regular expression may end anywhere."""


def fields_of(article: Article) -> tuple[Tokens, Tokens, Tokens]:
    """Return title, lead and text in tokens."""
    return Tokens(article.title), Tokens(article.lead), Tokens(article.text)


class Reading:
    """Valid for the lexicon it was made with. Everything beyond "which words stand here?" is found when asked for."""

    def __init__(self, article: Article, language: str | None, lexicon: Lexicon, source: Source | None = None) -> None:
        self.article = article
        self.source = source
        self.language = language
        self.fields = title, lead, text = fields_of(article)
        self._lead_begins = len(title) + 1
        self._text_begins = self._lead_begins + len(lead) + 1
        self.memo: dict[object, Any] = {}
        """What nodes remember of this article, so that a hundred watchlists ask only once."""
        self.possible = False
        """Whether mentions count that are no more than possible."""
        self.meaning: Meaning | None = None
        """How near the article comes to concepts; None where it was compared with none, and no concept is true."""
        self._lexicon = lexicon
        prints = np.concatenate((title.fingerprints(), _GAP, lead.fingerprints(), _GAP, text.fingerprints()))
        self._at, self._begins, self._numbers = _by_word(lexicon.numbers(prints, self._word))
        """The tokens that any query asks for, word by word; where among them each word begins; each word's number."""
        self._positions: dict[Term, Sequence[int]] = {}
        self._hits: dict[Term, Sequence[Hit]] = {}

    # -- which queries can match --------------------------------------------------------------------------------------

    def candidates(self, presearch: Presearch) -> list[int]:
        """Return the numbers of the queries that can match."""
        if not len(self._numbers):
            return presearch.candidates(_NO_SLOTS, _NOWHERE, _NOWHERE)
        slots, counts = self._lexicon.slots(self._numbers)
        standing = (self._where[self._at], _EACH_TURN[self._at % ROUND])
        where, turns = (np.bitwise_or.reduceat(bits, self._begins).repeat(counts) for bits in standing)
        return presearch.candidates(slots, where, turns)

    @property
    def _where(self) -> Bits:
        """For each token where it stands: in the title, the head, in which block of the text; see presearch.py."""
        where = np.empty(self._text_begins + len(self.fields[TEXT]), dtype=np.uint64)
        where[: self._lead_begins] = HEADLINE | HEAD
        where[self._lead_begins : self._text_begins] = HEAD
        steps = self.fields[TEXT].steps
        block = max(CLOSE * WORD, -(-steps[-1] // BLOCKS))
        begins = np.arange(0, steps[-1], WORD) if isinstance(steps, range) else np.array(steps[:-1], dtype=np.intp)
        where[self._text_begins :] = _EACH_BLOCK[begins // block]
        where[self._text_begins : self._text_begins + self.head] |= _HEAD
        return where

    # -- where terms stand --------------------------------------------------------------------------------------------

    def positions(self, term: Term) -> Sequence[int]:
        """Return the numbers of the tokens, counted through all fields, where a term stands, in order."""
        found = self._positions.get(term)
        if found is None:
            found = self._positions[term] = self._positions_of(term)
        return found

    def hits(self, term: Term) -> Sequence[Hit]:
        hits = self._hits.get(term)
        if hits is None:
            hits = self._hits[term] = [self.hit(at, at) for at in self.positions(term)]
        return hits

    def hit(self, first: int, last: int) -> Hit:
        """Return the hit at tokens that are counted through all fields."""
        if first >= self._text_begins:
            return Hit(TEXT, first - self._text_begins, last - self._text_begins)
        if first >= self._lead_begins:
            return Hit(LEAD, first - self._lead_begins, last - self._lead_begins)
        return Hit(TITLE, first, last)

    def _positions_of(self, term: Term) -> Sequence[int]:
        groups, spellings = self._groups, self._lexicon.spellings.get(term, _NOTHING)
        if groups.keys().isdisjoint(spellings):
            return ()
        places, begins = self._places
        words = [groups[number] for number in groups.keys() & spellings]
        indices = [at for group in words for at in places[begins[group] : begins[group + 1]]]
        if len(words) > 1:
            indices.sort()
        if not term.case_sensitive:
            return indices
        if term.form == "wildcard":
            fits = term.pattern.match
            return [index for index in indices if fits(as_cased(self._original(index)))]
        return [index for index in indices if as_cased(self._original(index)) == term.text]

    @cached_property
    def _groups(self) -> Mapping[int, int]:
        """The words of the article that any query asks for, by their numbers, counted."""
        return {number: group for group, number in enumerate(self._numbers.tolist())}

    @cached_property
    def _places(self) -> tuple[list[int], list[int]]:
        """The numbers of the tokens, word by word, and where in this list each word begins."""
        return self._at.tolist(), [*self._begins.tolist(), len(self._at)]

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for tokens in self.fields for word in tokens.words)

    def _word(self, at: int) -> str:
        """Return the word of a token that is counted through all fields; none in a gap between two."""
        hit = self.hit(at, at)
        tokens = self.fields[hit.field]
        return tokens.word(hit.first) if hit.first < len(tokens) else ""

    def _original(self, index: int) -> str:
        hit = self.hit(index, index)
        return self.fields[hit.field].original(hit.first)

    # -- what is around -----------------------------------------------------------------------------------------------

    @cached_property
    def head(self) -> int:
        """How many tokens of the text are in the lead: none if there is a deck, else those of the first paragraph."""
        text = self.fields[TEXT]
        first = _FIRST_PARAGRAPH.match(text.text)
        return 0 if len(self.fields[LEAD]) or first is None else text.count_before(first.end())

    def in_lead(self, hit: Hit) -> bool:
        return hit.field == LEAD or (hit.field == TEXT and hit.last < self.head)

    def stretch(self, hit: Hit) -> tuple[int, int]:
        """Return where a hit starts and ends in the original text of its field."""
        if hit.stretch[1]:
            return hit.stretch
        return self.fields[hit.field].span(hit.first, hit.last, before=hit.before, after=hit.after)

    def sentence(self, field: int, at: int) -> tuple[int, int]:
        """Return where the sentence around a place of a field starts and ends; a title is one."""
        if field == TITLE:
            title = self.fields[TITLE].text
            return len(title) - len(title.lstrip()), len(title.rstrip())
        return self.fields[field].sentence_at(at)

    def spans(self, hits: Iterable[Hit], clause: str) -> list[Span]:
        """Return where hits stand in the original, each stretch once."""
        places = dict.fromkeys((hit.field, *self.stretch(hit)) for hit in hits)
        return [
            Span(FIELDS[field], start, end, self.fields[field].text[start:end], clause) for field, start, end in places
        ]


def _by_word(numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Sort tokens by the numbers of their words, leaving out those without one.

    Returns the tokens, where among them each word begins, and its number.
    """
    asked = np.flatnonzero(numbers >= 0)
    keys = np.sort(numbers[asked] << _LOW_BITS | asked)
    sorted_numbers = keys >> _LOW_BITS
    begins = np.flatnonzero(np.concatenate((_FIRST[: len(keys)], sorted_numbers[1:] != sorted_numbers[:-1])))
    return keys & _LOW, begins, sorted_numbers[begins]
