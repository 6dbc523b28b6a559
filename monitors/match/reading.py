"""An article as the matcher reads it: its three fields in tokens, and where in them each term of the queries stands."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from monitors.domain import Span
from monitors.text.folding import as_cased
from monitors.text.sentences import sentences
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.domain import Article
    from monitors.domain import FieldName
    from monitors.match.lexicon import Lexicon, Term
    from monitors.match.nodes import Needs

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


class Reading:
    """Valid for the lexicon it was made with. Everything beyond "which terms stand here?" is found when asked for."""

    def __init__(self, article: Article, language: str | None, lexicon: Lexicon) -> None:
        self.language = language
        self.fields = (Tokens(article.title), Tokens(article.lead), Tokens(article.text))
        self.spellings: dict[Term, list[str]] = defaultdict(list)
        """The terms that stand in the article (but for case), and the words of it that satisfy them."""
        for word in set().union(*(field.words for field in self.fields)):
            for term in lexicon[word]:
                self.spellings[term].append(word)
        self._found: dict[Term, Sequence[Sequence[int]]] = {}
        self._hits: dict[Term, Sequence[Hit]] = {}

    def meets(self, needs: Needs) -> bool:
        """Whether of each set one term stands here."""
        standing = self.spellings.keys()
        return not any(standing.isdisjoint(terms) for terms in needs)

    def positions(self, term: Term) -> Sequence[Sequence[int]]:
        """Return for each field at which indices the term stands, in order."""
        found = self._found.get(term)
        if found is None:
            found = self._found[term] = [self._in_field(field, term) for field in range(len(FIELDS))]
        return found

    def hits(self, term: Term) -> Sequence[Hit]:
        hits = self._hits.get(term)
        if hits is None:
            everywhere = enumerate(self.positions(term))
            hits = self._hits[term] = [Hit(field, at, at) for field, found in everywhere for at in found]
        return hits

    def _in_field(self, field: int, term: Term) -> Sequence[int]:
        positions = self._positions[field]
        lists = [positions[word] for word in self.spellings.get(term, ()) if word in positions]
        indices = lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists))
        if not term.case_sensitive:
            return indices
        tokens, fits = self.fields[field], term.pattern.match
        return [index for index in indices if fits(as_cased(tokens.original(index)))]

    @cached_property
    def _positions(self) -> Sequence[Mapping[str, list[int]]]:
        wanted = {word for spellings in self.spellings.values() for word in spellings}
        return [field.positions(wanted) for field in self.fields]

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

    def spans(self, hits: Iterable[Hit], clause: str) -> list[Span]:
        """Return where hits stand in the original, each stretch once."""
        spans = []
        for field, first, last, before, after in dict.fromkeys(hits):
            tokens = self.fields[field]
            start, end = tokens.span(first, last, before=before, after=after)
            spans.append(Span(FIELDS[field], start, end, tokens.text[start:end], clause))
        return spans
