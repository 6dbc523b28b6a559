"""Turns words as somebody typed them into the terms that an article is searched for."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from monitors.match.lexicon import WILDCARD_PREFIX, Form, Term
from monitors.match.nodes import Phrase
from monitors.match.signs import signs_of
from monitors.text.cutting import is_running
from monitors.text.folding import as_cased
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

# Letters that nobody types stand in for the two wildcard signs while a text is cut into tokens.
_STAND_INS = "\N{LATIN LETTER SMALL CAPITAL TURNED R}\N{LATIN LETTER SMALL CAPITAL REVERSED R}"
_HIDE = str.maketrans("*?", _STAND_INS)
_SHOW = str.maketrans(_STAND_INS, "*?")
_PLAIN = re.compile(rf"[A-Za-z0-9{_STAND_INS}]+(?:[ -][A-Za-z0-9{_STAND_INS}]+)*")
"""Words with nothing in them to fold but capitals, and nothing around them but spaces and hyphens."""
_WILDCARD = re.compile(rf"[^*?]{{{WILDCARD_PREFIX}}}")


class WildcardError(ValueError):
    """A wildcard that cannot be looked for, and why."""

    def __init__(self, why: str, word: str) -> None:
        super().__init__(f"{why} in {word!r}")
        self.why = why


# A file of ten thousand watchlists says most of its words hundreds of times, and each is asked for three times.
@lru_cache(maxsize=50_000)
def wildcard_phrase(text: str, *, inflected: bool = False, case_sensitive: bool = False) -> Phrase | None:
    """Return the words of a text as a phrase in which `*` and `?` are wildcards; nothing if there is no word in it."""
    if ("*" in text or "?" in text) and any(sign in "*?" and is_running(before) for before, sign in pairwise(text)):
        raise WildcardError("what is written without spaces is found inside of longer words: no * or ? is needed", text)
    return phrase(text.translate(_HIDE), inflected=inflected, case_sensitive=case_sensitive)


def phrase(text: str, *, inflected: bool = False, case_sensitive: bool = False) -> Phrase | None:
    """Return the words of a text as a phrase; nothing if there is no word in it."""
    form: Form = "inflected" if inflected and not case_sensitive else "exact"
    if _PLAIN.fullmatch(text):  # as most are: three times as fast
        plain = text if case_sensitive else text.lower()
        return Phrase(_terms(plain.replace("-", " ").split(" "), form, case_sensitive=case_sensitive))
    tokens = Tokens(text)
    if not tokens.words:
        return None
    words = [as_cased(tokens.original(index)) for index in range(len(tokens))] if case_sensitive else tokens.words
    terms = _terms(words, form, case_sensitive=case_sensitive)
    return Phrase(terms, signs_of(tokens, 0, len(tokens) - 1) or None)


def _terms(words: Iterable[str], form: Form, *, case_sensitive: bool) -> tuple[Term, ...]:
    return tuple([_term(word.translate(_SHOW), form, case_sensitive=case_sensitive) for word in words])


def _term(word: str, form: Form, *, case_sensitive: bool) -> Term:
    if "*" not in word and "?" not in word:
        return Term(word, form, case_sensitive)
    if not _WILDCARD.match(word):
        raise WildcardError(f"at least {WILDCARD_PREFIX} letters must stand before the first * or ?", word)
    return Term(word, "wildcard", case_sensitive)
