"""Trouble with the database of a running service: it stands still, says so once, goes on, and nothing is lost."""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stand_ins.disk import SmallDisk
from stand_ins.postgres import PostgresServer
from stand_ins.program import wait_until
from stand_ins.site import filler

if TYPE_CHECKING:
    from pathlib import Path

    from stand_ins.program import Newsvane
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher

BEFORE_THE_DIGEST = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def configuration(site: NewsSite, mail: MailCatcher, url: str = "/feed") -> str:
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}{url}"}}]
watchlists:
  - name: Watched
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: desk@example.org, when: now}}
      - {{to: morning@example.org, at: "07:00"}}
channels: [{{id: ops, type: email, to: ops@example.org}}]
smtp: {{host: {mail.host}, port: {mail.port}}}
health: {{channel: ops, heartbeat: "{site.url}/heartbeat"}}
"""


def events(newsvane: Newsvane, name: str) -> list[dict[str, Any]]:
    return [event for event in newsvane.log() if event["event"] == name]


def sent_to(mail: MailCatcher, recipient: str) -> list[str]:
    return [str(one.message["subject"]) for one in mail.messages if recipient in one.recipients]


def long_text(title: str) -> str:
    order = random.Random(title)  # noqa: S311
    return " ".join(filler(order) for _ in range(60))


def test_a_service_whose_disk_is_full_stands_still_says_so_and_goes_on(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher, tmp_path: Path
) -> None:
    newsvane = replace(newsvane, at=BEFORE_THE_DIGEST)
    words = ["harbour", "brewery", "museum", "orchard", "railway", "library", "theatre", "quarry", "bakery", "airport"]
    titles = [f"Cloud over {one}, says {other}" for one, other in itertools.permutations(words, 2)][::4]
    with SmallDisk(tmp_path / "disk", megabytes=64) as disk:
        database = {"NEWSVANE_DATABASE_URL": f"sqlite:///{disk.path}/newsvane.db"}
        site.publish("Cloud unit opens")
        newsvane.configure(configuration(site, mail))
        with newsvane.service(**database):
            wait_until(lambda: sent_to(mail, "desk@example.org"), "the first alert")
            disk.fill(but=400 << 10)
            for title in titles:
                site.publish(title, text=long_text(title))
            newsvane.configure(configuration(site, mail, url="/feed?again"))
            wait_until(lambda: events(newsvane, "database_trouble"), "the trouble")
            newsvane.turn_clock(timedelta(minutes=1))
            wait_until(lambda: sent_to(mail, "ops@example.org"), "the operator to be told")
            (status,) = [newsvane.run("status", "--json", **database)]
            assert status.returncode == 0, status.stderr
            assert '"failing_since": null' in status.stdout, "a full disk is no failure of the source"
            newsvane.turn_clock(timedelta(hours=1))  # past the hour of the digest
            time.sleep(4)
            assert not sent_to(mail, "morning@example.org")

            disk.relieve()
            wait_until(lambda: events(newsvane, "database_back"), "the end of the trouble")
            wait_until(lambda: len(sent_to(mail, "ops@example.org")) == 2, "the operator to be told that it is over")
            wait_until(lambda: len(sent_to(mail, "desk@example.org")) == 1 + len(titles), "the alerts")
            wait_until(lambda: sent_to(mail, "morning@example.org"), "the digest")

        with closing(sqlite3.connect(disk.path / "newsvane.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            stored = Counter(title for (title,) in connection.execute("SELECT title FROM articles"))
            assert stored == Counter(["Cloud unit opens", *titles])
            untold = connection.execute("SELECT count(*) FROM deliveries WHERE state != 'sent'").fetchone()
            assert untold == (0,)
    assert len(events(newsvane, "database_trouble")) == 1
    assert not events(newsvane, "source_broke")
    assert not events(newsvane, "job_failed")
    alerts = sent_to(mail, "desk@example.org")
    assert all(sum(title in subject for subject in alerts) == 1 for title in titles)
    assert len(sent_to(mail, "morning@example.org")) == 1, "one digest"
    assert [subject.partition(",")[0] for subject in sent_to(mail, "ops@example.org")] == [
        "Newsvane: standing still",
        "Newsvane: at work again",
    ]
    told = Counter(one.message["message-id"] for one in mail.messages)
    assert max(told.values()) == 1, "no message twice"


def test_a_service_that_starts_on_a_full_disk_waits_and_a_command_says_so(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher, tmp_path: Path
) -> None:
    with SmallDisk(tmp_path / "disk", megabytes=16) as disk:
        database = {"NEWSVANE_DATABASE_URL": f"sqlite:///{disk.path}/newsvane.db"}
        site.publish("Cloud unit opens")
        newsvane.configure(configuration(site, mail))
        disk.fill()
        done = newsvane.run("run", "--once", **database)
        assert done.returncode == 1
        assert done.stderr.startswith("newsvane: the disk is full")
        with newsvane.service(**database):
            wait_until(lambda: events(newsvane, "database_trouble"), "the trouble")
            disk.relieve()
            wait_until(lambda: sent_to(mail, "desk@example.org"), "the alert")
    assert len(events(newsvane, "database_trouble")) == 1


def test_a_service_outlives_a_restart_of_its_postgresql_server(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher
) -> None:
    with PostgresServer() as server:
        database = {"NEWSVANE_DATABASE_URL": server.create()}
        site.publish("Cloud unit opens")
        newsvane.configure(configuration(site, mail))
        with newsvane.service(**database):
            wait_until(lambda: sent_to(mail, "desk@example.org"), "the first alert")
            server.stop()
            wait_until(lambda: events(newsvane, "database_trouble"), "the trouble")
            assert newsvane.run("status", **database).stderr.startswith("newsvane: the database cannot be reached")
            site.publish("Cloud unit closes")
            newsvane.configure(configuration(site, mail, url="/feed?again"))
            server.start()
            wait_until(lambda: len(sent_to(mail, "desk@example.org")) == 2, "the second alert")
    assert [one["kind"] for one in events(newsvane, "database_trouble")] == ["gone"]
    assert len(events(newsvane, "database_back")) == 1
    assert not events(newsvane, "job_failed")
    assert not events(newsvane, "source_broke")
