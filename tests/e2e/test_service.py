"""`newsvane run`: works until it is told to stop, follows its file, and stops in time."""

from __future__ import annotations

import signal
import socket
import time
from datetime import datetime
from typing import TYPE_CHECKING

from stand_ins.program import wait_until

if TYPE_CHECKING:
    from stand_ins.program import Newsvane
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher


def configuration(
    site: NewsSite, mail: MailCatcher, keyword: str = "cloud", url: str = "/feed", test: str = "{match: A cloud.}"
) -> str:
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}{url}"}}]
watchlists:
  - name: Watched
    keywords: [{keyword}]
    tests: [{test}]
    first_run: deliver
    deliver: [{{to: desk@example.org, when: now}}]
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


def test_the_service_alerts_in_seconds_and_stops_when_told(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher
) -> None:
    site.publish("Cloud unit sold")
    newsvane.configure(configuration(site, mail))
    with newsvane.service() as service:
        wait_until(lambda: mail.messages, "the alert")
        told_at = time.time()
        (status,) = newsvane.json("status", "--json")
        assert status["running"]
        assert "T" in status["pulse_at"], "times are ISO 8601"
        (article,) = newsvane.json("articles", "--jsonl")
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=30) == 0

    assert told_at - datetime.fromisoformat(article["stored_at"]).timestamp() < 30
    (status,) = newsvane.json("status", "--json")
    assert not status["running"], "a service that stopped says so"


def test_a_changed_file_is_followed_and_a_broken_one_is_not(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher
) -> None:
    site.publish("Cloud unit sold")
    newsvane.configure(configuration(site, mail))
    with newsvane.service():
        wait_until(lambda: len(mail.messages) == 1, "the first alert")

        newsvane.configure(configuration(site, mail, keyword="cloud, (broken"))
        wait_until(lambda: newsvane.json("status", "--json")[0]["refused"], "the refusal in `newsvane status`")
        assert "newsvane.yaml:10" in newsvane("status")
        assert any(event["event"] == "configuration_refused" for event in newsvane.log())

        newsvane.configure(configuration(site, mail, keyword="pilot", url="/feed?new"))
        wait_until(lambda: "does not match" in newsvane("status"), "the test that fails in `newsvane status`")

        site.publish("Pilots vote on strike")
        newsvane.configure(configuration(site, mail, keyword="pilot, cloud", url="/feed?new"))
        wait_until(lambda: len(mail.messages) == 2, "the alert of the new keyword")
        assert "Pilots" in str(mail.messages[1].message["subject"])
        assert newsvane.json("status", "--json")[0]["refused"] is None


def test_a_hanging_mail_server_does_not_keep_the_service_from_stopping(newsvane: Newsvane, site: NewsSite) -> None:

    site.publish("Cloud unit sold")
    with socket.create_server(("127.0.0.1", 0)) as silent:

        class Silent:
            host, port = silent.getsockname()

        newsvane.configure(configuration(site, Silent))  # type: ignore[arg-type]  # it only has an address
        with newsvane.service() as service:
            connection, _ = silent.accept()
            service.send_signal(signal.SIGTERM)
            started = time.monotonic()
            assert service.wait(timeout=40) == 0
            assert time.monotonic() - started < 30
            connection.close()
    assert newsvane.json("status", "--json")[0]["deliveries"]["queued"] == 1, "it is sent after the next start"
