"""Lays a watchlist out for explaining: every part with what it compiles to by itself, the parts around it given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from monitors.match.compile import Around, Compiler, within
from monitors.match.keywords import read_keyword
from monitors.match.query import tree
from monitors.match.words import wildcard_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.domain import Keyword, Watchlist
    from monitors.match.conditions import Condition
    from monitors.match.entities import Roster
    from monitors.match.lexicon import Term
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

How = Literal["any", "all", "not", "clause"]
"""How a part is decided: by its own parts, or as a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One part of a watchlist."""

    kind: str
    text: str
    how: How
    parts: tuple[Outline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseOutline(Outline):
    """A part that is looked for as a whole, such as a word or two that are near each other."""

    part: tree.Part
    around: Around
    clause: Condition
    parts: tuple[ClauseOutline, ...] = ()
    anywhere: Node | None = None
    """The same without the limits of the parts around it: in all fields, in all languages."""
    looser: Node | None = None
    """Of words: in any case, and inflected."""

    def hits(self, reading: Reading) -> Sequence[Hit]:
        return [hit for one in self.clause.find(reading) or () for hit in one.hits]


def outline(watchlist: Watchlist, roster: Roster) -> Outline:
    """Lay out all that a watchlist asks for.

    Raises:
        ConfigError: it asks for an entity that there is not.
    """
    draw = _Drawing(Compiler(roster))
    groups = [
        _group("keywords", "any", [draw.keyword(one) for one in watchlist.keywords]),
        _group("query", "all", [draw.part(watchlist.query, Around())] if watchlist.query else []),
        _group("entities", "any", [draw.part(_mention(entity), Around()) for entity in watchlist.entities]),
        _group("concepts", "any", [draw.part(_meaning(concept), Around()) for concept in watchlist.concepts]),
    ]
    some = [one for one in groups if one.parts]
    wanted = some if len(some) <= 1 else [_group("some", "any", some)]
    wanted += [
        _group("all", "all", [draw.keyword(one) for one in watchlist.all]),
        _group("none", "all", [_forbidden(draw.keyword(one)) for one in watchlist.none]),
    ]
    return _group("watchlist", "all", [one for one in wanted if one.parts], watchlist.name)


def terms(root: Outline) -> Iterator[Term]:
    """Yield every term that an explanation may look for beyond those of the watchlist."""
    if isinstance(root, ClauseOutline) and root.looser:
        yield from root.looser.terms()
    for part in root.parts:
        yield from terms(part)


def _mention(entity: str) -> tree.Mention:
    return tree.Mention(text=f"entity:{entity}", entity=entity)


def _meaning(concept: str) -> tree.Meaning:
    return tree.Meaning(text=f"concept:{concept}", concept=concept)


_GROUPS = {
    "some": "one of keywords, query, entities and concepts",
    "keywords": "one of them",
    "query": "",
    "entities": "one of them",
    "concepts": "one of them",
    "all": "every one of them",
    "none": "not one of them",
}


def _group(kind: str, how: How, parts: Sequence[Outline], text: str | None = None) -> Outline:
    return Outline(kind=kind, text=_GROUPS[kind] if text is None else text, how=how, parts=tuple(parts))


def _forbidden(keyword: Outline) -> Outline:
    return Outline(kind="not", text=keyword.text, how="not", parts=(keyword,))


class _Drawing:
    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler

    def keyword(self, keyword: Keyword) -> Outline:
        return replace(self.part(read_keyword(keyword), Around()), text=_written(keyword))

    def part(self, part: tree.Part, around: Around) -> Outline:  # noqa: PLR0911  # one for each kind of part
        """Lay out a part of a query that is true or not."""
        match part:
            case tree.Either():
                return self._of(part, "any", around)
            case tree.Both():
                return self._of(part, "all", around)
            case tree.Not():
                return self._of(part, "not", replace(around, wanted=not around.wanted))
            case tree.Reference(query=query) if query is not None:
                return self._of(part, "all", around)
            case tree.In() | tree.First() | tree.Weighted() | tree.InTongue():
                return replace(self.part(part.part, within(part, around)), text=part.text)
            case tree.Fact() | tree.Meaning():
                clause = self._compiler.condition(part, around)
                kind = _kind(part)
                return ClauseOutline(kind=kind, text=part.text, how="clause", part=part, around=around, clause=clause)
        return self.placed(part, around)

    def placed(self, part: tree.Part, around: Around) -> ClauseOutline:
        """Lay out a part of which it counts where it stands."""
        if isinstance(part, tree.In | tree.First | tree.Weighted | tree.InTongue):
            return replace(self.placed(part.part, within(part, around)), text=part.text)
        clause = self._compiler.clause(part, around)
        sides = _around_sides(part, around)
        return ClauseOutline(
            kind=_kind(part),
            text=part.text,
            how="clause",
            part=part,
            around=around,
            clause=clause,
            parts=tuple(self.placed(one, side) for one, side in zip(part.parts, sides, strict=True)),
            anywhere=None if part.parts else self._compiler.node(part, Around(wanted=around.wanted)),
            looser=wildcard_phrase(part.words, inflected=True) if isinstance(part, tree.Words) else None,
        )

    def _of(self, part: tree.Part, how: How, around: Around) -> Outline:
        parts = tuple(self.part(one, around) for one in part.parts)
        return Outline(kind=_kind(part), text=part.text, how=how, parts=parts)


def _around_sides(part: tree.Part, around: Around) -> Sequence[Around]:
    if isinstance(part, tree.Pair) and part.kind == "not near":
        return around, replace(around, wanted=not around.wanted)
    return [around] * len(part.parts)


def _kind(part: tree.Part) -> str:
    return part.kind if isinstance(part, tree.Pair) else _KINDS[type(part)]


_KINDS: dict[type[tree.Part], str] = {
    tree.Words: "words",
    tree.Regex: "regex",
    tree.Mention: "entity",
    tree.About: "about",
    tree.Meaning: "concept",
    tree.Fact: "fact",
    tree.Reference: "named query",
    tree.Either: "either",
    tree.Both: "all of",
    tree.Not: "not",
    tree.Together: "together",
    tree.AtLeast: "at least",
}


def _written(keyword: Keyword) -> str:
    options = [
        *(["case_sensitive"] if keyword.case_sensitive else []),
        *(["exact"] if keyword.exact else []),
        *([f"lang: {keyword.lang}"] if keyword.lang else []),
    ]
    return f"{keyword.text} ({', '.join(options)})" if options else keyword.text
