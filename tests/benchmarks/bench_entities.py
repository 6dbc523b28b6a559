"""Prints how many of the mentions that people marked are found by monitors over names. Run it as a program."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.domain import Article
from monitors.domain import Alias, Entity
from monitors.match.entities import Roster
from monitors.match.lexicon import Lexicon
from monitors.match.reading import TEXT, Reading
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.match.nodes import Node

DATA = Path(os.environ.get("NEWSVANE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
NEWSWIRE = ("conll2003-en", "conll2002-es", "conll2002-nl")
TYPES = ("PER", "ORG", "LOC")
TITLES = {"mr", "mrs", "ms", "miss", "dr", "sir", "president", "doctor"}
PERSON = "HUMAN_PART_PER"
NAMED_THINGS = (PERSON, "HUMAN_PART_ORG", "LOC_GEO")

Figures = dict[str, tuple[float, int]]
"""What was measured: the figure, and over how many mentions."""


def main() -> None:
    if not (DATA / "ner").is_dir():
        print(f"skipped: no labelled mentions in {DATA}")
        return
    figures = {**newswire(), **stories()}
    if "--json" in sys.argv:
        print(json.dumps(figures))
        return
    for name, (figure, mentions) in figures.items():
        print(f"{name:58} {figure:.3f}  of {mentions:5}")
    print(f"{'one entity in an article that mentions it':58} {cost_us():.0f} us of CPU")


# -- newswire: an entity for every name that somebody marked -----------------------------------------------------------


class Marked(NamedTuple):
    """A stretch of a text that is a name, without the quotes or brackets around it and the full stop at its end."""

    start: int
    end: int
    name: str
    kind: str


def newswire() -> Figures:
    figures: Figures = {}
    for corpus in NEWSWIRE:
        documents = [marked(document) for document in read(DATA / "ner" / f"{corpus}-dev.jsonl.gz")]
        language = corpus.removesuffix("-dev")[-2:]
        found, possible = (found_in(documents, language, possible=which) for which in (False, True))
        every = [(number, one) for number, (_, marks) in enumerate(documents) for one in marks]
        for kind in TYPES:
            wanted = {(number, one.start, one.end, one.name) for number, one in every if one.kind == kind}
            figures[f"{corpus} {kind} recall"] = share(len(wanted & found), len(wanted))
            figures[f"{corpus} {kind} recall, possible ones too"] = share(len(wanted & possible), len(wanted))
        places = {place[:3] for place in found}
        names = {(number, one.start, one.end) for number, one in every}
        figures[f"{corpus} share of what was found that is a name"] = share(len(places & names), len(places))
    return figures


def marked(document: dict[str, Any]) -> tuple[str, list[Marked]]:
    """Return the text of a document, and the names in it."""
    text = ""
    marks: list[Marked] = []
    for words, tags in zip(document["sentences"], document["tags"], strict=True):
        open_kind = ""
        for word, tag in zip(words, tags, strict=True):
            start, kind = len(text), tag[2:]
            text += f"{word} "
            if tag.startswith("I-") and kind == open_kind:
                first = marks[-1].start
                marks[-1] = Marked(first, start + len(word), text[first : start + len(word)], kind)
            elif kind:
                marks.append(Marked(start, start + len(word), word, kind))
            open_kind = kind
        text = f"{text[:-1]}\n"
    named = [one for one in marks if any(map(str.isalnum, one.name))]
    return text, [one._replace(start=bare(text, *one[:2])[0], end=bare(text, *one[:2])[1]) for one in named]


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a stretch begins and ends with a letter or digit."""
    letters = [at for at in range(start, end) if text[at].isalnum()]
    return letters[0], letters[-1] + 1


def found_in(
    documents: Sequence[tuple[str, Sequence[Marked]]], language: str, *, possible: bool
) -> set[tuple[int, int, int, str]]:
    names = sorted({one.name for _, marks in documents for one in marks if one.kind in TYPES})
    roster = Roster([Entity(id=name, name=name) for name in names])
    nodes = {name: roster.possible(name) if possible else roster.mentions(name) for name in names}
    lexicon = Lexicon((term for node in nodes.values() for term in node.terms()), language, {})
    found = set()
    for number, (text, _) in enumerate(documents):
        reading = read_article(text, language, lexicon)
        for name, node in nodes.items():
            spans = reading.spans(node.find(reading), name)
            found |= {(number, *bare(text, span.start, span.end), name) for span in spans}
    return found


# -- stories: people and organisations under all the names they go by --------------------------------------------------


def stories() -> Figures:
    texts = {one["doc_id"]: one for one in read(DATA / "clusters" / "ecbplus.dev.jsonl.gz")}
    clusters = named_clusters(texts)
    figures: Figures = {}
    ways = {
        "its longest name in other articles": longest,
        "its commonest full name in other articles": commonest,
        "all its names in other articles": sorted,
    }
    for kind in NAMED_THINGS:
        for way, chosen in ways.items():
            tally = Counter[str]()
            for (_, cluster_kind), by_article in clusters.items():
                if cluster_kind == kind:
                    tally += recalled(by_article, texts, chosen, person=kind == PERSON)
            for which in ("named", "non-pronoun"):
                figures[f"ecb+ {kind} {way}: {which}"] = share(tally[f"found {which}"], tally[which])
    return figures


Cluster = "Mapping[str, Sequence[tuple[str, str]]]"
"""By article the mentions of an entity, each with the name in it, which may be empty."""


