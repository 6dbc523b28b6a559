"""The database of a newsroom that has been at work for a while: so many articles, matches and messages as are wanted.

Rows are made up and inserted in bulk; to crawl, match and tell that much would take a day.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from crawler.store.sources import keep_sources
from crawler.store.tables import ArticleRow, Base, EntryRow, SourceDayRow, SourceRow
from monitors.store.notes import note
from monitors.store.tables import (
    DeliveryRow,
    MatchRow,
    MessageRow,
    NoticeRow,
    StoryArticleRow,
    SubscriptionRow,
    WatchlistRow,
)
from monitors.store.watchlists import keep_watchlists
from monitors.stories.features import MOST as MOST_FEATURES
from monitors.stories.features import Features
from monitors.stories.grouper import Sketch
from monitors.stories.shingles import Shingles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from crawler.store.database import Database

CHARACTERS = 4_700
"""Of a real article, on average."""
DIGEST, ALERT = "digest:mail", "alert:mail"
_BATCH = 2_000
_COPIES = 0.3  # of the articles
_FOLLOW_UPS = 0.3
_FEATURES, _SAMPLE = 60_000, 96  # different features of a day's news; shingles in a sample


def configuration(sources: int, untold: Iterable[str], others: Iterable[str]) -> str:
    """Return the YAML of a newsroom: watchlists with a digest, and others with alerts and a digest."""
    lines = ["settings: {contact: desk@newsroom.example, timezone: Europe/Zurich, related: false}", "sources:"]
    lines += [
        f'  - {{id: s{number}, name: "The {number}. Gazette", url: "https://s{number}.example/feed", type: feed, '
        f"tier: {number % 3 + 1}}}"
        for number in range(sources)
    ]
    lines.append("watchlists:")
    digest = '{channel: mail, at: "07:00", empty: send}'
    for deliver, names in ((f"[{digest}]", untold), (f"[{digest}, {{channel: mail, when: now}}]", others)):
        lines += [
            f'  - {{id: {name}, name: "On {name}", keywords: [{name}-word], first_run: deliver, deliver: {deliver}}}'
            for name in names
        ]
    lines.append("channels: [{id: mail, type: email, to: [analyst@newsroom.example, press@newsroom.example]}]")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """How much there is."""

    now: datetime
    sources: int
    articles: int
    days: int
    """Over how many days the articles came."""
    untold: dict[str, int]
    """How many matches wait for the digest of each of these watchlists."""
    told: dict[str, int]
    """How many were told of each of these."""
    deliveries: int
    sentences: Sequence[str]
    """What texts are made of."""


def fill(database: Database, loaded: Any, archive: Archive) -> None:
    """Fill an empty database whose configuration is `loaded`."""
    draw = random.Random(1)  # noqa: S311
    long_ago = archive.now - timedelta(days=300)
    with database.begin() as session:
        keep_sources(session, loaded.sources, now=long_ago)
        keep_watchlists(session, loaded.watchlists, now=long_ago)
        session.execute(sa.update(WatchlistRow).values(archive_read_at=long_ago))
        session.execute(sa.update(SubscriptionRow).values(since=long_ago))
        session.execute(sa.update(SourceRow).values(_well(archive.now)))
        note(session, "housekeeping", {}, now=archive.now)
        days = [(archive.now - timedelta(days=day)).date() for day in range(90)]
        session.execute(
            sa.insert(SourceDayRow),
            [_source_day(f"s{number}", day) for number in range(archive.sources) for day in days],
        )
    stored = [archive.now - timedelta(days=archive.days) * (1 - n / archive.articles) for n in range(archive.articles)]
    _insert(database, ArticleRow, _articles(archive, stored, draw))
    _insert(database, EntryRow, _entries(archive, stored, draw))
    places = _places(archive.articles, draw)
    _insert(database, StoryArticleRow, _story_articles(stored, places))
    _insert(database, MessageRow, _messages(archive))
    _insert(database, DeliveryRow, _deliveries(archive))
    matches = _matches(archive, draw)
    _insert(database, MatchRow, (_match(number, *one, stored, draw) for number, one in enumerate(matches, 1)))
    _insert(database, NoticeRow, _notices(archive, matches))
    if database.engine.dialect.name == "postgresql":
        with database.begin() as session:
            for table in (ArticleRow, EntryRow, StoryArticleRow, MessageRow, DeliveryRow, MatchRow):
                _count_on(session, table)
            session.execute(sa.text("ANALYZE"))


def _count_on(session: Session, table: type[Base]) -> None:
    """Have the next row be numbered after those whose numbers were given."""
    name = table.__tablename__
    session.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))  # noqa: S608


def _insert(database: Database, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    while some := list(islice(rows, _BATCH)):
        with database.begin() as session:
            session.connection().execute(sa.insert(table), some)


# -- what was read ----------------------------------------------------------------------------------------------------


def _well(now: datetime) -> dict[str, Any]:
    values = dict.fromkeys(("last_checked_at", "last_read_at", "last_new_at", "full_read_at"), now)
    values |= {"first_read_at": now - timedelta(days=299), "next_check_at": now + timedelta(days=1)}
    return {**values, "good_reads": 99, "rhythm": {"gap_s": 3600.0, "longest_gap_s": 7200.0}}


def _source_day(source_id: str, day: Any) -> dict[str, Any]:
    counts = {"reads": 96, "unmodified": 70, "failed": 0, "entries": 900, "new": 30, "stored": 30, "bodies": 30}
    return {"source_id": source_id, "day": day, **counts, "kinds": {}}


def _articles(archive: Archive, stored: Sequence[datetime], draw: random.Random) -> Iterator[dict[str, Any]]:
    for number, at in enumerate(stored, 1):
        source = number % archive.sources
        yield {
            "id": number,
            "url": f"https://s{source}.example/news/{number}-what-was-said-of-it",
            "title": f"{draw.choice(archive.sentences)[:90]} {number}",
            "lead": draw.choice(archive.sentences),
            "text": _text(archive.sentences, draw),
            "authors": ["A. Reporter"],
            "published": at - timedelta(minutes=draw.randrange(90)),
            "language": "en",
            "site": f"s{source}.example",
            "sections": ["news"],
            "flags": [],
            "source_id": f"s{source}",
            "stored_at": at,
            "already_there": False,
            "fingerprint": f"{draw.getrandbits(64):016x}",
        }


def _text(sentences: Sequence[str], draw: random.Random) -> str:
    parts: list[str] = []
    length = 0
    while length < CHARACTERS:
        parts.append(draw.choice(sentences))
        length += len(parts[-1]) + 1
    return "\n".join(parts)


def _entries(archive: Archive, stored: Sequence[datetime], draw: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the entry of each article, and for each fifth that of another source, too."""
    for number, at in enumerate(stored, 1):
        others = [draw.randrange(archive.sources)] if number % 5 == 0 else []
        for source in {number % archive.sources, *others}:
            yield {
                "source_id": f"s{source}",
                "link": f"https://s{source}.example/news/{number}",
                "address": f"https://s{source}.example/news/{number}",
                "title": f"What was said of it {number}",
                "summary": "",
                "authors": [],
                "categories": [],
                "published": at,
                "already_there": False,
                "found_at": at,
                "state": "stored",
                "next_try_at": at,
                "article_id": number,
            }


