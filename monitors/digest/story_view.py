"""Turns a story into what every form of a message shows of it: safe links, marked pieces, plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitors.digest import pieces, words
from monitors.digest.inert import link_host, names_another_host, shorten, web_link
from monitors.domain import Passage

if TYPE_CHECKING:
    from datetime import datetime

    from monitors.digest.pieces import Pieces
    from monitors.domain import Carrier, Hit, Match, MatchKind, Story, Update

_TITLE, _SENTENCE, _NAME, _COPY = 300, 420, 120, 60
_MOST_NAMES, _MOST_UPDATES, _MOST_DIFFS = 5, 3, 4
_LESS_SURE: dict[MatchKind, str] = {"possible": "a possible mention", "related": "related"}
_NEAR = {True: "Related", False: "Concept"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """An article as a headline, who brought it, and when."""

    title: Pieces
    link: str | None
    """None where the article's address is not a plain web address."""
    link_label: str | None
    """What the link is called where the title must not be it, since it names another host."""
    source: str
    when: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """Who carried a copy; a link where the name may be one."""

    name: str
    note: str
    """`first, 07:12`; empty for all but the first."""
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesView:
    """`+14 copies: The Ledger (first, 07:12), Kurier and 9 more`, in parts."""

    count: str
    shown: tuple[CopyView, ...]
    more: str
    first: str
    """Who had it first, where that is who brought the article shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """What an edit did, and the passages it changed."""

    told: str
    of: LineView | None
    """The article, where it is not the one shown."""
    diffs: tuple[Pieces, ...]
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    line: LineView
    again: str
    """Why it is told again; empty for most."""
    lost: str
    """That it does not match any more."""
    told_before: str
    sentence: Pieces
    """Empty where the title is the hit sentence."""
    why: str
    """The clauses that were true, or by what it is related; and in a message on several stories, its number."""
    copies: CopiesView | None
    updates: tuple[UpdateView, ...]
    updates_more: str
    others: tuple[LineView, ...]
    others_more: str


def story_view(story: Story, moment: datetime, *, most_others: int | None, numbered: bool = False) -> StoryView:
    """Prepare a story for rendering, with at most so many of the other articles on it, and with its number."""
    match = story.hit.match
    why = [f"{words.it_matches(story.hit)}: {words.why(match)}"] if match.spans and not match.is_related else []
    why += [f"{_NEAR[match.is_related]}: {words.resembles(match.resemblance)}"] if match.resemblance else []
    why += [words.numbered(story)] if numbered else []
    others = story.others[:most_others]
    updates = story.updates[-_MOST_UPDATES:]
    return StoryView(
        line=line_of(story.hit, moment),
        again=words.told_again(story),
        lost=words.lost(story.hit),
        told_before=words.told_before(story, moment),
        sentence=() if match.sentence.field == "title" else pieces.of_match(match, _SENTENCE),
        why=" · ".join(why),
        copies=_copies(story, moment) if story.copies else None,
        updates=tuple(_update(update, story, moment) for update in updates),
        updates_more=words.earlier_edits(len(story.updates) - len(updates)),
        others=tuple(_other(hit, moment) for hit in others),
        others_more=words.and_more(len(story.others) - len(others), "article on it", "articles on it"),
    )


def line_of(hit: Hit, moment: datetime) -> LineView:
    article = hit.article.article
    found = words.short_time(article.published or hit.article.stored_at, moment)
    return _line(
        pieces.of_match(_title_of(hit.match, article.title), _TITLE),
        article.url,
        source=hit.source_name,
        when=found if article.published else f"found {found}",
        language=_language(article.language),
    )


def _other(hit: Hit, moment: datetime) -> LineView:
    line = line_of(hit, moment)
    less_sure = _LESS_SURE.get(hit.match.kind, "")
    return replace(line, when=" · ".join(filter(None, [line.when, less_sure, words.lost(hit)])))


def _line(title: Pieces, url: str, *, source: str, when: str, language: str | None) -> LineView:
    link = web_link(url)
    misleading = link is not None and names_another_host(pieces.unmarked(title), link)
    return LineView(
        title=title or (("(no title)", "same"),),
        link=link,
        link_label=f"Read on {link_host(link)}" if link and misleading else None,
        source=shorten(source, _NAME),
        when=when,
        language=language,
    )


def _title_of(match: Match, title: str) -> Match:
    return replace(match, sentence=Passage(field="title", start=0, end=len(title), text=title))


def _language(code: str | None) -> str | None:
    return code if code and _LANGUAGE.fullmatch(code) else None


def _copies(story: Story, moment: datetime) -> CopiesView:
    """Name those who carried copies, each once, with who was first."""
    named: dict[str, Carrier] = {}
    for carrier in story.copies:
        named.setdefault(carrier.source_name, carrier)
    shown = list(named.values())[:_MOST_NAMES]
    return CopiesView(
        count=f"+{words.counted(len(story.copies), 'copy', 'copies')}",
        shown=tuple(_copy(carrier, story, moment) for carrier in shown),
        more=words.and_more(len(named) - len(shown), ""),
        first="" if story.first else shorten(story.hit.source_name, _COPY),
    )


def _copy(carrier: Carrier, story: Story, moment: datetime) -> CopyView:
    name, link = shorten(carrier.source_name, _COPY) or "(no name)", web_link(carrier.url)
    is_first = story.first is not None and carrier.url == story.first.url
    shown = story.hit.article.article.published or story.hit.article.stored_at
    return CopyView(
        name=name,
        note=f"first, {words.time_beside(carrier.at, shown, moment)}" if is_first else "",
        link=link if link and not names_another_host(name, link) else None,
    )


def _update(update: Update, story: Story, moment: datetime) -> UpdateView:
    article = story.hit.article.article
    same = update.url == article.url
    title = pieces.excerpt([(update.title, "same")], _TITLE)
    return UpdateView(
        told=words.updated(update, moment),
        of=None if same else _line(title, update.url, source="", when="", language=None),
        diffs=tuple(filter(None, map(pieces.of_diff, update.diffs[:_MOST_DIFFS]))),
        language=_language(article.language) if same else None,
    )
