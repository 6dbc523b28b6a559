"""Which texts are copies of which: laws that hold whatever the texts are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Article
from monitors.stories.copies import Copies
from monitors.stories.shingles import MOST, Shingles, shingles, shingles_of, told
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = timedelta(days=14)
STORY = (
    "China's regulator said on Monday that companies must store the data of their customers inside the country. "
    "The draft law gives providers of cloud services six months to comply, and names fines of up to a tenth of sales. "
    "Two American firms said they were studying the text and would not comment before they had spoken with lawyers."
)

words = st.sampled_from(["law", "fine", "data", "é", "cloud", "Ａ", "six", "法", "ก", "8"])
texts = st.lists(words, max_size=30).map(" ".join)


def long_text(seed: int, length: int = 800) -> str:
    random = Random(seed)  # noqa: S311  # repeats itself
    return " ".join(f"w{random.randrange(5000)}" for _ in range(length))


def placed(*texts: str, at: Sequence[datetime] = ()) -> list[int | None]:
    """Return of which text each is a copy, where they come one after the other."""
    copies, roots = Copies(WINDOW), []
    for number, text in enumerate(texts):
        when = at[number] if at else NOON
        of = copies.original_of(shingles_of(text), when, texts.__getitem__)
        copies.add(number, shingles_of(text), when, of)
        roots.append(of)
    return roots


# -- what a copy is ---------------------------------------------------------------------------------------------------


def test_a_text_under_another_headline_is_a_copy() -> None:
    one = shingles(Article(url="https://a.example/1", title="New law", text=STORY))
    other = shingles(Article(url="https://b.example/2", title="Cloud firms face fines", text=STORY))
    copies = Copies(WINDOW)
    copies.add(7, one, NOON, None)
    assert copies.original_of(other, NOON, {7: STORY}.get) == 7


def test_a_text_cut_short_is_a_copy_whichever_comes_first() -> None:
    assert placed(STORY, STORY[:110]) == [None, 0]
    assert placed(STORY[:110], STORY) == [None, 0]
    assert placed(long_text(1), long_text(1)[:1300]) == [None, 0]
    assert placed(long_text(1)[:1300], long_text(1)) == [None, 0]


def test_a_text_that_shares_a_phrase_is_none() -> None:
    assert placed(STORY, "The bank said on Monday that companies must pay, and gave no other news.") == [None, None]


def test_in_a_script_without_spaces_characters_count() -> None:
    assert placed("国家网信办发布数据安全管理办法征求意见稿", "国家网信办发布数据安全管理办法") == [None, 0]


def test_where_the_body_is_missing_the_lead_is_compared_and_then_the_title() -> None:
    assert told(Article(url="", title="Title", lead="Lead", text="Text")) == "Text"
    assert told(Article(url="", title="Title", lead="Lead")) == "Lead"
    assert told(Article(url="", title="Title")) == "Title"


@given(texts)
def test_an_identical_text_is_a_copy_if_it_has_five_words(text: str) -> None:
    assert placed(text, text) == [None, 0 if len(Tokens(text)) >= 5 else None]


@given(texts, texts)
def test_texts_without_five_words_in_common_are_none(one: str, other: str) -> None:
    runs = [
        {tuple(words[at : at + 5]) for at in range(len(words) - 4)}
        for words in (Tokens(one).words, Tokens(other).words)
    ]
    half = 0.5 * min(map(len, runs))
    assert (placed(one, other)[1] == 0) == (0 < half <= len(runs[0] & runs[1]))


@given(texts, texts)
def test_of_two_texts_either_is_a_copy_of_the_other_or_none(one: str, other: str) -> None:
    assert placed(one, other) == placed(other, one)


CLEAR = {
    "a": long_text(1, 300),
    "a, longer": f"{long_text(1, 300)} and more of it",
    "a, cut": long_text(1, 300)[:600],
    "b": long_text(2, 300),
    "b, without its beginning": long_text(2, 300)[500:],
    "c": STORY,
}


@pytest.mark.parametrize("seed", range(20))
def test_in_whatever_order_they_come_the_same_texts_are_together(seed: int) -> None:
    order = Random(seed).sample(sorted(CLEAR), len(CLEAR))  # noqa: S311  # repeats itself
    roots = [number if of is None else of for number, of in enumerate(placed(*(CLEAR[name] for name in order)))]
    assert all((order[root][0] == name[0]) for root, name in zip(roots, order, strict=True))
    assert len(set(roots)) == 3


# -- the window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1, -1])
def test_only_texts_of_the_window_are_found(sign: int) -> None:
    inside, outside = NOON + sign * WINDOW, NOON + sign * (WINDOW + timedelta(seconds=1))
    assert placed(STORY, STORY, at=[NOON, inside]) == [None, 0]
    assert placed(STORY, STORY, at=[NOON, outside]) == [None, None]


def test_what_is_forgotten_is_not_found_and_its_memory_is_given_back() -> None:
    copies = Copies(timedelta(days=9999))
    for number in range(1500):
        copies.add(number, shingles_of(long_text(number, 20)), NOON + timedelta(minutes=number), None)
    copies.forget(NOON + timedelta(minutes=1400))
    assert 100 <= len(copies) < 1500
    assert copies.original_of(shingles_of(long_text(1450, 20)), NOON, [].__getitem__) == 1450
    copies.forget(NOON + timedelta(days=9))
    assert len(copies) == 0
    copies.add(5, shingles_of(STORY), NOON, None)
    assert copies.original_of(shingles_of(STORY), NOON, [].__getitem__) == 5


def test_members_of_a_group_that_left_the_window_do_not_count() -> None:
    first, second, third = (long_text(seed, 200) for seed in range(3))
    later = NOON + timedelta(days=10)
    at = [NOON, NOON, later, NOON + WINDOW + timedelta(days=1)]
    assert placed(f"{first} {second}", f"{first} {second}", second, f"{second} {third}", at=at) == [None, 0, 0, 0]


def test_a_text_that_is_printed_again_and_again_stays_one_group_for_longer_than_the_window() -> None:
    at = [NOON + timedelta(hours=6) * number for number in range(120)]
    assert placed(*[STORY] * len(at), at=at) == [None] + [0] * (len(at) - 1)


# -- groups -----------------------------------------------------------------------------------------------------------


def test_a_copy_of_a_copy_belongs_to_the_first() -> None:
    first, second, third = (long_text(seed, 200) for seed in range(3))
    most = f"{first} {second}"
    assert placed(most, most, second, f"{most} {third}") == [None, 0, 0, 0]


def test_a_text_that_is_near_fewer_members_than_not_stays_alone() -> None:
    parts = [long_text(seed, 200) for seed in range(3)]
    both = f"{parts[0]} {parts[1]}"
    assert placed(both, parts[0], parts[0], f"{parts[1]} {parts[2]}") == [None, 0, 0, None]


def test_an_edited_article_is_known_by_its_new_text_and_no_copy_of_itself() -> None:
    copies = Copies(WINDOW)
    copies.add(1, shingles_of(STORY), NOON, None)
    copies.add(2, shingles_of(STORY), NOON, 1)
    assert copies.original_of(shingles_of(STORY), NOON, [].__getitem__, but=1) is None
    assert copies.original_of(shingles_of(STORY), NOON, [].__getitem__, but=2) == 1
    copies.add(2, shingles_of(long_text(1)), NOON, None)
    assert copies.original_of(shingles_of(long_text(1)), NOON, [].__getitem__) == 2
    assert len(copies) == 2


# -- samples ----------------------------------------------------------------------------------------------------------


@given(texts | st.integers(0, 9).map(lambda seed: long_text(seed, 100 * seed)))
def test_what_is_kept_in_bytes_is_read_back(text: str) -> None:
    own = shingles_of(text)
    assert Shingles.from_bytes(own.to_bytes()) == own
    assert len(own.to_bytes()) <= 520


def test_a_sketch_of_another_version_is_not_read() -> None:
    assert Shingles.from_bytes(b"\x00" + shingles_of(STORY).to_bytes()[1:]) is None
    assert Shingles.from_bytes(b"") is None


def test_what_is_kept_means_the_same_in_every_process_and_version() -> None:
    assert shingles_of("the five words of one shingle").sample.tolist() == [90531908, 923207627]


@pytest.mark.parametrize("length", [5, 132, 133, 1000, 20_000])
def test_a_long_text_keeps_a_sample_of_its_shingles(length: int) -> None:
    own = shingles_of(" ".join(f"w{number}" for number in range(length)))
    assert own.count == length - 4
    assert min(own.count, MOST // 3) <= len(own.sample) <= MOST


def test_an_index_of_what_was_kept_finds_what_the_texts_find() -> None:
    copies, made = Copies(WINDOW), [long_text(number, 50 + 60 * number) for number in range(40)]
    for number, text in enumerate(made):
        kept = Shingles.from_bytes(shingles_of(text).to_bytes())
        assert kept
        copies.add(number, kept, NOON, None)
    assert [copies.original_of(shingles_of(text), NOON, lambda _: None) for text in made] == list(range(40))


def test_where_a_sample_leaves_doubt_the_text_is_read() -> None:
    half = long_text(1, 800)
    for share, near in (0.47, False), (0.54, True):
        common = " ".join(half.split()[: int(800 * share)])
        other = f"{common} {long_text(2, 800 - int(800 * share))}"
        read: list[int] = []
        copies = Copies(WINDOW)
        copies.add(3, shingles_of(half), NOON, None)
        of = copies.original_of(shingles_of(other), NOON, lambda number, read=read: read.append(number) or half)
        assert (of == 3) == near
        assert read == [3]


# -- what nobody would write ------------------------------------------------------------------------------------------


def test_a_text_printed_by_hundreds_takes_the_room_of_a_few() -> None:
    copies, own = Copies(WINDOW), shingles_of(STORY)
    for number in range(500):
        copies.add(number, own, NOON, copies.original_of(own, NOON, [].__getitem__))
    assert len(copies) < 50
    assert copies.original_of(own, NOON, [].__getitem__) == 0


def test_a_phrase_that_thousands_have_makes_no_copies_and_hides_none() -> None:
    phrase = long_text(0, 30)
    made = [f"{long_text(number, 60)} {phrase}" for number in range(1, 2000)]
    copies = Copies(WINDOW)
    for number, text in enumerate(made):
        copies.add(number, shingles_of(text), NOON, None)
    assert copies.original_of(shingles_of(f"{long_text(9999, 60)} {phrase}"), NOON, made.__getitem__) is None
    assert copies.original_of(shingles_of(made[1500]), NOON, made.__getitem__) == 1500


def test_of_many_texts_that_are_nearly_half_the_same_none_is_a_copy_by_chance() -> None:
    phrase = long_text(0, 120)
    made = [f"{long_text(number, 130)} {phrase}" for number in range(1, 100)]
    assert placed(*made) == [None] * len(made)


def test_a_text_of_a_million_words_is_one_of_many() -> None:
    text = " ".join(map(str, range(1_000_000)))
    assert len(shingles_of(text).to_bytes()) <= 520
    assert placed(text, text) == [None, 0]


def test_texts_made_to_have_no_sample_are_no_copies() -> None:
    odd = Shingles(5000, 32, shingles_of("").sample, None)
    copies = Copies(WINDOW)
    copies.add(1, odd, NOON, None)
    assert copies.original_of(odd, NOON, lambda _: None) is None
