"""A newsroom without a crawl: two sources, articles that a test brings, and a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crawler.changes import change_between
from crawler.domain import Article, Entry, Read, Source
from crawler.polling import Polling
from crawler.store.articles import articles_by_id
from crawler.store.desk import StoreDesk
from crawler.store.versions import keep_edit
from monitors import jobs
from monitors.store.tables import DeliveryRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitors.app import App

HARBOUR = Source(id="harbour", url="https://harbour.example/feed", name="The Harbour Ledger", tier=1)
WIRE = Source(id="wire", url="https://wire.example/feed", name="Wire", groups=frozenset({"wires"}))


class Clock:
    """Shows 23 November 2026, 07:00 UTC, until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> datetime:
        self.now += by
        return self.now


@dataclass(frozen=True, slots=True)
class Queued:
    """A message in the outbox."""

    recipient: str
    message_id: str
    subject: str
    text: str
    """Without the stars that mark a hit."""
    state: str
    answers: str
    """Which message it is shown below of."""


class Newsroom:
    """An App whose articles come from the test instead of a crawl."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._desk = StoreDesk(app.database, Polling(), app.clock, on_finished=lambda _source: None)

    def bring(
        self, title: str, text: str | None = None, source: str = "harbour", *, published: datetime | None = None
    ) -> None:
        """Store an article as a crawl of the source would."""
        link = f"https://{source}.example/{abs(hash(title))}"
        entry = Entry(link=link, title=title)
        text = f"{title}, it was said." if text is None else text
        article = Article(url=link, title=title, text=text, published=published, language="en")
        its = self.app.in_force.sources[source]
        asyncio.run(self._desk.discovered(its, [entry]))
        asyncio.run(self._desk.fetched(its, entry, article))

    def carry(self, article_id: int, source: str) -> None:
        """Have another source name an article that is stored."""
        with self.app.database.read() as session:
            article = articles_by_id(session, [article_id])[article_id].article
        entry = Entry(link=article.url, title=article.title)
        asyncio.run(self._desk.discovered(self.app.in_force.sources[source], [entry]))

    def edit(self, article_id: int, **parts: str) -> None:
        """Change parts of an article, as a visit of its page would."""
        self.app.database.write(_edit, article_id, parts, now=self.app.clock())

    def finish(self, source: str = "harbour") -> None:
        """End the read of a source; what comes later was not already there."""
        asyncio.run(self._desk.finished(self.app.in_force.sources[source], Read(entries=1, new=1)))

    def match(self) -> None:
        while asyncio.run(jobs.match_new(self.app)):
            pass

    def compose(self, **how: timedelta) -> int:
        return asyncio.run(jobs.compose_due(self.app, **how))

    def deliver(self) -> int:
        return len(asyncio.run(jobs.deliver_due(self.app)))

    def outbox(self) -> list[Queued]:
        with self.app.database.read() as session:
            return [_queued(row) for row in session.scalars(sa.select(DeliveryRow).order_by(DeliveryRow.id))]


def _edit(session: Session, article_id: int, parts: dict[str, str], *, now: datetime) -> None:
    known = articles_by_id(session, [article_id])[article_id].article
    article = replace(known, **parts)  # type: ignore[arg-type]  # texts, all of them
    change = change_between(known, article)
    assert change, "nothing was changed in substance"
    keep_edit(session, article_id, article, change, now=now)


def _queued(row: DeliveryRow) -> Queued:
    mail = message_from_bytes(row.payload, policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("*", "")
    return Queued(row.recipient, row.mail_id, str(mail["subject"]), text, row.state, str(mail["in-reply-to"]))
