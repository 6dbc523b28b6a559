"""Questions about sources: which are due, what is remembered of them, how they are doing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crawler.desk import Assignment
from crawler.discover.memory import PageMemory
from crawler.domain import Entry, Source, Validators
from crawler.store import claims
from crawler.store.database import chunks
from crawler.store.tables import EntryRow, SectionMemoryRow, SourceDayRow, SourceRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.store.claims import Worker

LEASE = timedelta(hours=1)  # for a worker whose death cannot be seen; a read of one source takes minutes at the most
WAITING_LIMIT = 500  # the page budget of a source and run
WHOLE_EVERY, QUIET_WHOLE_EVERY = timedelta(days=1), timedelta(hours=6)
"""How often a source is asked for all that it has, whatever its 304s say; and one that is unusually quiet."""

FORGOTTEN: dict[str, Any] = {
    **dict.fromkeys(
        ("feed_url", "etag", "last_modified", "first_read_at", "full_read_at", "last_read_at", "last_new_at")
    ),
    **dict.fromkeys(
        ("found_kind", "remark", "moved_to", "failing_since", "reason", "kind", "gone_at", "rhythm", "bodies")
    ),
    **dict.fromkeys(("moved_seen", "failures", "hard_failures", "good_reads"), 0),
    "always_whole": False,
}
"""What is not known of another address: it is another publication, read for the first time."""

_REMEMBERED = (
    SourceRow.id,
    SourceRow.next_check_at,
    SourceRow.gone_at,
    SourceRow.feed_url,
    SourceRow.found_kind,
    SourceRow.etag,
    SourceRow.last_modified,
    SourceRow.failures,
    SourceRow.always_whole,
    SourceRow.first_read_at,
    SourceRow.last_read_at,
    SourceRow.full_read_at,
    SourceRow.last_new_at,
    SourceRow.rhythm["longest_gap_s"].as_float().label("longest_gap_s"),
)


def keep_sources(session: Session, sources: Iterable[Source], *, now: datetime) -> None:
    """Make the database know exactly these sources as active; what is remembered of the others is kept."""
    columns = sa.select(SourceRow.id, SourceRow.url, SourceRow.name, SourceRow.active)
    known = {row.id: row for row in session.execute(columns)}
    fresh: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    renamed: list[dict[str, Any]] = []
    for source in sources:
        row = known.pop(source.id, None)
        names = {"id": source.id, "name": source.name, "active": True}
        if row is None:
            fresh.append({**names, "url": source.url, "next_check_at": now})
        elif row.url != source.url:
            moved.append({**names, **FORGOTTEN, "url": source.url, "next_check_at": now})
        elif (row.name, row.active) != (source.name, True):
            renamed.append(names)
    gone = [{"id": row.id, "active": False} for row in known.values() if row.active]
    if fresh:
        session.execute(sa.insert(SourceRow), fresh)
    for changes in (moved, renamed, gone):
        if changes:
            session.execute(sa.update(SourceRow), changes)


def claim_due(
    session: Session,
    sources: Mapping[str, Source],
    *,
    only: Collection[str] = (),
    limit: int,
    worker: Worker,
    now: datetime,
) -> list[Assignment]:
    """Take up to `limit` sources that are due (of `only`, if given), the longest due first, in one query.

    Their waiting entries, and what is remembered of section pages, are asked for in others, where there are any.
    """
    order, until = SourceRow.next_check_at, now + LEASE
    taking = claims.claiming(
        SourceRow, *_due(only, now), order_by=order, limit=limit, worker=worker, until=until, now=now
    )
    rows = session.execute(taking.returning(*_REMEMBERED, _has_waiting(now))).all()
    waiting = _waiting(session, [row.id for row in rows if row.has_waiting], now)
    memories = _memories(session, [row.id for row in rows if row.id in sources and _is_section(row, sources[row.id])])
    return [
        replace(_assignment(sources[row.id], row, waiting.get(row.id, []), now), memory=memories.get(row.id))
        for row in rows
        if row.id in sources
    ]


def give_back(session: Session, assignments: Sequence[Assignment], *, worker: Worker) -> None:
    """Let sources be read by others that this worker claimed and did not finish."""
    claims.give_back(session, SourceRow, worker, SourceRow.id.in_([one.source.id for one in assignments]))


def count_due(session: Session, *, only: Collection[str] = (), now: datetime) -> int:
    return session.scalar(sa.select(sa.func.count(SourceRow.id)).where(*_due(only, now))) or 0


def _due(only: Collection[str], now: datetime) -> list[sa.ColumnElement[bool]]:
    itself = sa.and_(SourceRow.gone_at.is_(None), SourceRow.next_check_at <= now)
    due: list[sa.ColumnElement[bool]] = [
        SourceRow.active.is_(True),
        sa.or_(itself, SourceRow.pages_due_at <= now),
    ]
    return [*due, SourceRow.id.in_(only)] if only else due


def make_due(session: Session, source_ids: Iterable[str], *, now: datetime, gone_too: bool = False) -> None:
    """Let these sources be read as soon as possible, whatever their rhythm; `gone_too`: even if they are gone."""
    values = {"next_check_at": now, **({"gone_at": None} if gone_too else {})}
    for ids in chunks(list(source_ids)):
        session.execute(sa.update(SourceRow).where(SourceRow.id.in_(ids)).values(values))


def _has_waiting(now: datetime) -> sa.Label[bool]:
    # spelled out, for in SQLite's RETURNING columns lose their table, and `id` would be that of the entry
    of_the_source = EntryRow.source_id == sa.literal_column("sources.id")
    return sa.exists(sa.select(EntryRow.id).where(of_the_source, *_waits(now))).label("has_waiting")


def _waits(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return EntryRow.state == "waiting", EntryRow.next_try_at <= now


def _is_section(row: sa.Row[Any], source: Source) -> bool:
    """Tell whether a source is a section page whose address is still the one that is remembered."""
    return "section" in {source.type, row.found_kind} and row.first_read_at is not None


def _memories(session: Session, source_ids: Sequence[str]) -> dict[str, PageMemory]:
    found: dict[str, PageMemory] = {}
    for ids in chunks(source_ids):
        rows = session.scalars(sa.select(SectionMemoryRow).where(SectionMemoryRow.source_id.in_(ids)))
        found |= {row.source_id: PageMemory.from_json(row.memory) for row in rows}
    return found


def _waiting(session: Session, source_ids: Sequence[str], now: datetime) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for ids in chunks(source_ids):
        query = sa.select(EntryRow).where(EntryRow.source_id.in_(ids), *_waits(now)).order_by(EntryRow.id)
        for row in session.scalars(query):
            entries = found.setdefault(row.source_id, [])
            if len(entries) < WAITING_LIMIT:
                entries.append(entry_from_row(row))
    return found


def entry_from_row(row: EntryRow) -> Entry:
    return Entry(
        link=row.link,
        address=row.address,
        title=row.title,
        title_is_rough=row.title_is_rough,
        summary=row.summary,
        content=row.content,
        full_text=row.full_text,
        authors=tuple(row.authors),
        published=row.published,
        categories=tuple(row.categories),
        language=row.language,
    )


def _assignment(source: Source, row: sa.Row[Any], waiting: list[Entry], now: datetime) -> Assignment:
    validators = Validators() if _asks_whole(row, now) else Validators(etag=row.etag, last_modified=row.last_modified)
    return Assignment(
        source=source,
        feed_url=row.feed_url,
        found_kind=row.found_kind,
        validators=validators,
        # of another address of the source, nothing was read yet
        read_at=row.last_read_at if row.first_read_at else None,
        pages_only=row.gone_at is not None or row.next_check_at > now,
        waiting=tuple(waiting),
    )


def _asks_whole(row: sa.Row[Any], now: datetime) -> bool:
    """Whether a 304 would not do: some servers send it whatever happened.

    After a failure it would prove nothing; and a source that is quiet for longer than it ever was may only seem so.
    """
    if row.always_whole or row.failures or row.full_read_at is None:
        return True
    whole: timedelta = now - row.full_read_at
    quiet: timedelta = now - (row.last_new_at or now)
    unusually_quiet = 0 < (row.longest_gap_s or 0.0) < quiet.total_seconds()
    return whole >= (QUIET_WHOLE_EVERY if unusually_quiet else WHOLE_EVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source is doing."""

    id: str
    name: str
    url: str
    feed_url: str | None
    found_kind: str | None
    last_checked_at: datetime | None
    last_read_at: datetime | None
    next_check_at: datetime
    failing_since: datetime | None
    reason: str | None
    remark: str | None
    """What the last good read had to leave undone."""
    kind: str | None
    """The kind of its last failure, if the last read failed; see FetchError."""
    gone_at: datetime | None
    state: str
    """See health.State; entered late and left late, while `failing_since` tells of the last read."""
    state_since: datetime | None
    state_why: str | None
    last_new_at: datetime | None
    usual_gap_s: float | None
    """Seconds between two new entries, usually."""
    moved_to: str | None
    """Where it says that it moved for good; once that is believed, it is `feed_url` too."""
    always_whole: bool
    articles: int
    waiting: int
    """Pages still to be fetched."""
    dropped: int
    """Pages that could not be had, or must not be fetched."""
    week_reads: int
    week_failed: int
    week_kinds: dict[str, int]
    """How often it failed in which way in the last seven days."""
    week_stored: int
    week_bodies: int
    """How many of the articles of the last seven days have a text that can be used."""


