"""JSON Feed, versions 1 and 1.1, as it should be and as somebody wrote it."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from stand_ins.hangs import no_hang

from crawler.discover.feeds import is_feed, parse_feed
from crawler.errors import PermanentFetchError

URL = "https://gazette.example/feeds/all.json"
VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: Any, **more: Any) -> bytes:
    return json.dumps({"version": VERSION, "title": "The Gazette", "items": list(items), **more}).encode()


def test_an_item_carries_what_it_says() -> None:
    item = {
        "id": "7",
        "url": "../2026/tram?utm_source=json",
        "title": "Law &amp; <b>order</b>",
        "summary": "In short.",
        "content_html": "<p>First.</p><p>Second.</p>" * 40,
        "date_published": "2026-11-23T07:05:00+01:00",
        "authors": [{"name": "Ann Other"}, {"name": "Bob"}, {"url": "https://x.example"}],
        "tags": ["Trade", "Ports", "Trade"],
    }
    read = parse_feed(feed(item), URL)
    (entry,) = read.entries
    assert read.title == "The Gazette"
    assert (entry.link, entry.address) == (
        "https://gazette.example/2026/tram",
        "https://gazette.example/2026/tram?utm_source=json",
    )
    assert (entry.title, entry.summary) == ("Law & order", "In short.")
    assert entry.content == "<p>First.</p><p>Second.</p>" * 40
    assert entry.authors == ("Ann Other", "Bob")
    assert entry.published == datetime(2026, 11, 23, 7, 5, tzinfo=timezone(timedelta(hours=1)))
    assert entry.categories == ("Trade", "Ports")


def test_version_1_has_one_author_and_text_may_be_plain() -> None:
    old = {
        "id": 1,
        "url": "/1",
        "author": {"name": "Ann"},
        "content_text": "One & two.\n\n" * 90,
        "date_modified": "2026-11-23T06:00:00Z",
    }
    body = feed(old, version="https://jsonfeed.org/version/1")
    (entry,) = parse_feed(body, URL).entries
    assert entry.authors == ("Ann",)
    assert entry.content.startswith("<p>One &amp; two.</p><p>")
    assert entry.summary.startswith("One & two. One & two.")
    assert entry.published == datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("links", "led_to"),
    [
        ({"url": "/own", "external_url": "https://other.example/1"}, "https://gazette.example/own"),
        ({"external_url": "https://other.example/1", "id": "7"}, "https://other.example/1"),
        ({"id": "https://gazette.example/by-id", "external_url": "https://other.example/1"}, "https://gazette.example/by-id"),
        ({"url": " /blank "}, "https://gazette.example/blank"),
        ({"url": ["/list"], "id": "https://gazette.example/by-id"}, "https://gazette.example/by-id"),
    ],
)  # fmt: skip
def test_an_item_leads_to_its_own_page_first(links: dict[str, Any], led_to: str) -> None:
    assert [entry.link for entry in parse_feed(feed(links), URL).entries] == [led_to]


def whole(**more: Any) -> dict[str, Any]:
    text = "".join(
        f"<p>The council voted on part {n} of the tram line on Tuesday night, and then went home.</p>"
        for n in range(20)
    )
    return {"title": "T", "content_html": text, **more}


@pytest.mark.parametrize(
    ("more", "full"),
    [
        ({}, True),
        ({"external_url": "https://other.example/1"}, False),
        ({"attachments": [{"url": "/1.mp3", "mime_type": "audio/mpeg"}]}, False),
        ({"attachments": [{"url": "/1.jpg", "mime_type": "image/jpeg"}, 7, None]}, True),
    ],
    ids=["articles", "a link blog", "a podcast", "articles with pictures"],
)
def test_full_texts_are_told(more: dict[str, Any], *, full: bool) -> None:
    entries = parse_feed(feed(*[whole(url=f"/{n}", **more) for n in range(4)]), URL).entries
    assert [entry.full_text for entry in entries] == [full] * 4


@pytest.mark.parametrize(
    "body",
    [
        feed(),
        b"\xef\xbb\xbf" + feed(),
        b"\n  " + feed(),
        feed().replace(b"https://", rb"https:\/\/"),
        json.dumps({"items": [{"url": f"/{n}"} for n in range(2_000)], "version": VERSION}).encode(),
        json.dumps({"version": VERSION, "items": []}, indent=4).encode(),
    ],
    ids=["plain", "byte order mark", "blank", "as PHP spells it", "keys in order", "indented"],
)
def test_a_feed_is_told_by_its_bytes(body: bytes) -> None:
    assert is_feed(body)
    assert parse_feed(body, URL).refused == 0


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'{"items": []}', b'{"text": "\\"version\\": \\"https://jsonfeed.org/version/1\\""}',
     b'{"version": 1, "items": [1]}'],
)  # fmt: skip
def test_other_json_is_no_feed(body: bytes) -> None:
    assert not is_feed(body)
    with pytest.raises(PermanentFetchError, match="not a feed: JSON, but no JSON Feed"):
        parse_feed(body, URL)


WRONG: list[Any] = [None, True, 7, -1.5e308, "", "x", [], [[]], {}, {"a": {}}, "\x00", "\ud800", [None, 7, {}]]
KEYS = ("id", "url", "external_url", "title", "summary", "content_html", "content_text", "date_published",
        "date_modified", "authors", "author", "tags", "attachments", "language", "image")  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_wrong_type_costs_what_it_says_and_nothing_else(wrong: Any) -> None:
    broken = [{"url": "/1", "title": "One", key: wrong} for key in KEYS if key not in {"url", "title"}]
    read = parse_feed(feed(wrong, *broken, {"url": wrong}, {"url": "/2", "title": wrong}, {"url": "/3"}), URL)
    assert {entry.link for entry in read.entries} >= {f"https://gazette.example/{n}" for n in (1, 2, 3)}


@pytest.mark.parametrize("key", ["title", "items", "authors", "home_page_url", "version2"])
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_feed_with_a_wrong_type_is_read(key: str, wrong: Any) -> None:
    parse_feed(feed({"url": "/1"}, **{key: wrong}), URL)


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        "1" * 1_000_000,
        "1e999999999",
        "-Infinity",
        "NaN",
        '"' + "\\ud800" * 9 + '"',
        '"\\u0000\x01"',
    ],
    ids=[
        "deep lists",
        "deep objects",
        "a huge number",
        "a huge exponent",
        "infinity",
        "not a number",
        "surrogates",
        "control",
    ],
)
def test_hostile_json_is_read_or_refused_at_once(hostile: str) -> None:
    body = f'{{"version": "{VERSION}", "items": [{{"url": "/1", "title": {hostile}}}]}}'.encode()
    with no_hang(), contextlib.suppress(PermanentFetchError):
        (entry,) = parse_feed(body, URL).entries
        assert entry.link == "https://gazette.example/1"
        assert all(char.isprintable() for char in entry.title)


def test_json_that_breaks_off_says_where() -> None:
    with pytest.raises(PermanentFetchError, match=r"ill-formed JSON: .* in line 1"):
        parse_feed(feed({"url": "/1"})[:-9], URL)


def test_a_link_that_is_no_address_of_the_web_is_counted() -> None:
    links = ["file:///etc/passwd", "javascript:x", "http://[::1", "\ud800:\x00", "/1"]
    read = parse_feed(feed(*[{"url": link} for link in links]), URL)
    assert ([entry.link for entry in read.entries], read.refused) == (["https://gazette.example/1"], 4)


def test_an_endless_feed_ends_after_ten_thousand_items() -> None:
    assert len(parse_feed(feed(*[{"url": f"/{n}"} for n in range(10_500)]), URL).entries) == 10_000
