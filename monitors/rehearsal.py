"""The digest that a watchlist would have produced from the archive, before it goes live. Writes nothing.

It matches what is stored with the watchlist as the file has it now, whatever was found with it before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from monitors.age import BELIEVABLE, is_too_old
from monitors.digest.compose import compose
from monitors.digest.grouping import root_of
from monitors.digest.trend import DAYS, by_day, came_at, trend
from monitors.domain import Carrier
from monitors.gather import Assumed, News, gather, is_shown, stories_of
from monitors.jobs import find_matches
from monitors.preview import rule_of, slot_now
from monitors.store import archive
from monitors.store import stories as story_store
from monitors.store.coverage import coverage
from monitors.stories.grouper import WINDOW, Grouper, Place, sketch
from monitors.stories.updates import certainty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from sqlalchemy.orm import Session

    from crawler.domain import StoredArticle
    from crawler.store.database import Database
    from monitors.domain import Digest, Hit, Story, Trend, Watchlist
    from monitors.gather import Gathered
    from monitors.in_force import InForce
    from monitors.store.matches import Found, Unread
    from monitors.stories.grouper import Sketch

BATCH = 500
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """What one local day (or a week) would have brought; a story counts on each on which there was an article of it."""

    day: date
    stories: int
    articles: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many articles a clause or a source brought."""

    name: str
    articles: int
    alone: int = 0
    """Of a clause: how many articles no other clause found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a watchlist would have brought in a period. What is possible, or only related, is counted apart."""

    since: datetime
    until: datetime
    archive_from: datetime
    """When the oldest article that is there was stored."""
    looked_at: int
    """How many articles were matched."""
    too_old: int
    """How many were left out, since they were older than `max_age` when they were found."""
    already_there: int
    """How many of those found were brought by the first read of their source: what it had then, and not all of it."""
    possible: int
    related: int
    found: tuple[Found, ...]
    """Every match, in the order the articles were stored; without their texts."""
    digest: Digest
    days: tuple[Day, ...]
    weeks: tuple[Day, ...]
    """The same by weeks, each under its Monday."""
    clauses: tuple[Share, ...]
    """The most frequent first."""
    sources: tuple[Share, ...]

    @property
    def known_from(self) -> datetime:
        """From when on anything is known: the archive may be younger than what was asked for."""
        return max(self.since, self.archive_from)

    @property
    def articles(self) -> int:
        return sum(one.match.kind == "match" for one in self.found)

    @property
    def stories(self) -> int:
        return sum(story.hit.match.kind == "match" for story in self.digest.stories)

    @property
    def a_day(self) -> float:
        return self.stories / max((self.until - self.known_from) / _DAY, 1.0)

    @property
    def busiest(self) -> Day:
        return max(self.days, key=lambda day: (day.stories, day.articles))


@dataclass(slots=True)
class _Haul:
    """What is gathered while the archive is read: as much as is found, however large the archive is."""

    found: list[Found] = field(default_factory=list)
    sketches: dict[int, Sketch] = field(default_factory=dict)
    """Of those found that were never placed in a story."""
    looked_at: int = 0
    too_old: int = 0


def rehearse(
    database: Database,
    in_force: InForce,
    watchlist: Watchlist,
    *,
    since: datetime,
    now: datetime,
    step: Callable[[], None] = lambda: None,
) -> Rehearsal | None:
    """Match what came since a time with a watchlist; None if nothing is stored at all. `step` is called an article."""
    with database.read() as session:
        archive_from = archive.begins_at(session)
    if archive_from is None:
        return None
    haul = _read(database, in_force, watchlist, since, step)
    with database.read() as session:
        places = _places(session, haul)
        digest = _digest(session, in_force, watchlist, haul.found, places, since=since, now=now)
        sure = [one for one in haul.found if one.match.kind == "match"]
        kinds = Counter(one.match.kind for one in haul.found)
        known_from = max(since, archive_from)
        return Rehearsal(
            since=since,
            until=now,
            archive_from=archive_from,
            looked_at=haul.looked_at,
            too_old=haul.too_old,
            already_there=sum(one.article.already_there for one in sure),
            possible=kinds["possible"],
            related=kinds["related"],
            found=tuple(haul.found),
            digest=replace(digest, trend=_trend(digest, sure, places, known_from)),
            days=tuple(_per(1, sure, places, known_from, digest.slot)),
            weeks=tuple(_per(_WEEK, sure, places, known_from, digest.slot)),
            clauses=tuple(_clauses(sure)),
            sources=tuple(_sources(sure, in_force)),
        )


# -- reading the archive ----------------------------------------------------------------------------------------------


def _read(
    database: Database, in_force: InForce, watchlist: Watchlist, since: datetime, step: Callable[[], None]
) -> _Haul:
    """Match the archive a batch at a time; no transaction is open meanwhile."""
    alone = in_force.of(replace(in_force.configuration, watchlists=(watchlist,)))
    haul, last = _Haul(), 0
    while True:
        with database.read() as session:
            batch = archive.stored_since(session, since, after=last, limit=BATCH)
            placed = story_store.places(session, [one.article.id for one in batch])
        if not batch:
            return haul
        last = batch[-1].article.id
        for carried in _by_article(batch):
            _match(haul, alone, carried, since, placed)
            step()


def _by_article(batch: Sequence[Unread]) -> Iterable[list[Unread]]:
    articles: dict[int, list[Unread]] = {}
    for one in batch:
        articles.setdefault(one.article.id, []).append(one)
    return articles.values()


