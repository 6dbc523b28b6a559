"""A newsroom in virtual time: services that run the real jobs on a real database, and whatever may befall them.

Articles come in without a crawl; mail goes to a real mail server and Slack's messages to a stand-in over real HTTP.
Only the clock is ours. After every round of the jobs the plain model of `expected` judges what was composed; at the
end, what came is held against what was composed, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import sqlalchemy as sa

from crawler import crash
from crawler.domain import Article, Entry, Read
from crawler.polling import Polling
from crawler.store.claims import FileLocks, Worker
from crawler.store.database import Database
from crawler.store.desk import StoreDesk
from crawler.store.tables import ArticleRow, UtcDateTime
from monitors import jobs
from monitors.app import App
from monitors.configuration_file import ConfigurationFile
from monitors.deliver.outbox import GIVE_UP_AFTER
from monitors.in_force import InForce
from monitors.store import mutes as mute_store
from monitors.store.migrate import upgrade
from monitors.store.tables import CircuitRow, DeliveryRow, MatchRow, MessageRow, NoticeRow
from monitors.watchlist_file import load
from stand_ins.expected import Expected, News, Plan, Seen
from stand_ins.site import filler
from stand_ins.slack import Answer, SlackStandIn
from stand_ins.smtp import MailCatcher
from stand_ins.told import in_mail, in_slack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from stand_ins.expected import Almanac

SOURCES = ("gazette", "wire")
LONG = timedelta(minutes=30)
"""Once a destination has failed for so long, nothing more is composed for it until it is well."""
POINTS = tuple(
    point
    for point in crash.POINTS
    if point not in {"entries-recorded", "page-fetched", "article-stored", "source-finished", "edits-recorded"}
)
"""Those that a round of the jobs comes to without a crawl."""


class KilledError(BaseException):
    """What a process feels of SIGKILL, if it could: nothing may catch it."""


class Guillotine:
    """Stands at `crash.point`. Once it has fallen, whoever else comes to any point of the dead process dies, too."""

    def __init__(self) -> None:
        self.armed: tuple[str, int] | None = None
        """At which point it falls, and how often that is passed before."""
        self.fallen = False

    def point(self, name: str) -> None:
        if self.armed and name == self.armed[0]:
            self.armed = (name, self.armed[1] - 1) if self.armed[1] else None
            self.fallen = self.armed is None
        if self.fallen:
            raise KilledError(name)


class ScriptedMail(MailCatcher):
    """A mail server that knows which mails it refused, and of which it took and could not say so."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()
        self.lost: list[str] = []

    @property
    def taken(self) -> list[str]:
        """The Message-IDs of the mails that came."""
        return [_mail_id(one.raw) for one in self.messages]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        mail_id, answer = _mail_id(envelope.original_content), next(iter(self.data_answers), "")
        if answer.startswith("4"):
            self.refused.add(mail_id)
        elif answer == "lost":
            self.lost.append(mail_id)
        return await super().handle_DATA(server, session, envelope)


