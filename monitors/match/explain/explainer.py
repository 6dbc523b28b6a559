"""Explains one watchlist and one article: whether it is let in, what came of every part, what it scores and why."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from monitors.match.concepts.meaning import Meaning
from monitors.match.concepts.panel import OVER
from monitors.match.entities import Roster
from monitors.match.evidence import match_of, score
from monitors.match.explain.concept_notes import nearest
from monitors.match.explain.explanation import Explanation, Finding, ScoreParts
from monitors.match.explain.failures import first_failure
from monitors.match.explain.findings import find
from monitors.match.explain.outline import outline, terms
from monitors.match.explain.wording import listed, written
from monitors.match.lexicon import Lexicon
from monitors.match.plan import plan
from monitors.match.reading import TITLE, Reading
from monitors.match.related import related_id, related_match
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.domain import Article, Source
    from monitors.domain import Entity, TextField, Watchlist
    from monitors.match.concepts.panel import Panel
    from monitors.match.conditions import Found
    from monitors.match.lexicon import Term
    from monitors.match.plan import Plan


def explain(
    watchlist: Watchlist,
    entities: Sequence[Entity],
    article: Article,
    source: Source | None = None,
    *,
    panel: Panel | None = None,
) -> Explanation:
    """Explain what becomes of an article that a source brought; `panel` has the concepts, if there are any.

    Raises:
        ConfigError: the watchlist cannot be compiled.
    """
    return Explainer(entities, panel).explain(watchlist, article, source)


class Explainer:
    """Explains many: the entities are compiled once."""

    def __init__(self, entities: Sequence[Entity], panel: Panel | None = None) -> None:
        self._roster = Roster(entities)
        self._panel = panel

    def explain(self, watchlist: Watchlist, article: Article, source: Source | None = None) -> Explanation:
        """Explain one; see `explain`."""
        compiled, root = plan(watchlist, self._roster), outline(watchlist, self._roster)
        reading = _read(article, source, chain(compiled.condition.terms(), terms(root)))
        if self._panel:
            reading.meaning = Meaning(self._panel, reading.fields, reading.language)
        tree = find(root, reading)
        limits = tuple(_limits(compiled, reading))
        admitted = compiled.admits(source, reading.language)
        found = compiled.find(reading) if admitted else None
        match = match_of(watchlist, *found, reading) if found else None
        related = None if match else _related(watchlist, reading)
        if related and related.state == "yes" and admitted and compiled.limits_hold(reading):
            match = related_match(watchlist.id, related_id(watchlist.id), reading.meaning) if reading.meaning else None
        return Explanation(
            watchlist_id=watchlist.id,
            verdict=match.kind if match else "no",
            admitted=admitted,
            limits=limits,
            tree=tree,
            related=related,
            match=match,
            score=_score(found[1], reading) if found else None,
            first_failure=first_failure((*limits, tree)),
        )


def _related(watchlist: Watchlist, reading: Reading) -> Finding | None:
    """Tell how near an article comes to what the keywords of a watchlist mean."""
    concept = related_id(watchlist.id)
    if not watchlist.related or reading.meaning is None or not reading.meaning.knows(concept):
        return None
    score = reading.meaning.score(concept)
    return Finding(
        kind="related",
        text="what its keywords mean" if watchlist.keywords else "what its name means",
        state="yes" if score >= OVER else "no",
        notes=(f"scores {score:.2f}, {OVER:g} is the threshold", *nearest(concept, reading.meaning)),
    )


def _read(article: Article, source: Source | None, terms: Iterable[Term]) -> Reading:
    language = primary(article.language) or primary(source.language if source else None)
    return Reading(article, language, Lexicon(terms, stemmed(language), {}), source)


def _score(found: Sequence[Found], reading: Reading) -> ScoreParts:
    value = score(found, reading)
    best = max(found, key=lambda one: score([one], reading).place, default=None)
    return ScoreParts(
        place=_place(best, reading) if best else None,
        place_value=value.place,
        mentions=value.mentions,
        often_value=round(value.often, 3),
        tier=reading.source.tier if reading.source else None,
        tier_value=value.tier,
        total=value.total,
    )


def _place(found: Found, reading: Reading) -> TextField | None:
    if any(hit.field == TITLE for hit in found.hits):
        return "title"
    if any(map(reading.in_lead, found.hits)):
        return "lead"
    return "text" if found.hits else None


# -- whether it is let in ---------------------------------------------------------------------------------------------


def _limits(plan: Plan, reading: Reading) -> Iterator[Finding]:
    watchlist, source, language = plan.watchlist, reading.source, reading.language
    if watchlist.languages:
        admits = replace(plan, watchlist=replace(watchlist, sources=None)).admits(source, language)
        note = f"the article is in {written(language)}" if language else "its language is not known, so it is looked at"
        yield _limit("languages", ", ".join(sorted(watchlist.languages)), note, holds=admits)
    if limits := watchlist.sources:
        admits = replace(plan, watchlist=replace(watchlist, languages=frozenset())).admits(source, language)
        named = [*sorted(limits.ids), *(f"group {group}" for group in sorted(limits.groups))]
        yield _limit("sources", ", ".join(named), _origin(source), holds=admits)


def _limit(kind: str, text: str, note: str, *, holds: bool) -> Finding:
    return Finding(kind=kind, text=text, state="yes" if holds else "no", notes=(note,))


def _origin(source: Source | None) -> str:
    if source is None:
        return "its source is not known, so it is looked at"
    groups = f", of the group {listed(sorted(source.groups))}" if source.groups else ""
    return f"the article comes from {written(source.id)}{groups}"
