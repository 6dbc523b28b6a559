"""Prints how well and how fast stories are told: `python tests/benchmarks/bench_stories.py [--json]`.

The articles of ECB+ are grouped by `newsvane group`, all topics in one run with one setting; people said which are on
one event, and every topic holds two that look alike. `--json` prints only that: no other orders, held-out topics, time
and memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any

import psutil

from crawler.domain import Article
from monitors.stories import events
from monitors.stories.grouper import Grouper, Sketch, sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
ORDERS, FOLDS = 2, 5
THRESHOLDS = (0.18, 0.2, 0.22, 0.24, 0.26)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHARACTERS = 4_700
"""Of a real article, on average."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--articles", type=int, default=100_000, help="how many to hold in the window")
    given = options.parse_args()
    if not (DATA / "clusters").is_dir():
        print(f"skipped: no labelled stories in {DATA}")
        return
    articles = read(DATA / "clusters" / "ecbplus.dev.jsonl.gz")
    figures = dict(zip(("B3 precision", "B3 recall", "B3 F1"), b_cubed(articles, grouped(articles)), strict=True))
    if given.json:
        print(json.dumps(figures))
        return
    show("ECB+, all topics in one run of newsvane group", figures)
    show("the same in other orders, and on held-out topics", steadiness(articles))
    show("a full window", scale(given.articles))


def show(title: str, figures: Mapping[str, float]) -> None:
    print(title, *(f"  {name:46} {value:.4g}" for name, value in figures.items()), sep="\n", flush=True)


# -- how well ---------------------------------------------------------------------------------------------------------


def steadiness(articles: Sequence[dict[str, Any]]) -> dict[str, float]:
    sketches = {one["doc_id"]: sketch(article_of(one)) for one in articles}
    orders = [articles, *(Random(seed).sample(articles, len(articles)) for seed in range(ORDERS))]  # noqa: S311
    scores = [placed_f1(order, sketches, events.ALIKE) for order in orders]
    return {
        f"B3 F1 in {ORDERS} other orders, mean": fmean(scores[1:]),
        f"B3 F1 on held-out topics, {FOLDS} folds, mean": held_out(orders, sketches),
    }


def grouped(articles: Sequence[dict[str, Any]]) -> list[str]:
    """Return the story of each article, as `newsvane group` tells it."""
    lines = "".join(json.dumps({**one, "id": one["doc_id"]}) + "\n" for one in articles)
    command = [sys.executable, "-m", "monitors.cli", "group", "--articles", "-"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line)["story"] for line in done.stdout.splitlines()]


def b_cubed(articles: Sequence[dict[str, Any]], stories: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 as means over the articles (Bagga and Baldwin 1998)."""
    events = [one["cluster"] for one in articles]
    both, by_event, by_story = Counter(zip(events, stories, strict=True)), Counter(events), Counter(stories)
    precision = fmean(both[pair] / by_story[pair[1]] for pair in zip(events, stories, strict=True))
    recall = fmean(both[pair] / by_event[pair[0]] for pair in zip(events, stories, strict=True))
    return precision, recall, 2 * precision * recall / (precision + recall)


def held_out(orders: Sequence[Sequence[dict[str, Any]]], sketches: Mapping[str, Sketch]) -> float:
    """Return the F1 of topics with the threshold that is best for the others."""
    topics = sorted({one["topic"] for one in orders[0]})
    folds = [set(topics[fold::FOLDS]) for fold in range(FOLDS)]
    scores = []
    for held in folds:
        rest = [[one for one in order if one["topic"] not in held] for order in orders]
        best = max(THRESHOLDS, key=lambda threshold: fmean(placed_f1(order, sketches, threshold) for order in rest))
        scores += [placed_f1([one for one in order if one["topic"] in held], sketches, best) for order in orders]
    return fmean(scores)


def placed_f1(articles: Sequence[dict[str, Any]], sketches: Mapping[str, Sketch], threshold: float) -> float:
    """Return the F1 of articles that a Grouper places with another threshold than its own."""
    own, events.ALIKE = events.ALIKE, threshold
    try:
        grouper = Grouper()
        texts = [one["text"] for one in articles]
        stories = [
            str(grouper.place(number, sketches[one["doc_id"]], NOON, texts.__getitem__).story)
            for number, one in enumerate(articles)
        ]
    finally:
        events.ALIKE = own
    return b_cubed(articles, stories)[2]


# -- how fast ---------------------------------------------------------------------------------------------------------


def scale(count: int) -> dict[str, float]:
    """Return what an article costs in a window that fills, and what the window takes."""
    process = psutil.Process()
    grouper = Grouper()
    place(grouper, 0, next(made(1)))
    before = process.memory_info().rss
    spent, last = 0.0, 0.0
    sample: list[tuple[Sketch, Any]] = []
    for number, article in enumerate(made(count), 1):
        begun = time.process_time()
        its, where = place(grouper, number, article)
        last = time.process_time() - begun
        spent += last
        sample.append((its, where)) if len(sample) < 1_000 else None
    taken = process.memory_info().rss - before
    written = [its.to_bytes() for its, _ in sample]
    begun = time.process_time()
    again = Grouper()
    for number, (raw, (_, where)) in enumerate(zip(written, sample, strict=True)):
        again.restore(number, Sketch.from_bytes(raw), NOON, where)
    restored = time.process_time() - begun
    return {
        "articles": count,
        "characters of one": CHARACTERS,
        "ms of CPU an article, copies and story": spent / count * 1000,
        "MB of the window": taken / 1e6,
        "bytes of a sketch": fmean(map(len, written)),
        "s of CPU to restore 100,000": restored / len(sample) * 100_000,
    }


def place(grouper: Grouper, number: int, article: Article) -> tuple[Sketch, Any]:
    its = sketch(article)
    at = NOON + timedelta(seconds=number % 86_400)
    return its, grouper.place(number, its, at, lambda _: None)


def made(count: int) -> Iterator[Article]:
    """Yield articles as long as real ones, of the sentences of real ones."""
    random = Random(1)  # noqa: S311
    texts = [article_of(one) for one in read(DATA / "articles.jsonl.gz") if one["set"] != "thucnews-headlines"]
    sentences = [line for one in texts for line in one.text.split(". ") if line]
    for number in range(count):
        first = texts[number % len(texts)]
        text = first.text[:CHARACTERS]
        rest = []
        while len(text) < CHARACTERS:
            rest.append(random.choice(sentences))
            text += ". " + rest[-1]
        title = f"{first.title} {number}" if number >= len(texts) else first.title
        own = text if number < len(texts) else ". ".join(random.sample(rest, len(rest))) + first.text
        yield Article(url=f"https://a.example/{number}", title=title, text=own)


def article_of(line: dict[str, Any]) -> Article:
    return Article(url=line.get("url") or "", title=line.get("title") or "", text=line.get("text") or "")


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
