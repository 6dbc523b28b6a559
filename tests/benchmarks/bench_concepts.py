"""Prints how well concepts do: the example article, phrases, topics, events, judgements, and what they cost.

Run it as a program: five minutes. `--json` prints what the floors are for: figures of the core tier over a third of the
articles, those that were judged, without the example and the cost.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from functools import cached_property
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from bench_topics import read, read_topics
from concept_phrases import PHRASES
from concept_sentences import SENTENCES

from crawler.domain import Article
from crawler.extract.language import detect
from monitors.domain import Concept, Keyword, Watchlist
from monitors.match.concepts.panel import Panel
from monitors.match.concepts.second_look import SecondLook
from monitors.match.concepts.semantic import is_there
from monitors.match.matcher import Matcher
from monitors.match.reading import fields_of
from monitors.match.related import concept_of
from monitors.text.stems import primary

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from monitors.match.concepts.sketch import Sketch

SHARED = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared"))
DATA = SHARED / "data"
SEED = SHARED / "seed"
EXAMPLE = ("China cybersecurity law", "cloud divestment")
JUDGEMENTS = 2
"""Good ones, and as many bad ones."""
LOST = 0.01
ARTICLES, CONCEPTS, ROUNDS = 400, 100, 5
FEW = 1
"""Concepts, of which each has the largest share of articles looked at again."""


class Sketched(NamedTuple):
    """An article in numbers."""

    name: str
    sketch: Sketch
    language: str | None
    article: Article


class Ranking(NamedTuple):
    """How well each topic's articles are ranked above the others."""

    words: Mapping[str, float]
    """By BM25 alone."""
    core: Mapping[str, float]


def main() -> None:
    if not (DATA / "topics").is_dir():
        print(f"skipped: no topics in {DATA}")
        return
    if "--json" in sys.argv:
        print(json.dumps(of_core([*sketched(texts({*splits(), *(name for _, name in PHRASES)}))])))
        return
    costs = cost()  # first, while the memory of this process is its own
    archive = [*sketched(texts())]
    show({"example": example(archive), **of_core(archive), "semantic": semantic(archive), "cost": costs})


def of_core(archive: Sequence[Sketched]) -> dict[str, Any]:
    return {
        "phrases": phrases(archive),
        "subjects": ranked(subjects(), archive, "test"),
        "events": events(),
        "feedback": feedback(archive),
    }


def texts(names: Container[str] | None = None) -> Iterator[tuple[str, Article]]:
    """Yield the articles of the archive, or those of some names."""
    for line in read(DATA / "articles.jsonl.gz"):
        if names is None or line["id"] in names:
            yield line["id"], article_of(line["title"] or "", line["text"])


def article_of(title: str, text: str, lead: str = "") -> Article:
    language = detect(f"{title}\n{lead}\n{text}", languages=())
    return Article(url="", title=title, lead=lead, text=text, language=language)


def sketched(articles: Iterator[tuple[str, Article]]) -> Iterator[Sketched]:
    panel = Panel(())
    for name, article in articles:
        language = primary(article.language)
        yield Sketched(name, panel.sketch(fields_of(article), language), language, article)


def raws(panel: Panel, articles: Sequence[Sketched]) -> np.ndarray[Any, np.dtype[np.float32]]:
    again = panel.second_look is not None
    found = (panel.raw(one.sketch, one.language, fields_of(one.article) if again else None) for one in articles)
    return np.array([*found], np.float32)


# -- the example, and forty phrases -----------------------------------------------------------------------------------


def related_to(phrases: Sequence[str]) -> Panel:
    """Return what watchlists of one keyword each mean."""
    return Panel([concept_of(one) for one in watchlists_of(phrases)])


def watchlists_of(phrases: Sequence[str], *, related: bool = False) -> list[Watchlist]:
    return [Watchlist(id=one, name=one, keywords=(Keyword(text=one),), related=related) for one in phrases]


