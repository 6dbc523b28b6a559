"""A word diff is both texts in one, says as little as it must, and takes no time that a hostile text could stretch."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins.hangs import no_hang

from monitors.text.passages import CHANGE, CONTEXT, GAP, MOST, SIZE, Wanted, changes_worth_telling, cut, passages, side
from monitors.text.word_diff import changed_paragraphs, word_diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.text.word_diff import Pieces

WORDS = st.sampled_from(["port", "crane", "a", "of", "云", "法", ",", ".", " ", "  ", "\n", "ﬁ", "e\u0301", "É"])
TEXTS = st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=80)


def told(pieces: Pieces) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "come": "{{+{}+}}"}
    return "".join(marks[what].format(text) for text, what in pieces)


def changed(before: str, after: str) -> tuple[Pieces, ...]:
    return changes_worth_telling(before, after, lambda _was, _is_now: True)


@given(TEXTS, TEXTS)
def test_joined_the_pieces_are_what_it_was_and_what_it_is(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert side(pieces, "gone") == before
    assert side(pieces, "come") == after
    assert all(text for text, _ in pieces)


@given(TEXTS)
def test_what_stayed_as_it_was_is_not_changed(text: str) -> None:
    assert {what for _, what in word_diff(text, text)} <= {"same"}
    assert list(changed_paragraphs(text, text)) == []


@given(TEXTS, TEXTS)
def test_every_paragraph_that_differs_is_told_in_its_order(before: str, after: str) -> None:
    """Putting what has come in the place of what is gone makes the one text of the other."""
    old, new = before.split("\n"), after.split("\n")
    for pieces in changed_paragraphs(before, after):
        kinds = {what for _, what in pieces}
        was, is_now = side(pieces, "gone"), side(pieces, "come")
        assert was != is_now
        if kinds != {"come"}:
            old = old[old.index(was) + 1 :]
        if kinds != {"gone"}:
            new = new[new.index(is_now) + 1 :]


@given(st.lists(TEXTS.filter(lambda text: "\n" not in text and text), max_size=8), st.data())
def test_a_paragraph_that_is_put_in_is_all_that_is_told(paragraphs: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(paragraphs)))
    more = [*paragraphs[:at], "Something quite new.", *paragraphs[at:]]
    before = "\n".join(paragraphs)
    assert [told(one) for one in changed_paragraphs(before, "\n".join(more))] == ["{+Something quite new.+}"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Port stays open", "Port stays shut", "Port stays [-open-]{+shut+}"),
        ("Three ships came", "Four big boats came", "[-Three ships-]{+Four big boats+} came"),
        ("It is shut", "It is not shut", "It is {+not +}shut"),
        ("港口今天关闭", "港口明天关闭", "港口[-今-]{+明+}天关闭"),
        ("", "New", "{+New+}"),
    ],
    ids=["a word", "a phrase is one change", "a word more", "Chinese by letter", "from nothing"],
)
def test_it_reads_well(before: str, after: str, said: str) -> None:
    assert told(word_diff(before, after)) == said


def test_a_paragraph_that_was_rewritten_is_not_mixed_with_the_old_one() -> None:
    before = "The crane fell into the harbour on Monday.\nNobody was hurt."
    after = "Divers will look at the quay tomorrow.\nNobody was hurt at all."
    assert [told(one) for one in changed_paragraphs(before, after)] == [
        "[-The crane fell into the harbour on Monday.-]",
        "{+Divers will look at the quay tomorrow.+}",
        "Nobody was hurt{+ at all+}.",
    ]


RANDOM = random.Random(4)  # noqa: S311
MANY = 10_000


def two_letters(count: int) -> str:
    return " ".join(RANDOM.choice("ab") for _ in range(count))


def between_anchors() -> str:
    return " ".join(f"u{number} {two_letters(30)}" for number in range(MANY // 30))


HOSTILE: dict[str, Callable[[], tuple[str, str]]] = {
    "all different": lambda: (" ".join(f"a{n}" for n in range(MANY)), " ".join(f"b{n}" for n in range(MANY))),
    "two words only": lambda: (two_letters(MANY), two_letters(MANY)),
    "small knots between anchors": lambda: (between_anchors(), between_anchors()),
    "backwards": lambda: (" ".join(words := [f"a{n}" for n in range(MANY)]), " ".join(words[::-1])),
    "lines all different": lambda: ("\n".join(f"a{n} b" for n in range(MANY)), "\n".join(f"c{n}" for n in range(MANY))),
    "all lines alike": lambda: ("a b c\n" * MANY, "b c d\n" * MANY),
    "one long word": lambda: ("x" * 1_000_000, "x" * 1_000_001),
}


@pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(texts: Callable[[], tuple[str, str]]) -> None:
    before, after = texts()
    with no_hang():
        list(word_diff(before, after))
        passages(changed(before, after), Wanted(("a", "a1 a2")))


LONG = "The council met in the old customs house until long after midnight and had little to say. " * 8


def test_a_passage_is_cut_around_what_was_changed() -> None:
    (passage,) = passages(changed(f"{LONG}It is shut. {LONG}", f"{LONG}It is open. {LONG}"))
    assert told(passage).startswith(f"{GAP} ")
    assert told(passage).endswith(f" {GAP}")
    assert "It is [-shut-]{+open+}. The council" in told(passage)
    assert len(told(passage)) < 2 * CONTEXT + 40


@pytest.mark.parametrize("long", range(1, 9))
def test_what_has_come_is_cut_between_words(long: int) -> None:
    told = "harbour reported nothing " * 30
    ((text, _),) = cut(((f"{told}halden {'a' * long} {told}", "come"),), Wanted(("halden",)))
    assert set(text.replace(GAP, "").split()) == {"harbour", "reported", "nothing", "halden", "a" * long}


def test_the_passages_with_the_wanted_words_come_first_and_show_them() -> None:
    before = "One fell.\nTwo fell.\nThree fell.\nFour fell."
    after = f"One rose.\nTwo rose.\nThree rose.\nFour fell. {LONG}Then the Crane of the port broke. {LONG}"
    shown = [told(one) for one in passages(changed(before, after), Wanted(("crane",)))]
    assert len(shown) == MOST
    assert "the Crane of the port" in shown[0]
    assert shown[1:] == ["One [-fell-]{+rose+}.", "Two [-fell-]{+rose+}."]


def test_what_is_not_worth_telling_is_no_change() -> None:
    found = changes_worth_telling(
        "1 view\nIt is shut.", "2 views\nIt is open.", lambda was, now: "view" not in was + now
    )
    assert [told(one) for one in found] == ["It is [-shut-]{+open+}."]


def test_a_wanted_word_is_a_whole_word() -> None:
    first, second = passages(changed("One.\nTwo.", "One said so.\nTwo of AI."), Wanted(("ai",)))
    assert "AI" in told(first)
    assert "said" in told(second)


@given(TEXTS, TEXTS, st.lists(st.sampled_from(["port", "云", "of a", ""]), max_size=2))
def test_whatever_is_changed_the_passages_stay_short(before: str, after: str, words: list[str]) -> None:
    for wanted in (Wanted(tuple(words), "gone"), Wanted(tuple(words), "come")):
        found = passages(changed(before * 20, after * 20), wanted)
        assert len(found) <= MOST
        for pieces in found:
            assert len("".join(text for text, _ in pieces)) <= SIZE + CHANGE + 2 * CONTEXT
            assert {what for _, what in pieces} & {"gone", "come"}


@given(TEXTS, TEXTS)
def test_a_short_passage_is_not_cut(before: str, after: str) -> None:
    pieces = word_diff(before[:30], after[:30])
    if any(what != "same" for _, what in pieces):
        assert cut(pieces) == pieces
