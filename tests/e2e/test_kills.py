"""`kill -9` at random moments, again and again, while news comes in and goes out: nothing is lost.

`make kills` runs the long campaign, 200 kills a database (or NEWSVANE_KILLS), and prints what it came to.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil
import pytest
import sqlalchemy as sa
from stand_ins import hasty
from stand_ins.program import clean_environment, wait_until
from stand_ins.site import NewsSite
from stand_ins.told import in_mail

from crawler.store.database import Database
from monitors.store.tables import DeliveryRow, MatchRow, NoticeRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stand_ins.smtp import Mail, MailCatcher

SEED = 6
KILLS = int(os.environ.get("NEWSVANE_KILLS", "200"))
LATEST = 150
"""Entries that the feed shows: more than are published before somebody has read them."""
WORDS = ("Harbour", "Ministry", "Railway", "Orchard", "Cathedral", "Glacier", "Viaduct", "Parliament", "Lighthouse")


class BusySite(NewsSite):
    """A site that publishes as long as somebody reads it, and whose feed shows the latest."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.clouds: set[str] = set()
        """The addresses of what the watchlist is to find."""
        self._random = random.Random(seed)  # noqa: S311
        self._enough = Event()

    @contextmanager
    def publishing(self, every_s: float) -> Iterator[None]:
        def work() -> None:
            while not self._enough.wait(self._random.expovariate(1 / every_s)):
                if sum(not self.requests[path] for path in self._articles) < LATEST / 3:
                    self._publish_one()

        thread = Thread(target=work, name="publisher", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._enough.set()
            thread.join(10)

    def _publish_one(self) -> None:
        about = "cloud" if self._random.random() < 0.7 else "ferry"
        words = " ".join(self._random.sample(WORDS, 3))
        path = self.publish(f"{words} {about} {len(self._articles) + 1}")
        if about == "cloud":
            self.clouds.add(self.url + path)

    def _feed(self) -> str:
        everything = self._articles
        try:
            self._articles = dict(list(everything.items())[-LATEST:])
            return super()._feed()
        finally:
            self._articles = everything


def configuration(site: NewsSite, mail: MailCatcher) -> str:
    digests = [(datetime.now(UTC) + timedelta(minutes=n)).strftime("%H:%M") for n in range(1, 240)]
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}/feed", poll: 1s}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: [one@example.org, two@example.org], when: now}}
      - {{to: three@example.org, at: {digests!r}, max_items: 10000}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


@dataclass
class Killer:
    """Starts the service on a database and kills it, and knows of every mail that the dead could not note as sent."""

    folder: Path
    url: str
    mail: MailCatcher
    rng: random.Random
    unnoted: Counter[str] = field(default_factory=Counter)
    """How often a mail was accepted and its sender killed before it was noted, by Message-ID."""
    kills: Counter[str] = field(default_factory=Counter)
    orphans: list[psutil.Process] = field(default_factory=list)

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """Have services start in a moment."""
        self._starter = subprocess.Popen(
            [sys.executable, "-P", hasty.__file__],
            cwd=self.folder,
            env=clean_environment() | {"NEWSVANE_DATABASE_URL": self.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield
        finally:
            self._starter.communicate(timeout=30)

    @contextmanager
    def service(self) -> Iterator[int]:
        """Run the service while the context lasts; yield the number of its process."""
        assert self._starter.stdin
        self._starter.stdin.write(f"{self.folder / 'service.log'}\n")
        self._starter.stdin.flush()
        process = int(self._said())
        try:
            yield process
        finally:
            if self.lives(process):
                self.end(process, signal.SIGKILL)

    def end(self, process: int, by: signal.Signals) -> int:
        """Send the service a signal, and return how it ended."""
        os.kill(process, by)
        return int(self._said())

    def _said(self) -> str:
        assert self._starter.stdout
        return self._starter.stdout.readline()

    def lives(self, process: int) -> bool:
        return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE

    def live_and_die(self, count_work: Callable[[], int]) -> None:
        """Run the service for a moment of its work; now and then it does not even live to begin it."""
        before, accepted = count_work(), self._count_accepted()
        with self.service() as service:
            when = "starting" if self.rng.random() < 0.15 else "at work"
            if when == "at work":
                wait_until(
                    lambda: count_work() > before or not self.lives(service),
                    lambda: f"it to begin its work:\n{self.tail()}",
                )
            time.sleep(self.rng.uniform(0, 1) if when == "starting" else self.rng.uniform(0.3, 3))
            assert self.lives(service), f"it died by itself:\n{self.tail()}"
            self.orphans += psutil.Process(service).children(recursive=True)
            assert self.end(service, signal.SIGKILL) == -signal.SIGKILL
        self.kills[when] += 1
        self._note_what_was_not_noted(accepted)

    def _note_what_was_not_noted(self, before: Counter[str]) -> None:
        """Count the mails of this life that are not noted as sent; one that was so before it does not count again."""
        received = -1
        while received != (received := len(self.mail.messages)):  # what was on the wire when it died still comes in
            time.sleep(0.03)
        self.unnoted.update((self._count_accepted() - before).keys() & self.waiting())

    def _count_accepted(self) -> Counter[str]:
        return Counter(map(mail_id, self.mail.messages))

    def waiting(self) -> set[str]:
        """Return the Message-IDs of the mails that are not noted as sent."""
        with self._session() as session:
            if not sa.inspect(session.connection()).has_table("deliveries"):
                return set()
            return set(session.scalars(sa.select(DeliveryRow.mail_id).where(DeliveryRow.state == "queued")))

    def count_untold(self) -> tuple[int, int]:
        """Return how many matches there are, and how many of their notices no message tells."""
        with self._session() as session:
            matches = session.scalar(sa.select(sa.func.count()).select_from(MatchRow))
            untold = sa.select(sa.func.count()).select_from(NoticeRow).where(NoticeRow.message_id.is_(None))
            return matches or 0, session.scalar(untold) or 0

    @contextmanager
    def _session(self) -> Iterator[sa.orm.Session]:
        database = Database(self.url)
        try:
            with database.read() as session:
                yield session
        finally:
            database.close()

    def tail(self) -> str:
        return (self.folder / "service.log").read_text(encoding="utf-8")[-5000:]


@cache
def mail_id(mail: Mail) -> str:
    return mail.message_id.strip("<>")


@cache
def told(mail: Mail) -> set[tuple[str, str]]:
    """Return (to whom, the address of an article) for everything that a mail tells."""
    body = mail.message.get_body(("plain",))
    assert body is not None
    stories = in_mail(body.get_content().replace("\r\n", "\n"))
    return {(mail.recipients[0], url) for story in stories for url in (story.url, *story.others)}


@pytest.mark.parametrize(
    "kills", [4, pytest.param(KILLS, marks=[pytest.mark.slow, pytest.mark.timeout(5400)])], ids=["quick", "campaign"]
)
def test_whenever_it_is_killed_nothing_is_lost(
    kills: int, tmp_path: Path, database_url: str, mail: MailCatcher, capsys: pytest.CaptureFixture[str]
) -> None:
    killer = Killer(tmp_path, database_url, mail, random.Random(SEED))  # noqa: S311
    begun = time.monotonic()
    (tmp_path / "service.log").touch()
    with BusySite(SEED) as site, killer.hurrying():
        (tmp_path / "newsvane.yaml").write_text(configuration(site, mail), encoding="utf-8")
        with site.publishing(every_s=0.3):
            for _ in range(kills):
                killer.live_and_die(lambda: site.requests.total() + len(mail.messages))
        wanted = {(f"{who}@example.org", one) for who in ("one", "two", "three") for one in site.clouds}

        def untold_of() -> list[tuple[str, str]]:
            return sorted(wanted.difference(*map(told, mail.messages)))

        with killer.service() as service:
            wait_until(
                lambda: not killer.lives(service) or not untold_of(),
                lambda: f"everybody to be told of everything, but {untold_of()}:\n{killer.tail()}",
            )
            assert killer.end(service, signal.SIGTERM) == 0, killer.tail()

    by_id: dict[str, list[Mail]] = defaultdict(list)
    for one in mail.messages:
        by_id[mail_id(one)].append(one)
    repeats = {which: len(copies) - 1 for which, copies in by_id.items() if len(copies) > 1}
    matches, untold = killer.count_untold()
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what the campaign is for
            f"\n{database_url.partition(':')[0]}: {kills} kills ({killer.kills['starting']} while it started), "
            f"{len(site._articles)} articles, {matches} matches, {len(mail.messages)} mails, "
            f"{sum(repeats.values())} repeats, "
            f"{killer.unnoted.total()} accepted and not noted, {time.monotonic() - begun:.0f} s"
        )

    assert matches == len(site.clouds)
    assert untold == 0
    assert killer.waiting() == set()
    tellings = Counter(one for copies in by_id.values() for one in told(copies[0]))
    assert set(tellings) == wanted
    assert {one: times for one, times in tellings.items() if times > 1} == {}, "told in two messages"
    assert {which for which, copies in by_id.items() if len({one.raw for one in copies}) > 1} == set()
    assert {one: times for one, times in repeats.items() if times > killer.unnoted[one]} == {}, (
        "repeated outside of the window between the answer of the mail server and the note of it"
    )
    _, alive = psutil.wait_procs(killer.orphans, timeout=20)
    assert alive == [], "what the dead had started lives on"
