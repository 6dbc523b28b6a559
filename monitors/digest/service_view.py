"""Turns trouble of Newsvane itself into what every form of its notice shows: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.health import in_words
from monitors.digest import words
from monitors.digest.inert import plain, shorten
from monitors.digest.view import Note, View

if TYPE_CHECKING:
    from datetime import datetime

    from monitors.domain import ServiceNews

_WHY = 1_000
_MOST_PROBLEMS = 20
_WHAT_HAPPENED = {
    "full": "the disk is full",
    "locked": "its database is locked",
    "gone": "its database cannot be reached",
    "read-only": "its database may only be read",
    "broken": "its database is damaged",
}
_TO_DO = {
    "full": "make room on that disk.",
    "locked": "look which other program keeps the database, and end it.",
    "gone": "put the file back, or start the database server.",
    "read-only": "look whether the file and its disk may be written.",
    "broken": "look into the system's log for errors of the disk; go back to a backup if the file is damaged.",
}
_FOOT = "Sent by Newsvane about itself. `newsvane status` tells how it is doing."


def service_view(news: ServiceNews, at: datetime) -> View:
    if news.what == "database":
        headline, note = _database(news, at)
    else:
        headline, note = _configuration(news, at)
    return View(
        kind="Notice",
        subject=f"Newsvane: {headline}",
        ahead=note.lines[0],
        name=headline[0].upper() + headline[1:],
        when=words.full_time(at),
        summary="",
        sections=(),
        more="",
        foot=_FOOT,
        notes=(note,),
    )


def _database(news: ServiceNews, at: datetime) -> tuple[str, Note]:
    since = words.short_time(news.since, at)
    if news.until:
        lasted = in_words(news.until - news.since)
        told = (
            f"From {since} to {words.time_beside(news.until, news.since, at)} ({lasted}) {_WHAT_HAPPENED[news.kind]}."
        )
        caught_up = (
            "What was published meanwhile is read now, as far as it is still in the feeds; digests that are due follow."
        )
        return "at work again", Note(heading="Newsvane can write to its database again", lines=(told, caught_up))
    lines = (
        f"Since {since}: {shorten(plain(news.why), _WHY)}",
        "Nothing is read, matched or sent meanwhile. What was stored is safe.",
        f"To do: {_TO_DO[news.kind]} Newsvane looks every few seconds and goes on by itself.",
    )
    return f"standing still, {_WHAT_HAPPENED[news.kind]}", Note(
        heading="Newsvane cannot write to its database", lines=lines
    )


def _configuration(news: ServiceNews, at: datetime) -> tuple[str, Note]:
    since = words.short_time(news.since, at)
    if news.until:
        told = f"It was refused at {since}, and is in force since {words.short_time(news.until, at)}."
        return "the configuration is in force again", Note(heading="The configuration file is in order", lines=(told,))
    problems = news.why.splitlines()
    left = len(problems) - _MOST_PROBLEMS
    lines = (
        f"At {since} the file was changed and has mistakes; the configuration before it stays in force:",
        *(shorten(plain(line), _WHY) for line in problems[:_MOST_PROBLEMS]),
        *((f"and {words.counted(left, 'more line')}",) if left > 0 else ()),
        "To do: mend the file (`newsvane check` shows all of it). It is taken over by itself within seconds.",
    )
    return "the changed configuration is refused", Note(heading="The configuration file has mistakes", lines=lines)