def found_feeds(session: Session) -> dict[str, str]:
    """Return where the feed of each source is that was read well: there where it was found, else its own address."""
    query = sa.select(SourceRow.id, SourceRow.feed_url, SourceRow.url).where(
        SourceRow.active.is_(True),
        SourceRow.first_read_at.is_not(None),
        sa.func.coalesce(SourceRow.found_kind, "feed") == "feed",
    )
    return {source_id: feed_url or url for source_id, feed_url, url in session.execute(query)}


_SHOWN = (
    SourceRow.id,
    SourceRow.name,
    SourceRow.url,
    SourceRow.feed_url,
    SourceRow.found_kind,
    SourceRow.last_checked_at,
    SourceRow.last_read_at,
    SourceRow.next_check_at,
    SourceRow.failing_since,
    SourceRow.reason,
    SourceRow.remark,
    SourceRow.kind,
    SourceRow.gone_at,
    SourceRow.state,
    SourceRow.state_since,
    SourceRow.state_why,
    SourceRow.last_new_at,
    SourceRow.moved_to,
    SourceRow.always_whole,
)


def source_states(session: Session, *, now: datetime) -> list[SourceState]:
    """Return how each active source is doing, by id."""
    counts = sa.select(EntryRow.source_id, EntryRow.state, sa.func.count()).group_by(EntryRow.source_id, EntryRow.state)
    entries = {(source_id, state): count for source_id, state, count in session.execute(counts)}
    weeks = _weeks(session, now)
    gap = SourceRow.rhythm["gap_s"].as_float().label("usual_gap_s")
    rows = session.execute(sa.select(*_SHOWN, gap).where(SourceRow.active.is_(True)).order_by(SourceRow.id))
    return [
        SourceState(
            **row._mapping,  # noqa: SLF001  # its public name
            articles=entries.get((row.id, "stored"), 0),
            waiting=entries.get((row.id, "waiting"), 0),
            dropped=entries.get((row.id, "dropped"), 0),
            **weeks.get(row.id, _NO_READS),
        )
        for row in rows
    ]


_NO_READS = {"week_reads": 0, "week_failed": 0, "week_kinds": {}, "week_stored": 0, "week_bodies": 0}


def _weeks(session: Session, now: datetime) -> dict[str, dict[str, Any]]:
    """Return the figures of the last seven days, by source."""
    summed = ("reads", "failed", "stored", "bodies")
    this_week = SourceDayRow.day > (now - timedelta(days=7)).date()
    sums = sa.select(
        SourceDayRow.source_id, *(sa.func.sum(getattr(SourceDayRow, name)).label(f"week_{name}") for name in summed)
    )
    found: dict[str, dict[str, Any]] = {
        row.source_id: {**{f"week_{name}": getattr(row, f"week_{name}") for name in summed}, "week_kinds": {}}
        for row in session.execute(sums.where(this_week).group_by(SourceDayRow.source_id))
    }
    failures = sa.select(SourceDayRow.source_id, SourceDayRow.kinds).where(this_week, SourceDayRow.failed > 0)
    for source_id, kinds in session.execute(failures):
        counted = Counter(found[source_id]["week_kinds"])
        found[source_id]["week_kinds"] = dict(counted + Counter(kinds))
    return found
