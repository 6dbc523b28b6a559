"""What an article must hold for a part of a query to be found in it: what the presearch lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitors.match.lexicon import Term

Needs = tuple[frozenset["Term"], ...]
"""Of each set one term. None at all: there is no telling without looking."""


class Row(NamedTuple):
    """What one alternative of a query needs."""

    needs: Needs
    close: frozenset[frozenset[Term]] = frozenset()
    """Those that have to stand within CLOSE words of one another, or all in the title and lead."""


CLOSE = 16
"""In words. A keyword of six words may stretch over so many."""


def row(needs: Needs, reach: int | None) -> Row:
    """Return what a clause needs whose words lie within `reach` words of one another (None: anywhere)."""
    together = reach is not None and reach <= CLOSE and len(needs) > 1
    return Row(needs, frozenset(needs) if together else frozenset())


def all_of(rows: Iterable[Row]) -> Row:
    """Return what several rows together need; of those that stand close, the largest group is kept in mind."""
    rows = list(rows)
    return Row(all_needed(one.needs for one in rows), max((one.close for one in rows), key=len, default=frozenset()))


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
    return sum(0.5 ** min(len(term.text), 12) for term in terms)
