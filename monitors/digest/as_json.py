"""Renders a message as JSON for programs: all of it, in plain words, with links that are safe.

What a program may rely on are the models here; docs/webhook.schema.json is made of them. A field is never taken away
and never means something else without a new VERSION; new ones may come.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt

from crawler.health import State
from monitors.digest import pieces
from monitors.digest.inert import plain, shorten, web_link
from monitors.digest.pieces import Mark, unmarked
from monitors.digest.view import View, view
from monitors.domain import (
    Again,
    Alert,
    Digest,
    FieldName,
    HoldReason,
    MatchKind,
    Notice,
    RoundUp,
    Tier,
    UpdateKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.digest.pieces import Pieces
    from monitors.domain import (
        AlreadyThere,
        Carrier,
        Coverage,
        Hit,
        Match,
        Message,
        Resemblance,
        Story,
        Trend,
        Update,
        Watchlist,
    )

VERSION = 1

_TITLE, _NAME, _SENTENCE, _CLAUSE = 500, 120, 1_000, 300
_MOST_SPANS, _MOST_CLAUSES, _MOST_COPIES, _MOST_OTHERS, _MOST_UPDATES, _MOST_SOURCES = 50, 50, 50, 10, 10, 100


def in_utc(at: datetime) -> datetime:
    """Tell an hour so that it sorts: a page may well say it is of the year 1 or 9999."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(in_utc)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Piece(Part):
    """A piece of a passage. Joined, the pieces are the passage."""

    text: str
    mark: Mark
    """`hit`: it made a clause true; `gone` and `come`: an edit took it away, or put it there."""


class Found(Part):
    """What made a clause true."""

    clause: str
    """As the author of the watchlist wrote it."""
    field: FieldName
    start: int
    """From which character of the field, in Unicode code points."""
    end: int
    text: str


class ResemblanceItem(Part):
    """Why an article is held to mean what a watchlist is about, though it does not say it."""

    score: float
    """From 0 to 1; from .5 on it is told."""
    similarity: float
    """The cosine between what is meant and the sentence that comes nearest to it; 0 where only words were compared."""
    terms: tuple[str, ...]
    """The words of the article that are of what is meant, the rarest first."""
    tier: Tier


class Item(Part):
    """An article that matched."""

    title: str
    url: str | None
    """None where it is not a plain address of the web."""
    source: str
    tier: int | None
    published: Moment | None
    found: Moment
    language: str | None
    kind: MatchKind
    score: float
    sentence: tuple[Piece, ...]
    """The sentence that shows best why it matched."""
    clauses: tuple[str, ...]
    """Those that were true."""
    spans: tuple[Found, ...]
    lost_at: Moment | None
    """Since when, by an edit, it does not match any more."""
    resemblance: ResemblanceItem | None
    """Of what is related, why it is."""


class CopyItem(Part):
    """A near-identical text."""

    title: str
    url: str | None
    source: str
    tier: int | None
    at: Moment


class UpdateItem(Part):
    """An edit of an article."""

    kind: UpdateKind
    at: Moment
    title: str
    url: str | None
    diffs: tuple[tuple[Piece, ...], ...]


class StoryItem(Part):
    """Articles about one event."""

    id: int
    article: Item
    copies_count: NonNegativeInt
    copies: tuple[CopyItem, ...]
    """The oldest of them, at most 50."""
    first: CopyItem | None
    """Who had it first, where that is not the article shown."""
    others_count: NonNegativeInt
    others: tuple[Item, ...]
    """The best of the other articles on it, at most 10."""
    updates: tuple[UpdateItem, ...]
    told_at: Moment | None
    """When the same readers were last told of it."""
    again: Again | None
    """Why it is told again at once."""


class Before(Part):
    """What was there before anybody watched."""

    count: NonNegativeInt
    newest: tuple[Item, ...]


class WatchlistItem(Part):
    id: str
    name: str
    owner: str | None


class TrendItem(Part):
    """Stories a day, the oldest day first; the last is today so far."""

    counts: tuple[NonNegativeInt, ...]
    last_day: date
    usual: float | None
    far_above: bool


class Trouble(Part):
    """A source of which less came than should."""

    name: str
    state: Literal["failing", "gone", "silent"]
    since: Moment | None
    why: str


class PauseItem(Part):
    """When nothing was read."""

    since: Moment
    until: Moment | None
    why: Literal["stopped", "offline"]


class Receipt(Part):
    """What was looked at, so that silence means that nothing happened."""

    since: Moment
    until: Moment
    sources: NonNegativeInt
    sources_due: NonNegativeInt
    sources_read: NonNegativeInt
    articles: NonNegativeInt
    bodies_missing: NonNegativeInt
    troubles: tuple[Trouble, ...]
    troubles_count: NonNegativeInt
    new: tuple[str, ...]
    not_yet: tuple[str, ...]
    pauses: tuple[PauseItem, ...]


