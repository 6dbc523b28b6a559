"""Concepts against a background: what is usual, thresholds, and what examples and judgements do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Article
from monitors.domain import Concept
from monitors.match.concepts.background import BUNDLED, Background, bundled, nearness
from monitors.match.concepts.panel import OVER, RATE, Panel
from monitors.match.concepts.sketch import sketch
from monitors.match.concepts.words import WordTable
from monitors.match.reading import fields_of

if TYPE_CHECKING:
    from monitors.match.concepts.sketch import Sketch

MEGABYTES = 1_000_000
LAW = Concept(id="law", description="China cybersecurity law")
SUBJECTS = {
    "law": "Beijing adopts laws on internet safety that make operators of networks keep their data in China.",
    "sport": "The home side won the cup final after extra time with a goal of their young striker.",
    "food": "A bakery in the old town sells bread made of rye, spelt and a little honey.",
    "rail": "Night trains between the capitals will run again from spring, the railways say.",
}


def article(text: str, title: str = "") -> Sketch:
    return sketch(fields_of(Article(url="u", title=title, text=text)), WordTable("en"))


def score(panel: Panel, text: str, concept: str = "law") -> float:
    return float(panel.scores(article(text))[panel.columns[concept]])


# -- the background ---------------------------------------------------------------------------------------------------


def test_what_is_bundled_is_small_and_holds_nothing_but_numbers() -> None:
    assert BUNDLED.stat().st_size < 5 * MEGABYTES
    kept = bundled()
    assert len(kept) == 15_000
    arrays = [getattr(kept, name) for name in kept.__dataclass_fields__ if name != "per_week"]
    assert {array.dtype.kind for array in arrays} == {"u", "f"}


def test_a_background_is_what_it_was_when_it_is_read_again() -> None:
    made = Background.of([article(text, subject) for subject, text in SUBJECTS.items()])
    again = Background.from_bytes(made.to_bytes())
    for name in ("vocabulary", "frequencies", "centre", "lengths", "terms", "counts", "passages"):
        assert np.array_equal(getattr(made, name), getattr(again, name)), name


def test_articles_of_a_background_have_what_the_same_articles_have_by_themselves() -> None:
    sketches = [article(text * times, subject) for subject, text in SUBJECTS.items() for times in (1, 2)]
    background = Background.of(sketches)
    panel = Panel([LAW, Concept(id="rail", description="night trains")], background)
    for name, gauge in panel.gauges.items():
        column = panel.columns[name]
        words = background.words_scores([gauge.sought])[:, 0]
        assert np.allclose(words, [panel.words(one)[column] for one in sketches], atol=1e-4)
        raw = gauge.raw(words, background.similarities([gauge.sought])[:, 0])
        assert np.allclose(raw, [panel.raw(one)[column] for one in sketches], atol=0.5), "four bits a dimension"


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=6), min_size=1, max_size=8))
def test_how_near_is_the_mean_of_the_two_nearest_passages(passages: list[list[float]]) -> None:
    ends = np.cumsum([len(some) for some in passages]).astype(np.uint32)
    column = np.array([one for some in passages for one in some], np.float32)
    found = nearness(np.stack((column, -column), axis=1), ends)
    wanted = [(np.mean(sorted(some)[-2:]), -np.mean(sorted(some)[:2])) for some in passages]
    assert np.allclose(found, wanted, atol=1e-6)


# -- thresholds -------------------------------------------------------------------------------------------------------


def test_the_threshold_lets_through_what_it_says_of_the_background() -> None:
    panel = Panel([LAW, Concept(id="sport", description="football transfers")])
    for gauge in panel.gauges.values():
        over = int((gauge.top >= gauge.threshold).sum())
        assert over == pytest.approx(RATE * len(bundled()), abs=1.5)


def test_about_so_many_a_week_is_a_share_of_what_comes_in_a_week() -> None:
    background = bundled()
    weekly = Background(
        **{name: getattr(background, name) for name in background.__dataclass_fields__} | {"per_week": 3000.0}
    )
    many, few = (Concept(id="law", description=LAW.description, per_week=number) for number in (30.0, 3.0))
    over = [Panel([one], weekly).gauges["law"] for one in (many, few)]
    assert [int((one.top >= one.threshold).sum()) for one in over] == pytest.approx([150, 15], abs=2)


def test_the_threshold_is_a_half_and_what_is_usual_is_nearly_nothing() -> None:
    gauge = Panel([LAW]).gauges["law"]
    assert gauge.scores(np.array([gauge.threshold], np.float32))[0] == pytest.approx(OVER)
    assert gauge.scores(np.array([gauge.middle], np.float32))[0] == pytest.approx(0.0025, abs=0.001)
    raws = np.linspace(-20, 60, 200, dtype=np.float32)
    assert (np.diff(gauge.scores(raws)) >= 0).all()


def test_what_means_it_in_other_words_is_over_and_anything_else_is_not() -> None:
    panel = Panel([LAW])
    assert score(panel, SUBJECTS["law"]) > OVER
    assert max(score(panel, SUBJECTS[subject]) for subject in ("sport", "food", "rail")) < 0.1


def test_junk_before_the_text_hides_nothing() -> None:
    junk = "\n".join(f"Icon {name} Share on Created with Sketch Menu Search Subscribe" for name in range(4))
    panel = Panel([LAW])
    assert score(panel, f"{junk}\n\n{SUBJECTS['law'] * 3}\n\n{junk}") > OVER


@pytest.mark.parametrize("text", ["", "…", "x" * 100_000, "the of and", "法" * 5000])
def test_an_article_of_nothing_is_near_to_nothing(text: str) -> None:
    assert score(Panel([LAW]), text) < OVER


@pytest.mark.parametrize("description", ["the of and", "qzxvv", "…", "网络安全法"])
def test_a_concept_of_which_the_background_knows_little_flags_no_more_than_others(description: str) -> None:
    gauge = Panel([Concept(id="odd", description=description)]).gauges["odd"]
    assert np.isfinite(gauge.top).all()
    assert (gauge.top > gauge.threshold).sum() <= 2 * RATE * len(bundled())


def test_in_another_language_its_words_are_inflected_as_there() -> None:
    german = Concept(id="law", description="Verordnungen über Rechenzentren")
    panel = Panel([german])
    text = "Die Verordnung gilt seit Montag."
    one = sketch(fields_of(Article(url="u", title="", text=text)), WordTable("de"))
    assert panel.words(one, "de")[0] > panel.words(article(text), "en")[0]


# -- examples and judgements ------------------------------------------------------------------------------------------


def test_examples_draw_it_near_and_counterexamples_push_it_away() -> None:
    told = "Companies have to pass a review before they send personal records abroad."
    other = "The retailer opened a local data centre to cut latency for shoppers."
    bare = Concept(id="law", description="Rules on keeping data inside a country")
    drawn = Concept(id="law", description=bare.description, examples=(told,), counterexamples=(other,))
    assert score(Panel([drawn]), told) > score(Panel([bare]), told)
    assert score(Panel([drawn]), other) < score(Panel([bare]), other)


def test_a_judgement_draws_what_is_like_it() -> None:
    liked = article("Provincial regulators fined three app stores for moving user records to servers overseas.")
    like = "A court fined an app store whose servers overseas held the records of users."
    bare, judged = Panel([LAW]), Panel([LAW], judged={"law": ([liked], [])})
    assert score(judged, like) > score(bare, like)
    refused = Panel([LAW], judged={"law": ([], [liked])})
    assert score(refused, like) <= score(bare, like)
