"""Gathers what there is to tell of the stories that matches belong to: their copies, and what was told before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitors.digest.grouping import Group, grouped, story_of, without_known, without_repeats
from monitors.domain import Carrier, Hit, Story
from monitors.store import stories as story_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from monitors.domain import DeliveryRule, Watchlist
    from monitors.in_force import InForce
    from monitors.store.matches import Found
    from monitors.store.stories import Carried, Told
    from monitors.store.updates import FoundUpdate
    from monitors.stories.grouper import Place


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell under one key."""

    matches: Sequence[Found] = ()
    updates: Sequence[FoundUpdate] = ()
    muted: int = 0
    """How many articles are not among them, since their stories are muted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Matches as groups, one a story, with what is known of each."""

    groups: tuple[Group, ...]
    repeats: int
    """How many matches are copies of what was told before, and for that in no group."""
    told: Mapping[int, Told]
    """What was told before, by story."""
    updates: Mapping[int, Sequence[FoundUpdate]]
    """What is to be told of edits, by article."""

    def updates_of(self, group: Group) -> list[FoundUpdate]:
        """Return what is to be told of edits in a story, in the order they were seen."""
        edited = {hit.article.id for hit in group.every}
        updates = (update for article_id in edited for update in self.updates.get(article_id, ()))
        return sorted(updates, key=lambda one: one.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What a look at a digest assumes beside what the database says."""

    anew: int | None = None
    """A message that counts as not sent, so that what it told is told anew."""
    nothing_told: bool = False
    """Whether nothing was ever told, so that all is."""
    places: Mapping[int, Place] = field(default_factory=dict)
    """Where articles belong that were never placed."""


NOTHING_ASSUMED = Assumed()


def gather(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    key: str,
    news: News,
    *,
    repeats: bool = True,
    assumed: Assumed = NOTHING_ASSUMED,
) -> Gathered:
    """Group matches into stories, with or without copies of what was told before, and with those that were edited."""
    of_article: dict[int, list[FoundUpdate]] = defaultdict(list)
    for update in news.updates:
        of_article[update.found.article.id].append(update)
    hits = [hit_of(in_force, one) for one in news.matches]
    edited = [hit_of(in_force, some[0].found) for some in of_article.values()]
    known = dict(assumed.places) | story_store.places(session, [hit.article.id for hit in (*hits, *edited)])
    stories = {story_of(hit, known) for hit in (*hits, *edited)}
    summarized = watchlist.first_run == "summarize"
    told: Mapping[int, Told] = {}
    if not assumed.nothing_told:
        told = story_store.told(session, watchlist.id, key, stories, summarized=summarized, anew=assumed.anew)
    copies_of = {story: before.copies_of for story, before in told.items() if before.copies_of}
    related_to = {story: before.related_to for story, before in told.items()}
    hits = without_known(hits, known, copies_of)
    new = hits if repeats else without_repeats(hits, known, copies_of, related_to)
    shown = {hit.article.id: hit for hit in (*new, *edited)}
    groups = grouped(shown.values(), known, prefer=watchlist.stories.prefer)
    again = sum(hit.article.id not in shown for hit in hits)
    return Gathered(groups=groups, repeats=again, told=told, updates=of_article)


def is_shown(found: Found, rule: DeliveryRule) -> bool:
    """Tell whether a digest shows a match: what is related only where the rule wants any, and as long as it is."""
    return not found.match.is_related or (rule.max_related > 0 and found.lost_at is None)


def stories_of(session: Session, in_force: InForce, watchlist: Watchlist, gathered: Gathered) -> list[Story]:
    """Return the stories as they are told, each with all its copies, those that did not match too."""
    roots = [group.copy_of for group in gathered.groups]
    copies = story_store.carried(session, roots, in_force.sources_of(watchlist))
    return [_story(in_force, group, copies.get(group.copy_of, ()), gathered) for group in gathered.groups]


def _story(in_force: InForce, group: Group, copies: Sequence[Carried], gathered: Gathered) -> Story:
    told = gathered.told.get(group.story)
    shown = group.shown.article.id
    first = _carrier(in_force, copies[0]) if copies and copies[0].article_id != shown else None
    return Story(
        id=group.story,
        hit=group.shown,
        copies=tuple(_carrier(in_force, one) for one in copies if one.article_id != shown),
        first=first,
        others=group.others,
        told_at=told.at if told else None,
        updates=tuple(one.update for one in gathered.updates_of(group)),
    )


def hit_of(in_force: InForce, found: Found) -> Hit:
    source = in_force.sources.get(found.source_id)
    name = source.name if source else found.article.article.site or found.source_id
    tier = source.tier if source else None
    return Hit(match=found.match, article=found.article, source_name=name, tier=tier, lost_at=found.lost_at)


def _carrier(in_force: InForce, carried: Carried) -> Carrier:
    source = in_force.sources[carried.source_id]
    return Carrier(source_name=source.name, title=carried.title, url=carried.url, at=carried.at, tier=source.tier)
