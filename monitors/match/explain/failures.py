"""Finds the clause that kept a watchlist from matching: the first that failed or, of alternatives, the nearest."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.explain.wording import NOTHING, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitors.match.explain.explanation import Finding, State

_SECTIONS = {
    "keywords": "keyword",
    "query": "query",
    "entities": "entity",
    "concepts": "concept",
    "all": "all",
    "none": "none",
}
_CHOICES = frozenset({"some", "keywords", "entities", "concepts", "either"})
_ALL_OF = frozenset({"watchlist", "query", "all", "none", "all of", "named query"})
_STATES: tuple[State, ...] = ("no", "possible", "yes")
_ALMOST, _SOMEHOW = 0.9, 0.5


class _Failure(NamedTuple):
    clause: Finding
    section: str
    choices: int
    """Of how many alternatives, all of which failed, it is the one that came nearest."""


def first_failure(findings: Sequence[Finding]) -> str | None:
    """Say which clause failed first and how near it came; nothing if all is true."""
    failed = min(findings, key=_is_met)
    if failed.state == "yes":
        return None
    clause, section, choices = _descend(failed)
    if choices == 1 or clause.state == "possible":
        return f"{section} {told(clause)}"
    which = "nearest" if _nearness(clause) else "first"
    return f"{section} {told(clause)} (the {which} of {choices} alternatives)"


def told(clause: Finding) -> str:
    return f"{written(clause.text)}: {'; '.join(clause.notes)}"


def _descend(finding: Finding, section: str = "", choices: int = 1) -> _Failure:
    section = _SECTIONS.get(finding.kind, section)
    if finding.kind in _CHOICES:
        return _descend(max(finding.parts, key=_nearness), section, max(choices, _alternatives(finding)))
    if finding.kind in _ALL_OF:
        return _descend(min(finding.parts, key=_is_met), section, choices)
    return _Failure(finding, section or finding.kind, choices)


def _is_met(finding: Finding) -> int:
    """Put what failed first, then what is only possible: it would not keep an article from a possible match."""
    return _STATES.index(finding.state)


def _alternatives(finding: Finding) -> int:
    return sum(len(group.parts) for group in finding.parts) if finding.kind == "some" else len(finding.parts)


def _nearness(finding: Finding) -> float:
    """Return how much of it is there: 1 all, 0 nothing."""
    if finding.state != "no":
        return 1 if finding.state == "yes" else _ALMOST
    if finding.kind == "not":
        return 0
    parts = [_nearness(part) for part in finding.parts if part.kind != "not"]
    if parts:
        return max(parts) if finding.kind in _CHOICES else _ALMOST * fmean(parts)
    return 0 if finding.notes[0].startswith(NOTHING) else _SOMEHOW
