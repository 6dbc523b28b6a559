"""Warns of concepts that nobody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.lint.subject import Remark
from monitors.match.query.tree import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.lint.subject import Subject


def unused_concept(subject: Subject) -> Iterator[Remark]:
    used = {identifier for listed in subject.watchlists for identifier in listed.watchlist.concepts}
    used |= {leaf.concept for written in subject.queries for leaf in written.parts if isinstance(leaf, Meaning)}
    for number, concept in enumerate(subject.configuration.concepts):
        if concept.id not in used:
            yield Remark(("concepts", number), f"`{concept.id}` is used by no watchlist and by no query")


RULES = (unused_concept,)
