"""Tells which terms a word of an article satisfies: the words of all queries, indexed once for one language."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from monitors.text.folding import fold, without_diacritics
from monitors.text.stems import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    Slots = npt.NDArray[np.intp]

WILDCARD_PREFIX = 3
"""How many letters a wildcard needs before its first sign: by them it is looked up."""
MOST_REMEMBERED = 200_000
"""Distinct words of articles; more than a language has, so only junk ever makes it forget."""

Form = Literal["inflected", "exact", "wildcard"]

_NO_SLOTS = np.zeros(0, dtype=np.intp)


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


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    # The translation never goes back to an earlier `*`, so a long hostile word costs linear time.
    return re.compile(fnmatch.translate(glob))


class Lexicon:
    """Knows which words, as articles spell them, satisfy which terms. Learns each word once."""

    def __init__(self, terms: Iterable[Term], language: str | None, slots: Mapping[Term, Slots]) -> None:
        self.spellings: dict[Term, set[str]] = defaultdict(set)
        """The words met so far that satisfy a term, but for case."""
        self.filled: dict[str, Slots] = {}
        """The words met so far that satisfy any term, and the slots of the presearch that they fill, if any."""
        self._others: set[str] = set()
        """The words met so far that satisfy none."""
        self._language = language
        self._slots = slots
        self._by_key: dict[str, list[Term]] = defaultdict(list)
        self._by_stem: dict[str, list[Term]] = defaultdict(list)
        self._wildcards: dict[str, list[tuple[re.Pattern[str], Term]]] = defaultdict(list)
        for term in dict.fromkeys(terms):
            self._add(term)

    def known(self, words: set[str]) -> set[str]:
        """Return those of the words of an article that satisfy a term; what was learned lasts till the next one."""
        if len(self._others) + len(self.filled) > MOST_REMEMBERED:
            self._forget()
        known = self.filled.keys() & words
        for word in words - known - self._others:
            if terms := self._satisfied_by(word):
                known.add(word)
                self._learn(word, terms)
            else:
                self._others.add(word)
        return known

    def _learn(self, word: str, terms: Iterable[Term]) -> None:
        for term in terms:
            self.spellings[term].add(word)
        filled = [self._slots[term] for term in terms if term in self._slots]
        self.filled[word] = np.unique(np.concatenate([_NO_SLOTS, *filled]))

    def _forget(self) -> None:
        self.filled.clear()
        self.spellings.clear()
        self._others.clear()

    def _add(self, term: Term) -> None:
        key = term.key
        if term.form == "wildcard":
            self._wildcards[key[:WILDCARD_PREFIX]].append((_pattern(key), term))
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
        found.update(term for pattern, term in wildcards if pattern.match(key))
        return found