class ScriptedSlack(SlackStandIn):
    """A Slack that may be down, or take a message and fail to say so."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.lose = 0
        """How many messages it takes whose answer is lost on the way."""
        self.taken: list[bytes] = []

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if self.down:
            return Answer(503, "service_unavailable")
        before = len(self.messages)
        if self.lose and not self.answers:
            self.lose -= 1
            self.answers.append(Answer(lost=True))
        answer = super()._answer(path, headers, body)
        self.taken += [body] * (len(self.messages) - before)
        return answer


class Service:
    """One process of Newsvane, from its start to its end, however that comes."""

    def __init__(self, url: str, file: Path, clock: Callable[[], datetime]) -> None:
        self.database = Database(url)
        upgrade(self.database)
        self.worker = Worker(self.database)
        self.worker.start(clock())
        self.runner = asyncio.Runner()
        self.file = ConfigurationFile(file)
        in_force = InForce.of(load(file, environ={}))
        self.app = App(in_force, self.database, self.worker, clock, random.Random(1))  # noqa: S311
        self.runner.run(self.app.adopt(in_force))

    async def round(self) -> None:
        """Do what the service does every second, and every minute."""
        app = self.app
        await asyncio.to_thread(self.worker.stay, app.clock())
        await self.file.reload(app)
        await jobs.read_archive(app)
        while await jobs.match_new(app):
            pass
        await jobs.compose_due(app)
        await jobs.watch_health(app)
        while await jobs.deliver_due(app):
            pass

    def stop(self) -> None:
        self.worker.stop()
        self.runner.close()
        self.database.close()

    def die(self) -> None:
        """Leave as a process does that was killed: nothing is given back, and its locks are gone."""
        self.runner.close()  # what was on the wire arrives, and nobody notes it
        locks = self.worker._locks
        if isinstance(locks, FileLocks) and locks._lock is not None:  # the file stays, and nobody holds it
            os.close(locks._lock)
            locks._lock = None
        else:
            locks.let_go(self.worker.id)
        self.database.close()


@dataclass
class Figures:
    rounds: int = 0
    crashes: Counter[str] = field(default_factory=Counter)
    reloads: int = 0
    outages: int = 0
    mutes: int = 0
    unnoted: Counter[str] = field(default_factory=Counter)
    """How often a message was taken, and not noted as sent (its sender died, or was not told); by its identity."""


class World:
    """The services, their readers, their clock; and everything that may happen to them, each as one method."""

    def __init__(self, folder: Path, url: str, plans: Sequence[Plan], almanac: Almanac, start: datetime) -> None:
        self.now = start
        """What the clock of the machine shows."""
        self.random = random.Random(str(start))  # noqa: S311
        self.folder, self.url, self.plans = folder, url, tuple(plans)
        self.mail, self.slack = ScriptedMail(), ScriptedSlack()
        self.guillotine, self.figures = Guillotine(), Figures()
        self.expected = Expected(almanac)
        self.services: list[Service] = []
        self.well = {"smtp": True, "slack": True}
        self.failing: dict[str, datetime] = {}
        """Since when a destination certainly fails."""
        self._doubted: dict[str, datetime] = {}
        """Since when it may fail. Nothing is known of it again once something was taken."""
        self._tried_until: dict[str, datetime | None] = {}
        """For how long something is tried there, of what waits."""
        self._given_up: dict[int, datetime] = {}
        """When a delivery was given up, by its id."""
        self._articles: dict[int, Article] = {}
        self._last = Counter[str]()
        self._taken_mails = self._taken_posts = self._lost_mails = 0
        self._numbers: dict[int, int] = {}

    @contextmanager
    def open(self) -> Iterator[World]:
        with self.mail, self.slack, patch.object(crash, "point", self.guillotine.point):
            self._database = Database(self.url)
            self._desk = StoreDesk(self._database, Polling(), lambda: self.now, lambda _source: None)
            self.configure(self.plans)
            self.start_service()
            for source in self.services[0].app.in_force.configuration.sources:
                asyncio.run(self._desk.finished(source, Read(entries=1, new=1)))
            try:
                yield self
            finally:
                if not self.well["smtp"]:
                    self.mend_mail()
                for service in self.services:
                    service.stop()
                self._database.close()

    # -- what may happen ----------------------------------------------------------------------------------------------

    def configure(self, plans: Sequence[Plan]) -> None:
        """Write the file, as its owner would. It is in force after the next round."""
        self.plans = tuple(plans)
        names = dict.fromkeys(plan.watchlist for plan in plans)
        mails = {plan.channel: plan.recipients for plan in plans if plan.channel != "slack"}
        sources = "\n".join(f'  - {{id: {one}, url: "https://{one}.example/feed"}}' for one in SOURCES)
        watchlists = "\n".join(
            f"  - {{id: {name}, name: {name}, keywords: [{name}], deliver: ["
            + ", ".join(plan.yaml for plan in plans if plan.watchlist == name)
            + "]}"
            for name in names
        )
        channels = "\n".join(f"  - {{id: {one}, type: email, to: [{', '.join(to)}]}}" for one, to in mails.items())
        (self.folder / "newsvane.yaml").write_text(
            f"""
settings: {{contact: desk@example.org, timezone: Europe/Zurich, related: false}}
sources:
{sources}
watchlists:
{watchlists}
channels:
{channels}
  - {{id: slack, type: slack, webhook_url: "{self.slack.url}"}}
