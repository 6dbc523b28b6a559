"""`newsvane sources import` and `export`, as a person types them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from crawler.domain import Source
from crawler.errors import ConfigError, NewsvaneError
from crawler.store.database import Database
from crawler.store.sources import keep_sources
from crawler.store.tables import SourceRow
from monitors.cli import newsvane
from monitors.store.migrate import upgrade
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """\
# my own
settings: {contact: me@example.org}  # keep this
sources:
  # the paper
  - {id: gazette, url: "https://gazette.example/feed", groups: [local]}   # read first
  # and no other yet

watchlists:
  - {name: Trams, keywords: [tram]}
"""
LIST = """<opml><body><outline text="Asia"><outline text="Straits" type="rss" xmlUrl="https://straits.example/rss?a=1&b=2"/>
<outline text="Gazette" type="rss" xmlUrl="HTTPS://gazette.example/feed?utm_source=reader"/></outline>
<outline text="Local file" type="rss" xmlUrl="file:///etc/passwd"/></body></opml>"""
STRAITS = """\
  - id: straits
    name: Straits
    url: https://straits.example/rss?a=1&b=2
    groups: [Asia]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEWSVANE_CONFIG", raising=False)
    (tmp_path / "newsvane.yaml").write_text(CONFIGURATION)
    (tmp_path / "feeds.opml").write_text(LIST)
    return tmp_path


def run(*arguments: str, stdin: str = "") -> Result:
    done = CliRunner().invoke(newsvane, ["sources", *arguments], input=stdin)
    assert done.exit_code == 0, done.output
    return done


def test_a_list_is_shown_as_yaml_to_paste_without_what_is_there(folder: Path) -> None:
    done = run("import", "feeds.opml")
    assert done.stdout == f"sources:\n{STRAITS}"
    assert done.stderr.splitlines() == [
        "already there: Gazette (HTTPS://gazette.example/feed?utm_source=reader)",
        "skipped: Local file: needs an address such as https://www.example.org/feed",
        "1 to add, 1 already there, 1 skipped",
    ]
    assert (folder / "newsvane.yaml").read_text() == CONFIGURATION


def test_it_is_added_to_the_configuration_and_no_comment_is_lost(folder: Path) -> None:
    file = folder / "newsvane.yaml"
    file.chmod(0o640)
    done = run("import", "feeds.opml", "--write")
    before, first, after = CONFIGURATION.partition("# read first\n")
    assert file.read_text() == before + first + STRAITS + after
    assert [source.id for source in load(file).sources] == ["gazette", "straits"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "added: straits (https://straits.example/rss?a=1&b=2)" in done.stdout
    assert "newsvane.yaml: 1 added, 1 already there, 1 skipped" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["feeds.opml", "newsvane.yaml"]


def test_what_was_added_is_there_the_next_time(folder: Path) -> None:
    run("import", "feeds.opml", "--write")
    written = (folder / "newsvane.yaml").read_text()
    assert "0 added, 2 already there" in run("import", "feeds.opml", "--write").stdout
    assert (folder / "newsvane.yaml").read_text() == written


def test_an_id_that_is_taken_gets_a_number(folder: Path) -> None:
    done = run("import", "-", stdin='<outline text="Gazette" xmlUrl="https://other.example/feed"/>')
    assert "id: gazette-2" in done.stdout
    assert folder.is_dir()


def test_a_list_can_be_turned_before_there_is_a_configuration(folder: Path) -> None:
    (folder / "newsvane.yaml").unlink()
    assert json.loads(run("import", "feeds.opml", "--json").stdout)["added"][0] == {
        "id": "straits",
        "name": "Straits",
        "url": "https://straits.example/rss?a=1&b=2",
        "groups": ["Asia"],
    }
    with pytest.raises(ConfigError, match="no such file"):
        CliRunner().invoke(newsvane, ["sources", "import", "feeds.opml", "--write"], catch_exceptions=False)


@pytest.mark.parametrize(
    "section", ["sources: &all [https://a.example]", "sources: all", "sources: [https://a.example"]
)
def test_a_configuration_that_cannot_be_added_to_stays_as_it_is(folder: Path, section: str) -> None:
    (folder / "newsvane.yaml").write_text(f"{section}\n")
    with pytest.raises(ConfigError):
        CliRunner().invoke(newsvane, ["sources", "import", "feeds.opml", "--write"], catch_exceptions=False)
    assert (folder / "newsvane.yaml").read_text() == f"{section}\n"


def test_what_is_no_list_is_an_error_that_names_the_file(folder: Path) -> None:
    (folder / "page.html").write_text("<html><p>Hello</p></html>")
    with pytest.raises(NewsvaneError, match=r"page\.html: is no OPML"):
        CliRunner().invoke(newsvane, ["sources", "import", "page.html"], catch_exceptions=False)


def test_a_configuration_may_be_named_before_the_command(folder: Path) -> None:
    (folder / "newsvane.yaml").rename(folder / "other.yaml")
    run("--config", "other.yaml", "import", "feeds.opml", "--write")
    assert len(load(folder / "other.yaml").sources) == 2


def test_sources_are_exported_with_the_feed_that_was_found_of_them(folder: Path) -> None:
    site = Source(id="site", url="https://site.example", name="Site")
    (folder / "newsvane.yaml").write_text('sources: [{id: site, name: Site, url: "https://site.example"}]\n')
    database = Database(f"sqlite:///{folder / 'newsvane.db'}")
    upgrade(database)
    with database.begin() as session:
        keep_sources(session, [site], now=datetime.now(UTC))
        found = sa.update(SourceRow).values(feed_url="https://site.example/feed", first_read_at=datetime.now(UTC))
        session.execute(found)
    database.close()
    assert 'xmlUrl="https://site.example/feed" htmlUrl="https://site.example"' in run("export").stdout
    run("export", "--output", "out.opml")
    assert "0 to add, 1 already there, 0 skipped" in run("import", "out.opml").stderr


def test_many_that_are_there_do_not_hide_what_was_skipped(folder: Path) -> None:
    feeds = "".join(f'<outline text="N{n}" type="rss" xmlUrl="https://n{n}.example/feed"/>' for n in range(50))
    (folder / "feeds.opml").write_text(f'<opml><body>{feeds}<outline text="No address" type="rss"/></body></opml>')
    run("import", "feeds.opml", "--write")
    told = run("import", "feeds.opml").stderr.splitlines()
    assert told[-3:] == [
        "already there: 30 more",
        "skipped: No address: has no address",
        "0 to add, 50 already there, 1 skipped",
    ]
    assert len(told) == 23
