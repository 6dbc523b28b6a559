"""Says in words when, why and how well: the sentences that all forms of a message share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.digest.inert import plain, shorten

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from monitors.domain import AlreadyThere, Coverage, FailingSource, Match, Watchlist

_MOST_CLAUSES = 6
_FIELDS = ("title", "lead", "text")


def counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def full_time(at: datetime) -> str:
    """`Monday 23 November 2026, 07:00 (Europe/Zurich)`: a moment in the zone it carries."""
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M} ({at.tzinfo})"


def short_time(at: datetime, reference: datetime) -> str:
    """`Mon 23 Nov, 07:00` in the zone of the reference, with the year where that is another one."""
    try:
        local = at.astimezone(reference.tzinfo)
    except OverflowError:  # a page may well say it is of the year 1 or 9999
        local = at
    year = "" if local.year == reference.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def listed(words: list[str]) -> str:
    """`title, lead and text`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def why(match: Match) -> str:
    """`“China cybersecurity law” in title and text; the entity amazon in text`."""
    told = [_clause(clause, match) for clause in match.clauses[:_MOST_CLAUSES]]
    left = len(match.clauses) - len(told)
    return "; ".join([*told, f"and {left} more"] if left else told)


def _clause(clause: str, match: Match) -> str:
    fields = {span.field for span in match.spans if span.clause == clause}
    where = listed([field for field in _FIELDS if field in fields])
    kind, _, name = clause.partition(":")
    what = f"the entity {shorten(name, 80)}" if kind == "entity" else f"“{shorten(clause, 120)}”"
    return f"{what} in {where}" if where else what  # a fact about the article stands nowhere in it


def already_there(found: AlreadyThere) -> str:
    were = "match was" if found.count == 1 else "matches were"
    return f"{found.count:,} {were} there before Newsvane started watching."


def reading(coverage: Coverage, zone: tzinfo | None) -> str:
    """Say what was looked at: the period, the sources, the articles."""
    until = coverage.until.astimezone(zone)
    period = f"From {short_time(coverage.since, until)} to {short_time(until, until)}"
    read = f"{coverage.sources_read:,} of {counted(coverage.sources, 'source')} answered"
    articles = f"{counted(coverage.articles, 'article')} came in"
    return f"{period}: {read}, {articles}.{_bodies(coverage.bodies_missing)}"


def _bodies(missing: int) -> str:
    if not missing:
        return ""
    were = "1 of them" if missing == 1 else f"{missing:,} of them"
    return f" {were} came without a readable body and could be matched on title and summary only."


def failing(source: FailingSource, reference: datetime) -> str:
    """`since Sat 21 Nov, 18:04: the server answered 403`."""
    since = f"since {short_time(source.since, reference)}" if source.since else "never read so far"
    return f"{since}: {shorten(source.reason, 200) or 'no reason known'}"


def more(number: int, command: str) -> str:
    """Say how many are not shown and which command shows them; nothing if all are."""
    return f"and {number:,} more: {plain(command)}" if number > 0 else ""


def foot(watchlist: Watchlist) -> str:
    owned = f", owned by {shorten(watchlist.owner, 120)}" if watchlist.owner else ""
    return f"Sent by Newsvane for the watchlist {plain(watchlist.id)}{owned}."
