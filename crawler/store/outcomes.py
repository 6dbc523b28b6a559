"""Writes down how reading a source went: what it brought, how it is doing, when to come back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from crawler.domain import Failed, NotModified, PagesOnly, Read, Validators
from crawler.health import Bodies, Body, Brought, Chart, Verdict, verdict
from crawler.polling import Rhythm, chance_of, first_heard, heard, next_check, usual_wait
from crawler.store.database import chunks
from crawler.store.tables import EntryRow, SectionMemoryRow, SourceDayRow, SourceRow, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crawler.domain import FetchOutcome, Source
    from crawler.health import State
    from crawler.polling import Polling

log = structlog.get_logger()

SIGHTINGS = 3
"""How often in a row a permanent redirect must be met before it is believed."""
BETWEEN_RUNS = timedelta(minutes=15)
"""From the end of one run for a source's pages to the next: as long as a page rests that failed once."""
HIDDEN_FOR = timedelta(hours=2)
"""How long before the last 304 an entry must have been there to prove that the 304 was wrong."""


@dataclass(slots=True)
class Memory:
    """What the database remembers of a source, while the end of a read is worked in."""

    id: str
    url: str
    feed_url: str | None
    found_kind: str | None
    remark: str | None
    etag: str | None
    last_modified: str | None
    moved_to: str | None
    moved_seen: int
    always_whole: bool
    first_read_at: datetime | None
    last_checked_at: datetime | None
    last_read_at: datetime | None
    full_read_at: datetime | None
    last_new_at: datetime | None
    next_check_at: datetime
    pages_due_at: datetime | None
    failures: int
    hard_failures: int
    good_reads: int
    failing_since: datetime | None
    reason: str | None
    kind: str | None
    gone_at: datetime | None
    rhythm: dict[str, Any] | None
    bodies: dict[str, Any] | None
    state: State
    state_since: datetime | None
    state_why: str | None
    claimed_by: str | None
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a read: how it went and what it brought."""

    source: Source
    outcome: FetchOutcome
    brought: Brought = Brought()  # noqa: RUF009  (frozen)


# Not through the ORM, and many at once: the statements cost more than what they do.
_SOURCES: Any = sa.inspect(SourceRow).local_table
_COLUMNS = [field.name for field in fields(Memory)]
_LOOK_UP = sa.select(*(_SOURCES.c[name] for name in _COLUMNS)).where(
    _SOURCES.c.id.in_(sa.bindparam("ids", expanding=True))
)
_WRITE_DOWN = (
    sa.update(_SOURCES)
    .where(_SOURCES.c.id == sa.bindparam("source"))
    .values({name: sa.bindparam(name) for name in _COLUMNS[2:]})
)
_ENTRIES: Any = sa.inspect(EntryRow).local_table
_FIRST_WAITING = (
    sa.select(_ENTRIES.c.source_id, sa.func.min(_ENTRIES.c.next_try_at, type_=UtcDateTime))
    .where(_ENTRIES.c.source_id.in_(sa.bindparam("ids", expanding=True)), _ENTRIES.c.state == "waiting")
    .group_by(_ENTRIES.c.source_id)
)


def record(
    session: Session,
    source: Source,
    outcome: FetchOutcome,
    polling: Polling,
    *,
    now: datetime,
    brought: Brought = Brought(),  # noqa: B008  (frozen)
) -> None:
    """Write down how reading a source went, when to come back, and give up the claim on it."""
    record_all(session, [Ended(source=source, outcome=outcome, brought=brought)], polling, now=now)


def record_all(session: Session, reads: Sequence[Ended], polling: Polling, *, now: datetime) -> None:
    """Do as `record` does for the reads of several sources, each once."""
    connection = session.connection()
    rows: dict[str, Memory] = {}
    for ids in chunks([one.source.id for one in reads]):
        rows |= {row.id: Memory(*row) for row in connection.execute(_LOOK_UP, {"ids": ids})}
    _count(connection, reads, now)
    pages_due = _pages_due(connection, list(rows), now)
    written = []
    for one in reads:
        row = rows[one.source.id]
        _work_in(session, row, one, one.source.poll or polling, now)
        row.pages_due_at = pages_due.get(row.id)
        written.append({"source": row.id, **{name: getattr(row, name) for name in _COLUMNS[2:]}})
    connection.execute(_WRITE_DOWN, written)


def _work_in(session: Session, row: Memory, ended: Ended, polling: Polling, now: datetime) -> None:
    match ended.outcome:
        case Read() as read:
            _read(row, read, ended.brought, now)
            if read.memory:
                session.merge(SectionMemoryRow(source_id=row.id, memory=read.memory.as_json()))
        case NotModified() as unmodified:
            _unmodified(row, unmodified, now)
        case Failed() as failed:
            _failed(row, failed, now)
    _judge(session.connection(), row, ended.source, ended.brought, now)
    if not isinstance(ended.outcome, PagesOnly):
        row.last_checked_at = now
        row.next_check_at = _next_check(row, ended.source, ended.outcome, polling, now)
    row.claimed_by = row.claimed_until = None


def _pages_due(connection: sa.Connection, ids: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Return when the pages that wait are to be tried, by source; what one run left over is not taken up at once."""
    found: dict[str, datetime] = {}
    for some in chunks(ids):
        for source_id, first in connection.execute(_FIRST_WAITING, {"ids": some}):
            found[source_id] = max(first, now + BETWEEN_RUNS)
    return found


