"""The signs that belong to a name: C++, .NET, AT&T, S&P 500, $TSLA, 5%. All others only stand between words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from monitors.text.tokens import Tokens

_BEFORE, _BETWEEN, _AFTER = ".#@$€£¥", "&+#%@$€£¥.", "+#%$€£¥"


class Signs(NamedTuple):
    """The signs around and between some tokens in a row."""

    before: str
    between: tuple[str, ...]
    after: str

    def __bool__(self) -> bool:
        return bool(self.before or self.after or any(self.between))

    def fit(self, others: Signs) -> bool:
        """Whether others has every sign that is asked for here; more of them do no harm."""
        wanted = (self.before, *self.between, self.after)
        found = (others.before, *others.between, others.after)
        return all(not sign or sign == other for sign, other in zip(wanted, found, strict=True))


def signs_of(tokens: Tokens, first: int, last: int) -> Signs:
    return Signs(
        _before(tokens.between(first), follows=first > 0),
        tuple(_within(tokens.between(index)) for index in range(first + 1, last + 1)),
        _after(tokens.between(last + 1)),
    )


def _before(gap: str, *, follows: bool) -> str:
    rest = gap.rstrip(_BEFORE)
    return gap[len(rest) :] if rest or not follows else ""  # the dot of example.net belongs to both its neighbours


def _within(gap: str) -> str:
    signs = "".join(sign for sign in gap if sign in _BETWEEN)
    return signs.replace(".", "") if " " in gap else signs  # the dot of "St. Petersburg" is an abbreviation's


def _after(gap: str) -> str:
    return gap[: len(gap) - len(gap.lstrip(_AFTER))]
