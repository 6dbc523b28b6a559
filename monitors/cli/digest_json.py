"""A digest, and what a watchlist would have brought, as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from monitors.match.report import match_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.domain import Coverage, Digest, Hit, Story, Trend
    from monitors.rehearsal import Rehearsal
    from monitors.store.matches import Found


def digest_json(digest: Digest, found: Iterable[Found]) -> dict[str, Any]:
    """Return a digest with every match behind it."""
    return {
        "watchlist": digest.watchlist.id,
        "slot": digest.slot.isoformat(),
        "stories": [_story(story) for story in digest.stories],
        "related_left_out": digest.left_out,
        "repeats": digest.repeats,
        "matches": [
            {
                **match_line(one.article.id, one.match),
                "url": one.article.article.url,
                "title": one.article.article.title,
                "source": one.source_id,
                "already_there": one.article.already_there,
            }
            for one in found
        ],
        "trend": _trend(digest.trend) if digest.trend else None,
        "coverage": _coverage(digest.coverage),
    }


def rehearsal_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return what there is to say of a period beside its digest."""
    return {
        "since": rehearsal.since,
        "archive_from": rehearsal.archive_from,
        "articles_looked_at": rehearsal.looked_at,
        "too_old": rehearsal.too_old,
        "possible": rehearsal.possible,
        "related": rehearsal.related,
        "stories_a_day": round(rehearsal.a_day, 3),
        "days": [{"day": one.day, "stories": one.stories, "articles": one.articles} for one in rehearsal.days],
        "clauses": [{"clause": one.name, "articles": one.articles, "alone": one.alone} for one in rehearsal.clauses],
        "sources": [{"source": one.name, "articles": one.articles} for one in rehearsal.sources],
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        **_shown(story.hit),
        "first": story.first.source_name if story.first else None,
        "copies": [{"source": one.source_name, "url": one.url} for one in story.copies],
        "others": [_shown(hit) for hit in story.others],
        "told_at": story.told_at,
        "updates": [{"kind": one.kind, "at": one.at, "url": one.url} for one in story.updates],
    }


def _shown(hit: Hit) -> dict[str, Any]:
    return {"article": hit.article.id, "kind": hit.match.kind, "score": hit.match.score}


def _trend(trend: Trend) -> dict[str, Any]:
    return asdict(trend)


def _coverage(coverage: Coverage) -> dict[str, Any]:
    silent = [
        {
            "name": one.name,
            "last_new_at": one.last_new_at,
            "usual_s": one.usual.total_seconds() if one.usual else None,
            "why": one.why,
        }
        for one in coverage.silent
    ]
    return {**asdict(coverage), "silent": silent}