class Body(Part):
    """What every message has."""

    version: Literal[1] = 1
    id: str
    """The same for every try: what was seen before need not be read again."""
    timestamp: Moment
    """When it was composed for; not when it was sent."""
    subject: str
    """The message in one line."""


class AlertBody(Body):
    """One story, or what was there before anybody watched."""

    type: Literal["alert"] = "alert"
    watchlist: WatchlistItem
    story: StoryItem | None
    already_there: Before | None


class RoundUpBody(Body):
    """Alerts that had to wait, told together."""

    type: Literal["round-up"] = "round-up"
    watchlist: WatchlistItem
    stories_count: NonNegativeInt
    stories: tuple[StoryItem, ...]
    """The best, as many as `max_items` says."""
    why: HoldReason
    since: Moment
    already_there: Before | None


class DigestBody(Body):
    """The stories of one slot of a schedule."""

    type: Literal["digest"] = "digest"
    watchlist: WatchlistItem
    stories_count: NonNegativeInt
    stories: tuple[StoryItem, ...]
    """The best, as many as `max_items` says."""
    repeats: NonNegativeInt
    """How many new copies there are of what was told before."""
    related_left_out: NonNegativeInt
    """How many related stories there are beside the best, which are shown; `stories_count` is without them."""
    tier: Tier | None
    """How well concepts are understood; null where nothing is looked for by one."""
    muted: NonNegativeInt
    """How many articles on muted stories are not shown."""
    already_there: Before | None
    trend: TrendItem | None
    receipt: Receipt


class SourceItem(Part):
    """A source that broke or recovered."""

    id: str
    name: str
    url: str | None
    state: State
    since: Moment | None
    why: str


class NoticeNote(Part):
    heading: str
    lines: tuple[str, ...]


class NoticeBody(Body):
    """A message to whoever looks after the service."""

    type: Literal["notice"] = "notice"
    sources: tuple[SourceItem, ...]
    notes: tuple[NoticeNote, ...]
    """What is wrong and what to do, in words."""


AnyBody = Annotated[AlertBody | RoundUpBody | DigestBody | NoticeBody, Field(discriminator="type")]


def as_json(message: Message, *, message_id: str) -> str:
    return body_of(message, message_id=message_id).model_dump_json()


def body_of(message: Message, *, message_id: str) -> AlertBody | RoundUpBody | DigestBody | NoticeBody:
    seen = view(message, at_most=0)
    match message:
        case Alert():
            return AlertBody(
                id=message_id,
                timestamp=message.at,
                subject=plain(seen.subject),
                watchlist=_watchlist(message.watchlist),
                story=_story(message.story) if message.story else None,
                already_there=_before(message.already_there),
            )
        case RoundUp():
            return RoundUpBody(
                id=message_id,
                timestamp=message.at,
                subject=plain(seen.subject),
                watchlist=_watchlist(message.watchlist),
                stories_count=len(message.stories),
                stories=tuple(map(_story, message.stories[: message.max_items])),
                why=message.why,
                since=message.since,
                already_there=_before(message.already_there),
            )
        case Digest():
            return _digest(message, seen, message_id)
        case Notice():
            return _notice(message, seen, message_id)


def _digest(digest: Digest, seen: View, message_id: str) -> DigestBody:
    return DigestBody(
        id=message_id,
        timestamp=digest.slot,
        subject=plain(seen.subject),
        watchlist=_watchlist(digest.watchlist),
        stories_count=len(digest.kept),
        stories=tuple(map(_story, digest.kept[: digest.max_items])),
        repeats=digest.repeats,
        related_left_out=digest.left_out,
        tier=digest.tier,
        muted=digest.muted,
        already_there=_before(digest.already_there),
        trend=_trend(digest.trend) if digest.trend else None,
        receipt=_receipt(digest.coverage),
    )


def _notice(notice: Notice, seen: View, message_id: str) -> NoticeBody:
    return NoticeBody(
        id=message_id,
        timestamp=notice.at,
        subject=plain(seen.subject),
        sources=tuple(
            SourceItem(
                id=plain(one.id),
                name=shorten(one.name, _NAME),
                url=web_link(one.url),
                state=one.state,
                since=one.since,
                why=shorten(one.why, _SENTENCE),
            )
            for one in (*notice.broken, *notice.recovered)[:_MOST_SOURCES]
        ),
        notes=tuple(
            NoticeNote(heading=plain(note.heading), lines=tuple(map(plain, note.lines))) for note in seen.notes
        ),
    )


