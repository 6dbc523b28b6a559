"""Says why a clause is true or not, and how near it came: asks the file that knows its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.match.explain.concept_notes import concept_notes
from monitors.match.explain.entity_notes import about_notes, mention_notes
from monitors.match.explain.fact_notes import fact_notes
from monitors.match.explain.pair_notes import combined_notes
from monitors.match.explain.word_notes import pattern_notes, word_notes
from monitors.match.explain.wording import OTHER_LANGUAGE, written
from monitors.match.query import tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitors.match.explain.explanation import Finding, State
    from monitors.match.explain.outline import ClauseOutline
    from monitors.match.reading import Reading


def notes(  # noqa: PLR0911  # one for each kind of part
    outline: ClauseOutline, state: State, parts: Sequence[Finding], reading: Reading
) -> Iterable[str]:
    """Say it of a clause, given what came of its parts. `reading` lets possible mentions count."""
    part, language = outline.part, outline.around.language
    if isinstance(part, tree.Fact):
        return fact_notes(part, reading)
    if isinstance(part, tree.Meaning):
        return concept_notes(part, reading)
    if language and reading.language not in {None, language}:
        return [f"{OTHER_LANGUAGE} {written(language)}; this one is in {written(reading.language or '')}"]
    match part:
        case tree.Mention():
            return mention_notes(outline, state, reading)
        case tree.About():
            return about_notes(outline, reading)
        case tree.Words():
            return word_notes(outline, reading) if state == "no" else ()
        case tree.Regex():
            return pattern_notes(outline, part, reading) if state == "no" else ()
    return combined_notes(outline, state, parts, reading)
