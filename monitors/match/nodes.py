"""What the clauses of a query compile to: a small tree of nodes. Each finds its hits in an article; none: not there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from monitors.match.needs import all_needed, alternatives, any_needed, located, row
from monitors.match.proximity import Mention, close_together
from monitors.match.reading import FIELDS, TEXT, TITLE, Hit
from monitors.match.signs import signs_of
from monitors.text.stems import primary
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row, Where
    from monitors.match.query.tree import FieldScope
    from monitors.match.reading import Reading
    from monitors.match.signs import Signs


class Node(Protocol):
    """One node of a query."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        """Return every hit, in the order of the article."""

    def needs(self) -> Needs:
        """Return what every article holds where this is found: of each set one term. The presearch lives on it."""

    def reach(self) -> int | None:
        """Return within how many words all that it needs stands, if not all in the title and lead; None: anywhere."""

    def terms(self) -> Iterator[Term]:
        """Return every term in the tree."""


def rows_of(node: Node) -> Sequence[Row]:
    """Return alternatives: wherever a node is found, one of them is met. A node with several has a method `rows`."""
    ways: Callable[[], Sequence[Row]] | None = getattr(node, "rows", None)  # isinstance costs 20 times as much
    return ways() if ways else [row(node.needs(), node.reach())]


# -- words ------------------------------------------------------------------------------------------------------------


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
        starts = reading.positions(self.words[0])
        for offset, word in enumerate(self.words[1:], 1):
            if not starts:
                break
            following = set(reading.positions(word))
            starts = [start for start in starts if start + offset in following]
        further = len(self.words) - 1
        return [reading.hit(start, start + further) for start in starts]

    @staticmethod
    def _signed(signs: Signs, reading: Reading, hits: Iterable[Hit]) -> Sequence[Hit]:
        return [
            hit._replace(before=len(signs.before), after=len(signs.after))
            for hit in hits
            if signs.fit(signs_of(reading.fields[hit.field], hit.first, hit.last))
        ]

    def needs(self) -> Needs:
        return tuple(frozenset({word}) for word in dict.fromkeys(self.words))

    def rows(self) -> Sequence[Row]:
        return [row(self.needs(), self.reach(), [self.words.index(word) for word in dict.fromkeys(self.words)])]

    def reach(self) -> int | None:
        return len(self.words)

    def terms(self) -> Iterator[Term]:
        yield from self.words


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several suffices."""

    parts: tuple[Node, ...]

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = [hits for part in self.parts if (hits := part.find(reading))]
        return found[0] if len(found) == 1 else sorted(set(chain.from_iterable(found)))

    def needs(self) -> Needs:
        return any_needed([part.needs() for part in self.parts])

    def rows(self) -> Sequence[Row]:
        return alternatives(map(rows_of, self.parts))

    def reach(self) -> int | None:
        return widest(part.reach() for part in self.parts)

    def terms(self) -> Iterator[Term]:
        return terms_of(self.parts)


@dataclass(frozen=True, slots=True)
class Within:
    """All parts in one field, in any order, in a stretch of so many words. Finds every mention in such a stretch."""

    parts: tuple[Node, ...]
    words: int

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = find_all(self.parts, reading)
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
        return all_needed(part.needs() for part in self.parts)

    def reach(self) -> int | None:
        return self.words

    def terms(self) -> Iterator[Term]:
        return terms_of(self.parts)


@dataclass(frozen=True, slots=True)
class InHead:
    """All parts in the title and lead taken together, however far apart."""

    parts: tuple[Node, ...]

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = [
            [hit for hit in hits if hit.field == TITLE or reading.in_lead(hit)]
            for hits in find_all(self.parts, reading)
        ]
        return sorted(set(chain.from_iterable(found))) if all(found) else []

    def needs(self) -> Needs:
        return all_needed(part.needs() for part in self.parts)

    def reach(self) -> int | None:
        return 0

    def terms(self) -> Iterator[Term]:
        return terms_of(self.parts)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Mentions of an entity: the certain ones or, where a reading asks for them, those that are only possible, too."""

    certain: Node
    possible: Node

    def find(self, reading: Reading) -> Sequence[Hit]:
        return (self.possible if reading.possible else self.certain).find(reading)

    def needs(self) -> Needs:
        return self.possible.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.possible)

    def reach(self) -> int | None:
        return self.possible.reach()

    def terms(self) -> Iterator[Term]:
        return terms_of((self.certain, self.possible))


# -- where ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scoped:
    """A part in some fields only, and perhaps only within the first words of the body."""

    part: Node
    scopes: tuple[FieldScope, ...]
    """Of all of which it has to be."""
    first: int | None = None

    def find(self, reading: Reading) -> Sequence[Hit]:
        return [hit for hit in self.part.find(reading) if self._admits(hit, reading)]

    def _admits(self, hit: Hit, reading: Reading) -> bool:
        if self.first is not None and not _begins_with(hit, reading, self.first):
            return False
        return all(_SCOPES[scope](hit, reading) for scope in self.scopes)

    def needs(self) -> Needs:
        return self.part.needs()

    def rows(self) -> Sequence[Row]:
        where: Where = "anywhere"
        if self.part.reach() is None:  # what it needs may stand elsewhere: the name that a short form is short for
            return rows_of(self.part)
        if "title" in self.scopes:
            where = "title"
        elif {"lead", "hlead"}.intersection(self.scopes):
            where = "head"
        return [located(one, where) for one in rows_of(self.part)]

    def reach(self) -> int | None:
        return self.part.reach()

    def terms(self) -> Iterator[Term]:
        return self.part.terms()


def _begins_with(hit: Hit, reading: Reading, words: int) -> bool:
    return hit.field == TEXT and reading.fields[TEXT].steps[hit.last + 1] <= words * WORD


_SCOPES: Mapping[FieldScope, Callable[[Hit, Reading], bool]] = {
    "title": lambda hit, _: hit.field == TITLE,
    "lead": lambda hit, reading: reading.in_lead(hit),
    "hlead": lambda hit, reading: hit.field == TITLE or reading.in_lead(hit),
    "body": lambda hit, _: hit.field == TEXT,
}


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A part in articles of one language. Where nobody knows the language, it counts: nothing is missed."""

    part: Node
    language: str | None

    def find(self, reading: Reading) -> Sequence[Hit]:
        return self.part.find(reading) if reading.language in {None, self.language} else []

    def needs(self) -> Needs:
        return self.part.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.part)

    def reach(self) -> int | None:
        return self.part.reach()

    def terms(self) -> Iterator[Term]:
        return self.part.terms()


def in_language(node: Node, tag: str | None) -> Node:
    """Limit a node to a language, if one is named."""
    return InLanguage(node, primary(tag)) if tag else node


def any_of(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


# -- what they share ---------------------------------------------------------------------------------------------------


def widest(reaches: Iterable[int | None]) -> int | None:
    """Return the widest of some reaches; None if one of them has no end."""
    every = list(reaches)
    return None if None in every else max(filter(None, every), default=0)


def terms_of(parts: Iterable[Node]) -> Iterator[Term]:
    return chain.from_iterable(part.terms() for part in parts)


def find_all(parts: Iterable[Node], reading: Reading) -> Sequence[Sequence[Hit]]:
    """Return the hits of each part, or nothing as soon as one has none."""
    found = []
    for part in parts:
        found.append(part.find(reading))
        if not found[-1]:
            return ()
    return found
