"""Turns a message into what every form of it shows: plain words, safe links, marked sentences. No markup yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.digest import words
from monitors.digest.inert import shorten
from monitors.digest.pieces import unmarked
from monitors.digest.story_view import line_of, story_view
from monitors.digest.trend_view import trend_view
from monitors.domain import Alert, Digest, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitors.digest.story_view import LineView, StoryView
    from monitors.digest.trend_view import TrendView
    from monitors.domain import AlreadyThere, Coverage, MatchKind, Message, Story

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
    """`Digest`, `Alert` or `Notice`."""
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
    """Of a digest without stories: that there is nothing, and how sure that is."""
    sections: tuple[Section, ...]
    more: str
    """How many stories are not shown, and how to see them; empty if all are."""
    repeats: str = ""
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
        foot=words.foot(alert.watchlist),
        before=before,
    )


def _digest(digest: Digest, at_most: int, most_others: int | None) -> View:
    shown = digest.stories[: min(at_most, digest.max_items)]
    sections = tuple(_sections(shown, digest.slot, most_others))
    alarm = words.far_above(digest.trend)
    nothing = None if digest.stories else words.nothing_new(digest.coverage)
    found, read = _found(digest.stories), _read(digest.coverage)
    return View(
        kind="Digest",
        subject=_subject_of_digest(digest),
        ahead=nothing[1] if nothing else " · ".join([*filter(None, [alarm]), *_titles_ahead(digest), found, read]),
        name=_name(digest),
        when=words.full_time(digest.slot),
        summary=found if digest.stories else "",
        read=read if digest.stories or digest.coverage.failing or digest.coverage.silent else "",
        alarm=alarm,
        nothing=nothing,
        sections=sections,
        more=words.more(len(digest.stories) - len(shown), digest.see_all),
        repeats=words.repeats(digest.repeats),
        foot=words.foot(digest.watchlist),
        before=_before(digest.already_there, digest.slot, digest.see_all),
        trend=trend_view(digest.trend) if digest.trend and any(digest.trend.counts) else None,
        receipt=_receipt(digest.coverage, digest.slot),
    )


# -- the lines by which it is known -----------------------------------------------------------------------------------


def _name(message: Digest | Alert, length: int = _NAME) -> str:
    return shorten(message.watchlist.name, length) or "(no name)"


def _subject_of_alert(alert: Alert) -> str:
    name = _name(alert, _NAME_IN_SUBJECT)
    if alert.story:
        title = _title(alert.story, 140) or "a new article"
        return f"{name}{words.again(alert.story.again)}: {title}"
    return f"{name}: {words.already_there(alert.already_there).rstrip('.')}" if alert.already_there else name


def _subject_of_digest(digest: Digest) -> str:
    """Say how many stories there are and which is first: `China cybersecurity law: 3 stories, Parliament adopts …`."""
    name = _name(digest, _NAME_IN_SUBJECT)
    if not digest.stories:
        if digest.already_there:
            return f"{name}: {words.already_there(digest.already_there).rstrip('.')}"
        return f"{name}: nothing new, {words.short_time(digest.slot, digest.slot)}"
    kind = digest.stories[0].hit.match.kind
    number = sum(story.hit.match.kind == kind for story in digest.stories)
    title = _title(digest.stories[0], _TITLE_IN_SUBJECT)
    return ", ".join(filter(None, [f"{name}: {words.counted(number, *_COUNTED[kind])}", title]))


def _title(story: Story, length: int) -> str:
    return shorten(story.hit.article.article.title, length)


def _titles_ahead(digest: Digest) -> Iterable[str]:
    """Return the headlines after the first, which stands in the subject."""
    return filter(None, (_title(story, _TITLE_AHEAD) for story in digest.stories[1 : 1 + _MOST_AHEAD]))


def _first_sentence(sections: Sequence[Section]) -> str:
    return next((unmarked(story.sentence) for section in sections for story in section.stories), "")


def _found(stories: Sequence[Story]) -> str:
    """`4 stories, 1 possible story and 1 related story, from 24 articles`."""
    kinds = Counter(story.hit.match.kind for story in stories)
    told = words.listed([words.counted(kinds[kind], *_COUNTED[kind]) for kind in _SECTIONS if kinds[kind]])
    articles = sum(1 + len(story.copies) + len(story.others) for story in stories)
    return f"{told}, from {words.counted(articles, 'article')}" if articles > len(stories) else told


def _read(coverage: Coverage) -> str:
    """`56 of 58 sources read · 2 failing · 1 silent`."""
    told = [words.sources_read(coverage)]
    told += [f"{len(coverage.failing):,} failing"] if coverage.failing else []
    told += [f"{len(coverage.silent):,} silent"] if coverage.silent else []
    return " · ".join(told)


# -- its parts --------------------------------------------------------------------------------------------------------


def _sections(stories: Iterable[Story], moment: datetime, most_others: int | None) -> Iterable[Section]:
    stories = tuple(stories)
    for kind, (heading, note) in _SECTIONS.items():
        of_kind = [story for story in stories if story.hit.match.kind == kind]
        if of_kind:
            shown = tuple(story_view(story, moment, most_others=most_others) for story in of_kind)
            yield Section(heading=heading, note=note, stories=shown)


def _before(found: AlreadyThere | None, moment: datetime, see_all: str = "") -> Before | None:
    if found is None:
        return None
    return Before(told=words.already_there(found, see_all), newest=tuple(line_of(hit, moment) for hit in found.newest))


def _receipt(coverage: Coverage, moment: datetime) -> Receipt:
    failing = [(source.name, words.failing(source, moment)) for source in coverage.failing]
    silent = [(source.name, words.silent(source, moment)) for source in coverage.silent]
    return Receipt(
        reading=tuple(words.read_lines(coverage, moment)),
        pauses=tuple(words.pauses(coverage, moment)),
        troubles=(*_trouble("Failing", failing, _MOST_FAILING), *_trouble("Silent", silent, _MOST_SILENT)),
    )


def _trouble(label: str, sources: Sequence[tuple[str, str]], most: int) -> Iterable[Trouble]:
    if sources:
        shown = tuple((shorten(name, _NAME), told) for name, told in sources[:most])
        yield Trouble(label=label, sources=shown, more=words.more(len(sources) - most, "newsvane status"))
