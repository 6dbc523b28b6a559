"""Tells which terms a word of an article satisfies: the words of all queries, indexed once for one language."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from monitors.match.lists import Lists
from monitors.match.print_table import PrintTable
from monitors.text.folding import fold, without_diacritics
from monitors.text.stems import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from monitors.text.fingerprints import Fingerprints

    Numbers = npt.NDArray[np.intp]

WILDCARD_PREFIX = 3
"""How many letters a wildcard needs before its first sign: by them it is looked up."""
MOST_REMEMBERED = 200_000
"""Distinct words of articles; more than a language has, so only junk ever makes it forget."""

Form = Literal["inflected", "exact", "wildcard"]

_NONE = -1
_FIRST_ROOM = 2_000
"""Words that a table of fingerprints is made for at first; of most languages there are few articles."""


class Term(NamedTuple):
    """What one token of an article has to be: the smallest leaf of every query."""

    text: str
    """Folded, unless case-sensitive."""
    form: Form
    case_sensitive: bool = False

    @property
    def key(self) -> str:
        return without_diacritics(fold(self.text).text)

    @property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.text if self.case_sensitive else self.key)


@lru_cache(maxsize=50_000)
def _pattern(glob: str) -> re.Pattern[str]:
    # The translation never goes back to an earlier `*`, so a long hostile word costs linear time.
    return re.compile(fnmatch.translate(glob))


class Lexicon:
    """Numbers the words, as articles spell them, that satisfy any term. Learns each word once."""

    def __init__(self, terms: Iterable[Term], language: str | None, slots: Mapping[Term, Sequence[int]]) -> None:
        self.spellings: dict[Term, set[int]] = defaultdict(set)
        """The numbers of the words met so far that satisfy a term, but for case."""
        self._slots = Lists()
        """For each number which slots of the presearch the word fills."""
        self._numbers = _Numbers(self._learned)
        self._by_print = PrintTable(_FIRST_ROOM)
        self._language = language
        self._slots_of = slots
        self._by_key: dict[str, list[Term]] = defaultdict(list)
        self._by_stem: dict[str, list[Term]] = defaultdict(list)
        self._wildcards: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        for term in dict.fromkeys(terms):
            self._add(term)

    def numbers(self, prints: Fingerprints, word_at: Callable[[int], str]) -> Numbers:
        """Return the number of each word of an article, negative if it satisfies no term; they last till the next.

        It is known by its fingerprint or, if that is new here, by what `word_at` says it is.
        """
        if len(self._numbers) > MOST_REMEMBERED:
            self._forget()
        if len(self._numbers) > self._by_print.room:
            self._by_print = PrintTable(4 * self._by_print.room)
        numbers, new = self._by_print.look_up(prints)
        if len(new):
            numbers[new] = [self._numbers[word_at(at)] for at in new.tolist()]
            self._by_print.remember(prints[new], numbers[new])
        return numbers

    def slots(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Return the slots of the presearch that some words fill, in a row, and how many are each word's."""
        return self._slots.of(numbers)

    def _learned(self, word: str) -> int:
        terms = self._satisfied_by(word)
        if not terms:
            return _NONE
        number = len(self._slots)
        for term in terms:
            self.spellings[term].add(number)
        self._slots.append(sorted({slot for term in terms for slot in self._slots_of.get(term, ())}))
        return number

    def _forget(self) -> None:
        self._numbers.clear()
        self._by_print = PrintTable(_FIRST_ROOM)
        self.spellings.clear()
        self._slots = Lists()

    def _add(self, term: Term) -> None:
        key = term.key
        if term.form == "wildcard":
            self._wildcards[key[:WILDCARD_PREFIX]].append((key, term))
            return
        self._by_key[key].append(term)
        if term.form == "inflected":
            for stem in stems(fold(term.text).text, self._language):
                self._by_stem[stem].append(term)

    def _satisfied_by(self, word: str) -> set[Term]:
        key = without_diacritics(word)
        found = set(self._by_key.get(key, ()))
        if self._by_stem:
            for stem in stems(word, self._language):
                found.update(self._by_stem.get(stem, ()))
        wildcards = self._wildcards.get(key[:WILDCARD_PREFIX], ())
        found.update(term for glob, term in wildcards if _pattern(glob).match(key))
        return found


class _Numbers(dict[str, int]):
    """The numbers of the words met so far; a new one is learned."""

    def __init__(self, learned: Callable[[str], int]) -> None:
        self._learned = learned

    def __missing__(self, word: str) -> int:
        number = self[word] = self._learned(word)
        return number
