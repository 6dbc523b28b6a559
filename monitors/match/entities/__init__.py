"""Finds the people, organisations and places that are meant, and tells them from their namesakes."""

from __future__ import annotations

from monitors.match.entities.roster import Roster

__all__ = ["Roster"]
