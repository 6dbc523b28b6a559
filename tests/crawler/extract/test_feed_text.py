"""An article takes its text from its feed where its page gives none, and reads it as it reads a page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Entry, Page
from crawler.extract.page import extract
from crawler.extract.pool import MAX_PAGE, ExtractionPool

if TYPE_CHECKING:
    from collections.abc import Sequence

URL = "https://gazette.example/2026/tram"
TITLE = "A tram for all of Newtown"
PROSE = [f"The council voted on part {n} of the tram line, which is to open in the autumn of 2028." for n in range(8)]


def html(paragraphs: Sequence[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def entry(content: str = html(PROSE), *, summary: str = "The council has decided.", title: str = TITLE) -> Entry:
    return Entry(link=URL, title=title, summary=summary, content=content)


def page(body: str = "", said: Entry | None = None) -> Page:
    return Page(url=URL, body=body.encode(), charset="utf-8", entry=said or entry())


def test_a_page_that_was_not_fetched_has_the_text_of_its_feed() -> None:
    article = extract(page())
    assert article.text.split("\n") == PROSE
    assert (article.url, article.title, article.lead) == (URL, TITLE, "The council has decided.")
    assert (article.language, article.flags) == ("en", {"feed-text"})


@pytest.mark.parametrize("body", ["<html><body><p>Accept?</p></body></html>", "%PDF-1.7 \x00\x01\x02", "<html></html>"])
def test_a_page_without_a_body_has_it_too(body: str) -> None:
    assert extract(page(body)).text.split("\n") == PROSE


def test_a_page_with_a_body_keeps_its_own() -> None:
    own = [f"The page tells of stretch {n}, and tells it at greater length than the feed ever did." for n in range(9)]
    article = extract(page(f"<html><body><article><h1>{TITLE}</h1>{html(own)}</article></body></html>"))
    assert article.text.split("\n") == own
    assert article.flags == frozenset()


def test_content_that_holds_no_text_changes_nothing() -> None:
    assert extract(page(said=entry("<img src='/1.jpg'>" * 40))) == extract(page(said=entry("")))


def test_the_chrome_of_a_feed_is_left_out() -> None:
    signature = f'<p>The post <a href="{URL}">{TITLE}</a> appeared first on <a href="/">The Gazette</a>.</p>'
    script = "<script>track()</script><style>p {color: red}</style>"
    assert extract(page(said=entry(script + html(PROSE) + signature))).text.split("\n") == PROSE


def test_a_summary_that_is_the_beginning_of_the_text_is_no_deck() -> None:
    assert extract(page(said=entry(summary=f"{PROSE[0]} {PROSE[1][:30]} […]"))).lead == ""


@pytest.mark.parametrize(
    "hostile", ["\x00\ud800", "<" * 5_000, "<div>" * 5_000, "</article></body></html>", "<b" * 9_999]
)
def test_hostile_content_costs_nothing_but_itself(hostile: str) -> None:
    assert extract(page(said=entry(hostile + html(PROSE)))).title == TITLE


async def test_a_page_that_hangs_or_is_too_large_leaves_the_text_of_the_feed() -> None:
    bomb = "<table><tr>" + "<td>a</td>" * 100_000 + "</tr></table>"
    async with ExtractionPool(1, deadline=timedelta(seconds=2)) as pool:
        late, large = await pool.extract(page(bomb)), await pool.extract(page("x" * (MAX_PAGE + 1)))
    assert (late.flags, late.text.split("\n")) == ({"timeout", "feed-text"}, PROSE)
    assert (large.flags, large.text.split("\n")) == ({"too-large", "feed-text"}, PROSE)


async def test_content_that_hangs_leaves_title_and_summary() -> None:
    bomb = "<table><tr>" + "<td>a</td>" * 100_000 + "</tr></table>"
    async with ExtractionPool(1, deadline=timedelta(seconds=1)) as pool:
        article = await pool.extract(page(said=entry(bomb)))
    assert (article.flags, article.text, article.title) == ({"timeout"}, "", TITLE)
    assert article.lead == "The council has decided."
