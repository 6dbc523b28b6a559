"""What a digest holds, in which order, and whether it goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins.messages import ALREADY_THERE, COVERAGE, HITS, SLOT, WATCHLIST, hit, told

from monitors.digest.compose import compose, worth_sending
from monitors.digest.schedule import Slot
from monitors.domain import AlreadyThere, DeliveryRule, Digest, Hit, Schedule

RULE = DeliveryRule(channel="mail", schedule=Schedule(at=(time(7),), timezone="Europe/Zurich"), max_items=25)


def digest(*hits: Hit, already_there: AlreadyThere | None = None) -> Digest:
    slot = Slot("2026-11-23T07:00 Europe/Zurich", SLOT)
    return compose(WATCHLIST, RULE, slot, stories=told(*hits), coverage=COVERAGE, already_there=already_there)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(hit("a", score=0.9), hit("b", score=0.8), id="the better score first"),
        pytest.param(hit("a", score=0.1), hit("b", score=0.9, kind="possible"), id="the sure one first"),
        pytest.param(hit("a", kind="possible"), hit("b", kind="related"), id="what was mentioned first"),
        pytest.param(hit("a", tier=1), hit("b", tier=2), id="the better tier first"),
        pytest.param(hit("a", tier=3), hit("b"), id="a known tier first"),
        pytest.param(hit("a", published="2026-11-23T04:00"), hit("b", published="2026-11-23T03:00"), id="newest first"),
        pytest.param(hit("a", published=None), hit("b", published="2026-11-23T03:00"), id="its arrival dates it"),
        pytest.param(hit("a", url="https://a.example/"), hit("b", url="https://b.example/"), id="always the same"),
    ],
)
def test_the_best_comes_first(first: Hit, second: Hit) -> None:
    assert [story.hit for story in digest(second, first).stories] == [first, second]


@given(st.permutations(HITS))
def test_the_order_does_not_depend_on_the_database(hits: list[Hit]) -> None:
    assert [story.hit for story in digest(*hits).stories] == [story.hit for story in digest(*HITS).stories]


def test_it_is_for_its_slot_with_its_receipt_and_its_limit() -> None:
    made = digest(*HITS, already_there=ALREADY_THERE)
    assert (made.slot, made.coverage, made.max_items, made.already_there) == (SLOT, COVERAGE, 25, ALREADY_THERE)


def test_an_empty_digest_goes_out_only_where_it_is_wanted() -> None:
    assert not worth_sending(digest(), RULE)
    assert worth_sending(digest(), replace(RULE, empty="send"))
    assert worth_sending(digest(HITS[0]), RULE)
    assert worth_sending(digest(already_there=ALREADY_THERE), RULE)


def test_related_ones_are_worth_it_and_the_best_of_them_are_kept() -> None:
    related = [hit(f"r{number}", kind="related", score=number / 10) for number in range(5)]
    made = digest(*related, hit("m"))
    assert [story.hit.article.article.title for story in made.kept] == ["m", "r4", "r3", "r2"]
    assert (made.left_out, len(made.stories)) == (2, 6)
    assert worth_sending(digest(*related), RULE)
    assert digest(hit("m")).left_out == 0


def test_nothing_found_at_the_start_is_nothing_to_tell() -> None:
    assert not worth_sending(digest(already_there=AlreadyThere(count=0)), RULE)
