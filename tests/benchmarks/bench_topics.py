"""Prints how well watchlists do that were written from the names and sentences of topics. Run it as a program.

`--show` prints the watchlists, `--json` the figures alone.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from topic_watchlists import KINDS, Topic, plain, write

from crawler.domain import Article
from monitors.match.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
BASELINES = {"subjects": 0.46, "organisations": 0.51, "places": 0.72, "people": 0.81}
"""Macro F1 of keywords, as the README of the data gives it."""
WAYS = ("written", "plain")
WORST = 5


class Figures(NamedTuple):
    precision: float
    recall: float
    f1: float


def main() -> None:
    if not (DATA / "topics").is_dir():
        print(f"skipped: no topics in {DATA}")
        return
    topics = list(read_topics())
    if "--show" in sys.argv:
        show(topics)
        return
    found = matched(topics)
    measured = {way: judged(topics, found[way]) for way in WAYS}
    if "--json" in sys.argv:
        print(json.dumps({way: by_kind(topics, figures) for way, figures in measured.items()}))
        return
    for way, figures in measured.items():
        table(way, topics, figures)


def read_topics() -> Iterator[Topic]:
    for one in read(DATA / "topics" / "topics.dev.jsonl"):
        known = (one["description"] or "", one.get("sentence") or "")
        yield Topic(one["topic_id"], KINDS[one["kind"]], one["name"], *known)


def show(topics: Sequence[Topic]) -> None:
    for topic in topics:
        query, entity = write(topic)
        names = f"   [{', '.join((entity.name, *(alias.text for alias in entity.aliases)))}]" if entity else ""
        print(f"{topic.id}: {query}{names}")


def matched(topics: Sequence[Topic]) -> Mapping[str, Mapping[str, set[str]]]:
    """Return the articles that each way of writing a watchlist finds for each topic."""
    written = [write(topic) for topic in topics]
    watchlists = [one.watchlist(f"written {topic.id}") for topic, one in zip(topics, written, strict=True)]
    watchlists += [plain(topic, f"plain {topic.id}") for topic in topics]
    matcher = Matcher(watchlists, [one.entity for one in written if one.entity])
    found: Mapping[str, dict[str, set[str]]] = {way: defaultdict(set) for way in WAYS}
    for article_id, article in pool():
        matched = matcher.match(article)
        if matched.errors:
            raise SystemExit(f"{matched.errors[0].watchlist_id}: {matched.errors[0]}")
        for match in matched.matches:
            way, _, topic_id = match.watchlist_id.partition(" ")
            if match.kind == "match":
                found[way][topic_id].add(article_id)
    return found


def pool() -> Iterator[tuple[str, Article]]:
    judged = {one["doc_id"] for one in read(DATA / "topics" / "pool.jsonl.gz")}
    for one in read(DATA / "articles.jsonl.gz"):
        if one["id"] in judged:
            yield one["id"], Article(url="", title=one["title"] or "", text=one["text"], language="en")


def judged(topics: Sequence[Topic], found: Mapping[str, set[str]]) -> Mapping[str, Figures]:
    relevant = defaultdict(set)
    for judgement in read(DATA / "topics" / "qrels.dev.jsonl.gz"):
        relevant[judgement["topic_id"]].add(judgement["doc_id"])
    return {topic.id: compared(found[topic.id], relevant[topic.id]) for topic in topics}


def compared(found: set[str], relevant: set[str]) -> Figures:
    right = len(found & relevant)
    return Figures(
        right / len(found) if found else 0.0, right / len(relevant), 2 * right / (len(found) + len(relevant))
    )


def by_kind(topics: Sequence[Topic], figures: Mapping[str, Figures]) -> dict[str, tuple[int, Figures]]:
    """Return for each kind how many topics it has, and the mean of each figure over them."""
    kinds = {}
    for kind in BASELINES:
        ones = [figures[topic.id] for topic in topics if topic.kind == kind]
        kinds[kind] = len(ones), Figures(*map(fmean, zip(*ones, strict=True)))
    return kinds


def table(way: str, topics: Sequence[Topic], figures: Mapping[str, Figures]) -> None:
    print(f"{way:14} topics      P      R     F1  baseline  worst")
    for kind, (number, mean) in by_kind(topics, figures).items():
        ranked = sorted((topic for topic in topics if topic.kind == kind), key=lambda topic: figures[topic.id].f1)
        worst = ", ".join(f"{topic.name} {figures[topic.id].f1:.2f}" for topic in ranked[:WORST])
        means = "  ".join(f"{figure:.3f}" for figure in mean)
        print(f"{kind:14} {number:6}  {means}  {BASELINES[kind]:8.2f}  {worst}")


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