def named_clusters(texts: Mapping[str, dict[str, Any]]) -> Mapping[tuple[str, str], Any]:
    """Return the mentions of each entity that is named in two articles at least."""
    small = small_words(texts.values())
    clusters: dict[tuple[str, str], dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for article in read(DATA / "topics" / "ecbplus-entity-mentions.dev.jsonl.gz"):
        topic = texts[article["doc_id"]]["topic"]
        for one in article["mentions"]:
            if one["entity"] and one["mention"].strip("\"'").lower() not in PRONOUNS:
                name = name_in(one["mention"], small)
                clusters[f"{topic} {one['entity']}", one["type"]][article["doc_id"]].append((one["mention"], name))
    return {
        key: by_article
        for key, by_article in clusters.items()
        if sum(any(name for _, name in mentions) for mentions in by_article.values()) > 1
    }


def recalled(by_article: Any, texts: Mapping[str, dict[str, Any]], chosen: Any, *, person: bool) -> Counter[str]:
    """Count the mentions in each article that are found by the names in the others."""
    tally = Counter[str]()
    for doc_id, mentions in by_article.items():
        names = [name for other, ones in by_article.items() if other != doc_id for _, name in ones if name]
        if not names:
            continue
        entity = Entity(
            id="x", name=chosen(names)[0], aliases=tuple(Alias(text=name) for name in chosen(names)), person=person
        )
        spans = mentions_of(entity, texts[doc_id])
        # the mentions that say most choose first, since the data do not tell where they stand
        for mention, name in sorted(mentions, key=lambda one: -len(one[0])):
            kinds = ("named", "non-pronoun") if name else ("non-pronoun",)
            inside = [span for span in spans if f" {words(span)} " in f" {words(mention)} "]
            tally.update(kinds)
            if inside:
                spans.remove(max(inside, key=len))
                tally.update(f"found {kind}" for kind in kinds)
    return tally


def longest(names: Sequence[str]) -> list[str]:
    return [max(names, key=lambda name: (len(words(name).split()), len(name)))]


def commonest(names: Sequence[str]) -> list[str]:
    counted = Counter(name for name in names if " " in name) or Counter(names)
    return [counted.most_common(1)[0][0]]


def mentions_of(entity: Entity, text: dict[str, Any]) -> list[str]:
    node = Roster([entity]).mentions("x")
    reading = read_article(text["text"], "en", Lexicon(node.terms(), "en", {}))
    return [span.text for span in reading.spans(node.find(reading), "x")]


def small_words(texts: Iterable[dict[str, Any]]) -> set[str]:
    """Return the words that somebody wrote without a capital."""
    return {word for text in texts for word in re.findall(r"\b[a-z]+\b", text["text"])}


def name_in(mention: str, small: set[str]) -> str:
    """Return the longest run of words of a mention that are names: with a capital, and nowhere without."""
    best: list[str] = []
    run: list[str] = []
    for word in mention.replace(" . ", ". ").split():
        bare = re.sub(r"'s?$", "", word.strip("\"'()®,"))
        joins = bool(run) and bare.lower() in {"of", "de", "la", "-", "the"}
        is_name = bare[:1].isupper() and bare.rstrip(".").lower() not in small | TITLES
        run = [*run, bare] if is_name or joins else []
        best = max(best, run, key=lambda one: len([part for part in one if part[:1].isupper()]))
    while best and not best[-1][:1].isupper():
        best.pop()
    return " ".join(best).replace(" - ", "-")


def words(text: str) -> str:
    return " ".join(Tokens(text).words)


PRONOUNS = set(
    re.findall(
        r"\S+",
        """
        i i'd i'm i've me my he he'd he's him his himself she she'd she's her hers herself it it's its itself
        we we're our us they they're they've them their themselves you your who whose whom which that this these
        those one there someone somebody anyone where here both all others
        """,
    )
)


# -- what they share ---------------------------------------------------------------------------------------------------


def read_article(text: str, language: str, lexicon: Lexicon) -> Reading:
    return Reading(Article(url="", title="", text=text, language=language), language, lexicon)


def cost_us(rounds: int = 200) -> float:
    """Microseconds for one entity with all it can have, in an article of 4,700 characters with six mentions."""
    entity = Entity(
        id="a",
        name="Amazon.com Inc.",
        aliases=(
            *(Alias(text=text) for text in ("Amazon.com", "Amazon Web Services", "NASDAQ:AMZN", "Jeff Bezos")),
            Alias(text="Amazon", case_sensitive=True, ambiguous=True),
        ),
        context=("AWS", "cloud", "retailer", "e-commerce", "marketplace"),
    )
    node: Node = Roster([entity]).mentions("a")
    lexicon = Lexicon(node.terms(), "en", {})
    filler = "The minister said on Friday that the law would pass as fast as the lawyers had hoped. " * 50
    text = "Amazon said that its cloud would grow as the retailer had hoped. " * 6 + filler
    readings = [read_article(text, "en", lexicon) for _ in range(rounds)]
    for reading in readings:
        reading.hits(next(node.terms()))  # where each word stands is found once for all queries
        reading.fields[TEXT].between(0)
    started = time.process_time()
    for reading in readings:
        node.find(reading)
    return (time.process_time() - started) / rounds * 1_000_000


def share(part: int, whole: int) -> tuple[float, int]:
    return round(part / whole, 4) if whole else 0.0, whole


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