def _next_check(
    row: Memory, source: Source, outcome: Read | NotModified | Failed, polling: Polling, now: datetime
) -> datetime:
    hint = None if isinstance(outcome, Failed) else outcome.pause
    usual = usual_wait(rhythm_of(row.rhythm), polling, quiet=_quiet(row, now), hint=hint)
    chance = chance_of(source.id, now)
    return next_check(outcome, polling, usual=usual, failures=row.failures, chance=chance, now=now)


# -- an answer --------------------------------------------------------------------------------------------------------


def _read(row: Memory, read: Read, brought: Brought, now: datetime) -> None:
    if not row.always_whole and brought.named and _was_hidden(row, read, brought):
        row.always_whole = True
        log.warning("unmodified_was_wrong", source=row.id)
    row.feed_url, row.found_kind, row.remark = read.feed_url, read.found_kind, read.remark
    _follow(row, read.moved_to)
    row.etag, row.last_modified = read.validators.etag, read.validators.last_modified
    _hear(row, read, brought, now)
    row.first_read_at, row.full_read_at = row.first_read_at or now, now
    _well(row, now)


def _unmodified(row: Memory, unmodified: NotModified, now: datetime) -> None:
    if row.failures:  # it was asked before it failed: that proves nothing
        return
    _follow(row, unmodified.moved_to)
    if row.rhythm is not None and row.last_read_at is not None:
        rhythm = heard(rhythm_of(row.rhythm), entries=None, new=0, since=now - row.last_read_at, quiet=_quiet(row, now))
        row.rhythm = _written(rhythm)
    _well(row, now)


def _well(row: Memory, now: datetime) -> None:
    row.last_read_at = now
    row.good_reads = min(row.good_reads + 1, 1_000_000)
    row.failures = row.hard_failures = 0
    row.failing_since = row.reason = row.kind = row.gone_at = None


def _hear(row: Memory, read: Read, brought: Brought, now: datetime) -> None:
    """Learn how the source publishes."""
    if row.rhythm is None or row.last_read_at is None:
        rhythm = first_heard(read.entries, read.dates, now=now)
        row.last_new_at = min(max(read.dates), now) if rhythm.gaps else now
    else:
        since, quiet = now - row.last_read_at, _quiet(row, now)
        rhythm = heard(rhythm_of(row.rhythm), entries=read.entries, new=brought.named, since=since, quiet=quiet)
        row.last_new_at = now if brought.named else row.last_new_at
    row.rhythm = _written(rhythm)


def _was_hidden(row: Memory, read: Read, brought: Brought) -> bool:
    """Whether a 304 has hidden, or would hide, what the source brings now."""
    old = Validators(etag=row.etag, last_modified=row.last_modified)
    if old.etag or old.last_modified:
        same = old.etag == read.validators.etag if old.etag else old.last_modified == read.validators.last_modified
        if same:
            return True
    if row.last_read_at is None or row.full_read_at is None or row.last_read_at <= row.full_read_at:
        return False
    return brought.newest is not None and brought.newest < row.last_read_at - HIDDEN_FOR


def _follow(row: Memory, moved_to: str | None) -> None:
    """Believe a permanent redirect once it was met often enough: a firewall's may be over tomorrow."""
    if moved_to is None:
        if row.feed_url != row.moved_to:
            row.moved_to, row.moved_seen = None, 0
        return
    row.moved_seen = row.moved_seen + 1 if row.moved_to == moved_to else 1
    row.moved_to = moved_to
    if row.moved_seen >= SIGHTINGS and row.feed_url != moved_to:
        log.warning("source_moved", source=row.id, was=row.feed_url or row.url, to=moved_to)
        row.feed_url = moved_to


# -- a failure --------------------------------------------------------------------------------------------------------


def _failed(row: Memory, failed: Failed, now: datetime) -> None:
    row.failures += 1
    row.hard_failures += failed.permanent
    row.good_reads = 0
    row.failing_since = row.failing_since or now
    row.reason, row.kind = failed.reason, failed.kind
    if failed.kind == "http-410":
        row.gone_at = row.gone_at or now
        log.warning("source_gone", source=row.id, url=row.url)


# -- how it is doing --------------------------------------------------------------------------------------------------