# -- stories ----------------------------------------------------------------------------------------------------------


def _watchlist(watchlist: Watchlist) -> WatchlistItem:
    owner = shorten(watchlist.owner, _NAME) if watchlist.owner else None
    return WatchlistItem(id=plain(watchlist.id), name=shorten(watchlist.name, _NAME), owner=owner)


def _story(story: Story) -> StoryItem:
    return StoryItem(
        id=story.id,
        article=_item(story.hit),
        copies_count=len(story.copies),
        copies=tuple(map(_copy, story.copies[:_MOST_COPIES])),
        first=_copy(story.first) if story.first else None,
        others_count=len(story.others),
        others=tuple(map(_item, story.others[:_MOST_OTHERS])),
        updates=tuple(map(_update, story.updates[-_MOST_UPDATES:])),
        told_at=story.told_at,
        again=story.again,
    )


def _item(hit: Hit) -> Item:
    stored, match = hit.article, hit.match
    return Item(
        title=shorten(stored.article.title, _TITLE),
        url=web_link(stored.article.url),
        source=shorten(hit.source_name, _NAME),
        tier=hit.tier,
        published=stored.article.published,
        found=stored.stored_at,
        language=plain(stored.article.language) if stored.article.language else None,
        kind=match.kind,
        score=round(match.score, 3),
        sentence=_pieces(pieces.of_match(match, _SENTENCE)),
        clauses=tuple(shorten(clause, _CLAUSE) for clause in match.clauses[:_MOST_CLAUSES]),
        spans=tuple(_spans(match)),
        lost_at=hit.lost_at,
        resemblance=_resemblance(match.resemblance) if match.resemblance else None,
    )


def _resemblance(near: Resemblance) -> ResemblanceItem:
    return ResemblanceItem(
        score=round(near.score, 3),
        similarity=round(near.similarity, 3),
        terms=tuple(shorten(term, _CLAUSE) for term in near.terms[:_MOST_CLAUSES]),
        tier=near.tier,
    )


def _spans(match: Match) -> Iterable[Found]:
    for span in match.spans[:_MOST_SPANS]:
        clause, text = shorten(span.clause, _CLAUSE), shorten(span.text, _CLAUSE)
        yield Found(clause=clause, field=span.field, start=span.start, end=span.end, text=text)


def _copy(carrier: Carrier) -> CopyItem:
    return CopyItem(
        title=shorten(carrier.title, _TITLE),
        url=web_link(carrier.url),
        source=shorten(carrier.source_name, _NAME),
        tier=carrier.tier,
        at=carrier.at,
    )


def _update(update: Update) -> UpdateItem:
    return UpdateItem(
        kind=update.kind,
        at=update.at,
        title=shorten(update.title, _TITLE),
        url=web_link(update.url),
        diffs=tuple(_pieces(pieces.of_diff(diff)) for diff in update.diffs),
    )


def _pieces(found: Pieces) -> tuple[Piece, ...]:
    return tuple(Piece(text=text, mark=mark) for text, mark in found) if unmarked(found) else ()


def _before(found: AlreadyThere | None) -> Before | None:
    return Before(count=found.count, newest=tuple(map(_item, found.newest))) if found else None


# -- the receipt ------------------------------------------------------------------------------------------------------


def _trend(trend: Trend) -> TrendItem:
    return TrendItem(counts=trend.counts, last_day=trend.last_day, usual=trend.usual, far_above=trend.far_above)


def _receipt(coverage: Coverage) -> Receipt:
    troubles = tuple(_troubles(coverage))
    return Receipt(
        since=coverage.since,
        until=coverage.until,
        sources=coverage.sources,
        sources_due=coverage.sources_due,
        sources_read=coverage.sources_read,
        articles=coverage.articles,
        bodies_missing=coverage.bodies_missing,
        troubles=troubles[:_MOST_SOURCES],
        troubles_count=len(troubles),
        new=tuple(shorten(name, _NAME) for name in coverage.new[:_MOST_SOURCES]),
        not_yet=tuple(shorten(name, _NAME) for name in coverage.not_yet[:_MOST_SOURCES]),
        pauses=tuple(PauseItem(since=one.since, until=one.until, why=one.why) for one in coverage.pauses),
    )


def _troubles(coverage: Coverage) -> Iterable[Trouble]:
    for one in coverage.failing:
        why = shorten(one.reason, _CLAUSE)
        yield Trouble(name=shorten(one.name, _NAME), state="gone" if one.gone else "failing", since=one.since, why=why)
    for silent in coverage.silent:
        why = shorten(silent.why, _CLAUSE)
        yield Trouble(name=shorten(silent.name, _NAME), state="silent", since=silent.last_new_at, why=why)
