"""Groups the articles that matched into stories: of copies one is shown, and of an event the best of its articles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.digest.compose import KINDS, best_first

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from typing import Literal

    from monitors.domain import Hit
    from monitors.stories.grouper import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What there is to tell of one story."""

    story: int
    shown: Hit
    copy_of: int
    """What the shown article is a copy of: itself, if it is none."""
    others: tuple[Hit, ...]
    """One of each other group of copies, best first."""
    every: tuple[Hit, ...]
    """All of them, copies too."""


def grouped(hits: Iterable[Hit], places: Mapping[int, Place], *, prefer: Literal["first", "tier"]) -> tuple[Group, ...]:
    """Return hits as stories, in the order in which those come up. One that has no place is a story of its own."""
    stories: dict[int, dict[int, list[Hit]]] = defaultdict(lambda: defaultdict(list))
    for hit in hits:
        stories[story_of(hit, places)][root_of(hit, places)].append(hit)
    return tuple(_group(story, copies, prefer) for story, copies in stories.items())


def story_of(hit: Hit, places: Mapping[int, Place]) -> int:
    place = places.get(hit.article.id)
    return place.story if place else hit.article.id


def root_of(hit: Hit, places: Mapping[int, Place]) -> int:
    """Return the article that a hit's article is a copy of, which may be itself."""
    place = places.get(hit.article.id)
    return place.copy_of if place and place.copy_of is not None else hit.article.id


def without_known(hits: Iterable[Hit], places: Mapping[int, Place], known: Container[int]) -> list[Hit]:
    """Return the hits but for those that are only related, on stories of which readers know more."""
    return [hit for hit in hits if not (hit.match.is_related and story_of(hit, places) in known)]


def without_repeats(
    hits: Iterable[Hit],
    places: Mapping[int, Place],
    told: Mapping[int, Container[int]],
    related: Mapping[int, Container[int]],
) -> list[Hit]:
    """Return the hits but for copies of what was told before, by story, or told as `related` and no more than that.

    What matches is no repeat of what was only related.
    """

    def is_repeat(hit: Hit) -> bool:
        story, root = story_of(hit, places), root_of(hit, places)
        return root in told.get(story, ()) or (hit.match.is_related and root in related.get(story, ()))

    return [hit for hit in hits if not is_repeat(hit)]


def _group(story: int, copies: Mapping[int, Sequence[Hit]], prefer: Literal["first", "tier"]) -> Group:
    chosen = {root: _preferred(group, prefer) for root, group in copies.items()}
    roots = sorted(chosen, key=lambda root: best_first(chosen[root])) if len(chosen) > 1 else list(chosen)
    return Group(
        story=story,
        shown=chosen[roots[0]],
        copy_of=roots[0],
        others=tuple(chosen[root] for root in roots[1:]),
        every=tuple(hit for group in copies.values() for hit in group),
    )


def _preferred(copies: Sequence[Hit], prefer: Literal["first", "tier"]) -> Hit:
    """Return which of some copies is shown: among those that match most surely, the first or of the best tier."""

    def rank(hit: Hit) -> tuple[bool, int, float, float, int]:
        tier = hit.tier if prefer == "tier" and hit.tier is not None else float("inf")
        at = hit.article.article.published or hit.article.stored_at
        return hit.lost_at is not None, KINDS.index(hit.match.kind), tier, at.timestamp(), hit.article.id

    return min(copies, key=rank) if len(copies) > 1 else copies[0]
