"""The signs that belong to a name: C++, .NET, AT&T, S&P 500, $TSLA, 5%. All others only stand between words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from monitors.text.tokens import Tokens

_AROUND = "+#%@$€£¥"
_BEFORE = re.compile(rf"(?<=[^\w.])[{_AROUND}.]+\Z")  # touches no other word: not the dot of example.net or U.S.
_AFTER = re.compile(f"[{_AROUND}]+")
_BETWEEN = re.compile(f"[{_AROUND}&.]")


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
    before = _BEFORE.search(("" if first else " ") + tokens.between(first))
    after = _AFTER.match(tokens.between(last + 1))
    return Signs(
        before.group() if before else "",
        tuple(_within(tokens.between(index)) for index in range(first + 1, last + 1)),
        after.group() if after else "",
    )


def _within(gap: str) -> str:
    signs = "".join(_BETWEEN.findall(gap))
    return signs.replace(".", "") if " " in gap else signs  # the dot of "St. Petersburg" is an abbreviation's
