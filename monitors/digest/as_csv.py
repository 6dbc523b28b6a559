"""Renders a digest as CSV, a line an article, for spreadsheets: all of it, and no cell that one of them would run."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from typing import TYPE_CHECKING

from monitors.digest.inert import plain, web_link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from monitors.domain import Carrier, Digest, Hit, Resemblance, Story

COLUMNS = (
    "story", "copy_of", "kind", "score", "published", "source", "title", "url", "sentence", "clauses", "watchlist",
    "similarity", "words",
)  # fmt: skip
_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the letters of its own country."""
# https://owasp.org/www-community/attacks/CSV_Injection: what a cell must not begin with; tabs and line breaks are gone
# already. Excel takes full-width signs for the others where they are typed, and DDE begins with | or %. A cell begins
# behind quotes too, and where the country separates by semicolons, behind one of those.
_START = re.compile(r"(?P<before>(?:\A|;)[\s\"'“”‘’]*)(?P<sign>[^\w\s;])")
_RUN = frozenset("=+-@|%\N{MINUS SIGN}")
_LONGEST = 4_000  # of a cell; no sentence has more, and Excel has no more than 32,767


def as_csv(digest: Digest) -> str:
    """Render every story, however many the digest would show: its article, others on the event, and the copies."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for story in digest.stories:
        writer.writerows(map(cell, row) for row in _rows(story, digest))
    return _MARK + out.getvalue()


def cell(text: str) -> str:
    """Return text that a spreadsheet takes for text: on one line, with a `'` before what would begin a formula."""
    return _START.sub(_disarmed, plain(text[:_LONGEST]))[:_LONGEST]


def _disarmed(start: re.Match[str]) -> str:
    runs = unicodedata.normalize("NFKC", start["sign"])[:1] in _RUN
    return f"{start['before']}'{start['sign']}" if runs else start.group()


def _rows(story: Story, digest: Digest) -> Iterable[tuple[str, ...]]:
    name = digest.watchlist.id
    yield (str(story.id), "", *_of_hit(story.hit, digest.slot), name, *_near(story.hit.match.resemblance))
    shown = web_link(story.hit.article.article.url) or ""
    for copy in story.copies:
        yield (str(story.id), shown, *_of_copy(copy, digest.slot), name, *_near(None))
    for other in story.others:
        yield (str(story.id), "", *_of_hit(other, digest.slot), name, *_near(other.match.resemblance))


def _near(near: Resemblance | None) -> tuple[str, str]:
    """By what an article is related."""
    return (f"{near.similarity:.3f}", " | ".join(near.terms)) if near else ("", "")


def _of_hit(hit: Hit, moment: datetime) -> tuple[str, ...]:
    article, match = hit.article.article, hit.match
    told = match.kind, f"{match.score:.3f}", _time(article.published, moment) if article.published else ""
    where = hit.source_name, article.title, web_link(article.url) or ""
    return (*told, *where, match.sentence.text, " | ".join(match.clauses))


def _of_copy(copy: Carrier, moment: datetime) -> tuple[str, ...]:
    return ("copy", "", _time(copy.at, moment), copy.source_name, copy.title, web_link(copy.url) or "", "", "")


def _time(at: datetime, moment: datetime) -> str:
    """`2026-11-23 06:12+01:00`, in the zone of the digest."""
    try:
        return at.astimezone(moment.tzinfo).isoformat(" ", "minutes")
    except OverflowError:  # a page may well say it is of the year 1 or 9999
        return at.isoformat(" ", "minutes")
