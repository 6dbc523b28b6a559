"""Turns a message into what every form of it shows: plain words, safe links, marked sentences. No markup yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.digest import words
from monitors.digest.inert import shorten
from monitors.digest.once import once_a_message
from monitors.digest.pieces import unmarked
from monitors.digest.story_view import line_of, story_view
from monitors.digest.trend_view import trend_view
from monitors.domain import Alert, Digest, Notice, RoundUp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitors.digest.story_view import LineView, StoryView
    from monitors.digest.trend_view import TrendView
    from monitors.domain import AlreadyThere, Coverage, MatchKind, Message, Story, Tier

_NAME, _NAME_IN_SUBJECT, _TITLE_IN_SUBJECT, _TITLE_AHEAD = 120, 60, 90, 80
_MOST_FAILING, _MOST_SILENT, _MOST_AHEAD = 20, 10, 2
_SECTIONS: dict[MatchKind, tuple[str, str]] = {
    "match": ("", ""),
    "possible": ("Possible", "The name is there, but it may mean somebody or something else."),
    "related": ("Related", "About the same thing, in other words."),
}
_COUNTED: dict[MatchKind, tuple[str, str]] = {
    "match": ("story", "stories"),
    "possible": ("possible story", "possible stories"),
    "related": ("related story", "related stories"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    heading: str
    note: str
    stories: tuple[StoryView, ...]
    minor: bool = False
    """Whether its headlines are smaller than those of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was already there: a count in words, and the newest."""

    told: str
    newest: tuple[LineView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Sources of which less came than should: their names, each with what is known, and how many more there are."""

    label: str
    sources: tuple[tuple[str, str], ...]
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The coverage receipt in words."""

    reading: tuple[str, ...]
    pauses: tuple[str, ...]
    """When nothing was read."""
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a notice says of one source."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    kind: str
    """`Digest`, `Alert`, `Round-up` or `Notice`."""
    subject: str
    ahead: str = ""
    """What a list of mails shows beside the subject."""
    name: str
    when: str
    summary: str
    """What was found."""
    read: str = ""
    """How far the sources were read."""
    alarm: str = ""
    """That today is far above the usual."""
    nothing: tuple[str, str] | None = None
    """Of a digest without stories, or with related ones alone: that there is nothing, and how sure that is."""
    sections: tuple[Section, ...]
    more: str
    """How many stories are not shown, and how to see them; empty if all are."""
    repeats: str = ""
    """What is only counted: copies of what was told before, related stories beyond the best, what is muted."""
    foot: str
    before: Before | None = None
    trend: TrendView | None = None
    receipt: Receipt | None = None
    notes: tuple[Note, ...] = ()


def view(message: Message, *, at_most: int | None = None, most_others: int | None = 6) -> View:
    """Prepare a message for rendering, with `at_most` so many stories (and never more than its max_items).

    Of the other articles on a story, `most_others` are shown.
    """
    match message:
        case Notice():
            from monitors.digest.notice_view import notice_view

            return notice_view(message)
        case Alert():
            return _alert(message, most_others)
        case RoundUp():
            return _round_up(message, message.max_items if at_most is None else at_most, most_others)
        case Digest():
            return _digest(message, message.max_items if at_most is None else at_most, most_others)


def _alert(alert: Alert, most_others: int | None) -> View:
    stories = (alert.story,) if alert.story else ()
    sections = tuple(_sections(stories, alert.at, most_others))
    before = _before(alert.already_there, alert.at)
    return View(
        kind="Alert",
        subject=_subject_of_alert(alert),
        ahead=_first_sentence(sections) or (before.told if before else ""),
        name=_name(alert),
        when=words.full_time(alert.at),
        summary="" if stories or not before else "Newsvane is watching now.",
        sections=sections,
        more="",
        foot=words.foot(alert.watchlist, stories),
        before=before,
    )


def _round_up(told: RoundUp, at_most: int, most_others: int | None) -> View:
    shown = told.stories[: min(at_most, told.max_items)]
    sections = tuple(_sections(shown, told.at, most_others, numbered=True))
    found = _found(told.stories)
    return View(
        kind="Round-up",
        subject=_subject_of_stories(_name(told, _NAME_IN_SUBJECT), told.stories),
        ahead=" · ".join([*_titles_ahead(told.stories), words.held(told.why, told.since, told.at)]),
        name=_name(told),
        when=words.full_time(told.at),
        summary=f"{found}, {words.held(told.why, told.since, told.at)}",
        sections=sections,
        more=words.more(len(told.stories) - len(shown), told.see_all),
        foot=words.foot(told.watchlist, shown),
        before=_before(told.already_there, told.at, told.see_all),
    )


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is said of all stories of a digest, however many of them are shown."""

    stories: tuple[Story, ...]
    """Without the related ones that are left out."""
    subject: str
    found: str
    tiers: set[Tier]


