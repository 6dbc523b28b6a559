"""Reduces the inflections of a word to what they share: Snowball's stemmers, chosen by the language of the article."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import Stemmer

from crawler.languages import canonical
from monitors.text.folding import LONGEST_WORD, without_diacritics

if TYPE_CHECKING:
    from collections.abc import Collection

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_BARE_I = re.compile("i(?!\u0307)")


def primary(language: str | None) -> str | None:
    """Return the language of a tag without its region or script: de-CH → de; nothing for `und` and the like."""
    code = (language or "").replace("_", "-").partition("-")[0].strip().lower()
    return None if code in {"", "und", "mul", "zxx"} else canonical(code)


def stemmed(language: str | None) -> str | None:
    """Return the language if it has a stemmer, else nothing."""
    return language if language in _ALGORITHMS else None


def stems(word: str, language: str | None) -> frozenset[str]:
    """Return the stems of a folded word; none where the language is unknown or has no stemmer.

    There may be several: the stemmers go by diacritics (éé, ä), which not everybody types.
    """
    return stems_of((word,), language)


def stems_of(words: Collection[str], language: str | None) -> frozenset[str]:
    """Return the stems of several folded words."""
    if not language or language not in _ALGORITHMS:
        return frozenset()
    words = [word for word in words if len(word) <= LONGEST_WORD]  # Tamil's takes quadratic time
    forms = {*words, *map(without_diacritics, words)}
    if language == "tr":
        forms.update(map(_from_turkish_capitals, words))
    return frozenset(map(without_diacritics, _stemmer(language).stemWords(list(forms))))


def _from_turkish_capitals(word: str) -> str:
    """Return the word that stood there in capitals: folding makes an i of I (which is ı), and of İ an i and a dot."""
    return _BARE_I.sub("ı", word).replace("i\u0307", "i")


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_ALGORITHMS[language], 0)  # no cache of its own: the lexicon keeps the results
