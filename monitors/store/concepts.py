"""Questions about concepts: what is usual in the archive, and how articles were judged."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.store.database import inserting
from crawler.store.tables import ArticleRow
from monitors.store.tables import BackgroundRow, JudgementRow

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_ONE = 1
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Of how many articles of the archive it was told what is usual, and when."""

    made_at: datetime
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    watchlist_id: str
    url: str
    title: str
    good: bool
    judged_at: datetime
    sketch: bytes


# -- the background ---------------------------------------------------------------------------------------------------


def last_survey(session: Session) -> Survey | None:
    query = sa.select(BackgroundRow.made_at, BackgroundRow.articles)
    row = session.execute(query).first()
    return Survey(made_at=row.made_at, articles=row.articles) if row else None


def statistics(session: Session) -> tuple[bytes, float | None] | None:
    """Return what is usual in the archive, and how many articles come in a week; None before the first survey."""
    row = session.execute(sa.select(BackgroundRow.statistics, BackgroundRow.per_week)).first()
    return (row.statistics, row.per_week) if row else None


def keep_statistics(session: Session, kept: bytes, *, articles: int, per_week: float | None, now: datetime) -> None:
    session.execute(sa.delete(BackgroundRow))
    session.add(BackgroundRow(id=_ONE, made_at=now, articles=articles, per_week=per_week, statistics=kept))


def archive_size(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(ArticleRow)) or 0


def drawn(session: Session, number: int, chance: random.Random) -> list[int]:
    """Return the ids of so many articles by chance; of all, if there are no more."""
    ids = list(session.scalars(sa.select(ArticleRow.id)))
    return sorted(chance.sample(ids, number)) if len(ids) > number else ids


def newest(session: Session, number: int) -> list[int]:
    """Return the ids of the newest articles that were not there before Newsvane started, the oldest of them first."""
    query = sa.select(ArticleRow.id).where(~ArticleRow.already_there).order_by(ArticleRow.id.desc()).limit(number)
    return sorted(session.scalars(query))


def in_a_week(session: Session, *, now: datetime) -> float | None:
    """Return how many articles come in a week, by those of the last four; None before there is a week of them."""
    first = session.scalar(sa.select(sa.func.min(ArticleRow.stored_at)).where(~ArticleRow.already_there))
    if first is None or now - first < _WEEK:
        return None
    weeks = min(4.0, (now - first) / _WEEK)
    recent = (ArticleRow.stored_at > now - weeks * _WEEK, ~ArticleRow.already_there)
    number = session.scalar(sa.select(sa.func.count()).select_from(ArticleRow).where(*recent)) or 0
    return number / weeks or None


# -- judgements -------------------------------------------------------------------------------------------------------


def judge(session: Session, judgement: Judgement) -> None:
    """Keep a judgement, in place of an earlier one on the same article."""
    row = {name: getattr(judgement, name) for name in Judgement.__dataclass_fields__}
    insert = inserting(session, JudgementRow).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["watchlist_id", "url"], set_=row))


def unjudge(session: Session, watchlist_id: str, url: str) -> bool:
    """Take a judgement back; return whether there was one."""
    its = (JudgementRow.watchlist_id == watchlist_id, JudgementRow.url == url)
    return session.scalar(sa.delete(JudgementRow).where(*its).returning(JudgementRow.url)) is not None


def judgements(session: Session) -> Mapping[str, Sequence[Judgement]]:
    """Return every judgement by its watchlist, the oldest first."""
    found: dict[str, list[Judgement]] = defaultdict(list)
    for row in session.scalars(sa.select(JudgementRow).order_by(JudgementRow.judged_at, JudgementRow.url)):
        values = {name: getattr(row, name) for name in Judgement.__dataclass_fields__}
        found[row.watchlist_id].append(Judgement(**values))
    return found


def last_change(session: Session) -> tuple[Survey | None, datetime | None, int]:
    """Return what changes with every survey and every judgement."""
    judged = session.execute(sa.select(sa.func.max(JudgementRow.judged_at), sa.func.count(JudgementRow.url))).one()
    return last_survey(session), judged[0], judged[1]
