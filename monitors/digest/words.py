"""Says in words when, why and how well: the sentences that all forms of a message share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.health import in_words
from monitors.digest.inert import plain, shorten

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, tzinfo

    from monitors.domain import (
        Again,
        AlreadyThere,
        Coverage,
        FailingSource,
        Hit,
        HoldReason,
        Match,
        Pause,
        Resemblance,
        SilentSource,
        Story,
        Tier,
        Trend,
        Update,
        UpdateKind,
        Watchlist,
    )

_MOST_CLAUSES = 6
_MOST_NAMES = 3
_MOST_TERMS, _LONGEST_TERM = 6, 40
_FIELDS = ("title", "lead", "text")
_EDITS: dict[UpdateKind, str] = {
    "gained": "Matches since an edit",
    "lost": "Does not match any more since an edit",
    "headline": "New headline",
    "correction": "Corrected",
}
_AGAIN: dict[Again, str] = {
    "correction": "Told again: it was corrected",
    "headline": "Told again: it has a new headline",
    "new_entity": "Told again: somebody or something else that you watch is named",
    "better_tier": "Told again: a source of a better tier has it",
}

TIERS: dict[Tier, str] = {
    "terms": "words alone",
    "core": "words and word vectors",
    "semantic": "words, word vectors and a language model",
}
_HELD: dict[HoldReason, str] = {
    "quiet": "during quiet hours",
    "max_per_hour": "for there were enough alerts in this hour",
    "outage": "while messages could not be delivered",
    "muted": "while the watchlist was muted",
}


def held(why: HoldReason, since: datetime, now: datetime) -> str:
    """`held since Mon 23 Nov, 22:40, during quiet hours`; where nothing waited, `told together, for …`."""
    return f"held since {short_time(since, now)}, {_HELD[why]}" if since < now else f"told together, {_HELD[why]}"


def counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def full_time(at: datetime) -> str:
    """`Monday 23 November 2026, 07:00 (Europe/Zurich)`: a moment in the zone it carries."""
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M} ({at.tzinfo})"


def short_time(at: datetime, reference: datetime) -> str:
    """`Mon 23 Nov, 07:00` in the zone of the reference, with the year where that is another one."""
    local = _local(at, reference)
    return f"{_day(local, reference)}, {local:%H:%M}"


def time_beside(at: datetime, other: datetime, reference: datetime) -> str:
    """`07:12`, or with its day where that is not the day of the other."""
    local = _local(at, reference)
    return f"{local:%H:%M}" if local.date() == _local(other, reference).date() else short_time(at, reference)


def _day(local: datetime, reference: datetime) -> str:
    year = "" if local.year == reference.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}"


def _local(at: datetime, reference: datetime) -> datetime:
    try:
        return at.astimezone(reference.tzinfo)
    except OverflowError:  # a page may well say it is of the year 1 or 9999
        return at


def listed(words: list[str]) -> str:
    """`title, lead and text`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def it_matches(hit: Hit) -> str:
    """Introduce the clauses."""
    return "It matched" if hit.lost_at else "Why"


def why(match: Match) -> str:
    """`“China cybersecurity law” in title and text; the entity amazon in text`."""
    told = [_clause(clause, match) for clause in match.clauses[:_MOST_CLAUSES]]
    left = len(match.clauses) - len(told)
    return "; ".join([*told, f"and {left} more"] if left else told)


def resembles(near: Resemblance) -> str:
    """`similarity .43; words: internet, laws, China`: by what an article comes near."""
    terms = [shorten(term, _LONGEST_TERM) for term in near.terms[:_MOST_TERMS]]
    told = [f"similarity {near.similarity:.2f}".replace(" 0.", " .")] if near.similarity else []
    told += [f"words: {', '.join(terms)}"] if terms else []
    return "; ".join(told) or f"score {near.score:.2f}".replace(" 0.", " .")


def compared(tiers: Collection[Tier]) -> str:
    """Say how what is related is sought, where it is: `… by words and word vectors (concepts: core).`"""
    told = [f"{TIERS[tier]} (concepts: {tier})" for tier in TIERS if tier in tiers]
    return f"What is related is sought by {listed(told)}." if told else ""


def _clause(clause: str, match: Match) -> str:
    fields = {span.field for span in match.spans if span.clause == clause}
    where = listed([field for field in _FIELDS if field in fields])
    kind, _, name = clause.partition(":")
    what = f"the entity {shorten(name, 80)}" if kind == "entity" else f"“{shorten(clause, 120)}”"
    return f"{what} in {where}" if where else what  # a fact about the article stands nowhere in it


def already_there(found: AlreadyThere, see_all: str = "") -> str:
    """Say how many there were, and with which command to see those that are not shown."""
    were = "match was" if found.count == 1 else "matches were"
    rest = f" All of them: {plain(see_all)}." if see_all and found.count > len(found.newest) else ""
    return f"{found.count:,} {were} there before Newsvane started watching.{rest}"