# -- stories ----------------------------------------------------------------------------------------------------------


def _places(articles: int, draw: random.Random) -> list[tuple[int, int | None]]:
    """Return for each article its story, and what it is a copy of; articles of one story come soon after each other."""
    places: list[tuple[int, int | None]] = []
    for number in range(1, articles + 1):
        kind, earlier = draw.random(), max(1, number - draw.randrange(1, 2_000))
        story, copy_of = places[earlier - 1] if number > 1 else (number, None)
        if number > 1 and kind < _COPIES:
            places.append((story, copy_of or earlier))
        elif number > 1 and kind < _COPIES + _FOLLOW_UPS:
            places.append((story, None))
        else:
            places.append((number, None))
    return places


def _story_articles(stored: Sequence[datetime], places: Sequence[tuple[int, int | None]]) -> Iterator[dict[str, Any]]:
    draw = np.random.default_rng(1)
    for number, (at, (story, copy_of)) in enumerate(zip(stored, places, strict=True), 1):
        sketch = _sketch(draw).to_bytes()
        yield {
            "id": number, "article_id": number, "story_id": story, "copy_of": copy_of, "at": at, "sketch": sketch,
        }  # fmt: skip


def _sketch(draw: np.random.Generator) -> Sketch:
    sample = np.unique(draw.integers(0, 1 << 29, _SAMPLE, np.uint32)) << np.uint32(3)
    ranks = (_FEATURES ** draw.random(MOST_FEATURES)).astype(np.uint32)  # some are in every other, most are rare
    hashes = np.unique(ranks * np.uint32(2654435761))
    weights = draw.integers(16, 120, len(hashes)).astype(np.uint8)
    return Sketch(Shingles(8 * _SAMPLE, 3, sample), Features(hashes, weights))


