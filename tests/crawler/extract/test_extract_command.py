"""`newsvane extract`, as a script would call it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.loaded import LOADED
from stand_ins.program import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.domain import Page

    MakePage = Callable[..., Page]

URL = "https://www.lindhaven-post.example/2026/05/tram"
KEYS = ["id", "url", "canonical_url", "title", "lead", "text", "authors", "published", "language", "site", "sections"]
KEYS += ["flags"]


def newsvane(*arguments: str, cwd: Path, given: str = "") -> tuple[int, list[dict[str, Any]], str]:
    environment = clean_environment()
    done = LOADED.run(["extract", *arguments], folder=cwd, environment=environment, given=given.encode())
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def folder(tmp_path: Path, make_page: MakePage) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_bytes(make_page().body)
    (tmp_path / "in" / "b.html.gz").write_bytes(gzip.compress(make_page(heading="Ferry sinks").body))
    (tmp_path / "in" / "bomb.html.gz").write_bytes(gzip.compress(b"<title>Zeros</title>" + b"0" * 50_000_000))
    return tmp_path


def test_every_line_gets_a_line_in_order_also_where_it_failed(folder: Path, title: str) -> None:
    lines = [
        json.dumps({"id": "a", "url": URL + "?utm_source=x", "path": "a.html", "more": 1}),
        json.dumps({"id": 7, "url": URL, "path": str(folder / "in" / "b.html.gz")}),
        json.dumps({"id": "zeros", "url": URL, "path": "bomb.html.gz"}),
        "{not json",
        json.dumps({"id": "gone", "url": URL, "path": "nowhere.html"}),
        json.dumps({"id": "ftp", "url": "ftp://x.example/", "path": "a.html"}),
        json.dumps({"id": "b", "url": URL, "path": "b.html.gz"}),
    ]
    (folder / "in" / "pages.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, rows, errors = newsvane("--jsonl", "in/pages.jsonl", cwd=folder)
    assert code == 0
    assert [row["id"] for row in rows] == ["a", 7, "zeros", None, "gone", "ftp", "b"]
    assert [row["flags"] for row in rows] == [[], [], ["too-large"], ["bad-input"], ["bad-input"], ["bad-input"], []]
    assert [row["title"] for row in rows] == [title, "Ferry sinks", "Zeros", "", "", "", "Ferry sinks"]
    assert all(list(row) == KEYS for row in rows)
    assert (rows[0]["url"], rows[0]["canonical_url"]) == (URL + "?utm_source=x", URL)
    assert [line.split(" ")[0] for line in errors.splitlines()] == [f"in/pages.jsonl:{n}:" for n in (4, 5, 6)]


def test_standard_input_is_read_from_the_working_directory(folder: Path, title: str) -> None:
    line = json.dumps({"id": "a", "url": URL, "path": "in/a.html"})
    code, rows, errors = newsvane("--jsonl", "-", cwd=folder, given=line)
    assert (code, [row["title"] for row in rows], errors) == (0, [title], "")


def test_one_file_gives_one_line(folder: Path, title: str, prose: tuple[str, ...]) -> None:
    code, [row], errors = newsvane("in/a.html", "--url", URL, "--language", "en", "--language", "de", cwd=folder)
    assert (code, errors) == (0, "")
    assert (row["id"], row["title"], row["text"], row["language"]) == ("in/a.html", title, "\n".join(prose), "en")


def test_a_line_names_the_sections(folder: Path) -> None:
    code, [row], _ = newsvane("in/a.html", "--url", "https://www.lindhaven-post.example/city/tram", cwd=folder)
    assert (code, row["sections"]) == (0, ["city"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("in/a.html", "--url", URL, "--language", "xx"),
        (),
        ("in/a.html",),
        ("--url", URL),
        ("--jsonl", "nowhere.jsonl"),
        ("in/a.html", "--url", URL, "--jsonl", "-"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(folder: Path, arguments: tuple[str, ...]) -> None:
    code, rows, errors = newsvane(*arguments, cwd=folder)
    assert (code, rows) == (2, [])
    assert "Usage: " in errors