def example_articles() -> Iterator[tuple[str, Article]]:
    """The page as it is extracted, and the text as a bad extractor left it."""
    page = SEED / "nikkei-amazon-china-cloud.html"
    program = [sys.executable, "-m", "monitors.cli", "extract", str(page), "--url", "https://example.org/"]
    found = json.loads(subprocess.run(program, capture_output=True, check=True, text=True).stdout)
    yield "page", article_of(found["title"], found["text"], found["lead"])
    yield "junk", article_of("", page.with_suffix(".txt").read_text(encoding="utf-8"))


def example(archive: Sequence[Sketched]) -> dict[str, Any]:
    panel = related_to(EXAMPLE)
    usual, there = raws(panel, archive), raws(panel, [*sketched(example_articles())])
    found = {}
    for column, (phrase, gauge) in enumerate(zip(EXAMPLE, panel.gauges.values(), strict=True)):
        page, junk = there[:, column].tolist()
        found[phrase] = {
            "page": page >= gauge.threshold,
            "junk": junk >= gauge.threshold,
            "page rank": 1 + int((usual[:, column] > page).sum()),
            "junk rank": 1 + int((usual[:, column] > junk).sum()),
            "flagged": int((usual[:, column] >= gauge.threshold).sum()),
            "of": len(usual),
        }
    return found


def phrases(archive: Sequence[Sketched]) -> dict[str, Any]:
    every = {one.name: one for one in archive}
    pages = {one["id"]: one["expected"] for one in read(DATA / "pages" / "pages.jsonl")}
    missing = [name for _, name in PHRASES if name not in every]
    fetched = ((name, article_of(pages[name].get("title") or "", pages[name]["text"])) for name in missing)
    every |= {one.name: one for one in sketched(fetched)}
    panel = related_to([phrase for phrase, _ in PHRASES])
    usual, there = raws(panel, archive), raws(panel, [every[name] for _, name in PHRASES])
    thresholds = np.array([one.threshold for one in panel.gauges.values()])
    own = there.diagonal()
    ranks = (usual > own).sum(axis=0) + 1
    flagged = (usual >= thresholds).sum(axis=0)
    return {
        "found": int((own >= thresholds).sum()),
        "of": len(PHRASES),
        "missed": {PHRASES[row][0]: int(ranks[row]) for row in np.flatnonzero(own < thresholds)},
        "median rank": int(np.median(ranks)),
        "over": len(usual),
        "flagged, median": int(np.median(flagged)),
        "flagged, most": int(flagged.max()),
    }


# -- topics and events ------------------------------------------------------------------------------------------------


def subjects() -> list[Concept]:
    """Return the subjects, each by its name and its description alone."""
    ones = (topic for topic in read_topics() if topic.kind == "subjects")
    return [Concept(id=one.id, description=f"{one.spoken} {one.description.replace('/', ' ')}".strip()) for one in ones]


def splits() -> Mapping[str, str]:
    return {one["doc_id"]: one["doc_split"] for one in read(DATA / "topics" / "pool.jsonl.gz")}


def relevant() -> Mapping[str, set[str]]:
    found = defaultdict(set)
    for judgement in read(DATA / "topics" / "qrels.dev.jsonl.gz"):
        if judgement["rel"] > 0:
            found[judgement["topic_id"]].add(judgement["doc_id"])
    return found


def ranked(concepts: Sequence[Concept], archive: Sequence[Sketched], split: str) -> dict[str, Any]:
    where = splits()
    pool = [one for one in archive if where.get(one.name) == split]
    return _ranking(Panel(concepts), pool, relevant())._asdict()


def _ranking(panel: Panel, pool: Sequence[Sketched], wanted: Mapping[str, set[str]]) -> Ranking:
    raw, words = raws(panel, pool), np.array([panel.words(one.sketch, one.language) for one in pool], np.float32)
    found: tuple[dict[str, float], dict[str, float]] = {}, {}
    for column, name in enumerate(panel.gauges):
        its = np.array([one.name in wanted[name] for one in pool])
        if its.any():
            for scores, precisions in ((words, found[0]), (raw, found[1])):
                precisions[name] = average_precision(scores[:, column], its)
    return Ranking(*found)


