"""Derives the short forms of a name, which mean it only where the full name stands in the same article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.match.lexicon import Term
from monitors.match.nodes import Phrase, any_of
from monitors.match.signs import signs_of
from monitors.text.folding import as_cased
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.needs import Needs
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

_FEWEST, _MOST = 2, 4
"""Of how many words with a capital a name is that has short forms."""
_TINY = 2
_MOST_INITIALS = 3
_LOUD = 5
"""Letters of a last name that is found in capitals, too."""
_AFTER_INITIAL = re.compile(r"\.?[ -]?")
_GENERATIONS = {"Jr", "Sr", "II", "III", "IV"}


@dataclass(frozen=True, slots=True)
class LastName:
    """A last name with initials before it, or alone; with the initials of others it is a name of others."""

    name: Node
    given: str
    """The first of the other names."""
    alone: bool
    """Whether it means the name without initials, too."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = (self._whole(hit, reading.fields[hit.field]) for hit in self.name.find(reading))
        return [hit for hit in hits if hit]

    def _whole(self, hit: Hit, tokens: Tokens) -> Hit | None:
        first = hit.first
        while first and hit.first - first < _MOST_INITIALS and _is_initial(tokens, first - 1):
            first -= 1
        if first < hit.first:
            if tokens.original(first) == self.given[0]:
                return hit._replace(first=first)
            if first and as_cased(tokens.original(first - 1)) == self.given:
                return hit._replace(first=first - 1)
            if "." in tokens.between(hit.first):  # without one it may be an article: "A Powell aide"
                return None
        return hit if self.alone else None

    def needs(self) -> Needs:
        return self.name.needs()

    def reach(self) -> int | None:
        return self.name.reach()

    def terms(self) -> Iterator[Term]:
        return self.name.terms()


def short_forms(name: str, *, person: bool) -> tuple[Node, ...]:
    """Return the last name with initials before it; of a person, the last and the first name alone, too.

    Small words before the last name ("von der") may be part of it.
    """
    tokens = Tokens(name)
    words = [as_cased(tokens.original(index)) for index in range(len(tokens))]
    if words[-1] in _GENERATIONS:
        words.pop()
    capitals = [word for word in words if _has_capital(word)]
    if not _FEWEST <= len(capitals) <= _MOST or not (_has_capital(words[0]) and _has_capital(words[-1])):
        return ()
    if signs_of(tokens, 0, len(tokens) - 1):  # Johnson & Johnson
        return ()
    return tuple(_of_person(words)) if person else (LastName(_cased(_last_name(words)), words[0], alone=False),)


def is_tiny(name: str) -> bool:
    """Whether a name is so short that it is a short form itself: Xi or Li, but neither 3M nor 苹果."""
    letters = [char for char in name if char.isalnum()]
    return len(letters) <= _TINY and any(letter.islower() for letter in letters)


def _of_person(words: Sequence[str]) -> Iterator[Node]:
    first, *others = words
    for index in range(len(others)):
        if len(others[index]) > 1:
            yield LastName(_or_in_capitals(others[index:]), first, alone=True)
    if len(first) > 1:
        yield _cased([first])
    if len(last := _last_name(words)) < len(others):
        yield _cased([first, *last])


def _last_name(words: Sequence[str]) -> Sequence[str]:
    """Return the last word, with the small words before it."""
    begin = next((index for index, word in enumerate(words) if not _has_capital(word)), len(words) - 1)
    return words[begin:]


def _cased(words: Sequence[str]) -> Phrase:
    return Phrase(tuple(Term(word, "exact", case_sensitive=True) for word in words))


def _or_in_capitals(words: Sequence[str]) -> Node:
    """Find a last name in headlines of capitals, too; one of few letters would be another word there: MAY, WEST."""
    loud = [word.upper() for word in words]
    return any_of([_cased(words), _cased(loud)]) if len(words[-1]) >= _LOUD and loud != [*words] else _cased(words)


def _has_capital(word: str) -> bool:
    return word[0].isupper()


def _is_initial(tokens: Tokens, index: int) -> bool:
    if len(tokens.word(index)) != 1 or not _AFTER_INITIAL.fullmatch(tokens.between(index + 1)):
        return False
    return tokens.original(index).isupper()
