"""Tells what came of each part of a watchlist in one article: by the clauses that decide, and no others."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from monitors.match.explain.explanation import Finding
from monitors.match.explain.notes import notes
from monitors.match.explain.outline import ClauseOutline
from monitors.match.explain.wording import MOST_NAMED, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.domain import Span
    from monitors.match.conditions import Found
    from monitors.match.explain.explanation import State
    from monitors.match.explain.outline import Outline
    from monitors.match.reading import Reading

_ORDER: tuple[State, ...] = ("no", "possible", "yes")


def find(outline: Outline, reading: Reading) -> Finding:
    """Tell what came of a part and of all its parts."""
    parts = tuple(find(part, reading) for part in outline.parts)
    if isinstance(outline, ClauseOutline):
        return _clause(outline, parts, reading)
    state = _combined(outline, parts)
    told = _what_forbids(parts) if outline.how == "not" and state == "no" else ()
    return Finding(kind=outline.kind, text=outline.text, state=state, notes=told, parts=parts)


def _combined(outline: Outline, parts: Sequence[Finding]) -> State:
    states = [_ORDER.index(part.state) for part in parts]
    match outline.how:
        case "any":
            return _ORDER[max(states)]
        case "not":
            return "yes" if parts[0].state == "no" else "no"
        case _:
            return _ORDER[min(states, default=-1)]


def _what_forbids(parts: Sequence[Finding]) -> tuple[str, ...]:
    """Quote what was found of what must not be."""
    spans = [span for part in parts for span in _held(part)]
    quotations = dict.fromkeys(f"{quoted(span.text)} ({span.field})" for span in spans)
    if not quotations:
        return ("it is true, and must not be",)
    more = ", …" if len(quotations) > MOST_NAMED else ""
    return (f"must not be there, and is: {', '.join(islice(quotations, MOST_NAMED))}{more}",)


def _held(finding: Finding) -> Iterator[Span]:
    """Yield what makes a part true, a pair as a whole."""
    if finding.state != "no":
        yield from finding.spans
    if not finding.spans:
        for part in finding.parts:
            yield from _held(part)


def _clause(outline: ClauseOutline, parts: tuple[Finding, ...], reading: Reading) -> Finding:
    certain = outline.clause.find(reading)
    with every_mention(reading):
        possible = outline.clause.find(reading)
        state: State = "yes" if certain is not None else "no" if possible is None else "possible"
        told = tuple(notes(outline, state, parts, reading))
    spans = _spans(certain, reading)
    sure = set(spans)
    return Finding(
        kind=outline.kind,
        text=outline.text,
        state=state,
        count=_count(certain or possible),
        spans=spans,
        possible=tuple(span for span in _spans(possible, reading) if span not in sure),
        notes=told,
        parts=parts,
    )


@contextmanager
def every_mention(reading: Reading) -> Iterator[None]:
    """Let mentions count that are no more than possible."""
    reading.possible = True
    try:
        yield
    finally:
        reading.possible = False


def _spans(found: Sequence[Found] | None, reading: Reading) -> tuple[Span, ...]:
    spans = [(*reading.spans(one.hits, one.clause.text), *one.facts) for one in found or ()]
    return tuple(span for several in spans for span in several)


def _count(found: Sequence[Found] | None) -> int:
    return sum(-(-len(one.hits) // one.clause.mention) + len(one.facts) for one in found or ())
