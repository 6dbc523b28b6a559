"""Regular expressions in queries, on the original text. RE2 takes linear time whatever the expression and the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from monitors.match.query.regex import compiled
from monitors.match.reading import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.reading import Reading
    from monitors.text.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Pattern:
    """`re/…/`."""

    pattern: str

    def find(self, reading: Reading) -> Sequence[Hit]:
        hits = reading.memo.get(self)
        if hits is None:
            hits = reading.memo[self] = list(self._find(reading))
        return hits

    def _find(self, reading: Reading) -> Iterator[Hit]:
        expression = _compiled(self.pattern)
        for field, tokens in enumerate(reading.fields):
            for found in expression.finditer(tokens.text) if tokens.words else ():
                start, end = found.span()
                if start < end:
                    yield Hit(field, *_touched(tokens, start, end), stretch=(start, end))

    def needs(self) -> Needs:
        return ()

    def reach(self) -> int | None:
        return None

    def terms(self) -> Iterator[Term]:
        return iter(())


def _touched(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Return the first and last token of a stretch; of one between two tokens, the next, or else the last there is."""
    if touched := tokens.tokens_in(start, end):
        return touched
    following = tokens.tokens_in(start, len(tokens.text))
    index = following[0] if following else len(tokens) - 1
    return index, index


_compiled = cache(compiled)
