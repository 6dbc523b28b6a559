"""Keeps what recall is measured with honest: no article says the phrase that it has to be found by."""

from __future__ import annotations

import gzip
import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    data = shared / "data"
    needed = ("articles.jsonl.gz", "pages/pages.jsonl", "clusters/ecbplus.dev.jsonl.gz")
    if missing := [name for name in needed if not (data / name).exists()]:
        pytest.skip(f"needs {', '.join(missing)} in the real data beside the project")
    return data


def written(repository: Path, module: str, name: str) -> Any:
    return runpy.run_path(str(repository / "tests" / "benchmarks" / f"{module}.py"))[name]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def texts(data: Path) -> Iterator[tuple[str, str, str]]:
    for article in lines(data / "articles.jsonl.gz"):
        yield article["id"], article["title"], article["text"]
    for page in lines(data / "pages" / "pages.jsonl"):
        yield page["id"], page["expected"].get("title") or "", page["expected"].get("text") or ""


def test_no_article_is_found_by_its_phrase_as_a_keyword(data: Path, repository: Path) -> None:
    phrases = {article: phrase for phrase, article in written(repository, "concept_phrases", "PHRASES")}
    found = {name: (title, text) for name, title, text in texts(data) if name in phrases}
    said = []
    for name, (title, text) in found.items():
        watchlist = Watchlist(id="x", name="x", keywords=(Keyword(text=phrases[name]),))
        article = Article(url="https://example.org/", title=title, text=text, language="en")
        said += [name for _ in Matcher([watchlist], []).match(article).matches]
    assert len(found) == len(phrases) == 40
    assert said == []


def test_every_event_has_a_sentence_of_its_own(data: Path, repository: Path) -> None:
    sentences = written(repository, "concept_sentences", "SENTENCES")
    clusters = {article["cluster"] for article in lines(data / "clusters" / "ecbplus.dev.jsonl.gz")}
    assert sentences.keys() == clusters
    assert len(set(sentences.values())) == len(clusters) == 44
