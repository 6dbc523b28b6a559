"""Which entity an article is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.domain import Article
from monitors.domain import Alias, Entity
from monitors.match.entities import Roster
from monitors.match.entities.mentions import Profile, Sighted
from monitors.match.lexicon import Lexicon
from monitors.match.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

LANHAI, HALDEN, CORVANE = (Entity(id=name.lower(), name=name) for name in ("Lanhai", "Halden", "Corvane"))
AMBIGUOUS = Entity(id="port", name="Port of Calder", aliases=(Alias(text="Calder", ambiguous=True),))
FILLER = "Nothing happens here.\n"


def about(
    entities: Sequence[Entity], text: str, *, title: str = "", lead: str = "", language: str | None = "en"
) -> list[str]:
    """Return the mentions of the first entity, if the article is about it."""
    node = Roster(entities).about(entities[0].id)
    lexicon = Lexicon(node.terms(), language, {})
    reading = Reading(Article(url="u", title=title, lead=lead, text=text, language=language), language, lexicon)
    found = [span.text for span in reading.spans(node.find(reading), "")]
    assert found == [span.text for span in reading.spans(node.find(reading), "")]
    return found


@pytest.mark.parametrize(
    ("title", "lead", "text", "mentions"),
    [
        pytest.param("Lanhai grows", "", FILLER, 1, id="in the title"),
        pytest.param("", "Lanhai grows", FILLER, 1, id="in the deck"),
        pytest.param("", "", "Lanhai grows.\nLanhai fell.", 2, id="in the first paragraph"),
        pytest.param("", "", FILLER + "Lanhai grows. Lanhai fell.", 0, id="twice further down"),
        pytest.param("", "", FILLER + "Lanhai grows. Lanhai fell. Lanhai!", 3, id="three times further down"),
        pytest.param("", "A deck", "Lanhai grows. Lanhai fell.", 0, id="under a deck, the first paragraph is text"),
    ],
)
def test_an_article_is_about_what_stands_at_its_top_or_often_in_it(
    title: str, lead: str, text: str, mentions: int
) -> None:
    assert about([LANHAI], text, title=title, lead=lead) == ["Lanhai"] * mentions


@pytest.mark.parametrize(
    ("halden", "corvane", "is_about"),
    [
        pytest.param(0, 0, True, id="alone"),
        pytest.param(9, 0, True, id="second"),
        pytest.param(9, 3, True, id="second with another"),
        pytest.param(9, 4, False, id="third"),
        pytest.param(4, 9, False, id="third whichever is first"),
        pytest.param(3, 3, True, id="first with others"),
    ],
)
def test_of_all_entities_it_has_to_be_among_the_two_most_mentioned(
    halden: int, corvane: int, *, is_about: bool
) -> None:
    text = FILLER + "Lanhai. " * 3 + "Halden. " * halden + "Corvane. " * corvane
    assert bool(about([LANHAI, HALDEN, CORVANE], text)) == is_about


def test_others_are_counted_by_their_certain_mentions_in_the_language_of_the_article() -> None:
    text = FILLER + "Lanhai. " * 3 + "Halden. " * 4 + "Calder. " * 4
    assert about([LANHAI, HALDEN, AMBIGUOUS], text)
    assert not about([LANHAI, HALDEN, AMBIGUOUS], text + "Port of Calder.")
    german = Entity(id="german", name="Hochtal", aliases=(Alias(text="Calder", lang="de"),))
    assert about([LANHAI, HALDEN, german], text)
    assert not about([LANHAI, HALDEN, german], text, language="de")


def test_a_possible_mention_makes_no_article_be_about_an_entity() -> None:
    assert not about([AMBIGUOUS], FILLER, title="Calder")
    assert about([AMBIGUOUS], "Port of Calder", title="Calder") == ["Calder", "Port of Calder"]


def test_entities_that_do_not_stand_in_the_article_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    sight = Profile.sight

    def spied(profile: Profile, reading: Reading) -> Sighted:
        looked_at.append(profile)
        return sight(profile, reading)

    monkeypatch.setattr(Profile, "sight", spied)
    firms = [Entity(id=str(number), name=f"University {number}") for number in range(50)]
    assert about([LANHAI, *firms], FILLER + "Lanhai. " * 3 + "University 7. Universities.")
    assert len(set(looked_at)) == 2
    looked_at.clear()
    assert about([LANHAI, *firms], "University 7.", title="Lanhai")
    assert len(set(looked_at)) == 1
