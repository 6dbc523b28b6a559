"""Tells an explanation in a few lines of plain text, for those who only want to know why a test fails."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.match.explain.explainer import explain
from monitors.match.explain.failures import told
from monitors.match.explain.wording import quoted, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.domain import Article
    from monitors.domain import Entity, Match, Watchlist
    from monitors.match.concepts.panel import Panel
    from monitors.match.explain.explanation import Explanation, Finding

MOST_LINES = 6
MOST_QUOTED = 4


def why(watchlist: Watchlist, entities: Sequence[Entity], article: Article, *, panel: Panel | None = None) -> str:
    """Tell why a watchlist matches an article, or does not: the first line says it, the others say more."""
    try:
        explanation = explain(watchlist, entities, article, panel=panel)
    except ConfigError as error:
        return f"it cannot be compiled: {error}"
    return "\n".join(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    match = explanation.match
    if explanation.first_failure:
        yield explanation.first_failure
    if match and match.kind == "match":
        yield f"found {', '.join(map(written, match.clauses)) or 'nothing that it forbids'}"
        yield from islice(_found(match), MOST_LINES)
    else:
        failed = [told(one) for one in _failed(explanation.tree)]
        yield from [line for line in failed if line not in (explanation.first_failure or "")][:MOST_LINES]


def _found(match: Match) -> Iterator[str]:
    for clause in match.clauses:
        spans = [span for span in match.spans if span.clause == clause]
        quotations = dict.fromkeys(f"{quoted(span.text)} ({span.field})" for span in spans)
        more = ", …" if len(quotations) > MOST_QUOTED else ""
        yield f"{written(clause)}: {', '.join(islice(quotations, MOST_QUOTED))}{more}"


def _failed(finding: Finding) -> Iterator[Finding]:
    """Yield the clauses that are not true, each with what came of it."""
    if finding.state == "yes":
        return
    if finding.notes:
        yield finding
        return
    for part in finding.parts:
        yield from _failed(part)