def _match(
    haul: _Haul, alone: InForce, carried: Sequence[Unread], since: datetime, placed: Mapping[int, Place]
) -> None:
    """Match an article, as the first source carried it with which it matches most surely."""
    article = carried[0].article
    if article.already_there and _at(article) < since:  # it was old when its source was first read
        return
    if is_too_old(article, alone.configuration.settings.max_age):
        haul.too_old += 1
        return
    haul.looked_at += 1
    if found := find_matches(alone, carried):
        surest = max(found, key=lambda one: certainty(one.match))
        haul.found.append(replace(surest, article=_without_text(article)))
        if article.id not in placed:
            haul.sketches[article.id] = sketch(article.article)


def _at(stored: StoredArticle) -> datetime:
    """Return when an article came. One that its source's first read brought was published long before, maybe."""
    published = stored.article.published
    if stored.already_there and published is not None and BELIEVABLE <= published <= stored.stored_at:
        return published
    return came_at(published, stored.stored_at)


def _without_text(stored: StoredArticle) -> StoredArticle:
    """Leave out what no digest shows, so that memory holds ten thousand matches too."""
    return replace(stored, article=replace(stored.article, text="", lead=""))


# -- stories ----------------------------------------------------------------------------------------------------------


def _places(session: Session, haul: _Haul) -> dict[int, Place]:
    """Return where the articles belong that were found; those that were never placed are grouped here and now."""
    known = story_store.places(session, [one.article.id for one in haul.found])
    grouper = Grouper(window=WINDOW)
    unplaced = [one.article for one in haul.found if one.article.id in haul.sketches]
    for article in sorted(unplaced, key=lambda one: (_at(one), one.id)):
        at = _at(article)
        grouper.forget(at - WINDOW)
        its = haul.sketches[article.id]
        known[article.id] = grouper.place(article.id, its, at, lambda number: story_store.text_of(session, number))
    return known


def _digest(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    found: Sequence[Found],
    places: Mapping[int, Place],
    *,
    since: datetime,
    now: datetime,
) -> Digest:
    rule, assumed = rule_of(watchlist), Assumed(nothing_told=True, places=places)
    shown = [one for one in found if is_shown(one, rule)]
    gathered = gather(session, in_force, watchlist, rule.key, News(shown), assumed=assumed)
    told = stories_of(session, in_force, watchlist, gathered)
    digest = compose(
        watchlist,
        rule,
        slot_now(in_force, rule, now),
        stories=_with_copies(told, gathered, places),
        coverage=coverage(session, in_force.sources_of(watchlist), since=since, until=now),
    )
    return replace(digest, tier=in_force.tier_of(watchlist, rule))


def _with_copies(stories: Iterable[Story], gathered: Gathered, places: Mapping[int, Place]) -> Iterable[Story]:
    """Give stories their copies that the database does not know as such: those among the matches."""
    for story, group in zip(stories, gathered.groups, strict=True):
        shown = {story.hit.article.id}
        copies = [one for one in group.every if root_of(one, places) == group.copy_of and one.article.id not in shown]
        if story.copies or not copies:
            yield story
            continue
        oldest = min([story.hit, *copies], key=lambda one: _at(one.article))
        yield replace(
            story,
            copies=tuple(_carrier(one) for one in sorted(copies, key=lambda one: _at(one.article))),
            first=None if oldest is story.hit else _carrier(oldest),
        )


def _carrier(hit: Hit) -> Carrier:
    article = hit.article.article
    at = article.published or hit.article.stored_at
    return Carrier(source_name=hit.source_name, title=article.title, url=article.url, at=at, tier=hit.tier)


# -- figures ----------------------------------------------------------------------------------------------------------


def _dated(found: Iterable[Found], places: Mapping[int, Place]) -> list[tuple[int, datetime]]:
    """Return the story and the time of each match."""
    return [
        (places[one.article.id].story if one.article.id in places else one.article.id, _at(one.article))
        for one in found
    ]


def _trend(digest: Digest, found: Sequence[Found], places: Mapping[int, Place], known_from: datetime) -> Trend | None:
    """Return the last two weeks, if as much is known."""
    zone, today = digest.slot.tzinfo or UTC, digest.slot.date()
    watched_from = known_from.astimezone(zone).date() + _DAY
    if watched_from > today - timedelta(days=DAYS - 1):
        return None
    fresh = [one for one in found if not one.article.already_there]  # as in monitors/store/trend.py
    return trend(by_day(_dated(fresh, places), zone), watched_from=watched_from, today=today)


def _per(
    length: int, found: Sequence[Found], places: Mapping[int, Place], since: datetime, until: datetime
) -> Iterable[Day]:
    """Count stories and articles for each so many local days; weeks begin on a Monday."""
    zone: tzinfo = until.tzinfo or UTC
    dated = [(story, at.astimezone(zone).date()) for story, at in _dated(found, places)]
    first = min([since.astimezone(zone).date(), *(day for _, day in dated)])
    first -= timedelta(days=first.weekday() if length == _WEEK else 0)
    stories: defaultdict[int, set[int]] = defaultdict(set)
    articles: Counter[int] = Counter()
    for story, day in dated:
        number = (day - first).days // length
        stories[number].add(story)
        articles[number] += 1
    for number in range((until.date() - first).days // length + 1):
        yield Day(first + timedelta(days=number * length), len(stories[number]), articles[number])


def _clauses(found: Iterable[Found]) -> Iterable[Share]:
    """Count what found the articles; a clause that alone found many is the one to tighten."""
    articles: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for one in found:
        clauses = one.match.clauses
        articles.update(clauses)
        alone.update(clauses if len(clauses) == 1 else ())
    return (Share(clause, number, alone[clause]) for clause, number in articles.most_common())


def _sources(found: Iterable[Found], in_force: InForce) -> Iterable[Share]:
    counted = Counter(one.source_id for one in found)
    names = {source_id: source.name for source_id, source in in_force.sources.items()}
    return (Share(names.get(source_id, source_id), number) for source_id, number in counted.most_common())
