"""Writes down how reading a source went: what it brought, how it is doing, when to come back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from crawler.domain import Failed, NotModified, Read, Validators
from crawler.health import Bodies, Body, Brought, Chart, Verdict, verdict
from crawler.polling import Rhythm, chance_of, first_heard, heard, next_check, usual_wait
from crawler.store.database import inserting
from crawler.store.tables import SectionMemoryRow, SourceDayRow, SourceRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.domain import FetchOutcome, Source
    from crawler.polling import Polling

log = structlog.get_logger()

SIGHTINGS = 3
"""How often in a row a permanent redirect must be met before it is believed."""
HIDDEN_FOR = timedelta(hours=2)
"""How long before the last 304 an entry must have been there to prove that the 304 was wrong."""


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
    row = session.get_one(SourceRow, source.id)
    match outcome:
        case Read() as read:
            _read(row, read, brought, now)
            if read.memory:
                session.merge(SectionMemoryRow(source_id=row.id, memory=read.memory.as_json()))
        case NotModified() as unmodified:
            _unmodified(row, unmodified, now)
        case Failed() as failed:
            _failed(row, failed, now)
    _count(session, source, outcome, brought, now)
    _judge(session, row, source, brought, now)
    row.last_checked_at = now
    row.next_check_at = _next_check(row, source, outcome, source.poll or polling, now)
    row.claimed_by = row.claimed_until = None


def _next_check(row: SourceRow, source: Source, outcome: FetchOutcome, polling: Polling, now: datetime) -> datetime:
    hint = None if isinstance(outcome, Failed) else outcome.pause
    usual = usual_wait(rhythm_of(row.rhythm), polling, quiet=_quiet(row, now), hint=hint)
    chance = chance_of(source.id, now)
    return next_check(outcome, polling, usual=usual, failures=row.failures, chance=chance, now=now)


# -- an answer --------------------------------------------------------------------------------------------------------


def _read(row: SourceRow, read: Read, brought: Brought, now: datetime) -> None:
    if not row.always_whole and brought.named and _was_hidden(row, read, brought):
        row.always_whole = True
        log.warning("unmodified_was_wrong", source=row.id)
    row.feed_url, row.found_kind, row.remark = read.feed_url, read.found_kind, read.remark
    _follow(row, read.moved_to)
    row.etag, row.last_modified = read.validators.etag, read.validators.last_modified
    _hear(row, read, brought, now)
    row.first_read_at, row.full_read_at = row.first_read_at or now, now
    _well(row, now)


def _unmodified(row: SourceRow, unmodified: NotModified, now: datetime) -> None:
    if row.failures:  # it was asked before it failed: that proves nothing
        return
    _follow(row, unmodified.moved_to)
    if row.rhythm is not None and row.last_read_at is not None:
        rhythm = heard(rhythm_of(row.rhythm), entries=None, new=0, since=now - row.last_read_at, quiet=_quiet(row, now))
        row.rhythm = asdict(rhythm)
    _well(row, now)


def _well(row: SourceRow, now: datetime) -> None:
    row.last_read_at = now
    row.good_reads = min(row.good_reads + 1, 1_000_000)
    row.failures = row.hard_failures = 0
    row.failing_since = row.reason = row.kind = row.gone_at = None


def _hear(row: SourceRow, read: Read, brought: Brought, now: datetime) -> None:
    """Learn how the source publishes."""
    if row.rhythm is None or row.last_read_at is None:
        rhythm = first_heard(read.entries, read.dates, now=now)
        row.last_new_at = min(max(read.dates), now) if rhythm.gaps else now
    else:
        since, quiet = now - row.last_read_at, _quiet(row, now)
        rhythm = heard(rhythm_of(row.rhythm), entries=read.entries, new=brought.named, since=since, quiet=quiet)
        row.last_new_at = now if brought.named else row.last_new_at
    row.rhythm = asdict(rhythm)


def _was_hidden(row: SourceRow, read: Read, brought: Brought) -> bool:
    """Whether a 304 has hidden, or would hide, what the source brings now."""
    old = Validators(etag=row.etag, last_modified=row.last_modified)
    if old.etag or old.last_modified:
        same = old.etag == read.validators.etag if old.etag else old.last_modified == read.validators.last_modified
        if same:
            return True
    if row.last_read_at is None or row.full_read_at is None or row.last_read_at <= row.full_read_at:
        return False
    return brought.newest is not None and brought.newest < row.last_read_at - HIDDEN_FOR


def _follow(row: SourceRow, moved_to: str | None) -> None:
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


def _failed(row: SourceRow, failed: Failed, now: datetime) -> None:
    row.failures += 1
    row.hard_failures += failed.permanent
    row.good_reads = 0
    row.failing_since = row.failing_since or now
    row.reason, row.kind = failed.reason, failed.kind
    if failed.kind == "http-410":
        row.gone_at = row.gone_at or now
        log.warning("source_gone", source=row.id, url=row.url)


# -- how it is doing --------------------------------------------------------------------------------------------------


def _judge(session: Session, row: SourceRow, source: Source, brought: Brought, now: datetime) -> None:
    was, bodies = verdict_of(row), bodies_of(row.bodies)
    if brought.bodies:
        bodies = bodies.with_more(brought.bodies, broken=was.state == "changed layout")
        row.bodies = asdict(bodies)
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
        arrived=_arrived(session, source, now),
    )
    found = verdict(chart, now=now)
    row.state, row.state_since, row.state_why = found.state, found.since, found.why or None
    if found.state != was.state:
        log.info("source_state", source=row.id, state=found.state, was=was.state, why=found.why)


def _arrived(session: Session, source: Source, now: datetime) -> int | None:
    """Count what came in the time that is expected of it, whole days of it."""
    if source.expect is None or source.expect.articles == 1:
        return None
    since = (now - source.expect.per).date()
    new = sa.select(sa.func.sum(SourceDayRow.new)).where(SourceDayRow.source_id == source.id, SourceDayRow.day >= since)
    return session.scalar(new) or 0


def _count(session: Session, source: Source, outcome: FetchOutcome, brought: Brought, now: datetime) -> None:
    """Add a read to the day's figures."""
    counts = {
        "reads": 1,
        "unmodified": int(isinstance(outcome, NotModified)),
        "failed": int(isinstance(outcome, Failed)),
        "entries": outcome.entries if isinstance(outcome, Read) else 0,
        "new": brought.named,
        "stored": brought.stored,
        "bodies": brought.usable,
    }
    key = {"source_id": source.id, "day": now.date()}
    insert = inserting(session, SourceDayRow).values(**key, **counts, kinds={})
    added = {name: getattr(SourceDayRow, name) + count for name, count in counts.items() if count}
    session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=added))
    if isinstance(outcome, Failed):
        day = session.get_one(SourceDayRow, (source.id, now.date()), populate_existing=True)
        day.kinds = {**day.kinds, outcome.kind: day.kinds.get(outcome.kind, 0) + 1}


def _quiet(row: SourceRow, now: datetime) -> timedelta:
    return now - (row.last_new_at or row.first_read_at or now)


# -- what the columns hold --------------------------------------------------------------------------------------------


def rhythm_of(written: Mapping[str, Any] | None) -> Rhythm:
    return Rhythm(**written) if written else Rhythm()


def bodies_of(written: Mapping[str, Any] | None) -> Bodies:
    if not written:
        return Bodies()
    recent = tuple(Body(**body) for body in written["recent"])
    return Bodies(**{**written, "recent": recent})


def verdict_of(row: SourceRow) -> Verdict:
    return Verdict(state=row.state, since=row.state_since, why=row.state_why or "")  # type: ignore[arg-type]  # text in the database
