"""Says how near to one another the sides of a pair stand, or the words of a keyword, and how often there is one."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from monitors.match.conditions import Clause
from monitors.match.explain.distances import nearest, nearest_in_unit, overlapping, tightest, units_apart
from monitors.match.explain.wording import NOT_THERE, counted, listed, places, quoted, text_at, written
from monitors.match.pairs import AtLeast, same_paragraph, same_sentence
from monitors.match.query import tree
from monitors.match.reading import TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.explain.distances import Apart
    from monitors.match.explain.explanation import Finding, State
    from monitors.match.explain.outline import ClauseOutline
    from monitors.match.reading import Hit, Reading

_UNITS = {"sentence": same_sentence, "paragraph": same_paragraph}


def combined_notes(outline: ClauseOutline, state: State, parts: Sequence[Finding], reading: Reading) -> Iterator[str]:
    if state == "possible":
        yield "only with mentions that are no more than possible"
    part = outline.part
    lacking = [one for one in (parts[:1] if outline.kind == "not near" else parts) if one.state == "no"]
    match part:
        case tree.AtLeast():
            yield _how_often(outline, part.count, reading)
        case tree.Either() if all(NOT_THERE in one.notes for one in parts):
            yield NOT_THERE
        case tree.Pair() | tree.Together() if lacking:
            yield _missing(lacking)
        case tree.Pair():
            yield from _of_pair(outline, part, reading, holds=state != "no")
        case tree.Together():
            yield from _of_words(outline, part, reading, holds=state != "no")


def _missing(lacking: Sequence[Finding]) -> str:
    """Name the parts that were not found, each with its own note."""
    if len(lacking) == 1:
        return f"{written(lacking[0].text)} is missing" + "".join(f": {note}" for note in _told(lacking[0]))
    return f"{listed([_name(one) for one in lacking])} are missing"


def _name(part: Finding) -> str:
    return written(part.text) + "".join(f" ({note})" for note in _told(part))


def _told(part: Finding) -> Sequence[str]:
    return [note for note in part.notes[:1] if note != NOT_THERE]


# -- pairs ------------------------------------------------------------------------------------------------------------


def _of_pair(outline: ClauseOutline, part: tree.Pair, reading: Reading, *, holds: bool) -> Iterator[str]:
    left, right = (side.hits(reading) for side in outline.parts)
    match part.kind:
        case "not near":
            yield from _dropped(outline, part, reading)
        case "sentence" | "paragraph" if not holds:
            yield _in_no_unit(left, right, part, reading)
        case "sentence" | "paragraph":
            found = nearest_in_unit(left, right, reading, _UNITS[part.kind])
            yield from [f"in one {part.kind}, {_shown(found, reading)}"] if found else []
        case "near" | "onear" if holds:
            found = nearest(left, right, reading, ordered=part.kind == "onear")
            yield from [f"nearest pair {_apart(found, reading)}"] if found else []
        case "near" | "onear":
            yield _too_far(left, right, part, reading)


def _too_far(left: Sequence[Hit], right: Sequence[Hit], part: tree.Pair, reading: Reading) -> str:
    in_order = part.kind == "onear"
    found = nearest(left, right, reading, ordered=in_order)
    in_any = nearest(left, right, reading) if in_order else None
    if in_any and (found is None or in_any.words <= part.distance):
        return f"only in the other order: {_apart(in_any, reading)}"
    if found is None:
        return _never_together(left, right, reading)
    return f"nearest pair {counted(found.words, 'word')} apart, {part.distance} allowed: {_shown(found, reading)}"


def _apart(found: Apart, reading: Reading) -> str:
    return f"{counted(found.words, 'word')} apart, {_shown(found, reading)}"


def _shown(found: Apart, reading: Reading) -> str:
    return quoted(text_at(found.whole, reading))


def _in_no_unit(left: Sequence[Hit], right: Sequence[Hit], part: tree.Pair, reading: Reading) -> str:
    apart = units_apart(left, right, reading, _UNITS[part.kind])
    if not apart:
        return _never_together(left, right, reading)
    return f"not in one {part.kind}; nearest {counted(apart, part.kind)} apart"


def _never_together(left: Sequence[Hit], right: Sequence[Hit], reading: Reading) -> str:
    if {hit.field for hit in left} & {hit.field for hit in right}:
        return "they are the same words, which is no pair"
    return f"in different fields: the one in {places(left, reading)}, the other in {places(right, reading)}"


def _dropped(outline: ClauseOutline, part: tree.Pair, reading: Reading) -> Iterator[str]:
    """Say how many mentions are near what they must not be near."""
    left, right = (side.hits(reading) for side in outline.parts)
    kept = set(outline.hits(reading))
    if dropped := [hit for hit in left if hit not in kept]:
        near = f"within {counted(part.distance, 'word')} of {written(part.right.text)}"
        yield f"{_how_many(len(dropped), len(left))} {near}: {_conflict(dropped, right, reading)}"


def _how_many(dropped: int, every: int) -> str:
    if dropped < every:
        return f"{dropped} of {every} mentions {'is' if dropped == 1 else 'are'}"
    return "the only mention is" if every == 1 else f"all {every} mentions are"


def _conflict(left: Sequence[Hit], right: Sequence[Hit], reading: Reading) -> str:
    if same := next(overlapping(left, right), None):
        return quoted(text_at(same, reading))
    found = nearest(left, right, reading)
    return _shown(found, reading) if found else ""


# -- words that belong together, and how often -------------------------------------------------------------------------


def _of_words(outline: ClauseOutline, part: tree.Together, reading: Reading, *, holds: bool) -> Iterator[str]:
    found = [member.hits(reading) for member in outline.parts]
    stretch = tightest(found, reading)
    if holds:
        close = stretch and stretch.words <= part.width
        shown = quoted(text_at(stretch.whole, reading)) if stretch and close else "title and lead"
        yield f"within {counted(stretch.words, 'word')}, {shown}" if stretch and close else "all in title and lead"
        return
    number = len(part.members)
    if stretch:
        far = f"its {number} words stand at nearest within {stretch.words} words, {part.width} allowed"
    else:
        far = f"no field holds all of its {number} words"
    yield f"{far}; {_not_in_head(outline, found, reading)}" if part.or_in_head else far


def _not_in_head(outline: ClauseOutline, found: Sequence[Sequence[Hit]], reading: Reading) -> str:
    absent = [
        written(member.text)
        for member, hits in zip(outline.parts, found, strict=True)
        if not any(hit.field == TITLE or reading.in_lead(hit) for hit in hits)
    ]
    return f"not all of them in title and lead: {listed(absent)} {'is' if len(absent) == 1 else 'are'} missing there"


def _how_often(outline: ClauseOutline, wanted: int, reading: Reading) -> str:
    node = outline.clause.node if isinstance(outline.clause, Clause) else None
    often = _mentions(node, reading) if isinstance(node, AtLeast) else 0
    return f"{counted(often, 'mention')}, {wanted} wanted"


def _mentions(node: AtLeast, reading: Reading) -> int:
    """Return the highest number that it would be true of: only it knows what counts as one."""
    most = len(node.part.find(reading))
    return bisect_left(range(1, most + 1), 1, key=lambda times: not replace(node, times=times).find(reading))
