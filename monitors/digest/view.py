"""Turns a message into what every form of it shows: plain words, safe links, marked sentences. No markup yet."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from monitors.digest import words
from monitors.digest.inert import link_host, names_another_host, on_its_own, plain, shorten, web_link
from monitors.domain import Alert, Digest, Notice, Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitors.domain import AlreadyThere, Coverage, Hit, Match, MatchKind, Message

Pieces = tuple[tuple[str, bool], ...]
"""Text in pieces, each with whether it is a hit."""

_TITLE, _SENTENCE, _NAME = 300, 420, 120
_ROOM = 8
"""How many times its length of a sentence is looked at on each side of its hit: nobody may see some of it."""
_WORD = 30  # where a cut may look for the end of a word
_MOST_FAILING = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
_SECTIONS: dict[MatchKind, tuple[str, str]] = {
    "match": ("", ""),
    "possible": ("Possible", "The name is there, but it may mean somebody or something else."),
    "related": ("Related", "About the same thing, in other words."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    title: Pieces
    link: str | None
    """None where the article's address is not a plain web address."""
    link_label: str | None
    """What the link is called where the title must not be it, since it names another host."""
    source: str
    when: str
    sentence: Pieces
    """Empty where the title is the hit sentence."""
    why: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    heading: str
    note: str
    hits: tuple[HitView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was already there: a count in words, and the newest."""

    told: str
    newest: tuple[HitView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The coverage receipt in words."""

    reading: str
    failing: tuple[tuple[str, str], ...]
    """A source's name; since when, and why."""
    failing_more: str


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
    name: str
    when: str
    summary: str
    sections: tuple[Section, ...]
    more: str
    """How many articles are not shown, and how to see them; empty if all are."""
    foot: str
    before: Before | None = None
    receipt: Receipt | None = None
    notes: tuple[Note, ...] = ()


def view(message: Message, *, at_most: int | None = None) -> View:
    """Prepare a message for rendering, with `at_most` so many articles (and never more than its max_items)."""
    if isinstance(message, Notice):
        from monitors.digest.notice_view import notice_view

        return notice_view(message)
    hits, moment, coverage = _parts(message)
    limit = message.max_items if isinstance(message, Digest) else len(hits)
    shown = hits[: limit if at_most is None else min(limit, at_most)]
    watchlist = message.watchlist
    return View(
        kind="Digest" if isinstance(message, Digest) else "Alert",
        subject=_subject(message),
        name=_name(message),
        when=words.full_time(moment),
        summary=_summary(hits, coverage, message.already_there),
        sections=tuple(_sections(shown, moment)),
        more=words.more(len(hits) - len(shown), f"newsvane preview {watchlist.id} --all"),
        foot=words.foot(watchlist),
        before=_before(message.already_there, moment),
        receipt=_receipt(coverage, moment) if coverage else None,
    )


def _parts(message: Digest | Alert) -> tuple[Sequence[Hit], datetime, Coverage | None]:
    match message:
        case Digest(stories=stories, slot=slot, coverage=coverage):
            return [story.hit for story in stories], slot, coverage
        case Alert(story=story, at=at):
            return (story.hit,) if story else (), at, None


def _name(message: Digest | Alert) -> str:
    return shorten(message.watchlist.name, _NAME) or "(no name)"


def _subject(message: Digest | Alert) -> str:
    hits, moment, coverage = _parts(message)
    if hits and coverage is None:
        return f"{_name(message)}: {shorten(hits[0].article.article.title, 140) or 'a new article'}"
    if message.already_there and not hits:
        return f"{_name(message)}: {words.already_there(message.already_there).rstrip('.')}"
    found = words.counted(len(hits), "article") if hits else "nothing new"
    return f"{_name(message)}: {found}, {words.short_time(moment, moment)}"


def _summary(hits: Sequence[Hit], coverage: Coverage | None, before: AlreadyThere | None) -> str:
    """Say the most important in one line; an alert's article speaks for itself."""
    if coverage is None:
        return "" if hits or not before else "Newsvane is watching now."
    kinds = Counter(hit.match.kind for hit in hits)
    told = [f"{words.counted(kinds['match'], 'article')} matched" if kinds["match"] else "No new article matched"]
    told += [f"{kinds[kind]:,} {kind}" for kind in _SECTIONS if kind != "match" and kinds[kind]]
    told += [f"{coverage.sources_read:,} of {words.counted(coverage.sources_due, 'source')} read"]
    told += [f"{len(coverage.failing):,} failing"] if coverage.failing else []
    return " · ".join(told)


def _sections(hits: Iterable[Hit], moment: datetime) -> Iterable[Section]:
    hits = tuple(hits)
    for kind, (heading, note) in _SECTIONS.items():
        of_kind = tuple(_hit(hit, moment) for hit in hits if hit.match.kind == kind)
        if of_kind:
            yield Section(heading=heading, note=note, hits=of_kind)


def _hit(hit: Hit, moment: datetime) -> HitView:
    article, match = hit.article.article, hit.match
    title = _excerpt(_title_of(match, article.title).marked(), _TITLE) or (("(no title)", False),)
    link = web_link(article.url)
    misleading = link is not None and names_another_host("".join(text for text, _ in title), link)
    published = article.published
    when = published or hit.article.stored_at
    return HitView(
        title=title,
        link=link,
        link_label=f"Read on {link_host(link)}" if link and misleading else None,
        source=shorten(hit.source_name, _NAME),
        when=words.short_time(when, moment) if published else f"found {words.short_time(when, moment)}",
        sentence=() if match.sentence.field == "title" else _excerpt(match.marked(), _SENTENCE),
        why=words.why(match),
        language=article.language if article.language and _LANGUAGE.fullmatch(article.language) else None,
    )


def _title_of(match: Match, title: str) -> Match:
    return replace(match, sentence=Passage(field="title", start=0, end=len(title), text=title))


def _excerpt(marked: Pieces, length: int) -> Pieces:
    """Cut a marked sentence to a length: its beginning, or what stands around its first hit."""
    pieces = [(plain(text), hit) for text, hit in _around_the_hit(marked, _ROOM * length)]
    start, end = _window(pieces, length)
    cut, at = [("…", False)] if start else [], 0
    for text, hit in pieces:
        part = text[max(start - at, 0) : max(end - at, 0)]
        cut += [(part, hit)] if part else []
        at += len(text)
    cut += [("…", False)] if end < at else []
    return _trimmed(cut)


def _around_the_hit(marked: Pieces, room: int) -> Pieces:
    """Leave out what is too far from the first hit to be shown: a sentence may be as long as a book."""
    number = next((number for number, (_, hit) in enumerate(marked) if hit), 0)
    before, after = "".join(text for text, _ in marked[:number])[-room:], []
    for text, hit in marked[number:]:
        after += [(text[:room], hit)] if room else []
        room -= min(len(text), room)
    return ((before, False), *after)


def _window(pieces: Sequence[tuple[str, bool]], length: int) -> tuple[int, int]:
    """Return from where to where to show a text, so that its first hit is in it and words stay whole if they can."""
    whole = "".join(text for text, _ in pieces)
    if len(whole) <= length:
        return 0, len(whole)
    before_hit = sum(len(text) for text, _ in takewhile(lambda piece: not piece[1], pieces))
    around = min(before_hit - length // 3, len(whole) - length)
    start = _word_after(whole, around) if length * 2 // 3 < before_hit < len(whole) else 0
    return start, _word_before(whole, start + length)


def _word_after(text: str, at: int) -> int:
    space = text.find(" ", at, at + _WORD)
    return space + 1 if space >= 0 else at


def _word_before(text: str, at: int) -> int:
    space = text.rfind(" ", at - _WORD, at)
    return space if at < len(text) and space >= 0 else min(at, len(text))


def _trimmed(pieces: list[tuple[str, bool]]) -> Pieces:
    kept: list[tuple[str, bool]] = []
    for text, hit in pieces:
        text = text if kept else on_its_own(text)  # noqa: PLW2901 -- the same text, without what would join the title
        kept += [(text, hit)] if text else []
    if kept:
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return tuple((text, hit) for text, hit in kept if text)


def _before(found: AlreadyThere | None, moment: datetime) -> Before | None:
    if found is None:
        return None
    return Before(told=words.already_there(found), newest=tuple(_hit(hit, moment) for hit in found.newest))


def _receipt(coverage: Coverage, moment: datetime) -> Receipt:
    return Receipt(
        reading=words.reading(coverage, moment.tzinfo),
        failing=tuple(
            (shorten(source.name, _NAME), words.failing(source, moment)) for source in coverage.failing[:_MOST_FAILING]
        ),
        failing_more=words.more(len(coverage.failing) - _MOST_FAILING, "newsvane status"),
    )