def _judge(connection: sa.Connection, row: Memory, source: Source, brought: Brought, now: datetime) -> None:
    was, bodies = verdict_of(row), bodies_of(row.bodies)
    if brought.bodies:
        bodies = bodies.with_more(brought.bodies, broken=was.state == "changed layout")
        recent = [[body.length, body.print] for body in bodies.recent]
        row.bodies = {**_written(bodies), "recent": recent}
    chart = Chart(
        before=was,
        failures=row.failures,
        hard_failures=row.hard_failures,
        good_reads=row.good_reads,
        failing_since=row.failing_since,
        reason=row.reason or "",
        gone_at=row.gone_at,
        first_read_at=row.first_read_at,
        last_new_at=row.last_new_at,
        rhythm=rhythm_of(row.rhythm),
        bodies=bodies,
        expect=source.expect,
        arrived=_arrived(connection, source, now),
    )
    found = verdict(chart, now=now)
    row.state, row.state_since, row.state_why = found.state, found.since, found.why or None
    if found.state != was.state:
        log.info("source_state", source=row.id, state=found.state, was=was.state, why=found.why)


def _arrived(connection: sa.Connection, source: Source, now: datetime) -> int | None:
    """Count what came in the time that is expected of it, whole days of it."""
    if source.expect is None or source.expect.articles == 1:
        return None
    since = (now - source.expect.per).date()
    new = sa.select(sa.func.sum(SourceDayRow.new)).where(SourceDayRow.source_id == source.id, SourceDayRow.day >= since)
    return connection.scalar(new) or 0


_DAYS: Any = sa.inspect(SourceDayRow).local_table
_COUNTED = ("reads", "unmodified", "failed", "entries", "new", "stored", "bodies")


def _count(connection: sa.Connection, reads: Sequence[Ended], now: datetime) -> None:
    """Add reads to the day's figures."""
    day = now.date()
    failed = [one for one in reads if isinstance(one.outcome, Failed)]
    kinds = _kinds(connection, failed, day) if failed else {}
    for with_kinds in (False, True):
        counted = [
            {**_counts(one), "source_id": one.source.id, "day": day, "kinds": kinds.get(one.source.id, {})}
            for one in reads
            if isinstance(one.outcome, Failed) is with_kinds
        ]
        if counted:
            connection.execute(_adding(connection.dialect.name, with_kinds=with_kinds), counted)


def _counts(ended: Ended) -> dict[str, int]:
    outcome, brought = ended.outcome, ended.brought
    return {
        "reads": int(not isinstance(outcome, PagesOnly)),
        "unmodified": int(isinstance(outcome, NotModified)),
        "failed": int(isinstance(outcome, Failed)),
        "entries": outcome.entries if isinstance(outcome, Read) else 0,
        "new": brought.named,
        "stored": brought.stored,
        "bodies": brought.usable,
    }


def _kinds(connection: sa.Connection, failed: Sequence[Ended], day: date) -> dict[str, dict[str, int]]:
    """Return the day's failures by kind for each source, with one more."""
    found: dict[str, dict[str, int]] = {}
    for ids in chunks([one.source.id for one in failed]):
        known = sa.select(_DAYS.c.source_id, _DAYS.c.kinds).where(_DAYS.c.source_id.in_(ids), _DAYS.c.day == day)
        found |= {source_id: kinds for source_id, kinds in connection.execute(known)}  # noqa: C416  # a Row is no pair
    return {one.source.id: _with(found.get(one.source.id, {}), one.outcome) for one in failed}


def _with(kinds: Mapping[str, int], outcome: FetchOutcome) -> dict[str, int]:
    kind = outcome.kind if isinstance(outcome, Failed) else ""
    return {**kinds, kind: kinds.get(kind, 0) + 1}


@cache
def _adding(dialect: str, *, with_kinds: bool) -> Any:
    """Return the statement that adds counts to a day, or begins it."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_DAYS)
    added = {name: _DAYS.c[name] + insert.excluded[name] for name in _COUNTED}
    if with_kinds:
        added["kinds"] = insert.excluded.kinds
    return insert.on_conflict_do_update(index_elements=["source_id", "day"], set_=added)


def _quiet(row: Memory, now: datetime) -> timedelta:
    return now - (row.last_new_at or row.first_read_at or now)


# -- what the columns hold --------------------------------------------------------------------------------------------


def rhythm_of(written: Mapping[str, Any] | None) -> Rhythm:
    return Rhythm(**written) if written else Rhythm()


def _written(value: Rhythm | Bodies) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def bodies_of(written: Mapping[str, Any] | None) -> Bodies:
    if not written:
        return Bodies()
    recent = tuple(Body(length=length, print=print_) for length, print_ in written["recent"])
    return Bodies(**{**written, "recent": recent})


def verdict_of(row: Memory) -> Verdict:
    return Verdict(state=row.state, since=row.state_since, why=row.state_why or "")
