"""A day in which sites publish, reprint and edit, and Newsvane is run at the hours that a test chooses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.domain import Page
from crawler.extract.page import extract
from crawler.identity import canonical_url
from stand_ins.evidence import opened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stand_ins.press import Press
    from stand_ins.program import Newsvane
    from stand_ins.replay import Replay
    from stand_ins.slack import SlackStandIn
    from stand_ins.smtp import MailCatcher

HOUR = timedelta(hours=1)
EDITED = "edited by the replay server"


@dataclass
class World:
    """Newsvane and all that it meets, in a day whose hours the test turns."""

    newsvane: Newsvane
    replay: Replay
    press: Press
    mail: MailCatcher
    chat: SlackStandIn
    start: datetime
    random: random.Random = field(default_factory=lambda: random.Random(8))  # noqa: S311
    kills: list[str] = field(default_factory=list)
    """The points at which it died."""
    corrected: set[str] = field(default_factory=set)
    """What the replay server edited where readers see it, by the article's URL."""
    renamed: set[str] = field(default_factory=set)
    """What the press gave another headline."""
    places: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    """Story and original of every article, as they were when it was placed."""

    def round(self, hours: float, *, die_at: Sequence[str] = ()) -> None:
        """Let Newsvane do all that is due at an hour of the day; first let it be killed there, and begin again."""
        now = self.start + hours * HOUR
        for number, point in enumerate(die_at):
            newsvane = replace(self.newsvane, at=now + timedelta(minutes=number))
            if newsvane.may_die("run", "--once", "--all", NEWSVANE_CRASH_AT=point):
                self.kills.append(point)
            self._look_at_places()
        replace(self.newsvane, at=now + timedelta(minutes=len(die_at)))("run", "--once", "--all")
        self._look_at_places()

    def _look_at_places(self) -> None:
        with opened(self.newsvane) as rows:
            found = {
                row[0]: (row[1], row[2])
                for row in rows.execute("SELECT article_id, story_id, copy_of FROM story_articles")
            }
        assert self.places.items() <= found.items(), "an article was moved to another story"
        self.places = found

    def stored(self) -> list[dict[str, Any]]:
        with opened(self.newsvane) as rows:
            return [dict(row) for row in rows.execute("SELECT url, title, text FROM articles ORDER BY id")]

    def reprint(self, number: int, hours: float) -> None:
        """Have the press take up so many of the articles of the replay."""
        ours = {site.port for site in self.press.sites}
        fit = [one for one in self.stored() if len(one["text"].split()) > 120 and urlsplit(one["url"]).port not in ours]
        self.press.take(self.random.sample(fit, min(number, len(fit))), self.start + hours * HOUR)

    def edit(self, number: int) -> None:
        """Have the replay server edit so many articles that are stored where the edit is part of the text."""
        stored = {one["url"] for one in self.stored()} - self.corrected
        fit = [one for one in self.replay.articles() if canonical_url(one["ip_url"]) in stored]
        wanted = len(self.corrected) + number
        while fit and len(self.corrected) < wanted:
            one = fit.pop(self.random.randrange(len(fit)))
            self.replay.edit(one["id"])
            page = Page(url=one["ip_url"], body=self.replay.page(one), charset=None)
            self.corrected |= {canonical_url(one["ip_url"])} if EDITED in extract(page).text else set()

    def rename(self, number: int) -> None:
        self.renamed |= set(self.press.rename(number))