@once_a_message
def _whole(digest: Digest) -> _Whole:
    stories = digest.kept
    return _Whole(stories, _subject_of_digest(digest), _found(stories), _tiers(digest, stories))


def _digest(digest: Digest, at_most: int, most_others: int | None) -> View:
    whole = _whole(digest)
    stories, found = whole.stories, whole.found
    shown = stories[: min(at_most, digest.max_items)]
    sections = tuple(_sections(shown, digest.slot, most_others, numbered=True))
    alarm = words.far_above(digest.trend)
    nothing = words.nothing_new(digest.coverage) if _is_nothing(stories) else None
    read = _read(digest.coverage)
    ahead = " · ".join(filter(None, [alarm, *_titles_ahead(stories), found, read]))
    counted = (
        words.repeats(digest.repeats),
        words.left_out(len(digest.stories) - len(stories)),
        words.muted(digest.muted, digest.see_all),
    )
    return View(
        kind="Digest",
        subject=("Sent again: " if digest.replay else "") + whole.subject,
        ahead=nothing[1] if nothing and not stories else ahead,
        name=_name(digest),
        when=words.full_time(digest.slot),
        summary=_again(digest, found if stories else ""),
        read=read if stories or digest.coverage.failing or digest.coverage.silent else "",
        alarm=alarm,
        nothing=nothing,
        sections=sections,
        more=words.more(len(stories) - len(shown), digest.see_all),
        repeats=" ".join(filter(None, counted)),
        foot=words.foot(digest.watchlist, shown),
        before=_before(digest.already_there, digest.slot, digest.see_all),
        trend=trend_view(digest.trend) if digest.trend and any(digest.trend.counts) else None,
        receipt=_receipt(digest.coverage, digest.slot, words.compared(whole.tiers)),
    )


def _is_nothing(stories: Sequence[Story]) -> bool:
    """Whether nothing of what was asked for is there, but what is related at the most."""
    return all(story.is_related for story in stories)


def _tiers(digest: Digest, stories: Iterable[Story]) -> set[Tier]:
    """Return how well concepts are understood, and were where anything was found by one."""
    hits = (hit for story in stories for hit in (story.hit, *story.others))
    found = {near.tier for hit in hits if (near := hit.match.resemblance)}
    return found | {digest.tier} if digest.tier else found


def _again(digest: Digest, found: str) -> str:
    """Say of a digest that was asked for by hand that it is no new one."""
    return ". ".join(filter(None, ("Sent again, by hand", found))) if digest.replay else found


# -- the lines by which it is known -----------------------------------------------------------------------------------


def _name(message: Digest | Alert | RoundUp, length: int = _NAME) -> str:
    return shorten(message.watchlist.name, length) or "(no name)"


def _subject_of_alert(alert: Alert) -> str:
    name = _name(alert, _NAME_IN_SUBJECT)
    if alert.story:
        title = _title(alert.story, 140) or "a new article"
        return f"{name}{words.again(alert.story.again)}: {title}"
    return f"{name}: {words.already_there(alert.already_there).rstrip('.')}" if alert.already_there else name