def told_again(story: Story) -> str:
    return _AGAIN[story.again] if story.again else ""


def lost(hit: Hit) -> str:
    return "no longer matches" if hit.lost_at else ""


def told_before(story: Story, moment: datetime) -> str:
    """`told before on Tue 24 Nov`; nothing if it was not."""
    if story.told_at is None:
        return ""
    local = _local(story.told_at, moment)
    if local.date() == moment.date():
        return f"told before today at {local:%H:%M}"
    return f"told before on {_day(local, moment)}"


def again(why: Again | None) -> str:
    """Say in the subject of an alert that it comes again: `China cybersecurity law, corrected: …`."""
    return {None: "", "correction": ", corrected", "headline": ", new headline"}.get(why, ", again")


def updated(update: Update, moment: datetime) -> str:
    """`New headline, seen Mon 23 Nov, 06:40`."""
    return f"{_EDITS[update.kind]}, seen {short_time(update.at, moment)}"


def earlier_edits(number: int) -> str:
    return f"and {counted(number, 'earlier edit')}" if number else ""


def repeats(number: int) -> str:
    """`12 more copies of stories you were told before`."""
    return f"{counted(number, 'more copy', 'more copies')} of stories you were told before." if number else ""


def left_out(number: int) -> str:
    """`2 more related stories left out.`"""
    return f"{counted(number, 'more related story', 'more related stories')} left out." if number else ""


def muted(number: int, command: str) -> str:
    """`3 more articles on muted stories are not shown: newsvane preview clouds --all`."""
    are = "is" if number == 1 else "are"
    told = f"{counted(number, 'more article')} on muted stories {are} not shown"
    return f"{told}: {plain(command)}" if number else ""


def today(trend: Trend) -> str:
    """`9 stories today; usual is 2 a day`."""
    told = f"{_stories(trend.counts[-1:])} today"
    return f"{told}; {_usual(trend.usual)}" if trend.usual is not None else told


def far_above(trend: Trend | None) -> str:
    """Say that there is far more than usual; in the morning, that there was yesterday."""
    if trend is None or trend.usual is None or not (trend.far_above or trend.yesterday_far_above):
        return ""
    if trend.far_above:
        return f"Far more than usual: {today(trend)}"
    return f"Far more than usual yesterday: {_stories(trend.counts[-2:-1])}; {_usual(trend.usual)}"


def _stories(day: tuple[int, ...]) -> str:
    return counted(sum(day), "story", "stories") if sum(day) else "No story"


def _usual(a_day: float) -> str:
    """`usual is 2 a day`; between two numbers, as a median may be, `usual is 2 or 3 a day`."""
    if not a_day:
        return "usually there is none"
    if a_day % 1 == 0.5:  # noqa: PLR2004 -- a half
        return f"usual is {a_day - 0.5:,.0f} or {a_day + 0.5:,.0f} a day"
    return f"usual is {a_day:,.1f}".removesuffix(".0") + " a day"


def sources_read(coverage: Coverage) -> str:
    """`58 of 60 sources read`: of those that were due."""
    due = _due(coverage)
    return f"{coverage.sources_read:,} of {counted(due, 'source')} read" if due else "no source was due"


def nothing_new(coverage: Coverage) -> tuple[str, str]:
    """Say that there is nothing, and how sure that is."""
    due = _due(coverage)
    if not due:
        return "Nothing new", "No source was due in this time."
    came = f"{_articles(coverage.articles)} came in" + (", and none of them matched" if coverage.articles else "")
    if coverage.sources_read == due and not (coverage.failing or coverage.pauses):
        read = f"All {due:,} sources were read" if due > 1 else "The source was read"
        return "Nothing new", f"{read}, {came}."
    trouble = " What could not be read stands below." if coverage.failing or coverage.pauses else ""
    read = f"{coverage.sources_read:,} of {counted(due, 'source')} were read"
    return "Nothing new in what could be read", f"{read}, {came}.{trouble}"


def _due(coverage: Coverage) -> int:
    return max(coverage.sources_due, coverage.sources_read)


def _articles(number: int) -> str:
    return counted(number, "article") if number else "no new article"


def reading(coverage: Coverage, zone: tzinfo | None) -> str:
    """Say what was looked at: the period, the sources, the articles, and what got in the way."""
    until = coverage.until.astimezone(zone)
    return " ".join([*read_lines(coverage, until), *pauses(coverage, until)])


def read_lines(coverage: Coverage, reference: datetime) -> list[str]:
    """Say in which period which sources answered and what came in, and below it which sources are new."""
    period = f"From {short_time(coverage.since, reference)} to {short_time(coverage.until, reference)}"
    articles = f"{counted(coverage.articles, 'article')} came in"
    came = f"{period}: {_answered(coverage)}, {articles}. {_bodies(coverage.bodies_missing)}".rstrip()
    return list(filter(None, [came, _new(coverage)]))


