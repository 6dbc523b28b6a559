"""What a watchlist would have brought, told on a terminal: how many a day, and what brought them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.digest.inert import shorten
from monitors.digest.words import counted, short_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from monitors.rehearsal import Day, Rehearsal, Share

BAR = 30
MOST_DAYS = 62
"""Of a longer time, weeks are shown."""
MOST_SHARES = 10
_NAME = 46


def in_words(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield the lines: the sum, a bar for each day, the clauses and the sources."""
    yield from _summary(rehearsal)
    if rehearsal.articles:
        yield ""
        long = len(rehearsal.days) > MOST_DAYS
        yield from _bars("week of", rehearsal.weeks) if long else _bars("day", rehearsal.days)
        yield from _shares("what found them", rehearsal.clauses, alone=True)
        yield from _shares("where", rehearsal.sources)
    yield ""
    yield "=" * 72


def archive_is_younger(rehearsal: Rehearsal) -> str:
    """Say that the archive does not reach back as far as was asked; empty if it does."""
    if rehearsal.archive_from <= rehearsal.since:
        return ""
    begins = short_time(rehearsal.archive_from, rehearsal.digest.slot)
    return f"The archive begins on {begins}: of what was before, nothing is known."


def _summary(rehearsal: Rehearsal) -> Iterator[str]:
    local = rehearsal.digest.slot
    period = f"from {short_time(rehearsal.known_from, local)} to {short_time(rehearsal.until, local)}"
    name = shorten(rehearsal.digest.watchlist.name, 80)
    if rehearsal.articles:
        found = f"{counted(rehearsal.stories, 'story', 'stories')} ({counted(rehearsal.articles, 'article')})"
        yield f"{name}: {found} {period}"
        busiest = rehearsal.busiest
        yield f"{rehearsal.a_day:,.1f} stories a day; at most {busiest.stories:,}, on {_day(busiest.day, local)}"
    else:
        yield f"{name}: nothing {period}"
    yield f"{counted(rehearsal.looked_at, 'article')} looked at{_left_out(rehearsal)}"
    if rehearsal.possible:
        yield f"{counted(rehearsal.possible, 'possible mention')} not counted here, but told in the digest"
    if rehearsal.related:
        yield f"{counted(rehearsal.related, 'related article')} not counted here; the best are told in the digest"
    if rehearsal.already_there:
        yield (
            f"{rehearsal.already_there:,} of the articles were there when their source was first read: "
            "of those days, not all is known"
        )
    if younger := archive_is_younger(rehearsal):
        yield younger


def _left_out(rehearsal: Rehearsal) -> str:
    return f", {rehearsal.too_old:,} more were older than `max_age` when they were found" if rehearsal.too_old else ""


def _bars(heading: str, days: Sequence[Day]) -> Iterator[str]:
    most, until = max(day.articles for day in days), days[-1].day
    wide = max(len(_day(day.day, until)) for day in days) + 2
    yield f"{heading:<{wide}}stories  articles"
    for day in days:
        # a story is drawn full, what else there is on it pale
        stories, articles = (_length(number, most) for number in (day.stories, day.articles))
        bar = "█" * stories + "░" * (articles - stories)
        yield f"{_day(day.day, until):<{wide}}{day.stories:>7,}  {day.articles:>8,}  {bar}".rstrip()


def _length(number: int, most: int) -> int:
    return max(round(BAR * number / most), 1) if number else 0


def _day(day: date, until: date) -> str:
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != until.year else "")


def _shares(heading: str, shares: Sequence[Share], *, alone: bool = False) -> Iterator[str]:
    yield ""
    yield f"{heading:<{_NAME}}  articles" + ("  only this" if alone else "")
    for share in shares[:MOST_SHARES]:
        only = f"  {share.alone:>9,}" if alone else ""
        yield f"{shorten(share.name, _NAME):<{_NAME}}  {share.articles:>8,}{only}"
    if len(shares) > MOST_SHARES:
        yield f"and {len(shares) - MOST_SHARES:,} more (--format json has all)"
