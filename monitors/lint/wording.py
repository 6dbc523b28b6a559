"""Warns of words: a keyword that is there twice, an acronym that is a word, a distance that is none."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from monitors.lint.capitals import is_also_a_word
from monitors.lint.subject import Remark
from monitors.match.query.tree import Pair, Together, Words
from monitors.match.words import wildcard_phrase
from monitors.text.stems import primary, stemmed, stems

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from monitors.lint.subject import Entry, Listed, Subject
    from monitors.match.query.tree import Part

FAR = 100
"""In words. News sentences have about 25, so beyond there is no telling a distance from AND."""


def keyword_twice(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        for entries in (listed.keywords, listed.all, listed.none):
            if len(entries) > 1:
                yield from _twice(entries, listed)


def _twice(entries: Sequence[Entry], listed: Listed) -> Iterator[Remark]:
    shapes = Counter(map(_shape, entries))
    alike = [entry for entry in entries if shapes[_shape(entry)] > 1]
    told: set[int] = set()
    for language in (listed.languages or (None,)) if alike else ():
        first: dict[Hashable, Entry] = {}
        for index, entry in enumerate(alike):
            earlier = first.setdefault(_meaning(entry.part, stemmed(primary(language))), entry)
            if earlier is not entry and index not in told:
                told.add(index)
                how = f" in `{language}`" if earlier.keyword.text != entry.keyword.text and language else ""
                yield Remark(entry.place, f"says the same as `{earlier.keyword.text}` above{how}")


def _shape(entry: Entry) -> Hashable:
    """Return the same for two keywords that might say the same: it takes a moment to look at each of their words."""
    parts = entry.part.parts
    return type(entry.part), len(parts), frozenset(map(type, parts))


def _meaning(part: Part, language: str | None) -> Hashable:
    """Return the same for two parts of a keyword that are found in the same articles of a language."""
    if isinstance(part, Words):
        return _words_meaning(part.words, part.form, language)
    inner = Counter(_meaning(one, language) for one in part.parts)
    return type(part), getattr(part, "language", None), frozenset(inner.items())


@lru_cache(maxsize=100_000)
def _words_meaning(words: str, form: str, language: str | None) -> Hashable:
    phrase = wildcard_phrase(words, inflected=form == "inflected", case_sensitive=form == "cased")
    if phrase is None:
        return words
    stem = [(stems(term.text, language) if term.form == "inflected" else None) or term for term in phrase.words]
    return tuple(stem), phrase.signs


def acronym_in_any_case(subject: Subject) -> Iterator[Remark]:
    for written in subject.written:
        place = written.place
        in_query = place[0] == "queries" or place[-1] == "query"
        for leaf in written.parts:
            if not isinstance(leaf, Words) or leaf.form == "cased":
                continue
            if tongue := is_also_a_word(leaf.words, written.languages):
                word = leaf.words
                fix = f"`cs({word})`" if in_query else "`case_sensitive: true`"
                message = f"`{word}` also finds `{word.lower()}`, which is a word in `{tongue}`; {fix} does not"
                yield Remark(place, message, leaf.at)


def far_apart(subject: Subject) -> Iterator[Remark]:
    for written in subject.queries:
        for inner in written.parts:
            words = inner.distance if isinstance(inner, Pair) else inner.width if isinstance(inner, Together) else 0
            if words > FAR:
                yield Remark(
                    written.place, f"{words} words are most of an article: AND says as much, and costs less", inner.at
                )


RULES = (keyword_twice, acronym_in_any_case, far_apart)
