"""Writes random queries that make sense, of the whole language, for laws that must hold of all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.query import QueryError, read_query
from monitors.match.query.tree import Either, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from monitors.match.needs import Needs
    from monitors.match.query.tree import Part
    from monitors.match.reading import Reading

FACTS = (
    'author:"Jane Doe"', "author:(Doe OR “John Roe”)", 'url:"/sponsored/"', "site:example.org", "source:wire",
    "group:(wires OR china)", "tier:1", "tier:<=2", "tier:(1 OR >3)", "lang:en", "lang:(zh OR de)", "country:CH",
    "section:business", "words:>3", "words:<=12", "published:[2026-01-01 TO 2026-06-30]", "published:[* TO 2026-03-01]",
)  # fmt: skip
PATTERNS = (r"[A-Z]\w+", r"(?i)law|rule", r"\d+", r"a\/b", r"[网安]")

_BARE = re.compile(r"[\w.#$][\w&+.'#$%/-]*")
_NO_WORDS = re.compile(r"and|or|not|o?near|w|sentence|paragraph|re/.*|exact|cs|(?:atleast|first)\d*", re.IGNORECASE)
_TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What queries are made of. What is left empty, they do without."""

    words: Sequence[str]
    entities: Sequence[str] = ()
    concepts: Sequence[str] = ()
    patterns: Sequence[str] = PATTERNS
    facts: Sequence[str] = FACTS
    queries: Mapping[str, Part] = field(default_factory=dict)
    """The named ones."""


def random_query(rng: Random, vocabulary: Vocabulary, *, leaves: int = 8) -> str:
    """Write a query of at most so many leaves, which read_query() accepts."""
    for _ in range(_TRIES):
        query = random_text(rng, vocabulary, leaves=leaves)
        try:
            read_query(query, vocabulary.queries)
        except QueryError:
            continue
        return query
    raise ValueError("of this vocabulary no query can be written")


def random_text(rng: Random, vocabulary: Vocabulary, *, leaves: int = 8) -> str:
    """Write what is a query, unless by chance it forbids what it asks for or looks where nothing can be."""
    writer = _Writer(rng, vocabulary)
    return writer.spaced(writer.condition(rng.randint(1, leaves)).text)


class _Written(NamedTuple):
    text: str
    is_unit: bool = True
    """Whether it can stand beside an operator without parentheses."""


