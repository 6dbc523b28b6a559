"""What a day left behind: the rows of the database, what was received, and the truth that follows from both."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from stand_ins.copies import containments
from stand_ins.told import Told, in_mail, in_slack, repeats_in_mail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stand_ins.program import Newsvane
    from stand_ins.smtp import Mail

WINDOW = timedelta(days=4)
COPY = 0.5
NOTICES = "FROM notices n JOIN matches m ON m.id = n.match_id JOIN story_articles s ON s.article_id = m.article_id"


@contextmanager
def opened(newsvane: Newsvane) -> Iterator[sqlite3.Connection]:
    """Look into the database from outside."""
    with closing(sqlite3.connect(f"file:{newsvane.folder}/newsvane.db?mode=ro", uri=True)) as rows:
        rows.row_factory = sqlite3.Row
        yield rows


@dataclass(frozen=True, kw_only=True)
class Article:
    id: int
    url: str
    text: str
    stored_at: datetime
    at: datetime
    """When it was published, else when it was stored."""
    story: int
    copy_of: int
    """Itself, if it is none."""


@dataclass(frozen=True)
class Message:
    """A message that was received."""

    id: int
    watchlist: str
    key: str
    composed_at: datetime
    stories: tuple[Told, ...]
    repeats: int
    """Copies of what was told before, which it only counts."""


@dataclass(frozen=True)
class Evidence:
    """What the database holds, and what was received."""

    rows: sqlite3.Connection
    mails: Sequence[Mail]
    posts: Sequence[bytes]
    """What came over the wire to the chat."""
    corrected: Collection[str]
    """The articles, by URL, to which a correction was added, and those that got another headline."""
    renamed: Collection[str]

    @cached_property
    def articles(self) -> dict[str, Article]:
        """All articles, by URL."""
        query = (
            "SELECT a.id, a.url, coalesce(nullif(a.text, ''), nullif(a.lead, ''), a.title) AS text, a.published,"
            " a.stored_at, s.story_id, coalesce(s.copy_of, a.id) AS copy_of"
            " FROM articles a JOIN story_articles s ON s.article_id = a.id"
        )
        return {
            row["url"]: Article(
                id=row["id"],
                url=row["url"],
                text=row["text"],
                stored_at=_time(row["stored_at"]),
                at=min(_time(row["published"] or row["stored_at"]), _time(row["stored_at"])),
                story=row["story_id"],
                copy_of=row["copy_of"],
            )
            for row in self.rows.execute(query)
        }

    @cached_property
    def messages(self) -> list[Message]:
        """The messages that were received, a repeat of the same bytes counted once."""
        sent = self.ask(
            "SELECT d.mail_id, d.payload, m.id, m.watchlist_id, m.key, m.composed_at"
            " FROM deliveries d JOIN messages m ON m.id = d.message_id"
        )
        by_id = {row["mail_id"]: row for row in sent}
        by_bytes = {bytes(row["payload"]): row for row in sent}
        mails = {one.message_id.strip("<>"): one for one in self.mails}
        posts = dict.fromkeys(self.posts)
        received = [_message(by_id[number], *_read_mail(mail)) for number, mail in mails.items()]
        return received + [_message(by_bytes[post], tuple(in_slack(json.loads(post)))) for post in posts]

    def pairs(self) -> Iterator[tuple[Article, Article, float]]:
        """Yield each two articles near enough in time, with what they share."""
        by_id = {one.id: one for one in self.articles.values()}
        for (a, b), share in containments({number: one.text for number, one in by_id.items()}).items():
            if abs(by_id[a].at - by_id[b].at) <= WINDOW:
                yield by_id[a], by_id[b], share

    def copies(self) -> dict[int, list[Article]]:
        """Return for each article those that are copies of it, itself included, by what they share."""
        groups = {one.id: [one] for one in self.articles.values()}
        for one, other, share in self.pairs():
            if share >= COPY and groups[one.id] is not groups[other.id]:
                both = groups[one.id] + groups[other.id]
                groups |= {member.id: both for member in both}
        return groups

    def seen_at(self, url: str, what: Literal["correction", "title"]) -> datetime:
        """Return when Newsvane saw that an article was corrected, or has a new headline."""
        query = (
            "SELECT min(v.seen_at) FROM versions v JOIN articles a ON a.id = v.article_id"
            " WHERE a.url = ? AND json_extract(v.changed, ?) NOT IN ('', 0)"
        )
        ((found,),) = self.ask(query, url, f"$.{what}")
        assert found, f"edit never seen: {url}"
        return _time(found)

    def updates_due(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield which edits are to be told by which digest (watchlist, key, URL, kind), by what matched when."""
        for url in self.corrected:
            for watchlist, key, was_there in self.digests_of(url, self.seen_at(url, "correction")):
                if watchlist == "corrected":
                    yield watchlist, key, url, "Matches since an edit"
                elif watchlist == "broad" and was_there:
                    yield watchlist, key, url, "Corrected"
                elif watchlist == "as-printed" and was_there:
                    yield watchlist, key, url, "Does not match any more since an edit"
        for url in self.renamed:
            for watchlist, key, was_there in self.digests_of(url, self.seen_at(url, "title")):
                if was_there:
                    yield watchlist, key, url, "New headline"

    def digests_of(self, url: str, moment: datetime) -> Iterator[tuple[str, str, bool]]:
        """Yield each digest that an article's match goes to, and whether it matched before a moment."""
        query = (
            f"SELECT m.watchlist_id, n.key, m.matched_at {NOTICES}"
            " JOIN articles a ON a.id = m.article_id WHERE a.url = ? AND n.key LIKE 'digest:%'"
        )
        for row in self.ask(query, url):
            yield row["watchlist_id"], row["key"], _time(row["matched_at"]) < moment

    def matched_by(self, url: str, watchlist: str) -> bool:
        query = "SELECT 1 FROM matches m JOIN articles a ON a.id = m.article_id WHERE a.url = ? AND m.watchlist_id = ?"
        return bool(self.ask(query, url, watchlist))

    def ask(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.rows.execute(query, values).fetchall()


def _read_mail(mail: Mail) -> tuple[tuple[Told, ...], int]:
    body = mail.message.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    return tuple(in_mail(text)), repeats_in_mail(text)


def _message(row: sqlite3.Row, stories: tuple[Told, ...], repeats: int = 0) -> Message:
    composed_at = _time(row["composed_at"])
    return Message(row["id"], row["watchlist_id"], row["key"], composed_at, stories, repeats)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
