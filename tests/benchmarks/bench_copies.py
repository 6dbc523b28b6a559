"""Prints how well and how fast copies are told: `python tests/benchmarks/bench_copies.py [--labelled] [--json]`.

The truth is computed here, from the words of the texts by an index of its own: all pairs that share half of the
shingles of the shorter text. `--labelled` looks only at the texts of neardup/ and at a quarter of the pages;
`--json` leaves out time and memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np
import psutil

from monitors.stories.copies import Copies
from monitors.stories.shingles import Shingles, shingles_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Pairs = set[tuple[int, int]]

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = timedelta(days=30)
# Han, Kana and Hangul by the character, a possessive without its s: as docs/stories.md says.
WORD = re.compile("[\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff\uac00-\ud7a3]|[^\\W_]+")
POSSESSIVE = re.compile(r"['’]s(?!\w)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--labelled", action="store_true", help="look at the texts of neardup/ only")
    options.add_argument("--json", action="store_true")
    options.add_argument("--articles", type=int, default=100_000, help="how many to hold in the window")
    given = options.parse_args()
    figures = {
        "pairs": pairs_figures(corpus(labelled=given.labelled)),
        "edits": edits_figures(every=4 if given.labelled else 1),
    }
    if given.json:
        print(json.dumps(figures))
        return
    for group, values in figures.items():
        print(group, *(f"  {name:32} {value:.4g}" for name, value in values.items()), sep="\n")
    with get_context("spawn").Pool(1) as fresh:  # whose memory holds nothing else
        fresh.apply(load, (given.articles,))


# -- pairs of real texts ----------------------------------------------------------------------------------------------


def corpus(*, labelled: bool) -> dict[str, str]:
    """Return texts by their ids: those of labelled pairs, seen again by a crawler, and (unless labelled) all others."""
    texts = {one["doc_id"]: one["text"] for one in read(DATA / "neardup" / "scoop.dev.jsonl.gz")}
    wanted = {one[side] for one in labelled_pairs() for side in "ab"}
    texts |= {one["id"]: one["text"] for one in read(DATA / "articles.jsonl.gz") if one["id"] in wanted or not labelled}
    clusters = read(DATA / "clusters" / "ecbplus.dev.jsonl.gz")
    return texts | {one["doc_id"]: one["text"] for one in clusters if one["doc_id"] in wanted}


def labelled_pairs() -> Iterator[dict[str, Any]]:
    return read(DATA / "neardup" / "mechanical-pairs.dev.jsonl.gz")


def pairs_figures(named: Mapping[str, str]) -> dict[str, float]:
    texts = list(named.values())
    truth = true_pairs(texts)
    near, groups, reads = found_pairs(texts)
    numbers = {name: number for number, name in enumerate(named)}
    both = [(numbers.get(one["a"], -1), numbers.get(one["b"], -1)) for one in labelled_pairs()]
    labelled = {(min(pair), max(pair)) for pair in both} & truth
    return {
        "texts": len(texts),
        "true pairs": len(truth),
        "recall": len(near & truth) / len(truth),
        "precision": len(near & truth) / len(near),
        "labelled pairs among them": len(labelled),
        "recall of the labelled": len(near & labelled) / len(labelled),
        "recall of one group a text": len(groups & truth) / len(truth),
        "precision of one group a text": len(groups & truth) / len(groups),
        "texts read again for one": reads / len(texts),
    }


def true_pairs(texts: Sequence[str]) -> Pairs:
    sets = [set(zip(*(words(text)[start:] for start in range(5)), strict=False)) for text in texts]
    where = defaultdict(list)
    for number, own in enumerate(sets):
        for shingle in own:
            where[shingle].append(number)
    common = Counter(pair for numbers in where.values() for pair in combinations(numbers, 2))
    return {(a, b) for (a, b), count in common.items() if count >= 0.5 * min(len(sets[a]), len(sets[b]))}


@cache
def words(text: str) -> list[str]:
    return WORD.findall(POSSESSIVE.sub("", normalize("NFKC", text).casefold()))


def found_pairs(texts: Sequence[str]) -> tuple[Pairs, Pairs, int]:
    """Return which texts were found near each other, which are in one group, and how many were read again."""
    copies, near, read_again = Copies(WINDOW), set(), 0
    groups: dict[int, list[int]] = defaultdict(list)

    def again(number: int) -> str:
        nonlocal read_again
        read_again += 1
        return texts[number]

    for number, text in enumerate(texts):
        own = shingles_of(text)
        near |= {(other, number) for other in copies.near(own, NOON, texts.__getitem__)}
        of = copies.original_of(own, NOON, again)
        copies.add(number, own, NOON, of)
        groups[number if of is None else of].append(number)
    return near, {pair for members in groups.values() for pair in combinations(members, 2)}, read_again


# -- what others make of a text ---------------------------------------------------------------------------------------

ABOUT = (
    "Sign up for our newsletter to get the stories of the day in your inbox every morning. By signing up you agree to "
    "our terms and our privacy policy. You can cancel at any time. All rights reserved. This material may not be "
    "published, broadcast, rewritten or redistributed without permission."
)


def third(text: str, _other: str, _random: Random) -> str:
    return text[: len(text) // 3]


def under_another_headline(text: str, _other: str, _random: Random) -> str:
    return text


def with_the_line_of_an_agency(text: str, _other: str, _random: Random) -> str:
    return f"BERLIN, Nov. 23 (Reuters) - {text}\n(Reporting by our correspondents; editing by the desk in London)"


def without_a_paragraph(text: str, _other: str, random: Random) -> str:
    parts = text.split("\n")
    parts.pop(random.randrange(len(parts)) if len(parts) > 1 else -1)
    return "\n".join(parts) or text


def with_two_sentences_more(text: str, other: str, random: Random) -> str:
    parts = sentences(text)
    at = random.randrange(len(parts) + 1)
    return " ".join([*parts[:at], *sentences(other)[:2], *parts[at:]])


def between_other_lines(text: str, _other: str, _random: Random) -> str:
    return f"By our own correspondent\nUpdated 3 hours ago · 4 min read\n{text}\n{ABOUT}"


def with_other_signs(text: str, _other: str, _random: Random) -> str:
    signs = {"“": '"', "”": '"', "’": "'", '"': "”", "'": "’", "-": "–", "–": "—", ";": ",", ":": " -", "!": "."}
    return text.translate(str.maketrans(signs)).replace(". ", ".  ").replace(", ", " , ")


EDITS: tuple[Callable[[str, str, Random], str], ...] = (
    third,
    under_another_headline,
    with_the_line_of_an_agency,
    without_a_paragraph,
    with_two_sentences_more,
    between_other_lines,
    with_other_signs,
)


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?。])\s*(?=\S)", text)


def edits_figures(every: int) -> dict[str, float]:
    """Edit each long text of a real page in seven ways: which part is told to be a copy of what it was made from?"""
    texts = [text for text in page_texts() if len(text) > 1000][::every]
    copies, roots = Copies(WINDOW), []
    for number, text in enumerate(texts):
        own = shingles_of(text)
        of = copies.original_of(own, NOON, texts.__getitem__)
        copies.add(number, own, NOON, of)
        roots.append(number if of is None else of)
    random = Random(5)  # noqa: S311  # repeats itself
    found: dict[str, list[bool]] = defaultdict(list)
    for number, text in enumerate(texts):
        for edit in EDITS:
            made = edit(text, random.choice(texts), random)
            of = copies.original_of(shingles_of(made), NOON, texts.__getitem__)
            found[edit.__name__.replace("_", " ")].append(of == roots[number])
    return {"texts": len(texts)} | {edit: fmean(hits) for edit, hits in found.items()}


# -- time and memory --------------------------------------------------------------------------------------------------


class Mill:
    """Makes articles as long as those of real pages: of paragraphs of real texts, with a third of the words exchanged.

    Paragraphs alone would stand in many articles each. Every fifth one is a copy of an earlier one, half of these cut.
    """

    def __init__(self) -> None:
        texts = list(page_texts())
        self.lengths = [len(text) for text in texts]
        vocabulary: dict[str, int] = {}
        texts += [one["text"] for one in read(DATA / "articles.jsonl.gz")]
        parts = (part.split() for text in texts for part in text.split("\n") if part.strip())
        self.parts = [np.array([vocabulary.setdefault(word, len(vocabulary)) for word in part]) for part in parts]
        self.words = np.array(list(vocabulary), object)
        self.stream = np.concatenate(self.parts)

    def text(self, number: int) -> str:
        random = np.random.default_rng(number)
        if number > 1000 and number % 5 == 4:
            earlier = number - 1 - int(random.integers(1, 900))
            text = self.text(earlier - (earlier % 5 == 4))
            return text if number % 2 else text[: len(text) // 3]
        length = self.lengths[random.integers(len(self.lengths))]
        parts = [self.parts[at] for at in random.integers(len(self.parts), size=3 + length // 100)]
        ids = np.concatenate(parts)
        exchanged = random.random(len(ids)) < 1 / 3
        ids[exchanged] = self.stream[random.integers(len(self.stream), size=int(exchanged.sum()))]
        return " ".join(self.words[ids[: length // 3]])[:length]


def load(articles: int) -> None:
    mill = Mill()
    kept = [shingles_of(mill.text(number)).to_bytes() for number in range(articles)]
    before, started = psutil.Process().memory_info().rss, time.process_time()
    copies = Copies(WINDOW)
    for number, written in enumerate(kept):
        if text := Shingles.from_bytes(written):
            copies.add(number, text, NOON, None)
    rebuilt = time.process_time() - started
    print(f"{articles} articles of {fmean(mill.lengths):.0f} characters: {fmean(map(len, kept)):.0f} bytes each")
    costs, copied, others = placed(copies, mill, range(articles, articles + 2000))
    memory = (psutil.Process().memory_info().rss - before) / 1e6
    print(f"  rebuilt in {rebuilt:.1f} s of CPU; the index takes {memory:.0f} MB")
    print(f"  of 400 copies {copied} are found, of 1,600 others {others} are near one by chance")
    total = sum(costs.values())
    print(f"  {total:.3f} ms of CPU an article:", ", ".join(f"{name} {spent:.3f}" for name, spent in costs.items()))


def placed(copies: Copies, mill: Mill, numbers: range) -> tuple[dict[str, float], int, int]:
    """Return milliseconds an article, less what making texts takes; how many copies and how many others are found."""
    spent: Counter[str] = Counter()
    found: Counter[bool] = Counter()

    def again(number: int) -> str:
        began = time.process_time()
        text = mill.text(number)
        spent["find"] -= time.process_time() - began
        return text

    for number in numbers:
        text = mill.text(number)
        begun = time.process_time()
        own = shingles_of(text)
        cut = time.process_time()
        of = copies.original_of(own, NOON, again)
        looked = time.process_time()
        copies.add(number, own, NOON, of)
        added = time.process_time()
        spent.update({"shingles": cut - begun, "find": looked - cut, "add": added - looked})
        found[number % 5 == 4] += of is not None
    return {name: spent[name] / len(numbers) * 1000 for name in ("shingles", "find", "add")}, found[True], found[False]


def page_texts() -> Iterator[str]:
    texts = (page["expected"].get("text") for page in read(DATA / "pages" / "pages.jsonl"))
    return filter(None, texts)


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
