"""What the first tier lets through is looked at again: it may rise and fall, and everything else stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Concept
from monitors.match.concepts.meaning import Meaning
from monitors.match.concepts.panel import Panel
from monitors.match.concepts.second_look import MOST, SHARE, SecondLook, second_look
from monitors.match.concepts.semantic import is_there
from monitors.match.concepts.surroundings import GATE
from monitors.match.reading import fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LAW = Concept(id="law", description="China cybersecurity law")
MEANS = "Beijing adopts laws on internet safety that make operators of networks keep their data in China."
NEAR = (
    "A law on the height of hedges was adopted in China, in the county of Shexian, after a long dispute of neighbours."
)
FAR = "The home side won the cup final after extra time with a goal of their young striker."


@pytest.fixture(scope="module")
def look() -> SecondLook:
    if not is_there():
        pytest.skip('needs the extra: pip install "newsvane[semantic]"')
    return SecondLook()


def meaning(panel: Panel, text: str, title: str = "") -> Meaning:
    return Meaning(panel, fields_of(Article(url="u", title=title, text=text)), "en")


def test_what_means_it_rises_above_what_only_has_its_words(look: SecondLook) -> None:
    first, again = Panel([LAW]), Panel([LAW], second_look=look)
    gained = [meaning(again, text).score("law") - meaning(first, text).score("law") for text in (MEANS, NEAR)]
    assert gained[0] > gained[1]


def test_what_the_first_tier_does_not_let_through_is_not_read(
    look: SecondLook, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = Panel([LAW]), Panel([LAW], second_look=look)
    assert meaning(again, MEANS).score("law")
    read: list[str] = []
    monkeypatch.setattr(look.encoder, "encode", lambda texts, **_: read.extend(texts))
    assert meaning(again, FAR).score("law") == meaning(first, FAR).score("law")
    assert read == []


def test_the_tier_is_that_of_the_article(look: SecondLook) -> None:
    panel = Panel([LAW], second_look=look)
    assert panel.tier == "semantic"
    assert [meaning(panel, text).resemblance("law")[0].tier for text in (MEANS, FAR)] == ["semantic", "core"]


def test_the_more_concepts_there_are_the_fewer_articles_are_read_for_each(look: SecondLook) -> None:
    one, many = (
        look.towards(concepts, Panel(concepts).gauges).gates[0]
        for concepts in ([LAW], [LAW, *(Concept(id=f"c{at}", description=f"subject {at}") for at in range(9))])
    )
    gauge = Panel([LAW]).gauges["law"]
    assert (one, many) == (pytest.approx(gauge.at(GATE)), pytest.approx(gauge.at(SHARE / 10)))


def test_of_an_article_that_comes_near_to_everything_some_passages_are_read(
    look: SecondLook, monkeypatch: pytest.MonkeyPatch
) -> None:
    subjects = (
        "harbour",
        "railway",
        "orchard",
        "museum",
        "glacier",
        "bakery",
        "library",
        "theatre",
        "hospital",
        "bridge",
    )
    concepts = [Concept(id=one, description=f"{one} strike") for one in subjects]
    text = "\n".join(
        f"The {one} strike goes on, and workers of the {one} say that it may last. " * 3 for one in subjects
    )
    panel, read = Panel(concepts, second_look=look), list[int]()
    encode = look.encoder.encode

    def counted(texts: Sequence[str], **more: int) -> np.ndarray:
        read.append(len(texts))
        return encode(texts, **more)

    assert meaning(panel, FAR).over() == []
    monkeypatch.setattr(look.encoder, "encode", counted)
    assert meaning(panel, text, "Strikes").over()
    assert max(read[1:] or read) <= MOST


def test_a_model_that_cannot_be_loaded_leaves_the_first_tier(tmp_path: Path) -> None:
    if not is_there():
        pytest.skip('needs the extra: pip install "newsvane[semantic]"')
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("broken")
    panel = Panel([LAW], second_look=second_look(tmp_path))
    assert panel.tier == "semantic"
    assert meaning(panel, MEANS).score("law") == meaning(Panel([LAW]), MEANS).score("law")
    assert panel.tier == "core"


def test_what_is_not_in_english_is_not_read_by_a_model_that_knows_nothing_else(look: SecondLook) -> None:
    first, again = Panel([LAW]), Panel([LAW], second_look=look)
    fields = fields_of(Article(url="u", title="", text=MEANS))
    scores = [Meaning(panel, fields, "de").score("law") for panel in (first, again)]
    assert scores[0] == scores[1]
    assert Meaning(again, fields, "de").resemblance("law")[0].tier == "core"
    assert SecondLook(Path("mine")).reads("de")


def test_off_is_off() -> None:
    assert second_look("off") is None