def _subject_of_digest(digest: Digest) -> str:
    name = _name(digest, _NAME_IN_SUBJECT)
    stories = digest.kept
    if not _is_nothing(stories):
        return _subject_of_stories(name, stories)
    if digest.already_there:
        return f"{name}: {words.already_there(digest.already_there).rstrip('.')}"
    return f"{name}: nothing new, {_found(stories, articles=False) or words.short_time(digest.slot, digest.slot)}"


def _subject_of_stories(name: str, stories: Sequence[Story]) -> str:
    """Say how many there are and which is first: `China cybersecurity law: 3 stories, Parliament adopts …`."""
    kind = stories[0].hit.match.kind
    number = sum(story.hit.match.kind == kind for story in stories)
    title = _title(stories[0], _TITLE_IN_SUBJECT)
    return ", ".join(filter(None, [f"{name}: {words.counted(number, *_COUNTED[kind])}", title]))


def _title(story: Story, length: int) -> str:
    return shorten(story.hit.article.article.title, length)


def _titles_ahead(stories: Sequence[Story]) -> Iterable[str]:
    """Return the headlines after the first, which stands in the subject, unless that says that there is nothing."""
    first = 0 if _is_nothing(stories) else 1
    return filter(None, (_title(story, _TITLE_AHEAD) for story in stories[first : first + _MOST_AHEAD]))


def _first_sentence(sections: Sequence[Section]) -> str:
    return next((unmarked(story.sentence) for section in sections for story in section.stories), "")


def _found(stories: Sequence[Story], *, articles: bool = True) -> str:
    """`4 stories, 1 possible story and 1 related story, from 24 articles`."""
    kinds = Counter(story.hit.match.kind for story in stories)
    told = words.listed([words.counted(kinds[kind], *_COUNTED[kind]) for kind in _SECTIONS if kinds[kind]])
    number = sum(1 + len(story.copies) + len(story.others) for story in stories)
    return f"{told}, from {words.counted(number, 'article')}" if articles and number > len(stories) else told


def _read(coverage: Coverage) -> str:
    """`56 of 58 sources read · 2 failing · 1 silent`."""
    told = [words.sources_read(coverage)]
    told += [f"{len(coverage.failing):,} failing"] if coverage.failing else []
    told += [f"{len(coverage.silent):,} silent"] if coverage.silent else []
    return " · ".join(told)


# -- its parts --------------------------------------------------------------------------------------------------------


def _sections(
    stories: Iterable[Story], moment: datetime, most_others: int | None, *, numbered: bool = False
) -> Iterable[Section]:
    stories = tuple(stories)
    for kind, (heading, note) in _SECTIONS.items():
        of_kind = [story for story in stories if story.hit.match.kind == kind]
        if of_kind:
            shown = tuple(story_view(story, moment, most_others=most_others, numbered=numbered) for story in of_kind)
            yield Section(heading=heading, note=note, stories=shown, minor=kind == "related")


def _before(found: AlreadyThere | None, moment: datetime, see_all: str = "") -> Before | None:
    if found is None:
        return None
    return Before(told=words.already_there(found, see_all), newest=tuple(line_of(hit, moment) for hit in found.newest))


def _receipt(coverage: Coverage, moment: datetime, compared: str) -> Receipt:
    failing = [(source.name, words.failing(source, moment)) for source in coverage.failing]
    silent = [(source.name, words.silent(source, moment)) for source in coverage.silent]
    return Receipt(
        reading=tuple(filter(None, [*words.read_lines(coverage, moment), compared])),
        pauses=tuple(words.pauses(coverage, moment)),
        troubles=(*_trouble("Failing", failing, _MOST_FAILING), *_trouble("Silent", silent, _MOST_SILENT)),
    )


def _trouble(label: str, sources: Sequence[tuple[str, str]], most: int) -> Iterable[Trouble]:
    if sources:
        shown = tuple((shorten(name, _NAME), told) for name, told in sources[:most])
        yield Trouble(label=label, sources=shown, more=words.more(len(sources) - most, "newsvane status"))
