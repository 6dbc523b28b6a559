"""Tells why a watchlist matches an article, or why not and how near it came: what decides is also what explains."""

from __future__ import annotations

from monitors.match.explain.explainer import Explainer, explain
from monitors.match.explain.explanation import Explanation, Finding, ScoreParts
from monitors.match.explain.telling import why

__all__ = ["Explainer", "Explanation", "Finding", "ScoreParts", "explain", "why"]
