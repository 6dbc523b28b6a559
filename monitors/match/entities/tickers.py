"""Finds a company by its ticker: `NASDAQ:AMZN` as it is written, "(Nasdaq: AMZN)" and the cashtag "$AMZN"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.match.needs import all_needed, any_needed
from monitors.match.nodes import Phrase, terms_of
from monitors.match.words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs
    from monitors.match.reading import Hit, Reading

_TICKER = re.compile(r"(?P<exchange>[A-Z][A-Za-z0-9]{1,9})\s*[:：]\s*(?P<symbol>[A-Z0-9]{1,6}(?:[.-][A-Z0-9]{1,3})?)")


@dataclass(frozen=True, slots=True)
class Ticker:
    """A symbol with its exchange before it, or with a dollar sign."""

    listing: Phrase
    """The word for the exchange, and the symbol."""
    cashtag: Phrase | None
    """None for a number, which after a dollar sign is money."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        listed = [hit for hit in self.listing.find(reading) if ":" in _after_first(hit, reading)]
        return sorted([*listed, *(self.cashtag.find(reading) if self.cashtag else ())])

    def needs(self) -> Needs:
        symbol = all_needed(Phrase((word,)).needs() for word in self.listing.words[1:])
        return any_needed([symbol, self.cashtag.needs()]) if self.cashtag else symbol

    def reach(self) -> int | None:
        return self.listing.reach()

    def terms(self) -> Iterator[Term]:
        return terms_of((self.listing, self.cashtag) if self.cashtag else (self.listing,))


def ticker(alias: str) -> Ticker | None:
    """Return the ticker that an alias is, if it is one."""
    written = _TICKER.fullmatch(alias.strip())
    listing = phrase(alias) if written else None
    if not (written and listing):
        return None
    symbol = written["symbol"]
    return Ticker(listing, None if symbol[0].isdigit() else phrase(f"${symbol}", case_sensitive=True))


def _after_first(hit: Hit, reading: Reading) -> str:
    return reading.fields[hit.field].between(hit.first + 1)
