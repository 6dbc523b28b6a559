"""The words of the monitors: Watchlist, Match, Story, Digest, Alert, Delivery. All values, all frozen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from crawler.domain import StoredArticle
    from crawler.health import State
    from monitors.match.query.tree import Part
    from monitors.requirement import Requirement

TextField = Literal["title", "lead", "text"]
FactField = Literal[
    "author", "url", "site", "source", "group", "tier", "lang", "country", "section", "words", "published"
]
FieldName = TextField | FactField
MatchKind = Literal["match", "possible", "related"]
FirstRun = Literal["summarize", "skip", "deliver"]
UpdateKind = Literal["gained", "lost", "headline", "correction"]
"""What an edit did: the article matches since, does not match any more, has another headline, or was corrected."""
Again = Literal["correction", "headline", "new_entity", "better_tier"]
"""Why a story is alerted again."""
Tier = Literal["terms", "core", "semantic"]
"""How well concepts are understood: by their words alone, by word vectors too, by a language model too."""
HoldReason = Literal["quiet", "max_per_hour", "outage", "muted"]
"""Why alerts waited: quiet hours, enough of them in this hour, a channel that could not be reached, a mute."""
MIDNIGHT = time(0)
Diff = tuple[tuple[str, Literal["same", "gone", "come"]], ...]
"""A passage that was changed, in pieces."""


# -- what people ask for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One entry of `keywords:`, `all:` or `none:`, as typed into a search box."""

    text: str
    case_sensitive: bool = False
    exact: bool = False
    """No inflection."""
    lang: str | None = None
    """Only for articles in this language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name that an entity goes by."""

    text: str
    case_sensitive: bool = False
    lang: str | None = None
    ambiguous: bool = False
    """Others go by it too: it counts only with something beside it that tells them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverNear:
    """Words that tell a namesake: an ambiguous alias near one of them is no more than a possible mention."""

    any: tuple[str, ...]
    within: int = 12
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A person, organisation, product or place. `name` counts as an alias too."""

    id: str
    name: str
    aliases: tuple[Alias, ...] = ()
    context: tuple[str, ...] = ()
    """Words of which two in an article make its ambiguous aliases certain."""
    never_near: NeverNear | None = None
    person: bool = False
    """Whether it also goes by its first or last name alone, where its full name stands in the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A thing described in a sentence or two, which articles may mean without saying it."""

    id: str
    description: str
    examples: tuple[str, ...] = ()
    """Texts that mean it."""
    counterexamples: tuple[str, ...] = ()
    """Texts that come near it and do not."""
    per_week: float | None = None
    """About how many articles a week its threshold is to let through. None: one in a thousand and less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilter:
    """Which sources a watchlist listens to: those named, and those in one of the groups."""

    ids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a digest is due: wall-clock times in a zone, on some days of the week."""

    at: tuple[time, ...]
    timezone: str
    """An IANA name."""
    days: frozenset[int] = frozenset(range(7))
    """Monday is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A stretch of the day, on some days, in which nobody is to be disturbed. It may end on the next day."""

    start: time
    end: time
    """The same as `start`: the whole day."""
    days: frozenset[int] = frozenset(range(7))
    """On which days it begins. Monday is 0."""

    def hold(self, local: datetime) -> bool:
        """Tell whether a moment is in it, by what a clock on the wall shows: an hour that comes twice counts twice."""
        day, shown = local.weekday(), local.time()
        if self.start < self.end:
            return day in self.days and self.start <= shown < self.end
        # it ends on the next day
        return (shown >= self.start and day in self.days) or (shown < self.end and (day - 1) % 7 in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRule:
    """One entry of `deliver:`: which channel, and at once (`schedule` is None) or as a digest."""

    channel: str
    """The id of a channel of the configuration. For `to:` it is `email:` and the addresses, joined by commas."""
    schedule: Schedule | None = None
    only_if: Requirement | None = None
    """What a match must fulfil to be alerted. None: nothing."""
    empty: Literal["send", "skip"] = "skip"
    """Whether a digest without matches is sent."""
    max_items: int = 100
    """How many stories a digest or a round-up shows before it says "and 23 more"."""
    quiet: tuple[QuietHours, ...] = ()
    """When alerts are held; what was held is sent as one when they end."""
    max_per_hour: int | None = None
    """How many messages in any hour; what is more becomes a round-up."""
    max_related: int = 3
    """How many related stories a digest shows at the most."""
    timezone: str = "UTC"
    """An IANA name: where `quiet` is told, and the hours of a schedule."""

    @property
    def tells_related(self) -> bool:
        """Whether what is only related is told too: in digests, and never at once."""
        return self.schedule is not None and self.max_related > 0

    @property
    def key(self) -> str:
        """Names what has been told where: one match is told once under one key, whatever the schedule becomes."""
        return f"{'digest' if self.schedule else 'alert'}:{self.channel}"

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether nobody is to be disturbed at a moment."""
        local = now.astimezone(ZoneInfo(self.timezone))
        return any(hours.hold(local) for hours in self.quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRules:
    """How a watchlist is told of stories."""

    realert_on: frozenset[Again] = frozenset({"correction"})
    """For what a story that was alerted is alerted again."""
    max_alerts: int = 3
    """How many alerts one story makes at the most, the first included."""
    prefer: Literal["first", "tier"] = "first"
    """Which of several copies is shown: the one that was first, or the one of the best tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """What somebody cares about, and how they want to be told."""

    id: str
    name: str
    owner: str | None = None
    keywords: tuple[Keyword, ...] = ()
    all: tuple[Keyword, ...] = ()
    none: tuple[Keyword, ...] = ()
    entities: tuple[str, ...] = ()
    """Ids of entities; a mention of one suffices."""
    concepts: tuple[str, ...] = ()
    """Ids of concepts; an article over the threshold of one suffices."""
    related: bool = False
    """Whether its keywords (its name, if it has none) are read as a concept too, for what means them in other words."""
    query: Part | None = None
    """The tree of its query, named queries looked up."""
    sources: SourceFilter | None = None
    """None: every source."""
    languages: frozenset[str] = frozenset()
    """Empty: every language."""
    stories: StoryRules = StoryRules()
    deliver: tuple[DeliveryRule, ...] = ()
    first_run: FirstRun = "summarize"

    @property
    def tells_related(self) -> bool:
        """Whether what is only related has a digest to be told in; where nobody is told, `preview` shows it."""
        return not self.deliver or any(rule.tells_related for rule in self.deliver)


# -- what was found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one field of an article, or a fact about it, that made a clause true, and what stands there."""

    field: FieldName
    start: int
    end: int
    text: str = dataclasses.field(compare=False)
    clause: str = dataclasses.field(compare=False)
    """The clause as its author wrote it: `China cybersecurity law`, `entity:amazon`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence (or a title) of an article, by its offsets into the field it stands in."""

    field: FieldName
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """Why an article is held to mean a concept: how near it comes, and by what."""

    score: float
    """From 0 to 1; the threshold of the concept is .5."""
    similarity: float
    """The cosine between the concept and the sentence that comes nearest to it; 0 where only words were compared."""
    terms: tuple[str, ...]
    """The words of the article that are the concept's too, the rarest first."""
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One article × one watchlist: what was found, where, and how strongly."""

    watchlist_id: str
    kind: MatchKind
    score: float
    """From 0 to 1; the formula is in docs/matching.md."""
    sentence: Passage
    """The sentence that shows best why the article matched."""
    spans: tuple[Span, ...]
    """In the order of the article: title, lead, text."""
    resemblance: Resemblance | None = None
    """Of a related one, why it is: its sentence is the one that comes nearest."""

    @property
    def is_related(self) -> bool:
        """Whether nothing that was asked for stands there, and it only means the same."""
        return self.kind == "related"

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that were true, each once, in the order they were found."""
        return tuple(dict.fromkeys(span.clause for span in self.spans))

    def marked(self) -> tuple[tuple[str, bool], ...]:
        """Return the hit sentence in pieces, each with whether it is a hit; joined, they are the sentence."""
        pieces: list[tuple[str, bool]] = []
        at = self.sentence.start
        for start, end in self._hits():
            pieces += [(self._cut(at, start), False)] if start > at else []
            pieces.append((self._cut(start, end), True))
            at = end
        if at < self.sentence.end:
            pieces.append((self._cut(at, self.sentence.end), False))
        return tuple(pieces)

    def _hits(self) -> list[tuple[int, int]]:
        """Return the stretches of the hit sentence that are hits; with nothing but a space between, they are one."""
        hits: list[tuple[int, int]] = []
        for span in sorted(self.spans):
            start, end = max(span.start, self.sentence.start), min(span.end, self.sentence.end)
            if span.field != self.sentence.field or start >= end:
                continue
            if hits and not self._cut(hits[-1][1], start).strip():
                hits[-1] = hits[-1][0], max(end, hits[-1][1])
            else:
                hits.append((start, end))
        return hits

    def _cut(self, start: int, end: int) -> str:
        return self.sentence.text[start - self.sentence.start : end - self.sentence.start]


# -- what people are told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A match with its article, as a digest or an alert shows it."""

    match: Match
    article: StoredArticle
    source_name: str
    tier: int | None = None
    lost_at: datetime | None = None
    """Since when, by an edit, the article does not match any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An article of a story as one line: who carried it, and when."""

    source_name: str
    title: str
    url: str
    at: datetime
    """When it was published; if it does not say, when it was found."""
    tier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """An edit of an article that changes what is told of it."""

    kind: UpdateKind
    at: datetime
    """When it was seen."""
    title: str
    """Of the article as it is now."""
    url: str
    diffs: tuple[Diff, ...] = ()
    """The passages that tell best what was changed, the headline first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Articles about one event, as one watchlist is told of them."""

    id: int
    """Of its first article."""
    hit: Hit
    """The article that is shown for all of them."""
    copies: tuple[Carrier, ...] = ()
    """Near-identical texts of the article shown, without it, the oldest first."""
    first: Carrier | None = None
    """Who had it first, where that is not the one shown."""
    others: tuple[Hit, ...] = ()
    """Other articles on the event that matched, best first; of copies, one."""
    told_at: datetime | None = None
    """When the same readers were last told of it."""
    updates: tuple[Update, ...] = ()
    again: Again | None = None

    @property
    def is_related(self) -> bool:
        """Whether no article of it is more than related."""
        return self.hit.match.is_related


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How many stories a watchlist had, day by day, in the zone of its schedule."""

    counts: tuple[int, ...]
    """The oldest day first; the last is today so far."""
    last_day: date
    usual: float | None = None
    """How many a day there usually are; None while too few days tell."""
    far_above: bool = False
    """Whether the last day is far above what is usual."""
    yesterday_far_above: bool = False
    """Whether the day before it is: in the morning, what is out of the usual is of yesterday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentSource:
    """A source that answers, but has had nothing new for much longer than it usually does."""

    name: str
    last_new_at: datetime | None
    usual: timedelta | None
    """How long it usually takes from one new article to the next."""
    why: str = ""
    """By what measure it is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSource:
    """A source that could not be read, since when, and the last reason."""

    name: str
    since: datetime | None
    reason: str
    never_read: bool = False
    """Whether it never could be."""
    gone: bool = False
    """Whether it said that it is gone for good (410); it is not asked any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time when nothing was read: Newsvane itself did not run, or no source could be reached."""

    since: datetime
    until: datetime | None
    """None while it lasts."""
    why: Literal["stopped", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The receipt: what Newsvane looked at in a period, so that silence means that nothing happened."""

    since: datetime
    until: datetime
    sources: int
    """How many this watchlist listens to."""
    sources_due: int
    """How many of them were to be read in the period; one that publishes seldom need not be."""
    sources_read: int
    """How many of them answered at least once in the period."""
    failing: tuple[FailingSource, ...] = ()
    """Those whose last read failed, and those that are gone."""
    silent: tuple[SilentSource, ...] = ()
    new: tuple[str, ...] = ()
    """The names of those that were read for the first time in the period."""
    not_yet: tuple[str, ...] = ()
    """The names of those that nobody has asked yet."""
    pauses: tuple[Pause, ...] = ()
    """When nothing was read, the oldest first."""
    articles: int = 0
    """How many articles that these sources carried were stored in the period."""
    bodies_missing: int = 0
    """Of those, how many had no usable body and were matched on title and summary alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyThere:
    """Matches among what was there before anybody watched: told as a count and the newest titles."""

    count: int
    newest: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Digest:
    """The matches of one watchlist for one slot of its schedule."""

    watchlist: Watchlist
    slot: datetime
    """When it was due, aware, in the zone of its schedule (so that its date and time read as the reader's)."""
    stories: tuple[Story, ...]
    """Best first. All of them: how many are shown is `max_items`."""
    coverage: Coverage
    repeats: int = 0
    """How many new copies there are of what was told before; they are counted and not shown."""
    muted: int = 0
    """How many articles on stories that are muted; they are counted and not shown."""
    already_there: AlreadyThere | None = None
    trend: Trend | None = None
    max_items: int = 100
    max_related: int = 3
    """How many related stories are shown at the most, the best of them."""
    tier: Tier | None = None
    """How well concepts are understood; None where nothing is looked for by one."""
    looked_back: str = ""
    """What `preview --since` was told, of a digest that is none of a slot."""
    replay: bool = False
    """Whether somebody asked for it by hand, and all of it was told before, or will be."""

    @property
    def kept(self) -> tuple[Story, ...]:
        """Its stories without the related ones that are left out."""
        rooms = iter(range(self.max_related))
        return tuple(story for story in self.stories if not story.is_related or next(rooms, None) is not None)

    @property
    def left_out(self) -> int:
        """How many related stories are left out: they are counted and not shown."""
        return len(self.stories) - len(self.kept)

    @property
    def see_all(self) -> str:
        """The command that shows all of it."""
        since = f" --since {self.looked_back}" if self.looked_back else ""
        return f"newsvane preview {self.watchlist.id}{since} --all"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Alert:
    """A message sent at once: for one story, or (with `already_there`) one line on what was found at the start."""

    watchlist: Watchlist
    at: datetime
    """Aware, in the zone of the rule."""
    story: Story | None = None
    already_there: AlreadyThere | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class RoundUp:
    """Alerts that had to wait, told together."""

    watchlist: Watchlist
    at: datetime
    """Aware, in the zone of the rule."""
    stories: tuple[Story, ...]
    """Best first. All of them: how many are shown is `max_items`."""
    why: HoldReason
    since: datetime
    """Since when they waited; aware, in the same zone."""
    already_there: AlreadyThere | None = None
    max_items: int = 100

    @property
    def see_all(self) -> str:
        """The command that shows all of it."""
        return f"newsvane preview {self.watchlist.id} --all"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNews:
    """How a source is doing, where that has changed."""

    id: str
    name: str
    url: str
    state: State
    since: datetime | None
    why: str
    kind: str = ""
    """Where it fails, the kind of failure; see FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time when no source could be reached: the network's fault, not theirs."""

    since: datetime
    until: datetime | None
    """None while it lasts."""
    sources: int
    """How many could not be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationNews:
    """Something that messages are sent to, in trouble or well again."""

    name: str
    """What people call it."""
    channels: tuple[str, ...]
    """The ids of the channels that lead there."""
    recipient: str = ""
    """Empty: nobody is reached there."""
    state: Literal["failing", "open", "ok"]
    """As in Circuit; `ok`: it takes messages again."""
    since: datetime
    """Since when it is, or was, in trouble."""
    why: str
    next_try_at: datetime
    waiting: int
    """How many messages wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that did not get through and is not sent by itself any more."""

    id: int
    """Of its first delivery that is dead."""
    subject: str
    channel: str
    recipient: str
    queued_at: datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNews:
    """What is wrong with Newsvane itself, or not any more."""

    what: Literal["database", "configuration"]
    kind: str = ""
    """Of the database's trouble; see DatabaseTroubleError."""
    why: str
    since: datetime
    until: datetime | None = None
    """None while it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Notice:
    """A message to whoever looks after the service: what of its sources, its network, its deliveries
    or of Newsvane itself has changed.
    """

    at: datetime
    """Aware, in the zone of the configuration."""
    broken: tuple[SourceNews, ...] = ()
    recovered: tuple[SourceNews, ...] = ()
    outage: Outage | None = None
    destinations: tuple[DestinationNews, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    more_dead: int = 0
    """How many dead letters there are beside those."""
    service: ServiceNews | None = None


Message = Digest | Alert | RoundUp | Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One part of one message to one recipient through one channel, frozen: a retry sends the same bytes."""

    id: int
    channel: str
    """As in DeliveryRule.channel."""
    recipient: str
    """An e-mail address; for a channel that has none, the channel's id."""
    message_id: str
    payload: bytes
    attempts: int = 0
    """How many were made before this one."""
    queued_at: datetime
    give_up_at: datetime | None = None
    """When it has been tried for long enough; None where nobody counts."""
    thread: str | None = None
    """Of a part after the first: the receipt of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A destination that does not take what is sent to it, or a recipient there. Where there is none, all is well."""

    destination: str
    """The id of a channel; `smtp` for the mail server, which all channels of e-mail share."""
    recipient: str = ""
    """Empty: whoever is the recipient."""
    state: Literal["failing", "open"]
    """`failing`: it may pass; `open`: it needs somebody to mend it."""
    since: datetime
    failures: int
    """How many tries failed one after the other, since it is in this state."""
    next_try_at: datetime
    """When one delivery is tried; until then nothing is sent there."""
    reason: str
    fingerprint: str
    """Of its configuration: once that is another, it is tried at once."""
    told_at: datetime | None = None
    """When whoever looks after the service was told."""
