"""Decides what an edit of an article changes for those who are told of it, and which passages show that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.changes import substance
from monitors.text.passages import ANYTHING, MOST, Wanted, changes_worth_telling, cut, passages
from monitors.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crawler.changes import Change
    from crawler.domain import Article, StoredArticle
    from monitors.domain import Diff, Match, UpdateKind
    from monitors.text.word_diff import Pieces

MOST_WORDS = 20
"""Of a match, for which the changed passages are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All that was changed in an article since it was read last."""

    article: StoredArticle
    """As it is now."""
    before: Article
    """As it was when it was read last."""
    at: datetime
    """When the last of the changes was seen."""
    version: int
    """That the last of the changes left behind."""
    sources: tuple[str, ...]
    """The ids of those that carried it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an edit comes to under one watchlist."""

    watchlist_id: str
    before: Match | None
    """What the watchlist, as it is now, finds in the article as it was, the surest."""
    after: Mapping[str, Match]
    """What it finds in the article as it is, by the id of the source that carries it."""
    diffs: Mapping[UpdateKind, tuple[Diff, ...]]
    """Of each kind of update that this may be, what shows it."""


def update_kinds(
    *, before: Match | None, known: Match | None, after: Match | None, change: Change | None
) -> tuple[UpdateKind, ...]:
    """Return what an edit changes of a match: what was found, what is known to readers, and what is found now.

    A watchlist may have changed as well since the article was read. That is no edit: only what the watchlist as it is
    now finds in the one wording, and not in the other, was gained or lost by the edit. What is only related counts as
    nothing: it is no news when it comes, and when it goes.
    """
    was, is_now, told = certainty(before), certainty(after), certainty(known)
    if is_now > told:
        return ("gained",) if is_now > was else ()
    if not is_now:
        return ("lost",) if told and was else ()
    return _still_found(change)


def _still_found(change: Change | None) -> tuple[UpdateKind, ...]:
    headline: tuple[UpdateKind, ...] = ("headline",) if change and change.title else ()
    return (*headline, "correction") if change and change.correction else headline


def surest(matches: Mapping[str, Match], preferred: str | None = None) -> str | None:
    """Return by which source a match is surest; where several are as sure, the preferred one or else the first."""
    best = max(map(certainty, matches.values()), default=0)
    sure = [source_id for source_id, match in matches.items() if certainty(match) == best]
    return preferred if preferred in sure else next(iter(sure), None)


def certainty(match: Match | None) -> int:
    """Return how sure a match is: 2 sure, 1 possible, 0 none or only related."""
    if match is None or match.is_related:
        return 0
    return 2 if match.kind == "match" else 1


@dataclass(frozen=True, slots=True)
class Changed:
    """What was changed, compared once for all the watchlists that it concerns."""

    change: Change | None
    title: tuple[Diff, ...]
    """The headline, if it was changed."""
    paragraphs: tuple[Pieces, ...]

    @classmethod
    def of(cls, edit: Edit, change: Change | None) -> Changed:
        before, after = edit.before, edit.article.article
        title = (cut(word_diff(*change.title)),) if change and change.title else ()
        return cls(change, title, changes_worth_telling(_body(before), _body(after), _differ))

    def diffs(self, before: Match | None, after: Match | None) -> dict[UpdateKind, tuple[Diff, ...]]:
        """Return, for each kind of update that this may be, the headline and the passages that show it."""
        diffs: dict[UpdateKind, tuple[Diff, ...]] = {}
        if certainty(after) > certainty(before) and after:
            diffs["gained"] = (*self.title, *passages(self.paragraphs, Wanted(_words(after), "come")))
        if before and certainty(before) and not certainty(after):
            diffs["lost"] = (*self.title, *passages(self.paragraphs, Wanted(_words(before), "gone")))
        return diffs | self._of_its_own(_still_found(self.change) if certainty(after) else ())

    def _of_its_own(self, kinds: tuple[UpdateKind, ...]) -> dict[UpdateKind, tuple[Diff, ...]]:
        """Return what shows a new headline and a correction, neither what the other does."""
        diffs: dict[UpdateKind, tuple[Diff, ...]] = {}
        if "headline" in kinds:
            rest = () if "correction" in kinds else passages(self.paragraphs, ANYTHING, most=MOST - 1)
            diffs["headline"] = (*self.title, *rest)
        if "correction" in kinds and self.change:
            diffs["correction"] = passages(sorted(self.paragraphs, key=self._corrects))
        return diffs

    def _corrects(self, pieces: Pieces) -> bool:
        """Sort the paragraph that calls itself a correction before the others."""
        come = substance("".join(text for text, what in pieces if what != "gone"))
        return not (self.change and self.change.correction and come.startswith(self.change.correction))


def _body(article: Article) -> str:
    return f"{article.lead}\n{article.text}" if article.lead else article.text


def _differ(was: str, is_now: str) -> bool:
    return substance(was) != substance(is_now)


def _words(match: Match) -> tuple[str, ...]:
    """Return the words that made a match, as they stand in the article; facts about it stand nowhere."""
    words = dict.fromkeys(span.text for span in match.spans if span.field in {"title", "lead", "text"} and span.text)
    return tuple(words)[:MOST_WORDS]
