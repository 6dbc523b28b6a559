"""What an article must hold for a part of a query to be found in it: what the presearch lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitors.match.lexicon import Term

Needs = tuple[frozenset["Term"], ...]
"""Of each set one term. None at all: there is no telling without looking."""


Where = Literal["anywhere", "head", "title"]
"""In any field; in title or lead; in the title."""


class Row(NamedTuple):
    """What one alternative of a query needs."""

    needs: Needs
    close: frozenset[frozenset[Term]] = frozenset()
    """Those that have to stand within CLOSE words of one another, or all in the title and lead."""
    where: Where = "anywhere"
    """Where the close ones have to stand, all of them."""
    in_a_row: frozenset[tuple[frozenset[Term], int]] = frozenset()
    """Those that have to stand so many tokens behind one and the same."""


CLOSE = 16
"""In words. A keyword of six words may stretch over so many."""


_LONG = 12
"""Beyond so many letters, words are hardly rarer."""
_COMMONNESS = [0.5**length for length in range(_LONG + 1)]


def row(needs: Needs, reach: int | None, behind: Sequence[int] = ()) -> Row:
    """Return what a clause needs whose words lie within `reach` words of one another (None: anywhere).

    Of words in a row, so many tokens behind the first.
    """
    together = reach is not None and reach <= CLOSE and len(needs) > 1
    close = frozenset(needs) if together else frozenset()
    return Row(needs, close, in_a_row=frozenset(zip(needs, behind, strict=False)))


def all_of(rows: Iterable[Row]) -> Row:
    """Return what several rows together need; of what stands close or in a row, the largest group is kept in mind."""
    rows = list(rows)
    tightest = max(rows, key=lambda one: (one.where != "anywhere", len(one.close)), default=Row(()))
    longest = max(rows, key=lambda one: len(one.in_a_row), default=Row(()))
    return Row(all_needed(one.needs for one in rows), tightest.close, tightest.where, longest.in_a_row)


def alternatives(rows: Iterable[Sequence[Row]]) -> Sequence[Row]:
    """Return the rows of what is one of several; those that need but one of some words are one row."""
    every = list(dict.fromkeys(row for some in rows for row in some))
    if any(not row.needs for row in every):
        return [Row(())]
    single: dict[Where, set[Term]] = {}
    for row in every:
        if len(row.needs) == 1:
            single.setdefault(row.where, set()).update(row.needs[0])
    others = [row for row in every if len(row.needs) > 1]
    return [*(located(Row((frozenset(terms),)), where) for where, terms in single.items()), *others]


def located(row: Row, where: Where) -> Row:
    """Limit a row to where all that it needs has to stand; of two limits, the one that it had stays."""
    if where == "anywhere" or row.where != "anywhere":
        return row
    return row._replace(close=frozenset(row.needs), where=where)


def any_of_rows(rows: Sequence[Row]) -> Row:
    return rows[0] if len(set(rows)) == 1 else Row(any_needed([one.needs for one in rows]))


def all_needed(needs: Iterable[Needs]) -> Needs:
    """Return what several together need."""
    return tuple(dict.fromkeys(terms for one in needs for terms in one))


def any_needed(needs: Sequence[Needs]) -> Needs:
    """Return what any of several needs: one term of the rarest set of each; if all need the same, just that."""
    if not all(needs):
        return ()
    return needs[0] if len(set(needs)) == 1 else (frozenset().union(*map(rarest, needs)),)


def rarest(choices: Iterable[frozenset[Term]]) -> frozenset[Term]:
    return min(choices, key=commonness)


def commonness(terms: Iterable[Term]) -> float:
    """Guess how many articles hold one of these terms: by length, a word's best known proxy."""
    return sum([_COMMONNESS[min(len(term.text), _LONG)] for term in terms])
