"""Two services on one database, by mistake: still one of each."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stand_ins.program import Newsvane
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher

BEFORE_SEVEN = datetime.now(UTC).replace(hour=6, minute=0)


def test_two_processes_that_work_at_the_same_time_send_one_of_each(
    newsvane: Newsvane, site: NewsSite, mail: MailCatcher
) -> None:
    titles = ["Cloud unit sold to port authority", "Ministry sells its cloud", "Cloud sale falls through"]
    for title in titles:
        site.publish(title)
    newsvane.configure(f"""
settings:
  contact: desk@example.org
  related: false
  timezone: UTC
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}/feed"}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: [one@example.org, two@example.org], when: now}}
      - {{to: one@example.org, at: "07:00", empty: send}}
smtp: {{host: {mail.host}, port: {mail.port}}}
""")
    replace(newsvane, at=BEFORE_SEVEN)("check")
    for day in range(2):
        for hour in (0, 2):
            _both(replace(newsvane, at=BEFORE_SEVEN + timedelta(days=day, hours=hour)), "run", "--once", "--all")

    sent = Counter(one.message_id for one in mail.messages)
    assert set(sent.values()) == {1}, "nothing is sent twice"
    subjects = Counter((one.recipients[0], str(one.message["subject"])) for one in mail.messages)
    assert len(mail.messages) == 2 * len(titles) + 2, subjects


def _both(newsvane: Newsvane, *arguments: str) -> None:
    processes = [threading.Thread(target=newsvane, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
