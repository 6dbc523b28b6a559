"""Tells which language a text is written in."""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from crawler.languages import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE = 300
"""How many characters are looked at: detection hardly improves beyond 200."""
_ISO_639_1 = 2
"""Letters of a code. By the model's others nobody can ask: to it a Chinese headline is Wu or Cantonese."""
_SHORT = 60
_DOUBT = 0.001
_CODE = re.compile(r"[a-z]{2}(?![a-z])")


def known_languages() -> frozenset[str]:
    """Return the codes of all languages that can be told apart."""
    return frozenset(_identifier(()).labels)


def detect(text: str, *, declared: str | None = None, languages: Sequence[str] = ()) -> str | None:
    """Return the ISO 639-1 code of a text's language, among `languages` if any are given.

    What the page declares counts where the text is too short to tell, or where it could well be right: templates say
    "en" on pages of every language, but only a publisher can tell Norwegian from Danish by a headline.
    """
    identifier = _identifier(tuple(sorted(set(languages))))
    said = _CODE.match((declared or "").strip().lower())
    claim = canonical(said[0]) if said else None
    if claim not in identifier.labels:
        claim = None
    sample = text[:SAMPLE]
    if not any(map(str.isalpha, sample)):
        return claim
    ranking = dict(identifier.rank(sample))
    if claim and (len(sample) < _SHORT or ranking.get(claim, 0) > _DOUBT):
        return claim
    best: str = max(ranking, key=lambda code: ranking[code])
    return best


@cache
def model() -> LanguageIdentifier:
    """Return what knows all languages: 75 MB, and a third of a second to load."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = copy(model())
    known = [code for code in languages if code in identifier.labels]
    identifier.set_languages(known or [code for code in identifier.labels if len(code) == _ISO_639_1])
    return identifier
