"""What a source may cost in one run."""

from __future__ import annotations

import pytest

from crawler import allowance
from crawler.allowance import Allowance
from crawler.errors import TemporaryFetchError

SLOW = TemporaryFetchError("no complete answer within 20 s", kind="timeout")
BUSY = TemporaryFetchError("HTTP 503", kind="http-5xx")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_so_many_pages_and_no_more(seconds: Seconds) -> None:
    one = Allowance(seconds)
    taken = [one.take(f"https://a.example/{number}") for number in range(allowance.PAGES + 7)]
    assert taken == [True] * allowance.PAGES + [False] * 7
    assert one.left == 7


def test_no_page_after_its_time(seconds: Seconds) -> None:
    one = Allowance(seconds)
    seconds.now = allowance.TIME.total_seconds() - 1
    assert one.take("https://a.example/1")
    seconds.now += 2
    assert not one.take("https://a.example/2")


def test_a_host_that_never_answers_is_left_alone_and_the_others_are_not(seconds: Seconds) -> None:
    one = Allowance(seconds)
    for _ in range(allowance.PATIENCE):
        assert one.take("https://slow.example/1")
        one.answered("https://slow.example/1", SLOW)
    assert not one.take("https://slow.example/2")
    assert one.take("https://quick.example/1")


@pytest.mark.parametrize("in_between", [None, BUSY], ids=["an answer", "a refusal"])
def test_patience_begins_anew_when_the_host_speaks(seconds: Seconds, in_between: TemporaryFetchError | None) -> None:
    one = Allowance(seconds)
    for error in (SLOW, SLOW, in_between, SLOW, SLOW):
        one.answered("https://slow.example/1", error)
    assert one.take("https://slow.example/2")