def average_precision(scores: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> float:
    right = wanted[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean())


def events() -> dict[str, Any]:
    articles = [*read(DATA / "clusters" / "ecbplus.dev.jsonl.gz")]
    pool = [*sketched((one["doc_id"], article_of(one["title"], one["text"])) for one in articles)]
    wanted = defaultdict(set)
    for one in articles:
        wanted[one["cluster"]].add(one["doc_id"])
    concepts = [Concept(id=name, description=sentence) for name, sentence in SENTENCES.items()]
    return _ranking(Panel(concepts), pool, wanted)._asdict()


# -- judgements -------------------------------------------------------------------------------------------------------


def feedback(archive: Sequence[Sketched]) -> dict[str, Any]:
    """Judge the two best right and the two best wrong articles of one half, and rank the other half again."""
    where, wanted, concepts = splits(), relevant(), subjects()
    shown = [one for one in archive if where.get(one.name) == "train"]
    pool = [one for one in archive if where.get(one.name) == "test"]
    before = Panel(concepts)
    raw = raws(before, shown)
    judged = {}
    for column, name in enumerate(before.gauges):
        best = [shown[row] for row in np.argsort(-raw[:, column], kind="stable").tolist()]
        good = (one.sketch for one in best if one.name in wanted[name])
        bad = (one.sketch for one in best if one.name not in wanted[name])
        judged[name] = [*islice(good, JUDGEMENTS)], [*islice(bad, JUDGEMENTS)]
    old, new = (_ranking(panel, pool, wanted).core for panel in (before, Panel(concepts, judged=judged)))
    return {"before": old, "after": new}


# -- the second tier --------------------------------------------------------------------------------------------------


class Remembering(SecondLook):
    """A second look that encodes each text once, since every panel of a few concepts reads the same articles."""

    @cached_property
    def encoder(self) -> Any:
        inner, known = super().encoder, dict[str, Any]()

        class Encoder:
            width = inner.width

            def encode(self, texts: Sequence[str]) -> Any:
                new = [text for text in dict.fromkeys(texts) if text not in known]
                known.update(zip(new, inner.encode(new), strict=True))
                return np.array([known[text] for text in texts])

        return Encoder()


def semantic(archive: Sequence[Sketched]) -> dict[str, Any] | None:
    """Rank with the second tier, as an installation with one concept does it, and as one with a hundred."""
    if not is_there():
        return None
    look, where = Remembering(), splits()
    pool = [one for one in archive if where.get(one.name) == "test"]
    articles = [*read(DATA / "clusters" / "ecbplus.dev.jsonl.gz")]
    stories = [*sketched((one["doc_id"], article_of(one["title"], one["text"])) for one in articles)]
    clusters = defaultdict(set)
    for one in articles:
        clusters[one["cluster"]].add(one["doc_id"])
    sentences = [Concept(id=name, description=sentence) for name, sentence in SENTENCES.items()]
    found = {}
    for name, concepts, some, wanted in (
        ("subjects", subjects(), pool, relevant()),
        ("events", sentences, stories, clusters),
    ):
        few: dict[str, float] = {}
        for at in range(0, len(concepts), FEW):
            few |= _ranking(Panel(concepts[at : at + FEW], second_look=look), some, wanted).core
        filled = [
            *concepts,
            *(Concept(id=f"x{at}", description=f"nothing {at}") for at in range(CONCEPTS - len(concepts))),
        ]
        many = _ranking(Panel(filled, second_look=look), some, wanted).core
        found[name] = {"few": few, "many": many}
    panel = Panel([concept_of(one) for one in watchlists_of(EXAMPLE)], second_look=look)
    usual, there = raws(panel, archive), raws(panel, [*sketched(example_articles())])
    thresholds = np.array([one.threshold for one in panel.gauges.values()])
    return found | {
        "example": [int(one) for one in (there >= thresholds).sum(axis=0)],
        "flagged": [int(one) for one in (usual >= thresholds).sum(axis=0)],
    }


# -- what it costs ----------------------------------------------------------------------------------------------------


def cost() -> dict[str, Any]:
    """Match articles as long as real ones against a hundred watchlists, read as concepts or not: CPU, and memory."""
    pages = (one["expected"] for one in read(DATA / "pages" / "pages.jsonl"))
    long = (article_of(one.get("title") or "", one["text"]) for one in pages if one.get("text"))
    articles = [*islice((one for one in long if one.language == "en"), ARTICLES)]
    made = random.Random(1)  # noqa: S311
    words = [word for phrase, _ in PHRASES for word in phrase.split()]
    keywords = [" ".join(made.sample(words, 3)) for _ in range(CONCEPTS)]
    tiers = {"plain": (False, None), "core": (True, None)} | ({"semantic": (True, SecondLook())} if is_there() else {})
    matchers, more = {}, {}
    before = memory()
    for tier, (related, look) in tiers.items():
        matchers[tier] = Matcher(watchlists_of(keywords, related=related), (), second_look=look)
        for article in articles:  # what words mean is learned once
            matchers[tier].match(article)
        before, more[tier] = memory(), memory() - before
    rounds = defaultdict(list)
    for _ in range(ROUNDS):
        for tier, matcher in matchers.items():
            started = time.process_time()
            for article in articles:
                matcher.match(article)
            rounds[tier].append((time.process_time() - started) / len(articles) * 1000)
    return {
        "ms": {tier: median(some) for tier, some in rounds.items()},
        "more MB": more,
        "characters": fmean(len(one.text) for one in articles),
    }


def memory() -> float:
    """Return the memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


# -- shown ------------------------------------------------------------------------------------------------------------


def show(figures: dict[str, Any]) -> None:
    print("the example article, over the background")
    for phrase, one in figures["example"].items():
        for what in ("page", "junk"):
            found = "found" if one[what] else "MISSED"
            print(f"  {phrase:26} {what}: {found}, rank {one[f'{what} rank']:,}")
        print(f"  {phrase:26} flagged {one['flagged']} of {one['of']:,}")
    one = figures["phrases"]
    print(f"phrases: {one['found']} of {one['of']} found, median rank {one['median rank']}")
    print(f"  flagged {one['flagged, median']} (median), {one['flagged, most']} (most) of the background")
    print(f"  missed, with their ranks: {', '.join(f'{phrase} {rank:,}' for phrase, rank in one['missed'].items())}")
    for name in ("subjects", "events"):
        words, core = (figures[name][tier] for tier in Ranking._fields)
        print(f"{name}: mean average precision of {len(core)}: BM25 {mean(words):.4f}, core {mean(core):.4f}")
        for topic in core:
            print(f"  {topic:32} BM25 {words[topic]:.3f}  core {core[topic]:.3f}")
    before, after = figures["feedback"]["before"], figures["feedback"]["after"]
    lose = sum(after[topic] < before[topic] - LOST for topic in before) / len(before)
    print(f"{JUDGEMENTS} good and {JUDGEMENTS} bad judgements: {mean(before):.4f} → {mean(after):.4f}")
    print(f"  {lose:.0%} of the topics lose more than {LOST}")
    if one := figures["semantic"]:
        for name in ("subjects", "events"):
            few, many = one[name]["few"], one[name]["many"]
            print(
                f"semantic, {name}: {mean(few):.4f} with one concept alone, {mean(many):.4f} with {CONCEPTS} together"
            )
            for topic in few:
                print(f"  {topic:32} {few[topic]:.3f}  {many[topic]:.3f}")
        print(f"  the example is found {one['example']} times of 2; flagged {one['flagged']}")
    one = figures["cost"]
    print(f"an article of {one['characters']:,.0f} characters for {CONCEPTS} concepts, CPU (median of {ROUNDS})")
    for tier, took in one["ms"].items():
        print(f"  {tier:8} {took:.2f} ms, {one['more MB'][tier]:.0f} MB more")


def mean(precisions: Mapping[str, float]) -> float:
    return fmean(precisions.values())


if __name__ == "__main__":
    main()
