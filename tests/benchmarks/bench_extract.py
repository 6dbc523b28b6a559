"""Prints how good extraction is and what it costs, beside trafilatura alone in the same run.

    python tests/benchmarks/bench_extract.py [SHARED] [--sets=aeb,fundus]

SHARED is the folder of real data (default: beside the project, or NEWSVANE_SHARED). Both are scored by its own
measure/extract_eval.py; trafilatura alone is its measure/bare_trafilatura.py. What they cost is measured apart: one
page after the other in this process, in turn, the better of two rounds for each.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trafilatura
from rich.console import Console
from rich.table import Table

from crawler.domain import Page
from crawler.extract.page import extract

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY, ROUNDS = 4, 2
FIGURES = ("F1", "F1_with_lead", "segments_F1", "title", "date", "authors_F1", "empty")


def measure(shared: Path, sets: set[str], folder: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of "ours" and "bare" by set; `cpu_ms` is what a page took."""
    pages = _chosen(shared, sets, folder)
    ours, bare = folder / "ours.jsonl", folder / "bare.jsonl"
    _extract(pages, ours)
    _run(shared / "measure" / "bare_trafilatura.py", pages, bare)
    score = shared / "measure" / "extract_eval.py"
    return {"ours": _run(score, pages, ours), "bare": _run(score, pages, bare), "cost": _cost(pages)}


def _chosen(shared: Path, sets: set[str], folder: Path) -> Path:
    root = shared / "data" / "pages"
    chosen = folder / "pages.jsonl"
    with (root / "pages.jsonl").open(encoding="utf-8") as source, chosen.open("w", encoding="utf-8") as target:
        for line in source:
            page = json.loads(line)
            if not sets or page["set"] in sets:
                page["html_path"] = str(root / page["html_path"])
                target.write(json.dumps(page) + "\n")
    return chosen


def _read(pages: Path) -> list[tuple[dict[str, Any], bytes]]:
    with pages.open(encoding="utf-8") as lines:
        return [(page, gzip.decompress(Path(page["html_path"]).read_bytes())) for page in map(json.loads, lines)]


def _extract(pages: Path, output: Path) -> None:
    with output.open("w", encoding="utf-8") as target:
        for page, body in _read(pages):
            article = extract(Page(url=page["url"], body=body))
            row = {
                "id": page["id"],
                "title": article.title,
                "lead": article.lead,
                "text": article.text,
                "published": article.published.isoformat() if article.published else None,
                "authors": article.authors,
                "flags": sorted(article.flags),
            }
            target.write(json.dumps(row, ensure_ascii=False) + "\n")


def _cost(pages: Path) -> dict[str, float]:
    """Return CPU milliseconds a page of both, on every fourth page, and the longest that one of ours took."""
    chosen = [(page["url"], body) for page, body in _read(pages)][::EVERY]
    both = {
        "ours": lambda url, body: extract(Page(url=url, body=body)),
        "bare": lambda url, body: trafilatura.bare_extraction(
            body, url=url, with_metadata=True, include_comments=False, fast=True
        ),
    }
    took: dict[str, list[float]] = {name: [] for name in both}
    for url, body in chosen:
        for name, work in both.items():
            took[name].append(min(_spent(work, url, body) for _ in range(ROUNDS)))
    count = max(1, len(chosen))
    return {name: 1000 * sum(times) / count for name, times in took.items()} | {"longest": 1000 * max(took["ours"])}


def _spent(work: Callable[[str, bytes], object], url: str, body: bytes) -> float:
    start = time.process_time()
    work(url, body)
    return time.process_time() - start


def _run(script: Path, *arguments: Path) -> dict[str, Any]:
    command = [sys.executable, str(script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    chosen = [argument.partition("=")[2] for argument in sys.argv[1:] if argument.startswith("--sets=")]
    default = os.environ.get("NEWSVANE_SHARED", str(Path(__file__).parents[3] / "shared"))
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(
            Path((arguments or [default])[0]), set(filter(None, ",".join(chosen).split(","))), Path(folder)
        )
    table = Table("set", "pages", *FIGURES, title="ours / trafilatura alone")
    for name, ours in figures["ours"].items():
        if isinstance(ours, dict):
            bare = figures["bare"][name]
            cells = (f"{ours[key]} / {bare[key]}" if key in ours else "" for key in FIGURES)
            table.add_row(name, str(ours["n"]), *cells)
    Console(width=160).print(table)
    cost = figures["cost"]
    print(f"CPU ms a page: {cost['ours']:.1f} / {cost['bare']:.1f}, ratio {cost['ours'] / cost['bare']:.2f}")
    print(f"the longest page took {cost['longest']:.0f} ms")


if __name__ == "__main__":
    main()
