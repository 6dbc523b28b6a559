"""One code for each language, of those that publishers write for it."""

from __future__ import annotations

_OTHERS = {"nb": "no", "iw": "he", "in": "id", "ji": "yi"}
"""Bokmål, which detection does not tell from Norwegian, and what ISO 639 has withdrawn."""


def canonical(code: str) -> str:
    """Return the code that stands for a language here, given one of two letters."""
    return _OTHERS.get(code, code)