def _answered(coverage: Coverage) -> str:
    """`58 of 60 sources answered`; of those that were not due, that they were not."""
    if not coverage.sources_due and coverage.sources:
        return f"none of the {counted(coverage.sources, 'source')} was due"
    if coverage.sources_due == coverage.sources:
        return f"{coverage.sources_read:,} of {counted(coverage.sources, 'source')} answered"
    due = f"{coverage.sources_read:,} of {counted(coverage.sources_due, 'source')} due answered"
    return f"{due} ({coverage.sources - coverage.sources_due:,} of {coverage.sources:,} not due)"


def _bodies(missing: int) -> str:
    if not missing:
        return ""
    were = "1 of them" if missing == 1 else f"{missing:,} of them"
    return f"{were} came without a readable body and could be matched on title and summary only."


def _new(coverage: Coverage) -> str:
    """Say which sources are new: of what they published before, only what they still showed was seen."""
    told = []
    if coverage.new and len(coverage.new) < coverage.sources:
        told.append(f"Read for the first time: {_names(coverage.new)}.")
    if coverage.not_yet:
        told.append(
            f"Not read yet, since {'it is' if len(coverage.not_yet) == 1 else 'they are'} new: "
            f"{_names(coverage.not_yet)}."
        )
    return " ".join(told)


def _names(names: Sequence[str]) -> str:
    shown = [shorten(name, 80) for name in names[:_MOST_NAMES]]
    left = len(names) - len(shown)
    return listed([*shown, f"{left:,} more"] if left else shown)


def pauses(coverage: Coverage, reference: datetime) -> list[str]:
    """Say when nothing was read, and what became of what was published meanwhile."""
    told = [_pause(one, reference) for one in coverage.pauses[-_MOST_NAMES:]]
    if len(coverage.pauses) > len(told):
        told.append(f"There were {len(coverage.pauses) - len(told):,} such times before.")
    if told and coverage.pauses[-1].until:
        told.append("What was published meanwhile was read afterwards, as far as the sources still showed it.")
    return told


def _pause(pause: Pause, reference: datetime) -> str:
    stopped = pause.why == "stopped"
    since = short_time(pause.since, reference)
    if pause.until is None:
        return (
            f"Newsvane itself has not run since {since}." if stopped else f"No source could be reached since {since}."
        )
    until = short_time(pause.until, reference)
    what = "Newsvane itself did not run" if stopped else "No source could be reached"
    return f"{what} from {since} to {until}."


def failing(source: FailingSource, reference: datetime) -> str:
    """`since Sat 21 Nov, 18:04: the server answered 403`."""
    since = f"since {short_time(source.since, reference)}" if source.since else ""
    if source.gone:
        since = f"gone for good {since}".rstrip() + ", and not asked any more"
    elif source.never_read or not since:
        since = f"never read so far, tried {since}" if since else "never read so far"
    return f"{since}: {shorten(source.reason, 200) or 'no reason known'}"


def silent(source: SilentSource, reference: datetime) -> str:
    """`the last new article came Sat 14 Nov, 06:00; usually one comes every 6 hours (nothing new for 9 days; …)`."""
    came = f"the last new article came {short_time(source.last_new_at, reference)}" if source.last_new_at else ""
    usual = f"usually one comes every {_every(source.usual)}" if source.usual else ""
    told = "; ".join(part for part in (came or "no new article so far", usual) if part)
    return f"{told} ({shorten(source.why, 200)})" if source.why else told


def _every(gap: timedelta) -> str:
    """`6 hours`, `minute`."""
    return "minute" if gap < timedelta(seconds=90) else in_words(gap)


def and_more(number: int, one: str, many: str | None = None) -> str:
    """`and 9 more`, with what there is more of."""
    if number <= 0:
        return ""
    what = f" {one if number == 1 else many or one + 's'}" if one else ""
    return f"and {number:,} more{what}"


def more(number: int, command: str) -> str:
    """Say how many are not shown and which command shows them; nothing if all are."""
    return f"and {number:,} more: {plain(command)}" if number > 0 else ""


def foot(watchlist: Watchlist, stories: Sequence[Story] = ()) -> str:
    """Say whose message it is, and how to hear no more of one of these stories."""
    owned = f", owned by {shorten(watchlist.owner, 120)}" if watchlist.owner else ""
    sent = f"Sent by Newsvane for the watchlist {plain(watchlist.id)}{owned}."
    if not stories:
        return sent
    which = "this story" if len(stories) == 1 else f"story {stories[0].id}"
    return f"{sent} Enough of {which}: newsvane mute {stories[0].id} --for 7d"


def numbered(story: Story) -> str:
    """Say by which number a story is muted."""
    return f"story {story.id}"
