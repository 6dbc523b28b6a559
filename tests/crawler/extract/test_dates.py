from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.extract.dates import find_published, parse_date
from crawler.extract.head import read_head

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def published(head: str, body: str = "") -> str | None:
    root = html.document_fromstring(f"<html><head>{head}</head><body><h1>Title</h1>{body}</body></html>")
    moment = find_published(read_head(root), root, now=NOW)
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
