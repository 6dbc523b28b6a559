"""What is not kept for ever: articles and texts, as the archive's settings say, and figures that nobody asks for later.

Each chore finds what is to go while it reads, and takes away a few at a time: a writer is never held for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from crawler.store.tables import (
    ArticleRow,
    Base,
    EntryRow,
    HostDayRow,
    HostRow,
    RevisitRow,
    RobotsRow,
    SourceDayRow,
    UnreadRow,
    VersionRow,
)
from monitors.store.notes import note, notes
from monitors.store.tables import (
    DeliveryRow,
    MatchRow,
    MuteRow,
    NoticeRow,
    ReplayRow,
    StoryArticleRow,
    UpdateNoticeRow,
    UpdateRow,
)
from monitors.stories.grouper import WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crawler.settings import Archive

EVERY = timedelta(days=1)
EXCERPT = 1_000
"""Characters that `text: excerpt` leaves of a text."""
ELLIPSIS = " […]"
LETTERS_KEPT = timedelta(days=30)
"""For how long the bytes of a message that was sent are kept; that it was sent is kept for ever."""
FOUND_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Swept:
    """A table whose rows are of no use after a while."""

    table: type[Base]
    when: Any
    keep: timedelta


SWEPT = (
    Swept(RobotsRow, RobotsRow.fetched_at, timedelta(days=7)),  # they hold for a day
    Swept(SourceDayRow, SourceDayRow.day, timedelta(days=120)),  # `expect` looks back for 90 days at the most
    Swept(HostDayRow, HostDayRow.day, timedelta(days=400)),  # a year of what was asked of whom, for whoever complains
    Swept(HostRow, HostRow.barred_until, timedelta(days=1)),
    Swept(MuteRow, MuteRow.until, timedelta(days=1)),  # it has ended by itself
)
"""Where to add a table of figures that only grows."""


class Chore(Protocol):
    @property
    def name(self) -> str:
        """What it takes away, for the log and for `newsvane status`."""

    def find(self, session: Session, now: datetime, after: Any) -> Sequence[Any]:
        """Return the keys of some of what is to go, if it helps after this one; nothing when all is done."""

    def take(self, session: Session, keys: Sequence[Any], now: datetime) -> int:
        """Take these away, but for what must stay after all; return how many."""


def chores(archive: Archive) -> list[Chore]:
    """Return what there is to do, in its order."""
    found: list[Chore] = [Sweep(one) for one in SWEPT]
    found.append(Letters())
    if archive.keep is not None:
        found.append(Articles(archive.keep))
    if archive.text == "excerpt":
        found += [Texts(ArticleRow), Texts(VersionRow)]
    return [*found, Sketches()]


def begin(session: Session, *, now: datetime) -> bool:
    """Tell whether the day's work is to be done, and if so, by us."""
    last = notes(session).get("housekeeping")
    if last is not None and last[1] > now - EVERY:
        return False
    note(session, "housekeeping", last[0] if last else {}, now=now)
    return True


# -- articles ---------------------------------------------------------------------------------------------------------


def _settled(article_id: Any) -> list[sa.ColumnElement[bool]]:
    """Say of an article that it was matched, told wherever it is to be told, edits too, and is not watched for more."""
    untold = sa.select(NoticeRow.match_id).join(MatchRow, MatchRow.id == NoticeRow.match_id)
    edits = _updates_of(article_id).join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id)
    return [
        ~sa.exists().where(UnreadRow.article_id == article_id),
        ~sa.exists().where(RevisitRow.article_id == article_id),
        ~sa.exists(untold.where(MatchRow.article_id == article_id, NoticeRow.message_id.is_(None))),
        ~sa.exists(edits.where(UpdateNoticeRow.message_id.is_(None))),
    ]


