"""The numbers that stand for words."""

from __future__ import annotations

from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.text.folding import LONGEST_WORD
from monitors.text.tokens import Tokens

texts = st.text(st.sampled_from("ab’s é网Ａ. \n")) | st.text()


def prints_by_word(*texts: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for text in texts:
        tokens = Tokens(text)
        prints = tokens.fingerprints().tolist()
        assert len(prints) == len(tokens) == len(tokens.words)
        for index, number in enumerate(prints):
            assert tokens.word(index) == tokens.words[index]
            found.setdefault(tokens.word(index), set()).add(number)
    return found


@given(st.lists(texts, max_size=4))
def test_a_word_has_one_fingerprint_wherever_it_stands_and_no_other_has_it(texts: list[str]) -> None:
    found = {word: prints for word, prints in prints_by_word(*texts).items() if len(word) <= LONGEST_WORD}
    assert all(len(prints) == 1 for prints in found.values())
    assert len(set.union(set(), *found.values())) == len(found)
    assert 0 not in set.union(set(), *found.values())


def test_thousands_of_short_words_all_differ() -> None:
    words = ["".join(letters) for length in (1, 2, 3) for letters in product(ascii_lowercase, repeat=length)]
    found = prints_by_word(" ".join(words), "é " + " ".join(reversed(words)))
    assert len(found) == len(words) + 1
    assert len(set.union(*found.values())) == len(found)


def thue_morse(length: int) -> str:
    return "".join("ab"[number.bit_count() % 2] for number in range(length))


@pytest.mark.parametrize("length", [2**10, 2**12])
def test_long_words_that_are_made_to_have_the_same_fingerprint_have_none(length: int) -> None:
    word = thue_morse(length)
    other = word.translate(str.maketrans("ab", "ba"))
    assert prints_by_word(f"{word} law {other}")[word] == {0}
    assert prints_by_word(f"{word} law {other}")["law"] == prints_by_word("law")["law"]


@pytest.mark.parametrize("word", ["merger", "é" * LONGEST_WORD, "x" * 70_000])
@pytest.mark.parametrize("before", [65_530, 65_535, 65_536, 65_537, 140_000])
def test_in_a_long_text_a_word_has_the_same_fingerprint(before: int, word: str) -> None:
    text = "a " * (before // 2) + "b " * (before % 2) + word + " deal" * 30_000
    assert prints_by_word(text)[word] == prints_by_word(word)[word]
    assert prints_by_word(text)["deal"] == prints_by_word("deal")["deal"]
