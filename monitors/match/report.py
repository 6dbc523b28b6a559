"""A match as a line of JSON: what `match` writes, and `preview --format json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitors.domain import Match


def match_line(article_id: str | int | None, match: Match) -> dict[str, Any]:
    return {
        "article": article_id,
        "watchlist": match.watchlist_id,
        "kind": match.kind,
        "score": match.score,
        "sentence": match.sentence.text,
        "spans": [asdict(span) for span in match.spans],
        "resemblance": asdict(match.resemblance) if match.resemblance else None,
    }
