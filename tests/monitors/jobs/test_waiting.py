"""What `newsvane status` counts as waiting to be told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.domain import Article, Entry
from monitors.store.status import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.newsroom import Newsroom

YAML = """
settings: {contact: desk@example.org, related: false}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver: [{to: a@example.org, at: "07:00"}, {to: b@example.org, at: "17:00"}]
"""
LINK = "https://harbour.example/a"


def test_a_match_that_waits_for_two_digests_is_one_match_that_waits(newsroom: Callable[[str], Newsroom]) -> None:
    room = newsroom(YAML)
    harbour = room.app.in_force.sources["harbour"]
    published = datetime(2026, 11, 23, 6, tzinfo=UTC)
    article = Article(url=LINK, title="A cloud", text="A cloud.", published=published, language="en")
    asyncio.run(room._desk.discovered(harbour, [Entry(link=LINK, title="A cloud")]))
    asyncio.run(room._desk.fetched(harbour, Entry(link=LINK), article))
    room.match()
    with room.app.database.read() as session:
        found = status(session, now=room.app.clock())
    assert (found.matches, found.untold) == (1, 1)
