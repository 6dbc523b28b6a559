"""Shows an explanation on a terminal: a verdict, its reason, and the tree of what was looked for and what was found."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from monitors.digest import words
from monitors.digest.inert import plain, shorten
from monitors.match.explain.wording import NOT_THERE, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from crawler.domain import Article, Source
    from monitors.domain import Match, Watchlist
    from monitors.match.explain import Explanation, Finding, ScoreParts
    from monitors.match.explain.explanation import State, Verdict

MOST_SPELLINGS = 3
MOST_DEEP = 12
"""Parts inside of each other; what is deeper would leave no room on a line."""
LONGEST_CLAUSE = 300
LONGEST_WHY = 160


_VERDICTS: dict[Verdict, tuple[str, str]] = {
    "match": ("✓ MATCH", "bold green"),
    "possible": ("? POSSIBLE MATCH", "bold yellow"),
    "related": ("≈ RELATED", "bold cyan"),
    "no": ("✗ NO MATCH", "bold red"),
}
_WHY: dict[Verdict, str] = {"possible": "Only possible", "related": "Only related"}
_MARKS: dict[State, str] = {"yes": "✓ yes", "possible": "? possible", "no": "✗ no"}
_NAMED = {
    "keywords": "keywords: ",
    "entities": "entities: ",
    "all": "all: ",
    "none": "none: ",
    "languages": "languages: ",
    "sources": "sources: ",
    "either": "one of: ",
    "all of": "all of: ",
}
_QUERIES = {"query": "query", "named query": "named query "}
_LIMITS = {"languages", "sources"}
_CHOICES = {"some", "keywords", "entities", "either"}
_PLACES = {"title": "in the title ", "lead": "in the lead ", "text": "in the text "}
_FORBIDDEN = "not found, as wanted"


def verdict(
    explanation: Explanation, watchlist: Watchlist, article: Article, source: Source | None
) -> Iterator[RenderableType]:
    """Say what came of it and why, in a few lines."""
    word, style = _VERDICTS[explanation.verdict]
    yield Text.assemble((word, style), f"  {shorten(watchlist.name, LONGEST_CLAUSE)} ({plain(watchlist.id)})")
    yield _indented(Text(shorten(article.title, LONGEST_CLAUSE) or "(no title)", style="bold"))
    if known := " · ".join(plain(one) for one in _known(article, source) if one):
        yield _indented(Text(known, style="dim"))
    yield Text()
    if explanation.first_failure:
        why = _WHY.get(explanation.verdict, "Why not")
        yield Text.assemble((f"{why}: ", "bold"), plain(explanation.first_failure))
    if explanation.match:
        yield from _sentence(explanation.match)
        yield from _resemblance(explanation.match)
    if explanation.score:
        yield _score(explanation.score)
    yield Text()


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)


def _known(article: Article, source: Source | None) -> Iterator[str | None]:
    yield article.url
    yield f"{article.published:%Y-%m-%d}" if article.published else None
    yield article.language
    yield f"from {source.id}" if source else None


def _sentence(match: Match) -> Iterator[Text]:
    if match.sentence.text:
        pieces = [(plain(piece), "bold underline" if hit else "") for piece, hit in match.marked()]
        yield Text.assemble(("Found: ", "bold"), "“", *pieces, f"” ({match.sentence.field})")


def _resemblance(match: Match) -> Iterator[Text]:
    if match.resemblance:
        told = f"{words.resembles(match.resemblance)} (score {match.resemblance.score:.3g}, {match.resemblance.tier})"
        yield Text.assemble(("Related: " if match.is_related else "Concept: ", "bold"), told)


def _score(score: ScoreParts) -> Text:
    place = f"best place: {score.place or 'a fact'}"
    often = f"{score.mentions:g} mention{'' if score.mentions == 1 else 's'}"
    tier = f"source of tier {score.tier}" if score.tier else "source without a tier"
    added = f"{score.place_value:.3g} ({place}) + {score.often_value:.3g} ({often}) + {score.tier_value:.3g} ({tier})"
    return Text.assemble(("Score: ", "bold"), f"{score.total:.3g} = {added}")


def summary(explanation: Explanation) -> tuple[Text, ...]:
    """Say it in a line: the verdict, the score, the watchlist, and what was found or failed."""
    word, style = _VERDICTS[explanation.verdict]
    match = explanation.match
    why = explanation.first_failure or (", ".join(match.clauses) if match else "")
    if match and match.is_related and match.resemblance:
        why = words.resembles(match.resemblance)
    score = f"{match.score:.3g}" if match else ""
    told = score, plain(explanation.watchlist_id), shorten(why, LONGEST_WHY)
    return Text(word.lower(), style), *map(Text, told)


# -- the tree ---------------------------------------------------------------------------------------------------------


def tree(explanation: Explanation) -> Tree:
    root = Tree(Text("What was looked for", style="bold"), guide_style="dim")
    related = [explanation.related] if explanation.related else []
    for part in (*explanation.limits, *explanation.tree.parts, *related):
        _grow(root, _line(part, wanted=True), depth=1)
    return root


class _Line(NamedTuple):
    """A finding as a line of the tree, and what stands below it."""

    state: State
    wanted: bool
    """Whether its being true speaks for a match."""
    text: str
    notes: tuple[str, ...] = ()
    parts: tuple[_Line, ...] = ()
    matters: bool = True
    """False where another alternative suffices."""
    is_plain: bool = False
    """Whether it is a word or a few that may share a line with others."""


def _grow(branch: Tree, line: _Line, *, depth: int) -> None:
    added = branch.add(_label(line))
    if line.parts and depth == MOST_DEEP:
        added.add(Text("… there is more: --json tells it", style="dim"))
        return
    for part in _together(line.parts):
        _grow(added, part, depth=depth + 1)


def _label(line: _Line) -> Text:
    good = line.wanted == (line.state == "yes")
    style = "yellow" if line.state == "possible" else "green" if good else "red" if line.matters else "dim"
    told = f": {plain('; '.join(line.notes))}" if line.notes else ""
    text = shorten(line.text, LONGEST_CLAUSE)
    return Text.assemble((_MARKS[line.state], style), f"  {text}", (told, "" if style == "red" else "dim"))


def _together(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Put lines on one where nothing is to be said of each but the same."""
    for (_, _, _, quiet), alike in groupby(lines, key=_shape):
        first, *others = alike
        if quiet:
            yield first._replace(text=", ".join(line.text for line in (first, *others)))
        else:
            yield from (first, *others)


