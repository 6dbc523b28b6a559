"""A feed of very many new items, and then the same under other names: one digest with its cap, and nothing twice."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from stand_ins.site import NewsSite, filler
from stand_ins.told import in_mail

if TYPE_CHECKING:
    from stand_ins.program import Newsvane
    from stand_ins.smtp import Mail, MailCatcher

EARLY = datetime.now(UTC).replace(hour=2, minute=0) + timedelta(days=1)
MOST_SHOWN, ALERTS_AN_HOUR = 100, 5
NOW, DAILY = "now@example.org", "daily@example.org"
MAIL_PROGRAMS_CUT_AT = 102_400


class Republished(NewsSite):
    """A site whose program gives its items new GUIDs with every edition; `/partner` carries the same with tracking."""

    edition = 1
    moved = False
    """Whether the articles stand at other addresses, too."""

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path in {"/feed", "/partner"}:
            tracking = f"?utm_source=partner&utm_campaign={self.edition}" if path == "/partner" else ""
            return 200, "application/rss+xml", self._edition(tracking).encode()
        return super()._answer(path.removeprefix("/moved"))

    def _edition(self, tracking: str) -> str:
        where = f"{self.url}/moved" if self.moved else self.url
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>{where}{path}{escape(tracking)}</link>"
            f'<guid isPermaLink="false">{self.edition}-{random.random()}</guid></item>'  # noqa: S311
            for path, one in self._articles.items()
        )
        return f'<rss version="2.0"><channel><title>The Harbour Ledger</title>{items}</channel></rss>'


@dataclass
class Reader:
    """Somebody's Newsvane, started by cron, with what it has sent so far."""

    newsvane: Newsvane
    mail: MailCatcher
    now: datetime = EARLY
    seen: int = 0
    figures: list[str] = field(default_factory=list)

    def run(self, later: timedelta) -> list[Mail]:
        """Let time pass and everything be done that is due; return what was sent."""
        self.now += later
        begun = monotonic()
        said = replace(self.newsvane, at=self.now)("run", "--once", "--all").strip()
        self.figures.append(f"{monotonic() - begun:.1f} s: {said}")
        new, self.seen = self.mail.messages[self.seen :], len(self.mail.messages)
        return new

    def count(self, what: str) -> int:
        with closing(sqlite3.connect(self.newsvane.folder / "newsvane.db")) as database:
            return int(database.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608


@pytest.mark.parametrize(
    "items", [130, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])], ids=str
)
def test_a_flood_is_one_digest_and_its_return_under_other_names_is_nothing(
    items: int, newsvane: Newsvane, mail: MailCatcher, capsys: pytest.CaptureFixture[str]
) -> None:
    with Republished() as site:
        for number in range(items):
            words = filler(random.Random(number)).split()  # noqa: S311
            site.publish(f"Cloud {' '.join(words[1:8])}")
        reader = Reader(newsvane, mail)
        newsvane.configure(_configuration(site, mail, partner=False))
        alerts = reader.run(timedelta(0))
        while reader.count("articles") < items:  # a run reads no more than its allowance of pages
            alerts += reader.run(timedelta(minutes=5))
        assert len(alerts) <= ALERTS_AN_HOUR * (1 + (reader.now - EARLY) / timedelta(hours=1))
        last = reader.run(timedelta(days=1))
        (daily,) = (one for one in last if one.recipients == (DAILY,))
        _judge_digest(daily, items)
        at_once = [*alerts, *(one for one in last if one.recipients == (NOW,))]
        assert sum(_count(_text(one)) for one in at_once) == items, "what had to wait is told as one"

        newsvane.configure(_configuration(site, mail, partner=True))
        for site.edition in (2, 3):
            site.moved = site.edition == 3 and items < 1000
            assert not reader.run(timedelta(days=1)), "all of it was told"
            assert reader.count("articles") == reader.count("matches") == items
        assert reader.count("entries") == (4 if site.moved else 2) * items, "each source has each address once"
    with capsys.disabled():
        print("", *reader.figures, f"the digest has {len(daily.raw) >> 10} KB", sep="\n")  # noqa: T201


def _judge_digest(digest: Mail, items: int) -> None:
    text, page = _text(digest), _text(digest, "html")
    assert len(in_mail(text)) == MOST_SHOWN
    assert _count(text) == items
    assert len(page.encode()) < MAIL_PROGRAMS_CUT_AT


def _text(mail: Mail, kind: str = "plain") -> str:
    body = mail.message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _count(text: str) -> int:
    """Return how many stories a message says to be about: those that it shows, and the others."""
    more = re.search(r"and ([\d,]+) more", text)
    return len(in_mail(text)) + (int(more[1].replace(",", "")) if more else 0)


def _configuration(site: NewsSite, mail: MailCatcher, *, partner: bool) -> str:
    neighbour = f'\n  - {{id: partner, url: "{site.url}/partner", type: feed}}' if partner else ""
    return f"""
settings:
  contact: desk@example.org
  related: false
  timezone: UTC
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources:
  - {{id: ledger, url: "{site.url}/feed", type: feed}}{neighbour}
watchlists:
  - id: clouds
    name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: {NOW}, when: now, max_per_hour: {ALERTS_AN_HOUR}}}
      - {{to: {DAILY}, at: "07:00", max_items: {MOST_SHOWN}}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""
