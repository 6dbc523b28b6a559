"""A site's page tells where its feeds are."""

from __future__ import annotations

import pytest

from crawler.discover.sites import declared_feeds, well_known_feeds

URL = "https://news.example/start/"


def page(*links: str, base: str = "") -> bytes:
    return f"<!doctype html><html><head>{base}{''.join(links)}</head><body>Hi</body></html>".encode()


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = "") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def test_feeds_are_returned_in_the_order_of_the_page_and_made_absolute() -> None:
    links = (
        link("/rss"),
        link("a.xml", "application/atom+xml"),
        link("https://feeds.example/x"),
        link("//cdn.example/y"),
    )
    assert declared_feeds(page(*links), URL) == (
        "https://news.example/rss",
        "https://news.example/start/a.xml",
        "https://feeds.example/x",
        "https://cdn.example/y",
    )


def test_the_comments_come_last() -> None:
    links = link("/comments/feed"), link("/c", title="Post comments"), link("/feed")
    assert declared_feeds(page(*links), URL)[0] == "https://news.example/feed"


@pytest.mark.parametrize(
    "one",
    [
        link("/x", kind="application/json+oembed"),
        link("/x", kind="application/feed+json"),
        link("/x", rel="stylesheet"),
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        link("http://["),
        "<link>",
    ],
)
def test_what_is_no_feed_is_passed_over(one: str) -> None:
    assert declared_feeds(page(one, link("/feed")), URL) == ("https://news.example/feed",)


def test_the_type_may_carry_a_charset_and_the_relation_other_words() -> None:
    one = link("/feed", kind="Application/RSS+XML; charset=utf-8", rel="ALTERNATE home")
    assert declared_feeds(page(one), URL) == ("https://news.example/feed",)


def test_the_pages_base_counts() -> None:
    assert declared_feeds(page(link("feed"), base='<base href="/news/">'), URL) == ("https://news.example/news/feed",)


def test_a_feed_named_twice_is_tried_once() -> None:
    assert declared_feeds(page(link("/feed"), link("/feed")), URL) == ("https://news.example/feed",)


@pytest.mark.parametrize("body", [b"", b"\x00", b"   ", b"<", b"\xff\xfe", b"<!-- -->", b"plain words", b"<a" * 9999])
def test_a_page_that_is_none_names_nothing(body: bytes) -> None:
    assert declared_feeds(body, URL) == ()


def test_the_usual_places_are_at_the_root() -> None:
    assert well_known_feeds(URL)[0] == "https://news.example/feed"
    assert len(well_known_feeds(URL)) == 6
