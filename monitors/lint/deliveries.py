"""Warns of what nobody will ever hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.lint.subject import Remark
from monitors.match.query.tree import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.lint.subject import Subject


def watchlist_that_tells_nobody(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        if not listed.watchlist.deliver:
            yield Remark((*listed.place, "deliver"), "is missing: nobody is told of what is found")


def unused_query(subject: Subject) -> Iterator[Remark]:
    used = {
        part.name
        for listed in subject.watchlists
        if listed.watchlist.query
        for part in listed.watchlist.query.walk()
        if isinstance(part, Reference)
    }
    for name in subject.configuration.queries:
        if name not in used:
            yield Remark(("queries", name), "is used by no watchlist")


RULES = (watchlist_that_tells_nobody, unused_query)
