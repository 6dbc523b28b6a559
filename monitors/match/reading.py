"""An article as the matcher reads it: its three fields in tokens, and where in them each term of the queries stands.

The tokens of all fields are numbered in one row, with a gap after each field, so that none neighbours another's.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from monitors.domain import Span
from monitors.match.needs import CLOSE
from monitors.match.presearch import BLOCKS, HEAD, HEADLINE
from monitors.text.folding import as_cased
from monitors.text.sentences import Sentences
from monitors.text.tokens import WORD, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import TextField
    from monitors.match.lexicon import Lexicon, Slots, Term
    from monitors.match.needs import Needs
    from monitors.match.presearch import Bits, Presearch

FIELDS: tuple[TextField, ...] = ("title", "lead", "text")
TITLE, LEAD, TEXT = range(len(FIELDS))

_GAP = [""]
_EACH_BLOCK = np.left_shift(np.uint64(1), np.arange(BLOCKS, dtype=np.uint64))
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
        self.fields = title, lead, text = Tokens(article.title), Tokens(article.lead), Tokens(article.text)
        self._row = [*title.words, *_GAP, *lead.words, *_GAP, *text.words]
        self._lead_begins = len(title) + len(_GAP)
        self._text_begins = self._lead_begins + len(lead) + len(_GAP)
        self.words = set(self._row)
        self.memo: dict[object, Any] = {}
        """What nodes remember of this article, so that a hundred watchlists ask only once."""
        self.possible = False
        """Whether mentions count that are no more than possible."""
        self._spellings = lexicon.spellings
        known = lexicon.known(self.words)
        self._known = {word: number for number, word in enumerate(known)}
        """The words of the article that any query asks for, numbered."""
        self._slots = list(map(lexicon.filled.__getitem__, known))
        """What each of them fills."""
        self._positions: dict[Term, Sequence[int]] = {}
        self._hits: dict[Term, Sequence[Hit]] = {}

    # -- which queries can match --------------------------------------------------------------------------------------

    def candidates(self, presearch: Presearch) -> list[int]:
        """Return the numbers of the queries that can match."""
        if not self._known:
            return presearch.candidates([], np.zeros(0, dtype=np.uint64))
        at = np.flatnonzero(self._ordinals >= 0)
        where = np.zeros(len(self._known), dtype=np.uint64)
        np.bitwise_or.at(where, self._ordinals[at], self._bits[at])
        return presearch.candidates(self._slots, where)

    @cached_property
    def _ordinals(self) -> Slots:
        """For each token the number of its word, or -1."""
        return np.fromiter(map(self._known.get, self._row, repeat(-1)), dtype=np.intp, count=len(self._row))

    @cached_property
    def _bits(self) -> Bits:
        """For each token where it stands: in the headline, the head, in which block of the text; see presearch.py."""
        bits = np.full(len(self._row), HEAD, dtype=np.uint64)
        bits[: self._lead_begins] |= np.uint64(HEADLINE)
        steps = self.fields[TEXT].steps
        block = max(CLOSE, -(-steps[-1] // (BLOCKS * WORD)))
        if isinstance(steps, range):
            blocks = _EACH_BLOCK.repeat(block)[: len(self.fields[TEXT])]
        else:
            blocks = _EACH_BLOCK[np.array(steps[:-1], dtype=np.intp) // (block * WORD)]
        bits[self._text_begins :] = blocks
        bits[self._text_begins : self._text_begins + self.head] |= np.uint64(HEAD)
        return bits

    def meets(self, needs: Needs) -> bool:
        """Whether of each set one term stands here, but for case."""
        spellings, words = self._spellings, self.words
        return all(any(not words.isdisjoint(spellings[term]) for term in terms) for terms in needs)

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
        lists = [self._places(self._known[word]) for word in self._spelled(term)]
        indices = lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists))
        if not term.case_sensitive:
            return indices
        if term.form == "wildcard":
            fits = term.pattern.match
            return [index for index in indices if fits(as_cased(self._original(index)))]
        return [index for index in indices if as_cased(self._original(index)) == term.text]

    def _spelled(self, term: Term) -> set[str]:
        """Return the words of the article that satisfy a term, but for case."""
        return self._spellings[term] & self.words

    def _places(self, number: int) -> list[int]:
        places, begins = self._grouped
        return places[begins[number] : begins[number + 1]]

    @cached_property
    def _grouped(self) -> tuple[list[int], list[int]]:
        """The numbers of the tokens, word by word, and where in this list each word begins."""
        at = np.flatnonzero(self._ordinals >= 0)
        ordinals = self._ordinals[at]
        order = np.argsort(ordinals, kind="stable")
        begins = np.searchsorted(ordinals[order], np.arange(len(self._known) + 1))
        return at[order].tolist(), begins.tolist()

    def _original(self, index: int) -> str:
        hit = self.hit(index, index)
        return self.fields[hit.field].original(hit.first)

    # -- what is around -----------------------------------------------------------------------------------------------

    @cached_property
    def head(self) -> int:
        """How many tokens of the text are in the lead: none if there is a deck, else those of the first paragraph."""
        text = self.fields[TEXT]
        first = _FIRST_PARAGRAPH.match(text.text)
        if self.fields[LEAD].words or first is None:
            return 0
        return len(text) if first.end() == len(text.text) else len(Tokens(first.group()))

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
        return self._sentences[field].at(at)

    @cached_property
    def _sentences(self) -> Mapping[int, Sentences]:
        return {field: Sentences(self.fields[field].text) for field in (LEAD, TEXT)}

    def spans(self, hits: Iterable[Hit], clause: str) -> list[Span]:
        """Return where hits stand in the original, each stretch once."""
        places = dict.fromkeys((hit.field, *self.stretch(hit)) for hit in hits)
        return [
            Span(FIELDS[field], start, end, self.fields[field].text[start:end], clause) for field, start, end in places
        ]