def _shape(line: _Line) -> tuple[State, bool, tuple[str, ...], bool]:
    return line.state, line.wanted, line.notes, line.is_plain and line.notes in {(NOT_THERE,), (_FORBIDDEN,)}


def _line(finding: Finding, *, wanted: bool) -> _Line:
    if finding.kind == "not":
        return _forbidden(finding, wanted=wanted)
    if finding.kind in _QUERIES:
        inner = _line(finding.parts[0], wanted=wanted)
        return inner._replace(text=f"{_QUERIES[finding.kind]}{finding.text}: {inner.text}", is_plain=False)
    parts = () if _says_it_all(finding) else finding.parts
    lines = (_line(part, wanted=wanted != _is_avoided(finding, number)) for number, part in enumerate(parts))
    if finding.kind in _CHOICES and finding.state == "yes":
        lines = (line if line.state == "yes" else line._replace(matters=False) for line in lines)
    name = _NAMED.get(finding.kind, "") if parts or finding.kind in _LIMITS else ""
    notes = (*_found(finding, parts), *finding.notes)
    is_plain = finding.kind == "words"
    return _Line(finding.state, wanted, f"{name}{finding.text}", notes, tuple(lines), is_plain=is_plain)


def _says_it_all(finding: Finding) -> bool:
    """Whether its parts add nothing: one of several words that was found, or words of which none was."""
    if finding.kind == "either" and finding.spans:
        return not any(part.parts for part in finding.parts)
    return bool(finding.notes) and all(part.notes == (NOT_THERE,) for part in finding.parts)


def _is_avoided(finding: Finding, number: int) -> bool:
    return finding.kind == "not near" and number == 1


def _forbidden(finding: Finding, *, wanted: bool) -> _Line:
    (inner,) = finding.parts
    notes = finding.notes
    if finding.state == "yes":
        notes = () if inner.parts else tuple(note for note in inner.notes if note != NOT_THERE)
    below = (_line(inner, wanted=not wanted),) if finding.state == "no" and inner.parts else ()
    return _Line(finding.state, wanted, finding.text, notes or (_FORBIDDEN,), below, is_plain=not below)


def _found(finding: Finding, parts: Sequence[Finding]) -> Iterator[str]:
    """Say what was found where, unless its parts say it."""
    if parts or not finding.spans:
        return
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for span in finding.spans:
        places[_PLACES.get(span.field, "")][quoted(span.text)] += 1
    yield "; ".join(place + _spelled(spellings) for place, spellings in places.items())


def _spelled(spellings: Counter[str]) -> str:
    named = [f"{text} ({often}×)" if often > 1 else text for text, often in spellings.most_common(MOST_SPELLINGS)]
    return ", ".join([*named, "…"] if len(spellings) > MOST_SPELLINGS else named)