class _Writer:
    """Writes parts of a query; the number that each takes is how many leaves it may have."""

    def __init__(self, rng: Random, vocabulary: Vocabulary) -> None:
        self._rng = rng
        self._vocabulary = vocabulary

    def spaced(self, text: str) -> str:
        """Break lines, and use other quotes, now and then."""
        if self._rng.random() < 0.1:
            text = text.replace(" AND ", "\n  AND ")
        if self._rng.random() < 0.1 and "re/" not in text:
            text = text.replace("(", "（").replace(")", "）")
        if self._rng.random() < 0.1 and text.count('"') == 2:
            text = text.replace('"', "“", 1).replace('"', "”", 1)
        return text

    def condition(self, leaves: int, *, in_text: bool = False) -> _Written:
        """Write something positive; `in_text`: that stands somewhere in the text of an article."""
        kinds: list[Callable[[int], _Written]] = [self.leaf, self._pair, self._counted, self._weighted]
        kinds += [lambda n: self._choice(n, in_text=in_text), lambda n: self._all(n, in_text=in_text)] * 2
        kinds += [self._limited] if leaves > 1 else []
        if not in_text:
            kinds += [self._of_article]
        return self._maybe_in_parentheses(self._rng.choice(kinds)(leaves) if leaves > 1 else self._single(in_text))

    def _single(self, in_text: bool) -> _Written:  # noqa: FBT001
        return self.leaf(1) if in_text or self._rng.random() < 0.8 else self._of_article(1)

    # -- leaves

    def leaf(self, _: int = 1) -> _Written:
        kinds = [self._word, self._word, self._word, self._phrase, self._function, self._wildcard]
        kinds += [self._mention] if self._vocabulary.entities else []
        kinds += [self._pattern] if self._vocabulary.patterns else []
        return _Written(self._rng.choice(kinds)())

    def _word(self) -> str:
        word = self._rng.choice(self._vocabulary.words)
        return word if _BARE.fullmatch(word) and not _NO_WORDS.fullmatch(word) else f'"{word}"'

    def _phrase(self, most: int = 3) -> str:
        words = self._rng.choices(self._vocabulary.words, k=self._rng.randint(1, most))
        return f'"{" ".join(words)}"'

    def _function(self) -> str:
        return f"{self._rng.choice(['exact', 'cs'])}({self._rng.choice([self._word, self._phrase])()})"

    def _wildcard(self) -> str:
        long = [word for word in self._vocabulary.words if re.fullmatch("[A-Za-z]{4,}", word)]
        if not long:
            return self._word()
        word = self._rng.choice(long)
        at = self._rng.randint(3, len(word) - 1)
        return self._rng.choice([f"{word[:at]}*", f"{word[:at]}?{word[at + 1 :]}", f"{word[:at]}*{word[at:]}"])

    def _mention(self) -> str:
        return f"entity:{self._rng.choice(self._vocabulary.entities)}"

    def _pattern(self) -> str:
        return f"re/{self._rng.choice(self._vocabulary.patterns)}/"

    def _of_article(self, _: int) -> _Written:
        """Write what is said of the whole article."""
        found = list(self._vocabulary.facts)
        found += [f"about:{entity}" for entity in self._vocabulary.entities] * 2
        found += [f"concept:{concept}{over}" for concept in self._vocabulary.concepts for over in ("", ">0.7")]
        found += [f"@{name}" for name in self._vocabulary.queries] * 3
        return _Written(self._rng.choice(found)) if found else self.leaf()

    # -- what combines them

    def _choice(self, leaves: int, *, in_text: bool) -> _Written:
        parts = [self.condition(n, in_text=in_text) for n in self._shares(leaves)]
        return _joined(" OR ", parts)

    def _all(self, leaves: int, *, in_text: bool) -> _Written:
        first, *others = (self.condition(n, in_text=in_text) for n in self._shares(leaves))
        operators = (self._rng.choice([" AND ", " AND ", " NOT ", " AND NOT "]) for _ in others)
        text = _unit(first) + "".join(
            operator + _unit(other) for operator, other in zip(operators, others, strict=True)
        )
        if others and self._rng.random() < 0.1:
            text = f"NOT {_unit(self.condition(1, in_text=in_text))} AND {text}"
        return _Written(text, is_unit=False)

    def _pair(self, leaves: int) -> _Written:
        if self._rng.random() < 0.2:
            words = self._rng.choices(self._vocabulary.words, k=self._rng.randint(2, 4))
            return _Written(f'"{" ".join(words)}"~{self._rng.randint(1, 9)}')
        share = self._rng.randint(1, max(1, leaves - 1))
        operator = self._rng.choice(["NEAR", "ONEAR", "W", "NOT NEAR", "SENTENCE", "PARAGRAPH"])
        if operator not in {"SENTENCE", "PARAGRAPH"} and self._rng.random() < 0.9:
            operator += f"/{self._rng.randint(1, 9)}"
        left, right = self._operand(share), self._operand(max(1, leaves - share), scoped=False)
        return _Written(f"{left} {operator} {right}", is_unit=False)

    def _operand(self, leaves: int, *, scoped: bool = True) -> str:
        if scoped and self._rng.random() < 0.15:
            return f"{self._rng.choice(['title', 'lead', 'hlead', 'body'])}:{self._operand(leaves, scoped=False)}"
        if self._rng.random() < 0.1:
            operand = self._operand(leaves, scoped=False)
            return operand if "^" in operand else f"{operand}{self._weight()}"
        groups = [name for name, query in self._vocabulary.queries.items() if _is_group(query)]
        if groups and self._rng.random() < 0.1:
            return f"@{self._rng.choice(groups)}"
        if leaves == 1:
            return self.leaf().text
        return f"({' OR '.join(self._operand(n, scoped=False) for n in self._shares(leaves))})"

    def _counted(self, leaves: int) -> _Written:
        counted = self._rng.choice([self._pair(leaves).text, self._operand(leaves), self._operand(leaves)])
        return _Written(f"atleast{self._rng.randint(1, 3)}({counted})")

    def _limited(self, leaves: int) -> _Written:
        inner = self.condition(leaves - 1, in_text=True)
        if self._rng.random() < 0.4:
            return _Written(f"first{self._rng.randint(1, 12)}({inner.text})")
        scope = self._rng.choice(["title", "lead", "hlead", "body"])
        return _Written(f"{scope}:{_unit(inner)}")

    def _weighted(self, leaves: int) -> _Written:
        inner = _unit(self.condition(leaves - 1, in_text=True)) if leaves > 1 else self.leaf().text
        return _Written(f"({inner}){self._weight()}" if "^" in inner else f"{inner}{self._weight()}")

    def _weight(self) -> str:
        return self._rng.choice(["^2", "^5", "^0.5", "^100"])

    def _shares(self, leaves: int) -> Sequence[int]:
        """Share out leaves among two parts or more."""
        parts = self._rng.randint(2, min(4, max(2, leaves)))
        return [max(1, leaves // parts)] * parts

    def _maybe_in_parentheses(self, written: _Written) -> _Written:
        return _Written(f"({written.text})") if self._rng.random() < 0.1 else written


def _is_group(query: Part) -> bool:
    """Whether a named query can stand beside an operator of place."""
    return all(isinstance(part, Words | Either) for part in query.walk())


def _joined(operator: str, parts: Sequence[_Written]) -> _Written:
    return _Written(operator.join(map(_unit, parts)), is_unit=False)


def _unit(written: _Written) -> str:
    return written.text if written.is_unit else f"({written.text})"


def meets(reading: Reading, needs: Needs) -> bool:
    """Whether of each set one term stands in an article."""
    return all(any(reading.positions(term) for term in terms) for terms in needs)
