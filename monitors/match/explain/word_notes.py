"""Says why words or a regular expression were not found, and what of them is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitors.match.explain.distances import tightest
from monitors.match.explain.wording import (
    NO_MATCH,
    NOT_THERE,
    listed,
    places,
    quoted,
    spelled,
    text_at,
    times,
    written,
)
from monitors.match.nodes import Phrase, Scoped
from monitors.match.patterns import Pattern
from monitors.match.reading import TEXT, Hit
from monitors.text.cutting import is_running
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.compile import Around
    from monitors.match.explain.outline import ClauseOutline
    from monitors.match.lexicon import Term
    from monitors.match.query import tree
    from monitors.match.reading import Reading

_LONG = 4
"""Letters of a word that is worth looking for inside of others."""


def word_notes(outline: ClauseOutline, reading: Reading) -> Iterator[str]:
    phrase = outline.anywhere
    if elsewhere := outside_limits(outline, reading):
        yield elsewhere
    elif isinstance(phrase, Phrase):
        yield _otherwise_spelled(outline, phrase, reading) or _in_pieces(phrase, reading) or NOT_THERE


def pattern_notes(outline: ClauseOutline, part: tree.Regex, reading: Reading) -> Iterator[str]:
    if elsewhere := outside_limits(outline, reading):
        yield elsewhere
        return
    in_any_case = Pattern(f"(?i){part.pattern}").find(reading)
    yield f"only in another case, as {spelled(in_any_case, reading)}" if in_any_case else NO_MATCH


# -- outside of the limits --------------------------------------------------------------------------------------------


def outside_limits(outline: ClauseOutline, reading: Reading) -> str | None:
    """Say where a leaf stands, if that is not where it has to."""
    node, around = outline.anywhere, outline.around
    hits = node.find(reading) if node else ()
    if not node or not hits:
        return None
    if not (inside := Scoped(node, around.scopes).find(reading)):
        return f"only in {places(hits, reading)}, not in {listed(_named(around), 'and at once in')}"
    return _too_late(inside, around.first, reading) if around.first else None


def _named(around: Around) -> Sequence[str]:
    names = {"title": "the title", "lead": "the lead", "hlead": "title or lead", "body": "the body"}
    return [names[scope] for scope in dict.fromkeys(around.scopes)]


def _too_late(hits: Sequence[Hit], first: int, reading: Reading) -> str:
    steps = reading.fields[TEXT].steps
    ends = [-(-steps[hit.last + 1] // WORD) for hit in hits if hit.field == TEXT]
    if not ends:
        return f"only in {places(hits, reading)}, and the first {first} words are those of the body"
    return f"the first stands at word {min(ends)}, {first} allowed"


# -- spelled otherwise ------------------------------------------------------------------------------------------------


def _otherwise_spelled(outline: ClauseOutline, phrase: Phrase, reading: Reading) -> str | None:
    """Say how else it is spelled: in another case, inflected, without its signs, inside of a longer word."""
    if outline.looser and (hits := outline.looser.find(reading)):
        return f"only as {spelled(hits, reading)}{times(len(hits))}"
    if phrase.signs and (hits := replace(phrase, signs=None).find(reading)):
        return f"only without its signs, as {spelled(hits, reading)}{times(len(hits))}"
    if len(phrase.words) == 1 and (longer := _longer_words(phrase.words[0], reading)):
        return f"only inside of {longer}"
    return None


def _longer_words(term: Term, reading: Reading) -> str:
    if term.form == "wildcard" or len(term.key) < _LONG:
        return ""
    words = {word for word in reading.words if term.key in word}
    found = enumerate(tokens.positions(words) for tokens in reading.fields)
    hits = [Hit(field, at, at) for field, one in found for places in one.values() for at in places]
    return spelled(sorted(hits), reading)


# -- in pieces --------------------------------------------------------------------------------------------------------


def _in_pieces(phrase: Phrase, reading: Reading) -> str | None:
    """Say which words of a phrase are there, or how near to one another they stand."""
    words = tuple(dict.fromkeys(phrase.words))
    if len(words) < len(phrase.words) or len(words) == 1:
        return None
    there = [word for word in words if reading.hits(word)]
    if len(there) == len(words):
        return _scattered(words, reading)
    if not there or is_running(words[0].text):
        return None
    names = listed([written(word.text) for word in there])
    return f"of its words only {names} {'is' if len(there) == 1 else 'are'} there"


def _scattered(words: Sequence[Term], reading: Reading) -> str:
    pieces = "characters" if all(is_running(word.text) for word in words) else "words"
    stretch = tightest([reading.hits(word) for word in words], reading)
    if stretch is None:
        return f"its {pieces} stand in different fields"
    shown = quoted(text_at(stretch.whole, reading))
    if stretch.whole.last - stretch.whole.first + 1 == len(words):
        return f"its {pieces} stand in another order, as {shown}"
    return f"its {pieces} stand apart: nearest within {stretch.words} words, {shown}"