# -- what was told ----------------------------------------------------------------------------------------------------


def _messages(archive: Archive) -> Iterator[dict[str, Any]]:
    names = [*archive.told, *archive.untold]
    count = archive.deliveries // 2
    for number in range(1, count + 1):
        watchlist, at = names[number % len(names)], archive.now - timedelta(days=250) * (1 - number / count)
        key, kind = (ALERT, "alert") if watchlist in archive.told and number % 10 else (DIGEST, "digest")
        yield {
            "id": number,
            "watchlist_id": watchlist,
            "key": key,
            "slot": f"{kind} {number}",
            "composed_at": at,
            "kind": kind,
            "subject": f"On {watchlist}: 3 stories, what was said of it {number}",
        }


def _deliveries(archive: Archive) -> Iterator[dict[str, Any]]:
    count = archive.deliveries // 2
    for number in range(1, count + 1):
        at = archive.now - timedelta(days=250) * (1 - number / count)
        payload = b"x" * 12_000 if archive.now - at < timedelta(days=30) else b""
        for recipient in ("analyst", "press"):
            yield {
                "message_id": number,
                "channel": "mail",
                "recipient": f"{recipient}@newsroom.example",
                "part": 0,
                "mail_id": f"{number}.{recipient}@newsroom.example",
                "payload": payload,
                "state": "sent",
                "queued_at": at,
                "next_try_at": at,
                "attempts": 1,
                "sent_at": at,
                "receipt": "250 ok",
            }


def _matches(archive: Archive, draw: random.Random) -> list[tuple[str, int, bool]]:
    """Return (watchlist, article, told): what is untold is of the last days, what was told of all."""
    found = []
    for watchlist, count in archive.told.items():
        found += [(watchlist, article, True) for article in draw.sample(range(1, archive.articles), count)]
    recent = range(archive.articles * 3 // 4, archive.articles + 1)
    for watchlist, count in archive.untold.items():
        found += [(watchlist, article, False) for article in draw.sample(recent, count)]
    return sorted(found, key=lambda one: one[1])


def _match(
    number: int, watchlist: str, article: int, _told: bool, stored: Sequence[datetime], draw: random.Random  # noqa: FBT001
) -> dict[str, Any]:  # fmt: skip
    word = f"{watchlist}-word"
    text = f"It was said on Monday that the {word} would be adopted by the end of the year, whoever is against it."
    start = text.index(word)
    span = {"field": "text", "start": start, "end": start + len(word), "text": word, "clause": f"keyword {word}"}
    return {
        "id": number,
        "watchlist_id": watchlist,
        "article_id": article,
        "source_id": f"s{article % 700}",
        "kind": "match" if draw.random() < 0.9 else "possible",
        "score": round(draw.random(), 3),
        "sentence": {"field": "text", "start": 0, "end": len(text), "text": text},
        "spans": [span, {**span, "start": 900, "end": 900 + len(word)}],
        "matched_at": stored[article - 1] + timedelta(seconds=3),
        "already_there": False,
    }


def _notices(archive: Archive, matches: Sequence[tuple[str, int, bool]]) -> Iterator[dict[str, Any]]:
    names = [*archive.told, *archive.untold]
    count = archive.deliveries // 2
    for number, (watchlist, article, told) in enumerate(matches, 1):
        # the message of its watchlist that came soon after the article, as far as there is one
        near = count - (archive.articles - article) * count // archive.articles // 10
        message = near - (near - names.index(watchlist)) % len(names)
        yield {"match_id": number, "key": DIGEST, "message_id": message if told else None}
        if told:
            yield {"match_id": number, "key": ALERT, "message_id": message}
