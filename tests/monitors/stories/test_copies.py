"""Which texts are copies of which: laws that hold whatever the texts are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.domain import Article
from monitors.stories.copies import Copies
from monitors.stories.shingles import Shingles, shingles, shingles_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = timedelta(days=14)
STORY = (
    "China's regulator said on Monday that companies must store the data of their customers inside the country. "
    "The draft law gives providers of cloud services six months to comply, and names fines of up to a tenth of sales. "
    "Two American firms said they were studying the text and would not comment before they had spoken with lawyers."
)


def placed(*texts: str) -> list[int | None]:
    """Return of which text each is a copy, where they come one after the other."""
    copies, roots = Copies(WINDOW), []
    for number, text in enumerate(texts):
        of = copies.original_of(shingles_of(text), NOON, texts.__getitem__)
        copies.add(number, shingles_of(text), NOON, of)
        roots.append(of)
    return roots


def test_a_text_under_another_headline_is_a_copy() -> None:
    one = shingles(Article(url="https://a.example/1", title="New law", text=STORY))
    copies = Copies(WINDOW)
    copies.add(7, one, NOON, None)
    other = shingles(Article(url="https://b.example/2", title="Cloud firms face fines", text=STORY))
    assert copies.original_of(other, NOON, {7: STORY}.get) == 7


def test_a_text_cut_short_is_a_copy_whichever_comes_first() -> None:
    assert placed(STORY, STORY[:110]) == [None, 0]
    assert placed(STORY[:110], STORY) == [None, 0]


def test_a_text_that_shares_a_phrase_is_none() -> None:
    assert placed(STORY, "The bank said on Monday that companies must pay, and gave no other news.") == [None, None]


def test_what_is_kept_in_bytes_is_read_back() -> None:
    text = shingles_of(STORY)
    assert Shingles.from_bytes(text.to_bytes()) == text
    assert Shingles.from_bytes(b"\x00" + text.to_bytes()[1:]) is None
