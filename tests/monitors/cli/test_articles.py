"""`newsvane articles`: what is stored, what its flags mean, and what of it was changed, in words and as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.program import Newsvane

from crawler.changes import change_between
from crawler.domain import Article, Source
from crawler.store.articles import article_id_of
from crawler.store.database import Database
from crawler.store.sources import keep_sources
from crawler.store.versions import keep_edit, keep_event
from monitors.cli.flag_words import FLAGS, flags_told
from monitors.store.migrate import upgrade
from monitors.store.tables import Base, MatchRow, UpdateRow, WatchlistRow

if TYPE_CHECKING:
    from pathlib import Path

    from stand_ins.loaded import Loaded

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
HARBOUR = Source(id="harbour", url="https://harbour.example/feed", name="Harbour")
FIRST = "The ministry said on Monday that the port would stay open through the winter."
WAS = Article(
    url="https://harbour.example/1",
    title="Port stays open",
    text=f"{FIRST}\nThree ships are expected on Friday, as the harbour master told the council.",
    language="en",
)
IS = replace(
    WAS,
    title="Port stays shut",
    text=f"{FIRST}\nFour ships are expected on Friday, as the harbour master told the council.\n"
    "Correction: an earlier version of this article gave a wrong number of ships that are expected.",
)


def gained_by(watchlist_id: str, article_id: int) -> list[Base]:
    """Return the rows that say that a watchlist matches an article since its first change."""
    found = {"kind": "match", "score": 0.5, "sentence": {}, "spans": [], "matched_at": NOW, "already_there": False}
    match = MatchRow(id=1, watchlist_id=watchlist_id, article_id=article_id, source_id="harbour", **found)
    update = UpdateRow(version_id=1, match_id=1, kind="gained", at=NOW, title="Port stays shut", diffs=[])
    return [WatchlistRow(id=watchlist_id, loaded_at=NOW), match, update]


@pytest.fixture
def newsvane(tmp_path: Path, loaded: Loaded) -> Newsvane:
    program = Newsvane(tmp_path, loaded=loaded)
    program.configure(
        "settings: {contact: me@example.org}\nsources: [{id: harbour, url: https://harbour.example/feed}]\n"
    )
    database = Database(f"sqlite:///{tmp_path / 'newsvane.db'}")
    upgrade(database)
    database.write(keep_sources, [HARBOUR], now=NOW)
    edited = database.write(article_id_of, WAS, HARBOUR, already_there=False, now=NOW)[0]
    wall = Article(url="https://harbour.example/2", title="Strike", flags=frozenset({"consent-wall"}))
    gone = database.write(article_id_of, wall, HARBOUR, already_there=False, now=NOW)[0]
    change = change_between(WAS, IS)
    assert change
    database.write(keep_edit, edited, IS, change, now=NOW + timedelta(hours=1))
    database.write(keep_event, gone, "withdrawn", now=NOW + timedelta(hours=2))
    with database.begin() as session:
        for row in gained_by("ships", edited):
            session.add(row)
            session.flush()
    database.close()
    return program


def test_what_was_edited_is_shown_word_by_word_and_what_is_gone_is_named(newsvane: Newsvane) -> None:
    first, second = newsvane("articles", "--changes").split("2026-11-23 ")[1:]
    assert first.startswith("08:00  harbour  Port stays shut\n    https://harbour.example/1\n")
    assert "    correction: title, 1 paragraph changed, 1 paragraph added\n" in first
    assert "title: Port stays [-open-]{+shut+}\n" in first
    assert "| [-Three-]{+Four+} ships are expected on Friday" in first
    assert "    gained by ships\n" in first
    assert FIRST not in first, "what stayed is not shown"
    assert second.startswith("09:00  harbour  Strike\n")
    assert "withdrawn: the page is gone, the text is kept" in second


def test_programs_get_both_wordings(newsvane: Newsvane) -> None:
    edited, gone = newsvane.json("articles", "--changes", "--json")
    assert (edited["kind"], edited["added"], edited["source"]) == ("edited", 1, "harbour")
    assert edited["title"] == [WAS.title, IS.title]
    assert edited["correction"].startswith("correction: an earlier version")
    assert edited["watchlists"] == {"gained": ["ships"], "lost": []}
    assert edited["before"] == {"title": WAS.title, "lead": "", "text": WAS.text}
    assert edited["after"] == {"title": IS.title, "lead": "", "text": IS.text}
    assert (gone["kind"], gone["seen_at"]) == ("withdrawn", "2026-11-23T09:00:00+00:00")


def test_only_the_changes_of_one_source_are_shown_if_asked(newsvane: Newsvane) -> None:
    assert newsvane("articles", "--changes", "--source", "other") == ""


def test_the_list_says_what_was_unusual_about_an_article(newsvane: Newsvane) -> None:
    shown = newsvane("articles")
    assert "    its page asks for consent to cookies instead (consent-wall)\n" in shown
    assert "(" not in shown.split("harbour  Strike")[0]


def test_every_flag_of_the_documentation_has_words(repository: Path) -> None:
    page = (repository / "docs/extraction.md").read_text(encoding="utf-8")
    table = page.split("## Flags")[1].split("\n## ")[0]
    assert {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")} == set(FLAGS)
    assert flags_told({"another"}) == "another"
