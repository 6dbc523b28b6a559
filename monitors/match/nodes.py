"""What every query compiles to: a small tree of nodes. Each finds its hits in an article; none means "not true"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from monitors.match.proximity import Mention, close_together
from monitors.match.reading import FIELDS, TITLE, Hit
from monitors.match.signs import signs_of
from monitors.text.stems import primary
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.reading import Reading
    from monitors.match.signs import Signs


Needs = tuple[frozenset["Term"], ...]


class Node(Protocol):
    """One node of a query."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        """Return every hit, in the order of the article."""

    def needs(self) -> Needs:
        """Return what every article holds where this is found: of each set one term. The presearch lives on it."""

    def terms(self) -> Iterator[Term]:
        """Return every term in the tree."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms in a row: a word, `data-center`, `"spin off"`, C++, a run of Chinese characters."""

    words: tuple[Term, ...]
    signs: Signs | None = None
    """Signs that have to stand around and between the words, if any."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = reading.hits(self.words[0]) if len(self.words) == 1 else self._in_a_row(reading)
        return self._signed(self.signs, reading, hits) if self.signs else hits

    def _in_a_row(self, reading: Reading) -> Sequence[Hit]:
        further = len(self.words) - 1
        return [Hit(field, at, at + further) for field in range(len(FIELDS)) for at in self._starts(reading, field)]

    def _starts(self, reading: Reading, field: int) -> Sequence[int]:
        starts = reading.positions(self.words[0])[field]
        for offset, word in enumerate(self.words[1:], 1):
            if not starts:
                break
            following = set(reading.positions(word)[field])
            starts = [start for start in starts if start + offset in following]
        return starts

    @staticmethod
    def _signed(signs: Signs, reading: Reading, hits: Iterable[Hit]) -> Sequence[Hit]:
        return [
            hit._replace(before=len(signs.before), after=len(signs.after))
            for hit in hits
            if signs.fit(signs_of(reading.fields[hit.field], hit.first, hit.last))
        ]

    def needs(self) -> Needs:
        return tuple(frozenset({word}) for word in dict.fromkeys(self.words))

    def terms(self) -> Iterator[Term]:
        yield from self.words


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several suffices."""

    parts: tuple[Node, ...]

    def find(self, reading: Reading) -> Sequence[Hit]:
        return sorted(set(chain.from_iterable(part.find(reading) for part in self.parts)))

    def needs(self) -> Needs:
        return needs_of_any(self.parts)

    def terms(self) -> Iterator[Term]:
        return _terms(self.parts)


@dataclass(frozen=True, slots=True)
class Within:
    """All parts in one field, in any order, in a stretch of so many words. Finds every mention in such a stretch."""

    parts: tuple[Node, ...]
    words: int

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = _find_all(self.parts, reading)
        return [hit for field in range(len(FIELDS)) for hit in self._in_field(field, found, reading)] if found else []

    def _in_field(self, field: int, found: Sequence[Sequence[Hit]], reading: Reading) -> Sequence[Hit]:
        hits = sorted((hit, part) for part, hits in enumerate(found) for hit in hits if hit.field == field)
        if len({part for _, part in hits}) < len(self.parts):
            return []
        steps = reading.fields[field].steps
        mentions = [Mention(steps[hit.first], steps[hit.last + 1], part) for hit, part in hits]
        kept = close_together(mentions, parts=len(self.parts), width=self.words * WORD)
        return list(dict.fromkeys(hits[index][0] for index in kept))

    def needs(self) -> Needs:
        return needs_of_all(self.parts)

    def terms(self) -> Iterator[Term]:
        return _terms(self.parts)


@dataclass(frozen=True, slots=True)
class InHead:
    """All parts in the title and lead taken together, however far apart."""

    parts: tuple[Node, ...]

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = [
            [hit for hit in hits if hit.field == TITLE or reading.in_lead(hit)]
            for hits in _find_all(self.parts, reading)
        ]
        return sorted(set(chain.from_iterable(found))) if all(found) else []

    def needs(self) -> Needs:
        return needs_of_all(self.parts)

    def terms(self) -> Iterator[Term]:
        return _terms(self.parts)


@dataclass(frozen=True, slots=True)
class Without:
    """A part in articles where none of the forbidden ones is found."""

    part: Node
    forbidden: tuple[Node, ...]

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = self.part.find(reading)
        return [] if hits and any(part.find(reading) for part in self.forbidden) else hits

    def needs(self) -> Needs:
        return self.part.needs()

    def terms(self) -> Iterator[Term]:
        return _terms((self.part, *self.forbidden))


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A part in articles of one language. Where nobody knows the language, it counts: nothing is missed."""

    part: Node
    language: str | None

    def find(self, reading: Reading) -> Sequence[Hit]:
        return self.part.find(reading) if reading.language in {None, self.language} else []

    def needs(self) -> Needs:
        return self.part.needs()

    def terms(self) -> Iterator[Term]:
        return self.part.terms()


def in_language(node: Node, tag: str | None) -> Node:
    """Limit a node to a language, if one is named."""
    return InLanguage(node, primary(tag)) if tag else node


def any_of(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def needs_of_all(parts: Iterable[Node]) -> Needs:
    return tuple(dict.fromkeys(chain.from_iterable(part.needs() for part in parts)))


def needs_of_any(parts: Iterable[Node]) -> Needs:
    """Return what any of several needs: one term of the rarest set of each; if all need the same, just that."""
    needs = {part.needs() for part in parts}
    return needs.pop() if len(needs) == 1 else (frozenset().union(*map(rarest, needs)),)


def rarest(choices: Iterable[frozenset[Term]]) -> frozenset[Term]:
    """Return the terms that are likely to stand in the fewest articles: by length, a word's best known proxy."""
    return min(choices, key=lambda terms: sum(0.5 ** min(len(term.text), 12) for term in terms))


def _find_all(parts: Iterable[Node], reading: Reading) -> Sequence[Sequence[Hit]]:
    """Return the hits of each part, or nothing as soon as one has none."""
    found = []
    for part in parts:
        found.append(part.find(reading))
        if not found[-1]:
            return ()
    return found


def _terms(parts: Iterable[Node]) -> Iterator[Term]:
    return chain.from_iterable(part.terms() for part in parts)
