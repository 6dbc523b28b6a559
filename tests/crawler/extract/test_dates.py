from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from stand_ins.hangs import no_hang

from crawler.extract.dates import find_published, parse_date
from crawler.extract.head import read_head
from crawler.extract.shown_dates import shown_day

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def published(head: str, body: str = "", url: str = "https://www.lindhaven-post.example/tram") -> str | None:
    root = html.document_fromstring(f"<html><head>{head}</head><body><h1>Title</h1>{body}</body></html>")
    moment = find_published(read_head(root), root, url, now=NOW)
    return moment.isoformat() if moment else None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-11-15T01:33:00+09:00", "2017-11-15T01:33:00+09:00"),
        ("2017-11-15T01:33:00+0900", "2017-11-15T01:33:00+09:00"),
        ("2017-11-15 01:33:07.123 -03:30", "2017-11-15T01:33:07-03:30"),
        ("2017-11-15T01:33Z", "2017-11-15T01:33:00+00:00"),
        ("2017-11-15 01:33 UTC", "2017-11-15T01:33:00+00:00"),
        ("2017-11-15", "2017-11-15T00:00:00+00:00"),
        ("20171115", "2017-11-15T00:00:00+00:00"),
        ("2017年11月5日 9:05", "2017-11-05T09:05:00+00:00"),
        ("Wed, 15 Nov 2017 01:33:00 +0900", "2017-11-15T01:33:00+09:00"),
        ("1510677180", "2017-11-14T16:33:00+00:00"),
        ("1510677180000", "2017-11-14T16:33:00+00:00"),
        ("2017-13-45", None),
        ("2017-11-15T25:61", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_with_the_offset_they_are_written_in(text: str, moment: str | None) -> None:
    read = parse_date(text)
    assert (read.isoformat() if read else None) == moment


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is not None


def test_json_ld_comes_before_meta_and_meta_before_time_elements() -> None:
    linked = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-01-02"}</script>'
    meta = '<meta property="article:published_time" content="2026-01-03">'
    element = '<time datetime="2026-01-04">4 January</time>'
    assert published(linked + meta, element) == "2026-01-02T00:00:00+00:00"
    assert published(meta, element) == "2026-01-03T00:00:00+00:00"
    assert published("", element) == "2026-01-04T00:00:00+00:00"


def test_dates_in_the_future_and_before_the_web_are_not_believed() -> None:
    meta = '<meta name="date" content="{}">'
    assert published(meta.format("2026-08-03")) is None
    assert published(meta.format("1970-01-01")) is None
    assert published(meta.format("2031-01-01") + meta.format("2026-05-30")) == "2026-05-30T00:00:00+00:00"


def test_utc_in_the_data_takes_the_offset_that_the_page_shows() -> None:
    meta = '<meta property="article:published_time" content="2023-11-09T01:09:55+00:00">'
    assert published(meta, '<time datetime="2023-11-08 18:09:55"></time>') == "2023-11-08T18:09:55-07:00"
    assert published(meta, '<time datetime="2023-11-09T02:09:55+01:00"></time>') == "2023-11-09T02:09:55+01:00"
    assert published(meta, '<time datetime="2023-11-07 04:31:12"></time>') == "2023-11-09T01:09:55+00:00"


def test_a_quoted_post_does_not_date_the_article() -> None:
    quoted = '<blockquote><time datetime="2020-01-02"></time></blockquote>'
    assert published("", quoted + '<time datetime="2026-03-04"></time>') == "2026-03-04T00:00:00+00:00"


def test_a_date_that_only_stands_in_the_text_is_found() -> None:
    assert published("", '<p class="date">Published: 14 May 2026</p>') == "2026-05-14T00:00:00+00:00"


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ("<span>31.05.2026 - 14:20</span>", "2026-05-31"),
        ("<span>2026-05-31</span>", "2026-05-31"),
        ("<span>2026年5月31日</span>", "2026-05-31"),
        ("<span>31 May 2026</span>", "2026-05-31"),
        ("<span>31st of May, 2026</span>", "2026-05-31"),
        ("<span>May 31, 2026</span>", "2026-05-31"),
        ("<span>Sonntag, 31. Mai 2026</span>", "2026-05-31"),
        ("<span>le 31 mai 2026 à 14h20</span>", "2026-05-31"),
        ("<span>31 de mayo de 2026</span>", "2026-05-31"),
        ("<span>31 мая 2026</span>", "2026-05-31"),
        ("<span>5/31/2026</span>", "2026-05-31"),
        ("<span>31/5/2026</span>", "2026-05-31"),
        ("<span>31.31.2026</span>", None),
        ("<span>31.05.2036</span>", None),
        ("<p>" + "A long tale of what happened on 31 May 2020, and of all that came of it since. " * 2 + "</p>", None),
    ],
)
def test_a_date_beside_the_heading_is_read_as_it_is_written(shown: str, day: str | None) -> None:
    root = html.document_fromstring(f"<html><body><h1>Title</h1>{shown}</body></html>")
    found = shown_day(root, titles=(), url="https://www.lindhaven-post.example/tram")
    assert (str(found) if found and found.year < 2030 else None) == day


def test_a_title_a_label_and_the_address_tell_the_day_before_what_stands_beside_the_heading() -> None:
    beside = "<p>1.1.2026</p>"
    assert published("<title>Tram | Post | 2.1.2026</title>", beside) == "2026-01-02T00:00:00+00:00"
    assert published("", beside + "<p><b>Published on</b> 3.1.2026</p>") == "2026-01-03T00:00:00+00:00"
    address = "https://www.lindhaven-post.example/2026/01/04/tram"
    assert published("", beside, url=address) == "2026-01-04T00:00:00+00:00"
    assert published("", beside) == "2026-01-01T00:00:00+00:00"


def test_digits_without_an_end_are_read_in_no_time() -> None:
    texts = ["1" * 300_000, "20" * 150_000, "May " * 80_000, "1. " * 100_000, "2026-" * 60_000]
    for text in texts:
        root = html.document_fromstring(f"<html><body><h1>Title</h1><p>{text}</p></body></html>")
        with no_hang():
            assert shown_day(root, titles=(text[:1000],), url=f"https://www.lindhaven-post.example/{text}") is None
