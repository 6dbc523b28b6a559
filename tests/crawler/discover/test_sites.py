"""A page and a robots.txt tell what a site may be read by; the most promising is tried first."""

from __future__ import annotations

import pytest

from crawler.discover.sites import MOST_LINKED, MOST_NAMED, Hint, hints

URL = "https://news.example/start/"


def page(*links: str, base: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head>{base}{''.join(links)}</head><body>Hi{body}</body></html>".encode()


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = "") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def named(*links: str, base: str = "", url: str = URL) -> list[str]:
    return [one.url for one in hints(page(*links, base=base), url) if one.how == "named by the page"]


def test_feeds_are_named_in_the_order_of_the_page_and_made_absolute() -> None:
    links = (
        link("/rss"),
        link("//cdn.example/y", "application/atom+xml"),
        link("https://feeds.example/x", "application/feed+json"),
    )
    assert named(*links) == ["https://news.example/rss", "https://cdn.example/y", "https://feeds.example/x"]


def test_the_comments_and_the_parts_come_last_and_those_of_the_sources_own_folder_first() -> None:
    links = (
        link("/comments/feed"),
        link("/category/sport/feed"),
        link("/feed"),
        link("/start/feed"),
    )
    assert named(*links) == [
        f"https://news.example/{path}" for path in ("start/feed", "feed", "category/sport/feed", "comments/feed")
    ]
    assert named(link("/c", title="Post comments"), link("/feed"))[0] == "https://news.example/feed"


@pytest.mark.parametrize(
    "one",
    [
        link("/x", kind="application/json+oembed"),
        link("/x", rel="stylesheet"),
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        link("http://["),
        "<link>",
    ],
)
def test_what_is_no_feed_is_passed_over(one: str) -> None:
    assert named(one, link("/feed")) == ["https://news.example/feed"]


def test_the_type_may_carry_a_charset_and_the_relation_other_words() -> None:
    assert named(link("/feed", kind="Application/RSS+XML; charset=utf-8", rel="ALTERNATE home")) == [
        "https://news.example/feed"
    ]


def test_the_pages_base_counts_and_a_feed_named_twice_is_tried_once() -> None:
    assert named(link("feed"), link("feed"), base='<base href="/news/">') == ["https://news.example/news/feed"]


@pytest.mark.parametrize("body", [b"", b"\x00", b"   ", b"<", b"\xff\xfe", b"<!-- -->", b"plain words", b"<a" * 9999])
def test_a_page_that_is_none_leaves_the_usual_places(body: bytes) -> None:
    assert {one.how for one in hints(body, URL)} == {"a usual place"}


def test_links_to_feeds_are_hints_too_but_not_those_elsewhere() -> None:
    body = (
        '<a href="/services/rss.php">Subscribe</a><a href="/xml/all">RSS</a><a href="https://reader.example/feed">x</a>'
        '<a href="/feedback">Feedback</a><a href="/news/atomic-clocks">Atomic clocks</a>'
    )
    linked = [one.url for one in hints(page(body=body), URL) if one.how == "linked on the page"]
    assert linked == ["https://news.example/services/rss.php", "https://news.example/xml/all"]


def test_news_sitemaps_of_robots_txt_come_before_guesses_and_the_others_after() -> None:
    maps = ("https://news.example/sitemap_index.xml", "https://news.example/arc/news-sitemap.xml")
    found = [one.url for one in hints(page(link("/rss.xml")), URL, sitemaps=maps)]
    order = [
        found.index(f"https://news.example/{path}")
        for path in ("rss.xml", "arc/news-sitemap.xml", "feed", "sitemap_index.xml", "sitemap.xml")
    ]
    assert order == sorted(order)


def test_no_page_makes_us_try_without_end() -> None:
    links = (link(f"/feeds/{n}") for n in range(500))
    body = "".join(f'<a href="/rss/{n}">RSS</a>' for n in range(500))
    maps = tuple(f"https://news.example/news{n}.xml" for n in range(500))
    assert len(hints(page(*links, body=body), URL, sitemaps=maps)) <= MOST_NAMED + MOST_LINKED + 2 + 6 + 2 + 3


def test_a_hint_knows_what_it_is_about() -> None:
    def hint(url: str, title: str = "") -> Hint:
        return Hint(url=url, kind="feed", how="named by the page", title=title)

    assert hint("https://a.example/comments/feed").is_of_comments
    assert hint("https://a.example/feed/podcast").is_podcast
    assert hint("https://a.example/tag/ports/feed").is_of_a_part
    assert hint("https://a.example/feed?cat=1", "The Ledger » Ports Category Feed").is_of_a_part
    plain = hint("https://a.example/feed", "The Ledger")
    assert not any((plain.is_of_comments, plain.is_podcast, plain.is_of_a_part))
