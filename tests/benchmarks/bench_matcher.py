"""Prints what matching costs with up to 100,000 queries: `python tests/benchmarks/bench_matcher.py [--most 10000]`.

The yardsticks are measured in the same run: evaluating every query on every article, and one compiled `re` a query.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import re
import time
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import psutil
from made_queries import Writer, words_of

from crawler.domain import Article
from monitors.match.matcher import Matcher
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitors.domain import Watchlist

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
LENGTH = 4700
"""Characters of a real article; those of articles.jsonl.gz are put together to it."""
SIZES = (100, 1_000, 10_000, 100_000)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=SIZES[-1], help="the largest number of queries")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    pages, pool = page_articles(), list(pool_articles())
    sets = {"pages": pages, "pool": pool[:: len(pool) // 200][:200]}
    for name, articles in sets.items():
        long = fmean(len(article.text) for article in articles)
        spent = cost(lambda article: Tokens(article.text).words, articles, given.rounds)
        print(f"{name:6} {len(articles)} articles of {long:.0f} characters; cutting them into words {spent:.3f} ms")
    texts = [article.text for article in pages if article.language == "en"] + [article.text for article in pool]
    for number in SIZES:
        if number <= given.most:
            measure(Writer(texts, random.Random(number)), number, sets, given.rounds)  # noqa: S311  # repeats itself


def measure(writer: Writer, number: int, sets: dict[str, Sequence[Article]], rounds: int) -> None:
    gc.collect()
    before, started = psutil.Process().memory_info().rss, time.process_time()
    watchlists = [writer.watchlist(index) for index in range(number)]
    read = time.process_time()
    matcher = Matcher(watchlists, writer.entities)
    matcher.match(Article(url="", title="", text="", language="en"))  # the words of one language are indexed
    built = time.process_time()
    memory = (psutil.Process().memory_info().rss - before) / 1e6
    print(f"\n{number} queries: read {read - started:.1f} s, built {built - read:.1f} s, {memory:.0f} MB")
    for name, articles in sets.items():
        matched = [matcher.match(article) for article in articles]  # learns the words, too
        spent = cost(matcher.match, articles, rounds)
        often = fmean(len(one.matches) for one in matched)
        candidates = fmean(len(matcher.read(article).candidates(matcher._presearch)) for article in articles)
        print(f"  {name:6} {spent:7.3f} ms of CPU an article; {candidates:6.1f} candidates, {often:5.2f} matches each")
    compare(matcher, watchlists, sets["pages"][:: max(1, number // 200)][:50])


def compare(matcher: Matcher, watchlists: Sequence[Watchlist], articles: Sequence[Article]) -> None:
    """Time the two naive ways on some of the articles, and ask that the first finds the same."""
    for article in articles:
        every = [plan.watchlist.id for plan in matcher._plans if plan.find(matcher.read(article))]
        assert [match.watchlist_id for match in matcher.match(article).matches] == every
    spent = cost(lambda article: naive(matcher, article), articles, 1)
    print(f"  every query evaluated {spent:9.3f} ms (the same matches on {len(articles)} articles)", end="")
    expressions = [re.compile("|".join(rf"\b{re.escape(word)}" for word in words_of(one))) for one in watchlists]
    some = articles[:10]
    print(f"; one `re` a query {cost(lambda article: searched(expressions, article), some, 1):9.3f} ms")


def naive(matcher: Matcher, article: Article) -> None:
    reading = matcher.read(article)
    for plan in matcher._plans:
        plan.find(reading)


def searched(expressions: Sequence[re.Pattern[str]], article: Article) -> None:
    text = f"{article.title}\n{article.lead}\n{article.text}".lower()
    for expression in expressions:
        expression.search(text)


def cost(work: Callable[[Article], object], articles: Sequence[Article], rounds: int) -> float:
    """Milliseconds of CPU an article, the median of some rounds."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        for article in articles:
            work(article)
        spent.append(time.process_time() - started)
    return median(spent) / len(articles) * 1000


def page_articles() -> list[Article]:
    """Return the real articles whose whole text is known, in their many languages."""
    pages = (page["expected"] | {"language": page.get("language")} for page in read(DATA / "pages" / "pages.jsonl"))
    return [
        Article(url="", title=page.get("title") or "", text=page["text"], language=page["language"] or "en")
        for page in pages
        if page.get("text")
    ]


def pool_articles() -> Iterator[Article]:
    """Yield articles as long as real ones, put together from short ones that stand in a row."""
    pieces: list[str] = []
    for one in read(DATA / "articles.jsonl.gz"):
        pieces.append(one["text"])
        if sum(map(len, pieces)) >= LENGTH:
            yield Article(url="", title=one["title"] or "", text="\n".join(pieces)[:LENGTH], language="en")
            pieces = []


def read(path: Path) -> Iterator[dict[str, Any]]:
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
