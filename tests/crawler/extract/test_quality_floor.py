"""Keeps the quality of extraction from sinking: figures on real pages whose truth people and publishers wrote."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crawler.domain import Page
from crawler.extract.page import extract

if TYPE_CHECKING:
    from pathlib import Path

EVERY = 5
"""Of the set scored by segments, every so many pages: all 499 take a minute."""

# A little below what tests/benchmarks/bench_extract.py printed when they were last raised.
FLOORS = {
    ("aeb", "F1"): 0.965,
    ("fundus", "F1"): 0.960,
    ("fundus", "F1_with_lead"): 0.968,
    ("fundus", "title"): 0.880,
    ("fundus", "date"): 0.985,
    ("fundus", "authors_F1"): 0.900,
    ("trafilatura", "segments_F1"): 0.920,
}
SETS = {name for name, _ in FLOORS}


@pytest.fixture(scope="module")
def figures(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("floor")
    root = shared / "data" / "pages"
    with (root / "pages.jsonl").open(encoding="utf-8") as lines:
        pages = [page for page in map(json.loads, lines) if page["set"] in SETS]
    pages = [page for n, page in enumerate(pages) if page["set"] != "trafilatura" or n % EVERY == 0]
    (folder / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
    (folder / "out.jsonl").write_text("".join(_extracted(page, root) for page in pages), encoding="utf-8")
    score = [sys.executable, str(shared / "measure" / "extract_eval.py")]
    done = subprocess.run([*score, folder / "pages.jsonl", folder / "out.jsonl"], capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _extracted(page: dict[str, Any], root: Path) -> str:
    article = extract(Page(url=page["url"], body=gzip.decompress((root / page["html_path"]).read_bytes())))
    assert "broken" not in article.flags, page["id"]
    row = {
        "id": page["id"],
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "published": str(article.published or ""),
        "authors": article.authors,
    }
    return json.dumps(row) + "\n"


@pytest.mark.parametrize(("name", "figure"), list(FLOORS), ids=map(" ".join, FLOORS))
def test_extraction_is_as_good_as_it_was(figures: dict[str, Any], name: str, figure: str) -> None:
    assert figures[name][figure] >= FLOORS[name, figure]