def _delivered(article_id: Any) -> list[sa.ColumnElement[bool]]:
    told = (
        sa.select(DeliveryRow.id)
        .join(NoticeRow, NoticeRow.message_id == DeliveryRow.message_id)
        .join(MatchRow, MatchRow.id == NoticeRow.match_id)
    )
    edits = (
        _updates_of(article_id)
        .join(UpdateNoticeRow, UpdateNoticeRow.update_id == UpdateRow.id)
        .join(DeliveryRow, DeliveryRow.message_id == UpdateNoticeRow.message_id)
    )
    return [
        ~sa.exists(told.where(MatchRow.article_id == article_id, DeliveryRow.state == "queued")),
        ~sa.exists(edits.where(DeliveryRow.state == "queued")),
    ]


def _updates_of(article_id: Any) -> sa.Select[Any]:
    match = MatchRow.id == UpdateRow.match_id
    return sa.select(UpdateRow.id).join(MatchRow, match).where(MatchRow.article_id == article_id)


@dataclass(frozen=True, slots=True)
class Articles:
    """Articles that were stored long ago, with their matches, notices, updates and versions.

    Of their entries the links stay, so that what a feed still lists is not taken for new.
    """

    keep: timedelta
    name = "articles"

    def find(self, session: Session, now: datetime, after: Any) -> Sequence[int]:  # noqa: ARG002  (what was found is gone)
        old = sa.select(ArticleRow.id).where(ArticleRow.stored_at < now - self.keep, *self._may_go())
        return session.scalars(old.order_by(ArticleRow.stored_at).limit(FOUND_AT_ONCE)).all()

    def take(self, session: Session, keys: Sequence[int], now: datetime) -> int:  # noqa: ARG002  (they do not get younger)
        ids = session.scalars(sa.select(ArticleRow.id).where(ArticleRow.id.in_(keys), *self._may_go())).all()
        matches = sa.select(MatchRow.id).where(MatchRow.article_id.in_(ids))
        updates = sa.select(UpdateRow.id).where(UpdateRow.match_id.in_(matches))
        session.execute(sa.delete(UpdateNoticeRow).where(UpdateNoticeRow.update_id.in_(updates)), **_BLIND)
        session.execute(sa.delete(UpdateRow).where(UpdateRow.match_id.in_(matches)), **_BLIND)
        session.execute(sa.delete(NoticeRow).where(NoticeRow.match_id.in_(matches)), **_BLIND)
        session.execute(sa.delete(ReplayRow).where(ReplayRow.match_id.in_(matches)), **_BLIND)
        session.execute(sa.delete(MatchRow).where(MatchRow.article_id.in_(ids)), **_BLIND)
        session.execute(sa.delete(VersionRow).where(VersionRow.article_id.in_(ids)), **_BLIND)
        session.execute(sa.delete(StoryArticleRow).where(StoryArticleRow.article_id.in_(ids)), **_BLIND)
        session.execute(sa.update(EntryRow).where(EntryRow.article_id.in_(ids)).values(_THIN), **_BLIND)
        session.execute(sa.delete(ArticleRow).where(ArticleRow.id.in_(ids)), **_BLIND)
        return len(ids)

    def _may_go(self) -> list[sa.ColumnElement[bool]]:
        return [*_settled(ArticleRow.id), *_delivered(ArticleRow.id)]


_BLIND: dict[str, Any] = {"execution_options": {"synchronize_session": False}}
_THIN: dict[str, Any] = {
    "article_id": None,
    "state": "old",
    "title": "",
    "summary": "",
    "content": "",
    "authors": [],
    "categories": [],
    "published": None,
}


@dataclass(frozen=True, slots=True)
class Texts:
    """All but the beginning of texts, of articles or of their versions."""

    table: type[ArticleRow | VersionRow]

    @property
    def name(self) -> str:
        return "texts" if self.table is ArticleRow else "texts of versions"

    def find(self, session: Session, now: datetime, after: int | None) -> Sequence[int]:  # noqa: ARG002  (whatever their age)
        rest = self.table.id > (after or 0)  # or all that was cut is looked at again for each thousand
        long = sa.select(self.table.id).where(rest, sa.func.length(self.table.text) > EXCERPT, *self._may_go())
        return session.scalars(long.order_by(self.table.id).limit(FOUND_AT_ONCE)).all()

    def take(self, session: Session, keys: Sequence[int], now: datetime) -> int:  # noqa: ARG002
        texts = sa.select(self.table.id, self.table.text).where(self.table.id.in_(keys), *self._may_go())
        cut = [{"id": row.id, "text": excerpt(row.text)} for row in session.execute(texts)]
        if cut:
            session.execute(sa.update(self.table), cut)
        return len(cut)

    def _may_go(self) -> list[sa.ColumnElement[bool]]:
        return _settled(ArticleRow.id if self.table is ArticleRow else VersionRow.article_id)


