"""`kill -9` at every named point between fetch and sent mail: nothing is lost, and a repeat has the same Message-ID."""

from __future__ import annotations

import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crawler.crash import POINTS

if TYPE_CHECKING:
    from pathlib import Path

    from stand_ins.program import Newsvane
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher

TITLES = ("Cloud unit sold to port authority", "Ministry sells its cloud", "Cloud sale falls through")
IN_DIGEST = {"digest-composed", "digest-queued"}


def configuration(site: NewsSite, mail: MailCatcher) -> str:
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}/feed"}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: [one@example.org, two@example.org], when: now}}
      - {{to: [one@example.org, two@example.org], at: "07:00"}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


def stored(newsvane: Newsvane) -> int:
    with closing(sqlite3.connect(newsvane.folder / "newsvane.db")) as database:
        count: int = database.execute("SELECT count(*) FROM articles").fetchone()[0]
    return count


@pytest.mark.parametrize("point", POINTS)
def test_killed_here_everything_arrives_after_a_restart(
    point: str, newsvane: Newsvane, site: NewsSite, mail: MailCatcher, migrated_file: Path
) -> None:
    shutil.copy(migrated_file, newsvane.folder / "newsvane.db")
    for title in TITLES:
        site.publish(title)
    site.publish("Pilots vote on strike")
    newsvane.configure(configuration(site, mail))

    if point in IN_DIGEST:
        newsvane("run", "--once")
        killed = newsvane.may_die("digest", "clouds", NEWSVANE_CRASH_AT=point)
        newsvane("digest", "clouds")
        newsvane("run", "--once")
    else:
        killed = newsvane.may_die("run", "--once", NEWSVANE_CRASH_AT=point)
        newsvane("run", "--once")
        newsvane("digest", "clouds")

    assert killed, f"no command got to {point}"
    assert stored(newsvane) == 4
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in mail.messages:
        body = one.message.get_body(("plain",))
        assert body is not None
        text = body.get_content().replace("*", "")  # the stars mark a hit
        is_digest = "What was read" in text
        for title in TITLES:
            if title in text:
                told[one.recipients[0], f"{'digest' if is_digest else 'alert'}: {title}"].add(one.message_id)
    wanted = {
        (f"{name}@example.org", f"{kind}: {title}")
        for name in ("one", "two")
        for kind in ("alert", "digest")
        for title in TITLES
    }
    assert set(told) == wanted, "each recipient gets an alert for each article, and a digest with all of them"
    assert all(len(ids) == 1 for ids in told.values()), "a repeat carries the same Message-ID"
    by_id = defaultdict(set)
    for one in mail.messages:
        by_id[one.message_id].add(one.raw)
    assert all(len(copies) == 1 for copies in by_id.values()), "a repeat is the same, byte for byte"
