"""`newsvane explain` as people run it: a real process, real files, a real site, a terminal of 80 columns."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.loaded import LOADED
from stand_ins.program import clean_environment
from stand_ins.site import NewsSite

from crawler.domain import Article, Source
from crawler.store.articles import article_id_of
from crawler.store.database import Database
from crawler.store.sources import keep_sources
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """\
settings:
  contact: press@example.org
  languages: [en, zh]
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{port}"]
sources: [{{id: wire, url: "https://wire.example/feed", tier: 1, groups: [wires]}}]
entities: [{{id: amazon, name: Amazon.com Inc., aliases: [{{text: Amazon, ambiguous: true}}], context: [cloud, shop]}}]
watchlists:
  - {{name: Port strikes, keywords: [port strike, dockers walk out], deliver: [{{to: a@example.org, at: "07:00"}}]}}
  - {{name: Cloud sales, query: 'entity:amazon AND (sale NEAR/3 cloud)', deliver: [{{to: a@example.org, at: "07:00"}}]}}
"""
STRIKE = "Dockers said on Monday that every port of the region would be on strike from midnight."


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as site:
        yield site


@pytest.fixture
def folder(tmp_path: Path, site: NewsSite) -> Path:
    (tmp_path / "newsvane.yaml").write_text(CONFIGURATION.format(port=site.port), encoding="utf-8")
    return tmp_path


def explain(folder: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment() | {"COLUMNS": "80"} | environment
    return LOADED.run(["explain", *arguments], folder=folder, environment=environment, given=stdin)


def told(folder: Path, *arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    """Return the explanation of the strikes."""
    done = explain(folder, *arguments, "--watchlist", "port-strikes", "--json", stdin=stdin)
    assert done.returncode == 0, done.stderr
    explanation: dict[str, Any] = json.loads(done.stdout)
    return explanation


# -- where the article comes from -------------------------------------------------------------------------------------


def page(text: str) -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for _ in range(3))
    return f"<html lang=en><body><article><h1>Ports stand still</h1>{paragraphs}</article></body></html>".encode()


LINES = [
    {"id": 1, "title": "Nothing", "text": "At all."},
    {"id": "b", "title": "Ports", "text": STRIKE, "source": "wire"},
]
FILES = {
    "page.html": (page(STRIKE), []),
    "page.html.gz": (gzip.compress(page(STRIKE)), []),
    "text.txt": (STRIKE.encode(), []),
    "text.txt.gz": (gzip.compress(STRIKE.encode()), []),
    "lines.jsonl": ("\n".join(map(json.dumps, LINES)).encode(), ["--id", "b"]),
    "lines.jsonl.gz": (gzip.compress("\n".join(map(json.dumps, LINES)).encode()), ["--id", "b"]),
    "one.json": (json.dumps(LINES[1], indent=2).encode(), []),
    "one-line.json": (json.dumps(LINES[1]).encode(), []),
}


@pytest.mark.parametrize("name", FILES)
def test_an_article_is_read_from_a_file(folder: Path, name: str) -> None:
    content, options = FILES[name]
    (folder / name).write_bytes(content)
    explanation = told(folder, name, *options)
    assert (explanation["verdict"], explanation["article"]["origin"]) == ("match", "file")
    assert explanation["article"]["source"] == ("wire" if "json" in name else None)
    assert [path.name for path in folder.glob("*.db")] == []


def test_what_is_said_beside_the_article_counts(folder: Path) -> None:
    said = ["--title", "Port\x1b[2J", "--lang", "zh", "--source", "wire", "--url", "https://example.org/a?utm_source=x"]
    explanation = told(folder, "-", *said, stdin=b"\xef\xbb\xbfThe strike\x00 goes on \xff")
    assert explanation["article"] == {
        "url": "https://example.org/a",
        "title": "Port[2J",
        "language": "zh",
        "source": "wire",
        "origin": "file",
        "left_out": None,
    }
    assert explanation["score"]["tier_value"] == 0.1


def test_a_saved_page_of_unknown_origin_has_no_address(folder: Path) -> None:
    (folder / "page.html").write_bytes(page(STRIKE))
    assert told(folder, "page.html")["article"]["url"] == ""
    assert told(folder, "page.html", "--url", "https://example.org/1")["article"]["url"] == "https://example.org/1"


def test_a_page_is_fetched_politely_and_not_stored(folder: Path, site: NewsSite) -> None:
    path = site.publish("Ports stand still", STRIKE)
    done = explain(folder, f"{site.url}{path}", "--watchlist", "port-strikes")
    assert done.returncode == 0
    assert done.stderr == "not in the database: fetched now, and not stored\n"
    assert "✓ MATCH  Port strikes" in done.stdout
    assert list(site.requests) == ["/robots.txt", path]
    assert [file.name for file in folder.iterdir()] == ["newsvane.yaml"]


def test_a_stored_article_is_not_fetched(folder: Path, site: NewsSite) -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    wire = Source(id="wire", url="https://wire.example/feed", name="Wire")
    url = f"{site.url}/news/1.html"
    database = Database(f"sqlite:///{folder / 'newsvane.db'}")
    upgrade(database)
    database.write(keep_sources, [wire], now=now)
    stored = Article(url=url, title="Ports", text=STRIKE, language="en")
    database.write(article_id_of, stored, wire, already_there=False, now=now)
    database.close()
    done = explain(folder, f"{url}?utm_source=mail", "--watchlist", "port-strikes", "--json")
    assert done.stderr == "from the database: stored on 2026-11-23, from wire\n"
    explanation = json.loads(done.stdout)
    assert (explanation["verdict"], explanation["article"]["origin"]) == ("match", "stored")
    assert explanation["score"]["tier"] == 1, "its source is the one of the configuration"
    assert not site.requests


def test_a_stored_article_that_max_age_left_out_is_said_to_be(folder: Path, site: NewsSite) -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    wire = Source(id="wire", url="https://wire.example/feed", name="Wire")
    url = f"{site.url}/news/1.html"
    database = Database(f"sqlite:///{folder / 'newsvane.db'}")
    upgrade(database)
    database.write(keep_sources, [wire], now=now)
    published = datetime(2026, 10, 14, 7, tzinfo=UTC)
    old = Article(url=url, title="Ports", text=STRIKE, published=published, language="en", flags=frozenset({"paywall"}))
    database.write(article_id_of, old, wire, already_there=False, now=now)
    database.close()
    assert (
        json.loads(explain(folder, url, "--watchlist", "port-strikes", "--json").stdout)["article"]["left_out"] is None
    )
    file = folder / "newsvane.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("settings:\n", "settings:\n  max_age: 7d\n"), "utf-8")
    for arguments in (["--watchlist", "port-strikes"], []):
        done = explain(folder, url, *arguments)
        told = " ".join(done.stdout.split())
        assert (
            "But no watchlist is told of it: it was published 40 days before it was found, and settings.max_age" in told
        )
        assert f"{url}: its text is cut off by a paywall (paywall)" in done.stderr
        assert "40 days" in explain(folder, url, *arguments, "--json").stdout


# -- what cannot be ---------------------------------------------------------------------------------------------------

MISTAKES = {
    "no such file": (["gone.txt"], 2, "gone.txt: no such file"),
    "no kind of file": (["newsvane.yaml"], 2, "neither an address nor a file that ends in .html"),
    "no such watchlist": (["-", "--watchlist", "port-strike"], 2, "did you mean `port-strikes`?"),
    "no such source": (["-", "--source", "wires"], 2, "no source has the id wires; did you mean `wire`?"),
    "no address": (["http://[::1/x"], 2, "Invalid value for URL"),
    "no address of a file": (["-", "--url", "ftp://example.org"], 2, "Invalid value for --url"),
    "the address of an address": (["https://a.example/1", "--url", "https://a.example"], 2, "where a file came from"),
    "an address that may not be fetched": (["http://127.0.0.1:1/"], 1, "not a public address"),
    "no article": (["empty.jsonl"], 1, "empty.jsonl: holds no article"),
    "no such article": (["lines.jsonl", "--id", "c"], 1, "holds no article with the id c"),
    "no readable line": (["bad.jsonl"], 1, "bad.jsonl:1: not JSON"),
    "half an archive": (["half.txt.gz"], 1, "half.txt.gz: "),
    "no page": (["picture.html"], 1, "picture.html: holds no article that can be read"),
    "too long": (["long.txt"], 1, "longer than 2,000,000 bytes"),
}


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES.values(), ids=MISTAKES)
def test_what_cannot_be_explained_is_said(folder: Path, arguments: list[str], code: int, message: str) -> None:
    (folder / "empty.jsonl").write_text("\n")
    (folder / "lines.jsonl").write_text("\n".join(map(json.dumps, LINES)))
    (folder / "bad.jsonl").write_text("{]")
    (folder / "half.txt.gz").write_bytes(gzip.compress(os.urandom(1000))[:300])
    (folder / "picture.html").write_bytes(os.urandom(1000))
    (folder / "long.txt").write_bytes(b"a " * 1_000_001)
    done = explain(folder, *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_fetched_for_somebody_who_cannot_be_reached(folder: Path, site: NewsSite) -> None:
    path = folder / "newsvane.yaml"
    path.write_text(path.read_text().replace("  contact: press@example.org\n", ""))
    done = explain(folder, f"{site.url}/news/1.html")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "settings.contact is missing")
    assert not site.requests


def test_a_page_that_is_gone_is_told(folder: Path, site: NewsSite) -> None:
    done = explain(folder, f"{site.url}/gone")
    assert (done.returncode, done.stderr) == (1, "newsvane: HTTP 404\n")


# -- how it looks -----------------------------------------------------------------------------------------------------


def test_without_a_watchlist_there_is_a_line_for_each(folder: Path) -> None:
    lines = explain(folder, "-", "--json", stdin=b"A sale of the very old cloud of Amazon").stdout.splitlines()
    assert [(line["watchlist_id"], line["verdict"], line["score"]) for line in map(json.loads, lines)] == [
        ("port-strikes", "no", None),
        ("cloud-sales", "no", None),
    ]
    shown = explain(folder, "-", stdin=b"Amazon has a cloud sale").stdout
    assert re.search(r"✗ no match +port-strikes +keyword `port strike`: `port` and +\n +`strike` are missing", shown)
    assert re.search(r"\? possible match +[\d.]+ +cloud-sales +query `entity:amazon`: “Amazon” is only", shown)


def test_a_miss_is_shown_with_its_reason_and_its_tree(folder: Path) -> None:
    done = explain(folder, "-", "--watchlist", "cloud-sales", stdin=b"Amazon will put its very old cloud up for sale")
    assert done.returncode == 0
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    assert max(map(len, shown)) <= 80
    assert shown[0] == "? POSSIBLE MATCH  Cloud sales (cloud-sales)"
    assert "Only possible: query `entity:amazon`: “Amazon” is only possible" in done.stdout
    done = explain(folder, "-", "--watchlist", "cloud-sales", stdin=b"A sale of the very old cloud of Amazon")
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    assert shown[0] == "✗ NO MATCH  Cloud sales (cloud-sales)"
    assert "Why not: query `sale NEAR/3 cloud`: nearest pair 5 words apart, 3 allowed" in done.stdout
    assert "        ├── ✓ yes  sale: in the text “sale”" in shown
    assert "    ├── ? possible  entity:amazon: “Amazon” is only possible" in done.stdout


HOSTILE = "\x1b]0;owned\x07\x1b[2J [red]port[/red] :bomb: \u202eekirts\u202c strike [link=https://evil.example]x[/link]"


def test_nothing_of_an_article_reaches_the_terminal_but_its_letters(folder: Path) -> None:
    line = {"id": 1, "title": HOSTILE, "text": HOSTILE * 50, "authors": [HOSTILE], "url": f"javascript:{HOSTILE}"}
    (folder / "hostile.jsonl").write_text(json.dumps(line))
    for arguments in (["--watchlist", "port-strikes"], ["--watchlist", "cloud-sales"], []):
        done = explain(folder, "hostile.jsonl", *arguments)
        assert done.returncode == 0
        assert not set(done.stdout) & {"\x1b", "\x07", "\u202e", "\u202c"}
    shown = explain(folder, "hostile.jsonl", "--watchlist", "port-strikes").stdout
    assert "[red]port[/red] :bomb:" in shown


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """Run the command on a terminal and return what it writes there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitors.cli", "explain", *arguments],
        cwd=folder,
        env=clean_environment() | {"COLUMNS": "80", "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 65_536):
            written += piece
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return written.decode()


def test_only_a_terminal_gets_colours(folder: Path) -> None:
    (folder / "text.txt").write_text(STRIKE)
    assert "\x1b[" in on_a_terminal(folder, "text.txt", "--watchlist", "port-strikes")
    assert "\x1b" not in explain(folder, "text.txt", "--watchlist", "port-strikes").stdout
    assert "\x1b" not in explain(folder, "text.txt").stdout


def test_marks_have_words_beside_them(folder: Path) -> None:
    (folder / "text.txt").write_text(STRIKE)
    shown = explain(folder, "text.txt", "--watchlist", "port-strikes").stdout
    marked = [line for line in shown.splitlines() if re.search("[✓✗]", line)]
    assert len(marked) > 3
    assert all(re.search("✓ (MATCH|yes)|✗ (NO MATCH|no)", line) for line in marked)
