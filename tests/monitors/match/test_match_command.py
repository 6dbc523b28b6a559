"""`newsvane match` as a program runs it: a real process, real files, no database."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.loaded import LOADED
from stand_ins.program import clean_environment

from crawler.domain import Article, Source
from crawler.store.articles import article_id_of
from crawler.store.database import Database
from crawler.store.sources import keep_sources
from monitors.cli.article_line import Line, read_line
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    import subprocess

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


def newsvane(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    return LOADED.run([*map(str, arguments)], folder=Path.cwd(), environment=clean_environment(), given=stdin)


def run(configuration: Path, articles: Path | str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    return newsvane("match", "--config", configuration, "--articles", articles, stdin=stdin)


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def as_jsonl(articles: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(article)}\n" for article in articles).encode()


@pytest.mark.parametrize("how", ["plain", "gzip", "stdin"])
def test_every_match_is_a_line(configuration: Path, tmp_path: Path, how: str) -> None:
    written = as_jsonl(GOOD)
    (tmp_path / "in.jsonl").write_bytes(written)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(written))
    articles = {"plain": tmp_path / "in.jsonl", "gzip": tmp_path / "in.jsonl.gz", "stdin": "-"}[how]
    ran = run(configuration, articles, stdin=written)
    assert (ran.returncode, ran.stderr) == (0, "")
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
            {"field": "text", "start": 51, "end": 61, "text": "Acme Corp.", "clause": "entity:acme"},
        ],
        "resemblance": None,
    }


def test_a_line_that_cannot_be_read_is_named_and_the_rest_goes_on(configuration: Path, tmp_path: Path) -> None:
    articles = tmp_path / "in.jsonl"
    bad = [b"not json", b"[1]", b'{"id": 1, "text": 5}', b'{"title": "China law"}', b"\xff\xfe", b"[" * 100_000]
    articles.write_bytes(b"\n".join([*bad, b"", as_jsonl(GOOD)]))
    ran = run(configuration, articles)
    assert ran.returncode == 1
    assert len(lines(ran.stdout)) == 3
    told = ran.stderr.splitlines()
    assert [line.partition(": ")[0] for line in told[:-1]] == [f"{articles}:{number}" for number in range(1, 7)]
    assert told[1].endswith("not a JSON object")
    assert "text: Input should be a valid string" in told[2]
    assert "id: Field required" in told[3]
    assert told[-1] == "newsvane: 6 lines could not be read, 0 watchlists failed on an article"


def test_half_a_character_breaks_nothing_and_moves_no_span(configuration: Path) -> None:
    ran = run(configuration, "-", b'{"id": 1, "title": "\\ud800 China law \\u0000"}\n')
    assert ran.returncode == 0
    assert [span["start"] for span in lines(ran.stdout)[0]["spans"]] == [2, 8]


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(as_jsonl(GOOD * 50), mtime=0)[:200]])
def test_a_broken_archive_is_told(configuration: Path, tmp_path: Path, content: bytes) -> None:
    articles = tmp_path / "in.jsonl.gz"
    articles.write_bytes(content)
    ran = run(configuration, articles)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"newsvane: {articles}: ")


def test_a_broken_configuration_and_a_missing_file_are_mistakes_of_usage(configuration: Path, tmp_path: Path) -> None:
    assert run(configuration, tmp_path / "nowhere.jsonl").returncode == 2
    configuration.write_text(CONFIGURATION.replace("[China law,", "[(China law,"), encoding="utf-8")
    ran = run(configuration, "-")
    assert ran.returncode == 2
    assert "nothing closes" in ran.stderr


# -- what else is known of an article ---------------------------------------------------------------------------------

KNOWN = """\
settings: {contact: press@example.org, languages: [en, de]}
sources:
  - {id: wire, url: https://www.example.org/feed, groups: [agencies], tier: 1, country: HK, language: de}
  - {id: gazette, url: https://gazette.example/feed}
watchlists:
"""
ASKED = {
    "author": 'author:"Jane Doe"',
    "published": "law AND published:[2026-11-23 TO 2026-11-23]",
    "section": 'law AND section:"real estate"',
    "site": 'law AND site:"The Post"',
    "url": "law AND url:example.org/1",
    "source": "law AND source:wire AND group:agencies AND tier:1 AND country:HK AND lang:de",
}


@pytest.fixture
def knowing(configuration: Path) -> Path:
    """Return a configuration with a watchlist for each thing that is known of an article beside its text."""
    told = {"deliver": [{"to": "a@example.org", "at": "07:00"}]}
    entries: list[dict[str, Any]] = [{"name": name, "query": query} for name, query in ASKED.items()]
    entries.append({"name": "of-agencies", "keywords": ["law"], "sources": {"groups": ["agencies"]}})
    configuration.write_text(KNOWN + "".join(f"  - {json.dumps(one | told)}\n" for one in entries), encoding="utf-8")
    return configuration


def test_what_a_line_says_beside_the_text_is_matched(knowing: Path) -> None:
    article = {"title": "law", "source": "gazette", "published": "2026-11-22", "language": "en"}
    said = [
        {"authors": ["Ann", "Jane Doe"]},
        {"authors": "Jane Doe"},
        {"published": "2026-11-23"},
        {"sections": ["World", "Real-Estate"]},
        {"site": "The Post"},
        {"url": "https://example.org/1"},
        {"canonical_url": "https://example.org/1"},
        {"url": None, "canonical_url": "https://example.org/1"},
        {"url": "https://example.org/2", "canonical_url": "https://example.org/1"},
        {"source": "wire", "language": None},
        {"source": "wire", "language": "en"},
    ]
    ran = run(knowing, "-", as_jsonl([article | one | {"id": number} for number, one in enumerate(said)]))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [(line["article"], line["watchlist"]) for line in lines(ran.stdout)] == [
        (0, "author"),
        (1, "author"),
        (2, "published"),
        (3, "section"),
        (4, "site"),
        (5, "url"),
        (6, "url"),
        (7, "url"),
        (9, "source"),
        (9, "of-agencies"),
        (10, "of-agencies"),
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"source": "wier"}, "source: `wier` is not the id of a source; did you mean `wire`?"),
        ({"source": "times"}, "source: `times` is not the id of a source"),
        ({"source": 5}, "source: Input should be a valid string"),
        ({"authors": ["Ann", 5]}, "authors.1: Input should be a valid string"),
        ({"authors": {"name": "Ann"}}, "authors: needs a list of texts"),
        ({"sections": 7}, "sections: needs a list of texts"),
        ({"published": "yesterday"}, "published: needs a date such as 2026-11-23, or a time such as"),
        ({"published": "2026-02-30"}, "published: needs a date"),
        ({"published": 1763856000}, "published: needs a date"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_would_be_right(said: dict[str, Any], told: str) -> None:
    sources = {name: Source(id=name, url="https://www.example.org", name=name) for name in ("wire", "gazette")}
    read = read_line(json.dumps({"id": 1, "title": "law", **said}).encode(), sources)
    assert isinstance(read, str)
    assert read.startswith(told)


def test_a_line_of_an_unknown_source_does_not_hold_up_the_others(knowing: Path) -> None:
    written = [{"id": id_, "title": "law", "authors": "Jane Doe", "source": id_} for id_ in ("wire", "wier", "gazette")]
    ran = run(knowing, "-", as_jsonl(written))
    assert ran.returncode == 1
    assert {line["article"] for line in lines(ran.stdout)} == {"wire", "gazette"}
    assert ran.stderr.splitlines()[0] == ("-:2: source: `wier` is not the id of a source; did you mean `wire`?")


def as_article(**said: Any) -> Article:
    read = read_line(json.dumps({"id": 1, **said}).encode(), {})
    assert isinstance(read, Line), read
    return read.article(["en"])


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T07:30", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        (" 2026-11-23t07:30:00z ", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        ("2026-11-23T07:30:00+09:00", datetime(2026, 11, 23, 7, 30, tzinfo=timezone(timedelta(hours=9)))),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_a_date_without_a_zone_is_in_utc_and_another_keeps_its_own(written: Any, understood: datetime | None) -> None:
    published = as_article(published=written).published
    assert published == understood
    assert published is None or understood is None or published.utcoffset() == understood.utcoffset()


def test_what_is_empty_is_not_there_and_half_a_character_is_no_text() -> None:
    article = as_article(authors=["", None, "A\ud800"], sections=None, site=None, source=None)
    assert article == Article(url="", title="", authors=("A\N{REPLACEMENT CHARACTER}",))


# -- what our own commands write --------------------------------------------------------------------------------------


def test_what_extract_writes_is_read_as_it_is(knowing: Path, tmp_path: Path) -> None:
    head = "<meta name='author' content='Jane Doe'><meta property='article:published_time' content='2026-11-23'>"
    (tmp_path / "page.html").write_text(f"<html lang=en><head>{head}</head><body><h1>A law on ports</h1></body></html>")
    page = {"id": 7, "url": "https://example.org/real-estate/1", "path": str(tmp_path / "page.html")}
    asked = b"no json at all\n" + as_jsonl([page, page | {"id": None}, page | {"id": "gone", "path": "nowhere"}])
    extracted = newsvane("extract", "--jsonl", "-", stdin=asked)
    assert len(lines(extracted.stdout)) == 4
    ran = run(knowing, "-", extracted.stdout.encode())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {(line["article"], line["watchlist"]) for line in lines(ran.stdout)} >= {
        (7, "author"),
        (7, "published"),
        (7, "section"),
    }


def test_what_articles_writes_is_read_as_it_is(knowing: Path) -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    wire = Source(id="wire", url="https://www.example.org/feed", name="Wire")
    url, title = "https://example.org/1", "The law on ports"
    stored = Article(url=url, title=title, authors=("Jane Doe",), sections=("Real estate",), published=now)
    database = Database(f"sqlite:///{knowing.parent / 'newsvane.db'}")
    upgrade(database)
    database.write(keep_sources, [wire], now=now)
    database.write(article_id_of, stored, wire, already_there=False, now=now)
    database.close()
    written = newsvane("articles", "--jsonl", "--config", knowing)
    assert [line["sections"] for line in lines(written.stdout)] == [["Real estate"]]
    ran = run(knowing, "-", written.stdout.encode())
    assert (ran.returncode, ran.stderr) == (0, "")
    found = [line["watchlist"] for line in lines(ran.stdout)]
    assert found == ["author", "published", "section", "url", "source", "of-agencies"]
