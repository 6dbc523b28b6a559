"""The whole of it on PostgreSQL: a day by hand, a kill, two services, a server that goes and comes back, and a move."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from stand_ins.postgres import PostgresServer
from stand_ins.program import Newsvane, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from stand_ins.loaded import Loaded
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher


@pytest.fixture
def newsvane(tmp_path: Path, postgresql_url: str, loaded: Loaded) -> Newsvane:
    return Newsvane(tmp_path, database_url=postgresql_url, loaded=loaded)


def configuration(site: NewsSite, mail: MailCatcher) -> str:
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}/feed", poll: {{every: 1m}}}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver: [{{to: one@example.org, when: now}}, {{to: one@example.org, at: "07:00"}}]
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


def ids(mail: MailCatcher) -> Counter[str]:
    return Counter(one.message_id for one in mail.messages)


def test_killed_on_the_way_everything_arrives_after_a_restart(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher
) -> None:
    site.publish("Cloud unit sold")
    site.publish("Cloud sale falls through")
    newsvane.configure(configuration(site, mail))
    assert newsvane.may_die("run", "--once", NEWSVANE_CRASH_AT="message-sent")
    newsvane("run", "--once")
    alerts = ids(mail)
    assert len(alerts) == 2
    assert sum(alerts.values()) <= 3, "only what was sent and not recorded is sent again"
    newsvane("digest", "clouds")
    assert len(ids(mail)) == 3
    assert "postgresql" not in newsvane("status"), "the address is nobody's business"
    assert newsvane("db", "housekeeping", "--vacuum").endswith("nothing to take away\n")


def test_two_services_tell_everything_once_also_after_the_server_was_gone(
    tmp_path: Path, site: NewsSite, mail: MailCatcher, loaded: Loaded
) -> None:
    with PostgresServer() as server:  # one that may be stopped
        url = server.create()
        site.publish("Cloud unit sold")
        services = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            services.append(Newsvane(folder, database_url=url, loaded=loaded))
            services[-1].configure(configuration(site, mail))
        newcomer = Newsvane(services[0].folder, database_url=url, loaded=loaded)
        with services[0].service() as first, services[1].service() as second:
            wait_until(lambda: newcomer.json("status", "--json")[0]["deliveries"]["sent"], "the alert")
            server.stop()
            site.publish("Cloud sale falls through")
            time.sleep(1.5)  # both meet trouble
            server.start()
            wait_until(lambda: newcomer.run("crawl", "--source", "harbour").returncode == 0, "a crawl")
            wait_until(lambda: len(mail.messages) >= 2, "the second alert")
            for service in (first, second):
                service.send_signal(signal.SIGTERM)
            assert [service.wait(timeout=40) for service in (first, second)] == [0, 0]
        assert sorted(ids(mail).values()) == [1, 1]


def test_who_moves_from_sqlite_goes_on_where_he_was(
    tmp_path: Path, postgres: PostgresServer, site: NewsSite, mail: MailCatcher, loaded: Loaded
) -> None:
    url = postgres.create_empty()
    here, there = Newsvane(tmp_path, loaded=loaded), Newsvane(tmp_path, database_url=url, loaded=loaded)
    here.configure(configuration(site, mail))
    site.publish("Cloud unit sold")
    here("run", "--once")
    told = here("db", "copy", f"sqlite:///{tmp_path}/newsvane.db", url)
    assert "1  articles\n" in told
    assert told.endswith("all rows arrived\n")
    site.publish("Cloud sale falls through")
    there("crawl", "--source", "harbour")
    there("run", "--once")
    assert sorted(ids(mail).values()) == [1, 1]
    refused = here.run("db", "copy", f"sqlite:///{tmp_path}/newsvane.db", url)
    assert refused.returncode == 1
    assert "the target is not empty" in refused.stderr
    postgres.drop(url)


def test_the_address_may_lie_in_a_file(newsvane: Newsvane, site: NewsSite, mail: MailCatcher) -> None:
    assert newsvane.database_url
    newsvane.configure(configuration(site, mail))
    file = newsvane.folder / "url"
    file.write_text(f"{newsvane.database_url}\n")
    here = replace(newsvane, database_url=None)
    assert here("db", "upgrade", NEWSVANE_DATABASE_URL_FILE=str(file)).startswith("already at revision")
    assert not (newsvane.folder / "newsvane.db").exists()
    both = newsvane.run("db", "upgrade", NEWSVANE_DATABASE_URL_FILE=str(file))
    assert "are both set; leave one out" in both.stderr
    missing = here.run("db", "upgrade", NEWSVANE_DATABASE_URL_FILE="nowhere")
    assert "NEWSVANE_DATABASE_URL_FILE: " in missing.stderr
    wrong = here.run("db", "upgrade", NEWSVANE_DATABASE_URL="mysql://db.example.org/news")
    assert "it looks like sqlite:////" in wrong.stderr
