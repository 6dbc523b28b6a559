"""Questions about how the sources are doing: what changed since it was told, and whether the network is to blame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from crawler.errors import NETWORK_KINDS
from crawler.fetch.robots import FAILURE_FRESH_FOR
from crawler.health import Attempt
from crawler.store.sources import make_due
from crawler.store.tables import NoteRow, SourceDayRow, SourceRow, UtcDateTime
from monitors.domain import SourceNews
from monitors.store.notes import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

OUTAGE = "outage"
PROBES = 3
"""How many sources are tried to see whether the network is down, or up again."""
PROBE_EVERY = timedelta(minutes=5)
DAYS_KEPT = timedelta(days=92)

_ACTIVE = SourceRow.active.is_(True)
_DARK = sa.and_(_ACTIVE, SourceRow.kind.in_(sorted(NETWORK_KINDS)), SourceRow.gone_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What is held of the network: `suspected` to be down, `down`, or (since `until`) `up` again."""

    state: Literal["up", "suspected", "down"] = "up"
    since: datetime | None = None
    until: datetime | None = None


def network(session: Session) -> Network:
    row = session.get(NoteRow, OUTAGE)
    if row is None:
        return Network()
    since, until = (datetime.fromisoformat(at) if (at := row.value.get(key)) else None for key in ("since", "until"))
    return Network(state=row.value["state"], since=since, until=until)


def keep_network(session: Session, held: Network, *, now: datetime) -> None:
    times = {key: at.isoformat() for key, at in (("since", held.since), ("until", held.until)) if at}
    note(session, OUTAGE, {"state": held.state, **times}, now=now)


def attempts(session: Session) -> list[Attempt]:
    """Return those attempts that tell of an outage: the failures since the last answer, and that answer."""
    answers = sa.or_(SourceRow.kind.is_(None), SourceRow.kind.not_in(sorted(NETWORK_KINDS)))
    answered = session.scalar(
        sa.select(sa.func.max(SourceRow.last_checked_at, type_=UtcDateTime)).where(_ACTIVE, answers)
    )
    columns = sa.select(SourceRow.url, SourceRow.last_checked_at, SourceRow.kind, SourceRow.failing_since)
    dark = columns.where(_DARK) if answered is None else columns.where(_DARK, SourceRow.last_checked_at > answered)
    found = [
        Attempt(host=urlsplit(url).netloc, at=at, kind=kind, failing_since=failing_since)
        for url, at, kind, failing_since in session.execute(dark)
        if at is not None
    ]
    return found if answered is None else [*found, Attempt(host="", at=answered, kind=None)]


def count_dark(session: Session) -> int:
    """Count the sources whose last read failed as it does when the network is down."""
    return session.scalar(sa.select(sa.func.count(SourceRow.id)).where(_DARK)) or 0


def failed_since(session: Session, since: datetime) -> bool:
    """Tell whether a source that was well at that time cannot be reached now."""
    return (
        session.scalars(sa.select(SourceRow.id).where(_DARK, SourceRow.failing_since >= since).limit(1)).first()
        is not None
    )


def probe(session: Session, *, now: datetime) -> bool:
    """Let some sources be read at once that answered when they were last asked; return whether there are any."""
    well = sa.select(SourceRow.id).where(_ACTIVE, SourceRow.gone_at.is_(None), SourceRow.failures == 0)
    ids = session.scalars(
        well.where(SourceRow.last_read_at.is_not(None)).order_by(SourceRow.next_check_at).limit(PROBES)
    ).all()
    make_due(session, ids, now=now)
    return bool(ids)


def probe_dark(session: Session, *, now: datetime) -> None:
    """Let some of the sources that cannot be reached be tried, unless some just were."""
    latest = session.scalar(sa.select(sa.func.max(SourceRow.last_checked_at, type_=UtcDateTime)).where(_DARK))
    if latest is None or latest <= now - PROBE_EVERY:
        # of the others it is only known that their robots.txt did not come a while ago
        first = SourceRow.kind == "unreachable", SourceRow.failing_since.desc()
        dark = sa.select(SourceRow.id).where(_DARK).order_by(*first).limit(PROBES)
        make_due(session, session.scalars(dark).all(), now=now)


def read_all_dark(session: Session, *, now: datetime) -> None:
    """Let every source be read at once that could not be reached: the network is back.

    Where a robots.txt did not come, that is remembered for some minutes, and asking sooner would tell nothing.
    """
    at = sa.case((SourceRow.kind == "unreachable", now + FAILURE_FRESH_FOR), else_=now)
    session.execute(sa.update(SourceRow).where(_DARK).values(next_check_at=at))


def untold(session: Session, held: Network) -> list[tuple[SourceNews, str]]:
    """Return the sources that are doing otherwise than was told, each with what was told.

    What the network is to blame for is left out while it is down, and until the source was tried again after that.
    """
    query = sa.select(SourceRow).where(_ACTIVE, SourceRow.state != SourceRow.told_state).order_by(SourceRow.id)
    if held.state != "up":
        query = query.where(sa.or_(SourceRow.state != "failing", SourceRow.kind.not_in(sorted(NETWORK_KINDS))))
    elif held.until is not None:
        query = query.where(sa.or_(SourceRow.state != "failing", SourceRow.last_checked_at > held.until))
    return [(_news(row), row.told_state) for row in session.scalars(query)]


def _news(row: SourceRow) -> SourceNews:
    return SourceNews(
        id=row.id,
        name=row.name,
        url=row.url,
        state=row.state,  # type: ignore[arg-type]  # text in the database
        since=row.state_since,
        why=row.state_why or "",
        kind=row.kind or "",
    )


def mark_told(session: Session, news: Sequence[tuple[SourceNews, str]]) -> list[SourceNews]:
    """Note that these states are told; return those that nobody else has told meanwhile."""
    mine = []
    for one, was in news:
        told = sa.update(SourceRow).where(SourceRow.id == one.id, SourceRow.told_state == was)
        taken = session.execute(told.values(told_state=one.state).returning(SourceRow.id)).first()
        mine += [one] if taken else []
    return mine


def forget_old_days(session: Session, *, now: datetime) -> None:
    """Drop the figures of days that are long over."""
    session.execute(sa.delete(SourceDayRow).where(SourceDayRow.day < (now - DAYS_KEPT).date()))
