"""Reads the values that facts are asked for with: `words:>300`, `tier:<=2`, `published:[2026-01-01 TO 2026-06-30]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from crawler.yaml_types import Country, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Sign = Literal["<", "<=", "=", ">=", ">"]
TIERS = range(1, 10)
MOST = 10**10
"""More than any number that can be written."""

_COMPARISON = re.compile(r"([<>]=?|=)?\s*([0-9]{1,9})")
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WITH_PATH = re.compile(r"https?:|[\w-]+(?:\.[\w-]+)+[/:]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`>300`."""

    sign: Sign
    number: int

    def holds(self, number: int) -> bool:
        return number in self.numbers

    @property
    def numbers(self) -> range:
        """All that it holds for, of those that there can be."""
        number = self.number
        match self.sign:
            case "<":
                return range(number)
            case "<=":
                return range(number + 1)
            case "=":
                return range(number, number + 1)
            case ">=":
                return range(number, MOST)
            case ">":
                return range(number + 1, MOST)


@dataclass(frozen=True, slots=True)
class Days:
    """`[2026-01-01 TO *]`: from the first to the last, both included; None: open at that end."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def comparison(value: str) -> Comparison:
    """Read `>300`, `>=300`, `<300`, `<=300`, `=300`; a number alone is equality.

    Raises:
        ValueError: it is none of these.
    """
    found = _COMPARISON.fullmatch(value)
    if not found:
        raise ValueError("needs a comparison with a whole number, such as >300 or <=300")
    sign = found[1] or "="
    return Comparison(next(one for one in get_args(Sign) if one == sign), int(found[2]))


def days(value: str) -> Days:
    """Read `[2026-01-01 TO 2026-06-30]`, in which `*` is an open end.

    Raises:
        ValueError: it is no such range, a day does not exist, or the range is reversed.
    """
    found = _RANGE.fullmatch(value)
    if not found:
        raise ValueError("needs two days: [2026-01-01 TO 2026-06-30], with * for an open end")
    first, last = map(_day, found.groups())
    if first is None and last is None:
        raise ValueError("is open at both ends, so it asks nothing: give it a day")
    if first and last and first > last:
        raise ValueError(f"can never match: the range ends ({last}) before it begins ({first})")
    return Days(first, last)


def refuse_unreadable(name: str, value: str) -> None:
    """Check the value of a fact.

    Raises:
        ValueError: no article could have it; the text says what is needed instead.
    """
    if not value.strip():
        raise ValueError("needs something between the quotes")
    _CHECKS.get(name, str)(value)


def _day(written: str) -> date | None:
    if written == "*":
        return None
    try:
        return date.fromisoformat(written if _DAY.fullmatch(written) else "")
    except ValueError:
        raise ValueError(f"needs days such as 2026-01-31, and {written!r} is none") from None


def _tier(value: str) -> None:
    try:
        wanted = comparison(value)
    except ValueError:
        raise ValueError("needs a number from 1 to 9, or a comparison with one: 1, >1, <=2") from None
    if not any(map(wanted.holds, TIERS)):
        raise ValueError("can never match: tiers go from 1 to 9")


def _length(value: str) -> None:
    if not comparison(value).numbers:
        raise ValueError("can never match: no article has fewer than no words")
    if value.isdigit():
        raise ValueError(f"needs a comparison: >{value}, <={value} or ={value}")


def _without_wildcard(hint: str) -> Callable[[str], None]:
    """Refuse a `*`, which would be looked for as it is, or not at all."""

    def check(value: str) -> None:
        if "*" in value:
            raise ValueError(f"knows no wildcards: {hint}")

    return check


def _site(value: str) -> None:
    _without_wildcard("example.org takes in the hosts below it")(value)
    if _WITH_PATH.match(value):
        raise ValueError("needs a host, such as example.org, or the name of a publication; url: looks into addresses")


def _of_type(adapter: TypeAdapter[str]) -> Callable[[str], object]:
    """Check a value by a type of the configuration, so that the same codes are known everywhere."""

    def check(value: str) -> None:
        try:
            adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(error.errors()[0]["ctx"]["error"]) from None

    return check


_CHECKS: Mapping[str, Callable[[str], object]] = {
    "author": _without_wildcard("it takes whole words of a name"),
    "url": _without_wildcard("it looks for this text anywhere in the address"),
    "site": _site,
    "section": _without_wildcard("it takes the whole name of a section"),
    "tier": _tier,
    "words": _length,
    "published": days,
    "lang": _of_type(TypeAdapter(Language)),
    "country": _of_type(TypeAdapter(Country)),
}
