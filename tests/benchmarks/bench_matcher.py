"""Prints what matching costs, and how well keywords made of topic names do. Run it as a program."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import time
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from crawler.domain import Article
from monitors.domain import Keyword, Watchlist
from monitors.match.keywords import check_keyword
from monitors.match.matcher import Matcher
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
LENGTH = 4700
"""Characters of a real article; those of the pool are put together to it."""


def main() -> None:
    pool = {article["id"]: article for article in read(DATA / "articles.jsonl.gz")}
    speed([article for article in pool.values() if article["title"] and article["title"].isascii()])
    quality(pool)


def speed(pool: Sequence[dict[str, Any]]) -> None:
    chance = random.Random(1)  # noqa: S311  # a benchmark repeats itself
    articles = [long_article(chance.sample(pool, 40)) for _ in range(200)]
    print(f"{len(articles)} articles, {fmean(len(article.text) for article in articles):.0f} characters on average")
    print(f"tokens alone        {cost(lambda article: Tokens(article.text), articles):.3f} ms CPU an article")
    for number in (1, 100, 1_000, 10_000):
        matcher = Matcher([watchlist(chance, pool, index) for index in range(number)], [])
        matches = sum(len(matcher.match(article).matches) for article in articles)  # learns the words, too
        spent = cost(matcher.match, articles)
        print(
            f"{number:6} watchlists   {spent:.3f} ms CPU an article, {matches / len(articles):.2f} matches an article"
        )


def long_article(pieces: Sequence[dict[str, Any]]) -> Article:
    text = "\n".join(piece["text"] for piece in pieces)[:LENGTH]
    return Article(url="", title=pieces[0]["title"], text=text, language="en")


def watchlist(chance: random.Random, pool: Sequence[dict[str, Any]], index: int) -> Watchlist:
    """Two or three words of a headline, as somebody would type them."""
    while True:
        words = [word for word in re.findall(r"[A-Za-z]{4,}", chance.choice(pool)["title"]) if not word.isupper()]
        text = " ".join(chance.sample(words, min(len(words), chance.choice([2, 3]))))
        if " " in text and not check_keyword(text, None):
            return Watchlist(id=str(index), name=text, keywords=(Keyword(text=text),))


def cost(work: Any, articles: Sequence[Article], rounds: int = 5) -> float:
    """Milliseconds of CPU, the best of some rounds: the machine may be busy."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        for article in articles:
            work(article)
        spent.append(time.process_time() - started)
    return min(spent) / len(articles) * 1000


def quality(pool: dict[str, dict[str, Any]]) -> None:
    topics = list(read(DATA / "topics" / "topics.dev.jsonl"))
    relevant = defaultdict(set)
    for judgement in read(DATA / "topics" / "qrels.dev.jsonl.gz"):
        relevant[judgement["topic_id"]].add(judgement["doc_id"])
    matcher = Matcher([Watchlist(id=one["topic_id"], name="", keywords=names(one)) for one in topics], [])
    found = defaultdict(set)
    for one in read(DATA / "topics" / "pool.jsonl.gz"):
        article = pool[one["doc_id"]]
        for match in matcher.match(
            Article(url="", title=article["title"] or "", text=article["text"], language="en")
        ).matches:
            found[match.watchlist_id].add(one["doc_id"])
    by_kind = defaultdict(list)
    for topic in topics:
        by_kind[topic["kind"]].append(f1(found[topic["topic_id"]], relevant[topic["topic_id"]]))
    for kind, figures in by_kind.items():
        print(f"{kind:18} {len(figures):3} topics   macro F1 {fmean(figures):.3f}")


def names(topic: dict[str, Any]) -> tuple[Keyword, ...]:
    texts = (topic["name"].replace("-", " "), (topic["description"] or "").replace("/", " "))
    return tuple(Keyword(text=text) for text in texts if text)


def f1(found: set[str], relevant: set[str]) -> float:
    return 2 * len(found & relevant) / (len(found) + len(relevant)) if found or relevant else 1.0


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
