"""Prints how good extraction is and what it costs, beside trafilatura alone in the same run.

    python tests/benchmarks/bench_extract.py [SHARED] [--sets=aeb,fundus]

SHARED is the folder of real data (default: beside the project, or NEWSVANE_SHARED). Both are scored by its own
measure/extract_eval.py; trafilatura alone is its measure/bare_trafilatura.py.
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
from typing import Any

from rich.console import Console
from rich.table import Table

from crawler.domain import Page
from crawler.extract.page import extract

FIGURES = ("F1", "F1_with_lead", "segments_F1", "title", "date", "authors_F1", "empty")


def measure(shared: Path, sets: set[str], folder: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of "ours" and "bare" by set; `cpu_ms` is what a page took."""
    pages = _chosen(shared, sets, folder)
    ours, bare = folder / "ours.jsonl", folder / "bare.jsonl"
    ours_ms = _extract(pages, ours)
    bare_ms = _run(shared / "measure" / "bare_trafilatura.py", pages, bare)["cpu_ms_per_page"]
    score = shared / "measure" / "extract_eval.py"
    return {
        "ours": _run(score, pages, ours) | {"cpu_ms": ours_ms},
        "bare": _run(score, pages, bare) | {"cpu_ms": bare_ms},
    }


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


def _extract(pages: Path, output: Path) -> float:
    """Write our articles; return CPU milliseconds a page, without reading and unpacking the files."""
    spent = 0.0
    count = 0
    with pages.open(encoding="utf-8") as source, output.open("w", encoding="utf-8") as target:
        for count, line in enumerate(source, 1):  # noqa: B007  read after the loop
            page = json.loads(line)
            body = gzip.decompress(Path(page["html_path"]).read_bytes())
            start = time.process_time()
            article = extract(Page(url=page["url"], body=body))
            spent += time.process_time() - start
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
    return round(1000 * spent / max(1, count), 2)


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
    print(f"CPU ms a page: {figures['ours']['cpu_ms']} / {figures['bare']['cpu_ms']}")


if __name__ == "__main__":
    main()
