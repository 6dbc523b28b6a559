"""An article in numbers: its terms, and the mean vectors of its passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from crawler.domain import Article
from monitors.match.concepts.sketch import MOST_WORDS, PASSAGE, TITLE_COUNTS, sketch
from monitors.match.concepts.words import WordTable, hashes_of
from monitors.match.reading import fields_of

if TYPE_CHECKING:
    from monitors.match.concepts.sketch import Sketch

PROSE = "The ministry published a decree on the export of important data by operators of critical networks. "


def sketch_of(title: str = "", text: str = "", lead: str = "", table: WordTable | None = None) -> Sketch:
    return sketch(fields_of(Article(url="u", title=title, lead=lead, text=text)), table or WordTable("en"))


def count_of(one: Sketch, term: str) -> float:
    return float(one.counts[one.terms == hashes_of([term])[0]].sum())


def test_words_of_one_stem_are_one_term_and_those_of_the_title_count_three_times() -> None:
    one = sketch_of("New laws", "A law.\nLaws are made.")
    assert count_of(one, "law") == TITLE_COUNTS + 2
    assert one.length == 2 * TITLE_COUNTS + 5


def test_the_first_passage_is_title_and_lead_and_the_others_are_paragraphs_with_the_title() -> None:
    table = WordTable("en")
    title, first, second = "Data law passed", PROSE * 2, "Shares of cloud providers fell in Shanghai trading. " * 5
    one = sketch_of(title, f"{first}\n{second}", lead="Exports need a permit", table=table)
    alone = [
        sketch_of(text=f"{title} {part}", table=table).passages[0] for part in ("exports need a permit", first, second)
    ]
    assert np.allclose(one.passages, alone, atol=1e-3)


def test_without_a_lead_it_is_the_first_paragraph() -> None:
    one = sketch_of("Data law passed", PROSE * 3)
    assert np.allclose(one.passages[0], one.passages[1])


def test_short_paragraphs_are_read_with_the_next() -> None:
    lines = "\n".join(["By our desk", "Share", "Print"] + ["Ten words of text that stand in a paragraph alone"] * 12)
    one = sketch_of(text=lines)
    assert len(one.passages) - 1 < 12
    assert np.diff(one.starts).min() >= PASSAGE


@pytest.mark.parametrize("text", ["", "   \n", "…!?"])
def test_an_article_without_words_is_near_to_nothing(text: str) -> None:
    one = sketch_of(text=text)
    assert (len(one.terms), one.passages.any()) == (0, False)


def test_no_more_is_read_of_a_text_than_twenty_thousand_characters() -> None:
    one = sketch_of(text=PROSE * MOST_WORDS)
    assert one.length == MOST_WORDS


def test_words_that_were_forgotten_are_learned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [PROSE + " ".join(f"word{number}x{at}" for at in range(60)) for number in range(8)]
    kept = [sketch_of("Data law", text, table=WordTable("en")) for text in texts]
    monkeypatch.setattr("monitors.match.concepts.words.MOST_WORDS", 100)
    table = WordTable("en")
    for _ in range(3):
        for text, before in zip(texts, kept, strict=True):
            again = sketch_of("Data law", text, table=table)
            assert np.array_equal(again.terms, before.terms)
            assert np.allclose(again.passages, before.passages, atol=1e-3)


def test_chinese_is_read_by_its_characters() -> None:
    one = sketch_of("网络安全法", "全国人大常委会通过了修改网络安全法的决定", table=WordTable(None))
    assert count_of(one, "法") == TITLE_COUNTS + 1