smtp: {{host: {self.mail.host}, port: {self.mail.port}}}
""",
            encoding="utf-8",
        )

    def publish(self, about: Iterable[str], *, copy_of: int | None = None) -> int:
        """Bring an article for these watchlists, or a copy of one; return its number."""
        number = len(self._articles) + 1
        order = random.Random(f"article {number}")  # noqa: S311
        if copy_of is None:
            text = "\n\n".join(filler(order) for _ in range(3))
            story, topics = number, frozenset(about)
        else:
            first = self.expected.news[copy_of]
            text = f"{self._articles[first.story].text} {filler(order)[:40]}"  # within a site, one body is one article
            story, topics = first.story, first.about
        title = f"{' '.join(sorted(topics))} {' '.join(filler(order).split()[:6])}".capitalize()
        source = SOURCES[copy_of is not None]
        article = Article(url=f"https://{source}.example/{number}", title=title, text=text, language="en")
        self._articles[number] = article
        entry = Entry(link=article.url, title=title)
        its = self.services[0].app.in_force.sources[source] if self.services else self._source(source)
        asyncio.run(self._desk.discovered(its, [entry]))
        asyncio.run(self._desk.fetched(its, entry, article))
        self.expected.publish(News(number, story, topics))
        return number

    def _source(self, name: str) -> Any:
        return next(one for one in load(self.folder / "newsvane.yaml", environ={}).sources if one.id == name)

    def start_service(self) -> None:
        self.services.append(Service(self.url, self.folder / "newsvane.yaml", lambda: self.now))
        self.expected.adopt(self.plans, self.now)

    def stop_service(self, number: int = -1) -> None:
        self.services.pop(number).stop()

    def kill_service(self, number: int = -1) -> None:
        self.services.pop(number).die()

    def crash_at(self, point: str, passed: int = 0) -> None:
        """Kill the next service that comes to a point, after it was passed so often."""
        self.guillotine.armed = (point, passed)

    def break_mail(self) -> None:
        self._break("smtp")
        self.mail.__exit__()

    def mend_mail(self) -> None:
        self.mail.__enter__()
        self.well["smtp"] = True

    def break_slack(self) -> None:
        self._break("slack")
        self.slack.down = True

    def mend_slack(self) -> None:
        self.slack.down = False
        self.well["slack"] = True

    def _break(self, destination: str) -> None:
        self.well[destination] = False
        self._doubted.setdefault(destination, self.now)
        self.figures.outages += 1

    def trouble(self, destination: str) -> None:
        """Take note that a single try is going to fail."""
        self._doubted.setdefault(destination, self.now)

    def mute(self, watchlist: str, duration: timedelta) -> None:
        """Keep a watchlist quiet for a while, counted from now even if it was muted before."""
        until = self.now + duration
        self._database.write(mute_store.mute, "watchlist", watchlist, until=until, now=self.now)
        self.expected.muted[watchlist] = until
        self.figures.mutes += 1

    def unmute(self, watchlist: str) -> None:
        self._database.write(mute_store.unmute, "watchlist", watchlist)
        self.expected.muted.pop(watchlist, None)

    def turn(self, by: timedelta) -> None:
        """Turn the clock of the machine, wrongly."""
        self.now += by
        for destination in self._doubted:  # the services believe that it fails for longer, or shorter, than it does
            self._doubted[destination] += min(by, timedelta(0))
        for destination in self.failing:
            self.failing[destination] += max(by, timedelta(0))

    # -- a round of the jobs ------------------------------------------------------------------------------------------

    def round(self, *numbers: int) -> bool:
        """Have services do a round at the same time, the first if none is named; return whether all came to its end.

        What was killed is gone then.
        """
        acting = [self.services[number] for number in numbers or (0,)]
        if any(service.file._look() != service.file._seen for service in acting):
            self.expected.adopt(self.plans, self.now)
            self.figures.reloads += 1
        self.guillotine.fallen = False
        self.figures.rounds += 1
        point = self.guillotine.armed
        try:
            self._act(acting)
        except KilledError:
            self.figures.crashes[point[0] if point else "?"] += 1
            for service in acting:
                self.services.remove(service)
                service.die()
        whole = not self.guillotine.fallen
        self.guillotine.fallen = False
        self._judge(whole=whole)
        return whole

    def _act(self, acting: Sequence[Service]) -> None:
        first, *others = acting

        async def together() -> None:
            await asyncio.gather(first.round(), *(one.round() for one in others))

        first.runner.run(together())

    def _judge(self, *, whole: bool) -> None:
        with self._database.read() as session:
            seen = self._new_messages(session)
            matched = self._new_matches(session)
            untold = self._untold(session)
            dead = session.scalars(sa.select(DeliveryRow.id).where(DeliveryRow.state == "dead")).all()
            queued = list(
                session.execute(
                    sa.select(
                        DeliveryRow.channel,
                        DeliveryRow.mail_id,
                        DeliveryRow.payload,
                        DeliveryRow.attempts,
                        DeliveryRow.give_up_at,
                    ).where(DeliveryRow.state == "queued")
                )
            )
        for delivery_id in dead:
            self._given_up.setdefault(delivery_id, self.now)
        channels = {plan.channel for plan in self.plans}
        may_wait = {channel: self._may_wait(channel) for channel in channels}
        must_wait = {channel: self._must_wait(channel) for channel in channels}
        self._tried_until = {
            destination: max(
                (row.give_up_at for row in queued if _destination(row.channel) == destination), default=None
            )
            for destination in self.well
        }
        self._follow_destinations(queued)  # what this round learned of them, the next composes by
        self.expected.round(
            self.now,
            seen,
            matched=matched,
            untold=untold,
            whole=whole,
            may_wait=may_wait,
            must_wait=must_wait,
        )

    def _new_messages(self, session: Session) -> list[Seen]:
        rows = session.scalars(
            sa.select(MessageRow)
            .where(MessageRow.id > self._last["message"], MessageRow.watchlist_id.is_not(None))
            .order_by(MessageRow.id)
        ).all()
        if not rows:
            return []
        self._last["message"] = rows[-1].id
        ids = [row.id for row in rows]
        news, to = defaultdict(set), defaultdict(list)
        for message_id, url in session.execute(
            sa.select(NoticeRow.message_id, ArticleRow.url)
            .join(MatchRow, MatchRow.id == NoticeRow.match_id)
            .join(ArticleRow, ArticleRow.id == MatchRow.article_id)
            .where(NoticeRow.message_id.in_(ids))
        ):
            news[message_id].add(_number(url))
        for message_id, recipient in session.execute(
            sa.select(DeliveryRow.message_id, DeliveryRow.recipient).where(
                DeliveryRow.message_id.in_(ids), DeliveryRow.part == 0
            )
        ):
            to[message_id].append(recipient)
        return [
            Seen(
                id=row.id,
                watchlist=row.watchlist_id or "",
                key=row.key,
                slot=row.slot,
                news=frozenset(news[row.id]),
                recipients=tuple(to[row.id]),
            )
            for row in rows
        ]

    def _new_matches(self, session: Session) -> list[tuple[str, int]]:
        rows = session.execute(
            sa.select(MatchRow.id, MatchRow.watchlist_id, ArticleRow.url)
            .join(ArticleRow, ArticleRow.id == MatchRow.article_id)
            .where(MatchRow.id > self._last["match"])
            .order_by(MatchRow.id)
        ).all()
        if rows:
            self._last["match"] = rows[-1].id
        return [(watchlist, _number(url)) for _, watchlist, url in rows]

    def _untold(self, session: Session) -> list[tuple[str, str, int]]:
        rows = session.execute(
            sa.select(MatchRow.watchlist_id, NoticeRow.key, ArticleRow.url)
            .join(NoticeRow, NoticeRow.match_id == MatchRow.id)
            .join(ArticleRow, ArticleRow.id == MatchRow.article_id)
            .where(NoticeRow.message_id.is_(None))
        )
        return [(watchlist, key, _number(url)) for watchlist, key, url in rows]

    # -- destinations -------------------------------------------------------------------------------------------------

    def _follow_destinations(self, queued: Sequence[Any]) -> None:
        mails = [_mail_id(one.raw) for one in self.mail.messages[self._taken_mails :]]
        posts = self.slack.taken[self._taken_posts :]
        self._taken_mails, self._taken_posts = len(self.mail.messages), len(self.slack.taken)
        ids, payloads = {row.mail_id for row in queued}, {row.payload for row in queued}
        lost, self._lost_mails = self.mail.lost[self._lost_mails :], len(self.mail.lost)
        self.figures.unnoted.update(one for one in mails if one in ids)
        self.figures.unnoted.update(one for one in lost if one not in ids)  # it was tried again within the round
        self.figures.unnoted.update(one.decode() for one in posts if one in payloads)
        for destination, taken in (("smtp", mails), ("slack", posts)):
            tried = any(row.attempts for row in queued if _destination(row.channel) == destination)
            if self.well[destination] and taken and not tried:
                self._doubted.pop(destination, None)
                self.failing.pop(destination, None)
            elif not self.well[destination] and tried and not taken:
                self.failing.setdefault(destination, self.now)

    def _may_wait(self, channel: str) -> bool:
        since = self._doubted.get(_destination(channel))
        return since is not None and self.now - since >= LONG

    def _must_wait(self, channel: str) -> bool:
        destination = _destination(channel)
        since, until = self.failing.get(destination), self._tried_until.get(destination)
        if self.well[destination] or since is None or until is None or until <= self.now:
            return False  # where nothing is tried any more, the next message has to be
        return self.now - since > LONG + timedelta(minutes=1)

    def next_try(self) -> datetime | None:
        """Return when something is tried again, by what the services have noted."""
        with self._database.read() as session:
            again = sa.select(sa.func.min(DeliveryRow.next_try_at, type_=UtcDateTime))
            alone = session.scalar(again.where(DeliveryRow.state == "queued", DeliveryRow.next_try_at > self.now))
            together = session.scalar(sa.select(sa.func.min(CircuitRow.next_try_at, type_=UtcDateTime)))
            return min(filter(None, (alone, together)), default=None)

    def count_queued(self) -> int:
        with self._database.read() as session:
            query = sa.select(sa.func.count()).where(DeliveryRow.state == "queued")
            return session.scalar(query) or 0

    # -- at the end ---------------------------------------------------------------------------------------------------

    def judge_what_came(self, *, may_give_up: bool = False) -> None:
        """Hold what the readers got against what was composed; what was tried for three days may be given up."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(DeliveryRow).order_by(DeliveryRow.id)).all()
        assert {row.state for row in rows} <= ({"sent", "dead"} if may_give_up else {"sent"}), "everything is sent"
        queued_at = {row.id: row.queued_at for row in rows}
        early = [one for one, at in self._given_up.items() if at - queued_at[one] < GIVE_UP_AFTER]
        assert not early, f"or is tried for three days: {early}"
        came = Counter(self.mail.taken)
        came.update(one.decode() for one in self.slack.taken)
        assert {_identity(row) for row in rows if row.state == "sent"} <= set(came) <= {_identity(row) for row in rows}
        times = {one: number for one, number in came.items() if number != 1 + self.figures.unnoted[one]}
        assert not times, "each comes once, and once more for every time that nobody noted it"
        sent = {row.mail_id: row.payload for row in rows if row.channel != "slack"}
        others = [one for one in self.mail.messages if one.raw != sent[_mail_id(one.raw)]]
        assert not others, "a repeat is the same, byte for byte"
        self._judge_contents(rows)
        self._judge_order(rows)

    def _judge_contents(self, rows: Sequence[DeliveryRow]) -> None:
        told: dict[tuple[int, str], set[int]] = defaultdict(set)
        for row in rows:
            told[row.message_id, row.recipient] |= {
                self.expected.news[_number(url)].story for url in _urls(row.payload, mail=row.channel != "slack")
            }
        for (message_id, recipient), stories in told.items():
            if message_id in self.expected.told:
                assert stories == self.expected.told[message_id], f"message {message_id} to {recipient}"

    def _judge_order(self, rows: Sequence[DeliveryRow]) -> None:
        number = {_identity(row): row.id for row in rows}
        to: dict[tuple[str, str], list[int]] = defaultdict(list)
        reader = {row.mail_id: (row.channel, row.recipient) for row in rows}
        for mail_id in dict.fromkeys(self.mail.taken):
            if mail_id not in self.mail.refused:
                to[reader[mail_id]].append(number[mail_id])
        to["slack", "slack"] = [number[one.decode()] for one in dict.fromkeys(self.slack.taken)]
        for one, order in to.items():
            wrong = [pair for pair in pairwise(order) if pair[0] > pair[1]]
            assert not wrong, f"out of order to {one}: {wrong[:5]}"


_MAIL_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)


def _mail_id(raw: bytes) -> str:
    found = _MAIL_ID.search(raw)
    assert found, raw[:2000]
    return found[1].decode()


def _identity(row: DeliveryRow) -> str:
    return row.payload.decode() if row.channel == "slack" else row.mail_id


def _destination(channel: str) -> str:
    return "slack" if channel == "slack" else "smtp"


def _number(url: str) -> int:
    return int(url.rpartition("/")[2])


def _urls(payload: bytes, *, mail: bool) -> set[str]:
    """Return the addresses of the articles that a message shows."""
    if not mail:
        return {one.url for one in in_slack(json.loads(payload))}
    body = message_from_bytes(payload, policy=policy.default).get_body(("plain",))
    assert body is not None
    return {one.url for one in in_mail(body.get_content().replace("\r\n", "\n"))}
