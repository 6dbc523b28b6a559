"""`newsvane match` as a program runs it: a real process, real files, no database."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """\
settings: {contact: press@example.org, languages: [en, de, zh]}
sources: [https://www.example.org]
entities: [{id: acme, name: Acme Corp}]
watchlists:
  - name: China law
    keywords: [China law, {text: 网络安全法, lang: zh}]
    deliver: [{to: press@example.org, at: "07:00"}]
  - name: Häuser
    keywords: [{text: haus, lang: de}]
    entities: [acme]
    deliver: [{to: press@example.org, at: "07:00"}]
"""
GOOD = [
    {"id": 1, "url": "https://example.org/1", "title": "China passes law", "text": None, "published": "2026-11-01"},
    {"id": "zh", "url": "https://example.org/2", "title": "修改网络安全法的决定", "lead": None, "language": None},
    {
        "id": "de",
        "title": "Wohnungsmarkt",
        "text": "In vielen Städten stehen die Häuser leer, sagt die Acme Corp.",
        "flags": [],
    },
    {"id": "none", "url": "https://example.org/4", "title": "Nothing of interest", "lead": "", "text": "At all."},
]


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "newsvane.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return path


def run(configuration: Path, articles: Path | str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [
        sys.executable,
        "-m",
        "monitors.cli",
        "match",
        "--config",
        str(configuration),
        "--articles",
        str(articles),
    ]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def lines(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode().splitlines()]


def as_jsonl(articles: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(article)}\n" for article in articles).encode()


@pytest.mark.parametrize("how", ["plain", "gzip", "stdin"])
def test_every_match_is_a_line(configuration: Path, tmp_path: Path, how: str) -> None:
    written = as_jsonl(GOOD)
    (tmp_path / "in.jsonl").write_bytes(written)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(written))
    articles = {"plain": tmp_path / "in.jsonl", "gzip": tmp_path / "in.jsonl.gz", "stdin": "-"}[how]
    ran = run(configuration, articles, stdin=written)
    assert (ran.returncode, ran.stderr) == (0, b"")
    found = lines(ran.stdout)
    assert [(line["article"], line["watchlist"], line["kind"]) for line in found] == [
        (1, "china-law", "match"),
        ("zh", "china-law", "match"),
        ("de", "hauser", "match"),
    ]
    assert found[2] == {
        "article": "de",
        "watchlist": "hauser",
        "kind": "match",
        "score": 0.6,
        "sentence": "In vielen Städten stehen die Häuser leer, sagt die Acme Corp.",
        "spans": [
            {"field": "text", "start": 29, "end": 35, "text": "Häuser", "clause": "haus"},
            {"field": "text", "start": 51, "end": 60, "text": "Acme Corp", "clause": "entity:acme"},
        ],
    }


def test_a_line_that_cannot_be_read_is_named_and_the_rest_goes_on(configuration: Path, tmp_path: Path) -> None:
    articles = tmp_path / "in.jsonl"
    bad = [b"not json", b"[1]", b'{"id": 1, "text": 5}', b'{"title": "China law"}', b"\xff\xfe", b"[" * 100_000]
    articles.write_bytes(b"\n".join([*bad, b"", as_jsonl(GOOD)]))
    ran = run(configuration, articles)
    assert ran.returncode == 1
    assert len(lines(ran.stdout)) == 3
    told = ran.stderr.decode().splitlines()
    assert [line.partition(": ")[0] for line in told[:-1]] == [f"{articles}:{number}" for number in range(1, 7)]
    assert told[1].endswith("not a JSON object")
    assert "text: Input should be a valid string" in told[2]
    assert "id: Field required" in told[3]
    assert told[-1] == "newsvane: 6 lines could not be read, 0 watchlists failed on an article"


def test_half_a_character_breaks_nothing_and_moves_no_span(configuration: Path) -> None:
    ran = run(configuration, "-", b'{"id": 1, "title": "\\ud800 China law \\u0000"}\n')
    assert ran.returncode == 0
    assert [span["start"] for span in lines(ran.stdout)[0]["spans"]] == [2, 8]


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(as_jsonl(GOOD * 50))[:200]])
def test_a_broken_archive_is_told(configuration: Path, tmp_path: Path, content: bytes) -> None:
    articles = tmp_path / "in.jsonl.gz"
    articles.write_bytes(content)
    ran = run(configuration, articles)
    assert ran.returncode == 1
    assert ran.stderr.decode().startswith(f"newsvane: {articles}: ")


def test_a_broken_configuration_and_a_missing_file_are_mistakes_of_usage(configuration: Path, tmp_path: Path) -> None:
    assert run(configuration, tmp_path / "nowhere.jsonl").returncode == 2
    configuration.write_text(CONFIGURATION.replace("[China law,", "[(China law,"), encoding="utf-8")
    ran = run(configuration, "-")
    assert ran.returncode == 2
    assert b"nothing closes" in ran.stderr