def excerpt(text: str) -> str:
    """Return the beginning of a text, whole words of it where it has any."""
    if len(text) <= EXCERPT:
        return text
    most = EXCERPT - len(ELLIPSIS)
    words = text[: most + 1].rsplit(maxsplit=1)[0]
    return (words if len(words) > most // 2 else text[:most])[:most] + ELLIPSIS


# -- figures and letters ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sweep:
    swept: Swept

    @property
    def name(self) -> str:
        return f"rows of {self.swept.table.__tablename__}"

    def find(self, session: Session, now: datetime, after: Any) -> Sequence[tuple[Any, ...]]:  # noqa: ARG002
        rows = sa.select(*self._key()).where(self._old(now)).limit(FOUND_AT_ONCE)
        return [tuple(row) for row in session.execute(rows)]

    def take(self, session: Session, keys: Sequence[tuple[Any, ...]], now: datetime) -> int:
        gone = sa.delete(self.swept.table).where(sa.tuple_(*self._key()).in_(keys), self._old(now))
        session.execute(gone, **_BLIND)
        return len(keys)

    def _key(self) -> tuple[Any, ...]:
        return tuple(sa.inspect(self.swept.table).primary_key)

    def _old(self, now: datetime) -> sa.ColumnElement[bool]:
        limit: Any = now - self.swept.keep
        old: sa.ColumnElement[bool] = self.swept.when < (limit if _has_time(self.swept) else limit.date())
        return old


def _has_time(swept: Swept) -> bool:
    return not isinstance(swept.when.type, sa.Date)


@dataclass(frozen=True, slots=True)
class Sketches:
    """What articles are compared by, once nothing new can be near them."""

    name = "sketches of old articles"

    def find(self, session: Session, now: datetime, after: Any) -> Sequence[int]:  # noqa: ARG002
        # articles are numbered as they are stored
        last = sa.select(sa.func.max(ArticleRow.id)).where(ArticleRow.stored_at < now - 2 * WINDOW)
        old = [StoryArticleRow.article_id <= last.scalar_subquery(), sa.func.length(StoryArticleRow.sketch) > 0]
        return session.scalars(sa.select(StoryArticleRow.id).where(*old).limit(FOUND_AT_ONCE)).all()

    def take(self, session: Session, keys: Sequence[int], now: datetime) -> int:  # noqa: ARG002
        session.execute(sa.update(StoryArticleRow).where(StoryArticleRow.id.in_(keys)).values(sketch=b""), **_BLIND)
        return len(keys)


@dataclass(frozen=True, slots=True)
class Letters:
    """The bytes of messages that were sent, or dropped by hand, long ago. What the ledger tells of them stays."""

    name = "bodies of sent messages"

    def find(self, session: Session, now: datetime, after: Any) -> Sequence[int]:  # noqa: ARG002
        long_ago = now - LETTERS_KEPT
        sent = sa.and_(DeliveryRow.state == "sent", DeliveryRow.sent_at < long_ago)
        dropped = sa.and_(DeliveryRow.state == "dropped", DeliveryRow.queued_at < long_ago)
        done = sa.or_(sent, dropped), DeliveryRow.payload != b""
        return session.scalars(sa.select(DeliveryRow.id).where(*done).limit(FOUND_AT_ONCE)).all()

    def take(self, session: Session, keys: Sequence[int], now: datetime) -> int:  # noqa: ARG002
        session.execute(sa.update(DeliveryRow).where(DeliveryRow.id.in_(keys)).values(payload=b""), **_BLIND)
        return len(keys)
