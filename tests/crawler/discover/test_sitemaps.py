"""Sitemaps of every kind are read, whatever is wrong with them, and hostile ones cost little."""

from __future__ import annotations

import contextlib
import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from stand_ins.hangs import no_hang

from crawler.discover.sitemaps import Listed, Sitemap, Submap, date_of, is_sitemap, parse_sitemap
from crawler.domain import Entry
from crawler.errors import ForbiddenFetchError, PermanentFetchError

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://news.example/sitemap.xml"
NOV = datetime(2026, 11, 1, tzinfo=UTC)

NEWS = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url>
  <loc> https://news.example/harbour?a=1&amp;b=2 </loc>
  <lastmod>2026-11-28T09:00:00Z</lastmod>
  <image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
  <n:news>
    <n:publication><n:name>The Harbour Ledger</n:name><n:language>zh-cn</n:language></n:publication>
    <n:publication_date>2026-11-28T08:00:00+01:00</n:publication_date>
    <n:title><![CDATA[Tariffs &amp; tides]]></n:title>
  </n:news>
</url>
</urlset>
"""


def urlset(*pages: tuple[str, str] | str) -> bytes:
    rows = (page if isinstance(page, tuple) else (page, "") for page in pages)
    urls = "".join(f"<url><loc>{url}</loc>{date and f'<lastmod>{date}</lastmod>'}</url>" for url, date in rows)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def links(sitemap: Sitemap) -> list[str]:
    return [one.entry.link for one in sitemap.listed]


def test_a_news_sitemap_gives_title_date_and_language() -> None:
    sitemap = parse_sitemap(NEWS.encode(), URL)
    published = datetime.fromisoformat("2026-11-28T08:00:00+01:00")
    link = "https://news.example/harbour?a=1&b=2"
    entry = Entry(link=link, title="Tariffs & tides", published=published, language="zh")
    assert sitemap == Sitemap(listed=(Listed(entry=entry, changed=published),), is_news=True)


def test_a_general_sitemap_says_when_a_page_changed_and_not_when_it_was_published() -> None:
    sitemap = parse_sitemap(urlset(("https://news.example/a", "2026-11-01")), URL)
    assert sitemap.listed == (Listed(entry=Entry(link="https://news.example/a"), changed=NOV),)
    assert not sitemap.is_news


def test_the_newest_come_first_and_what_has_no_date_last() -> None:
    pages = ("https://a.example/1", ("https://a.example/2", "2025-01-01"), ("https://a.example/3", "2026-01-01"))
    assert [link[-1] for link in links(parse_sitemap(urlset(*pages), URL))] == ["3", "2", "1"]


def test_of_a_long_sitemap_the_newest_ten_thousand_are_kept() -> None:
    days = [(f"https://a.example/{n}", f"20{n % 20 + 10}-01-01") for n in range(12_000)]
    kept = parse_sitemap(urlset(*days), URL).listed
    assert len(kept) == 10_000
    assert min(one.changed.year for one in kept if one.changed) == 2013


def test_an_index_lists_sitemaps() -> None:
    index = (
        b"<sitemapindex><sitemap><loc>https://a.example/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        b"<sitemap><loc><![CDATA[https://a.example/new.xml.gz]]></loc><lastmod>2026-11-01</lastmod></sitemap>"
        b"<sitemap><loc>javascript:alert(1)</loc></sitemap></sitemapindex>"
    )
    sitemap = parse_sitemap(index, URL)
    assert sitemap.maps[0] == Submap(url="https://a.example/new.xml.gz", changed=NOV)
    assert (len(sitemap.maps), sitemap.listed, sitemap.refused) == (2, (), 1)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_packed_sitemap_is_told_by_its_bytes(layers: int) -> None:
    body = urlset("https://a.example/1")
    for _ in range(layers):
        body = gzip.compress(body)
    assert links(parse_sitemap(body, URL)) == ["https://a.example/1"]


def test_a_packed_sitemap_that_was_cut_off_gives_what_it_has() -> None:
    pages = [f"https://a.example/{n * 7919}" for n in range(1000)]
    found = links(parse_sitemap(gzip.compress(urlset(*pages))[:3000], URL))
    assert found
    assert set(found) < set(pages)


def test_plain_lines_of_addresses_are_a_sitemap() -> None:
    body = "\ufeffhttps://a.example/1\r\n\r\nhttps://a.example/2?x=1\r\n".encode()
    assert links(parse_sitemap(body, URL)) == ["https://a.example/1", "https://a.example/2?x=1"]


def test_a_feed_serves_as_a_sitemap() -> None:
    item = "<item><title>One</title><link>/1</link><pubDate>Sun, 01 Nov 2026 00:00:00 GMT</pubDate></item>"
    (one,) = parse_sitemap(f'<rss version="2.0"><channel>{item}</channel></rss>'.encode(), URL).listed
    assert (one.entry.link, one.entry.title, one.changed) == ("https://news.example/1", "One", NOV)


BROKEN: dict[str, tuple[str, list[str]]] = {
    "ampersand": (
        "<urlset><url><loc>https://a.example/?a=1&b=2</loc></url></urlset>",
        ["https://a.example/?a=1&b=2"],
    ),
    "cut off": (
        "<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.exa",
        ["https://a.example/1"],
    ),
    "no namespace declared": (
        "<urlset><url><loc>https://a.example/1</loc><news:news><news:title>T</news:title></news:news></url></urlset>",
        ["https://a.example/1"],
    ),
    "control character": (
        "<urlset><url><loc>https://a.example/1\x00</loc></url></urlset>",
        ["https://a.example/1"],
    ),
    "wrong end tag": (
        "<urlset><url><loc>https://a.example/1</loc></urls><url><loc>https://a.example/2</loc></url></urlset>",
        ["https://a.example/1"],
    ),
    "comment and blanks before the declaration": (
        "\n<!-- x > y --><?xml version='1.0'?>\n<urlset><url><loc>https://a.example/1</loc></url></urlset>",
        ["https://a.example/1"],
    ),
    "other addresses": (
        "<urlset><url><loc>ftp://a.example/1</loc></url><url><loc/></url><url><loc>https://a.example/2</loc></url></urlset>",
        ["https://a.example/2"],
    ),
    "other languages of the page": (
        '<urlset xmlns:xhtml="x"><url><loc>https://a.example/1</loc><xhtml:link href="https://a.example/de"/></url></urlset>',
        ["https://a.example/1"],
    ),
}


@pytest.mark.parametrize(("broken", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_can_be_read_of_a_broken_sitemap_is_read(broken: str, expected: list[str]) -> None:
    assert links(parse_sitemap(broken.encode(), URL))[: len(expected)] == expected


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE urlset [<!ENTITY a "ha">]><urlset><url><loc>https://a.example/&a;</loc></url></urlset>',
        b'<!DOCTYPE urlset SYSTEM "x" [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><urlset/>',
        b"<html><body>Not found</body></html>",
        b"",
        b"\x1f\x8bnot packed at all",
        b"words\nhttps://a.example/1",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_no_sitemap_or_declares_entities_is_refused(body: bytes) -> None:
    with pytest.raises(PermanentFetchError):
        parse_sitemap(body, URL)


HOSTILE = {
    "deep": b"<urlset>" + b"<url>" * 300_000,
    "wide": b"<urlset><url>" + b"<a/>" * 300_000,
    "one text": b"<urlset><url><loc>" + b"x" * 5_000_000,
    "attributes": b"<urlset><url " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/></urlset>",
    "ampersands": b"<urlset><url><loc>" + b"&" * 300_000,
    "a prolog without end": b"<!--" * 300_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_sitemap_costs_little_and_gives_nothing(body: bytes) -> None:
    found = []
    with no_hang(), contextlib.suppress(PermanentFetchError):
        found = links(parse_sitemap(body, URL))
    assert found == []


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b" " * 100_000_000)
    with pytest.raises(ForbiddenFetchError, match="20 MiB"):
        parse_sitemap(bomb, URL)


def test_an_endless_sitemap_costs_no_more_than_a_long_one() -> None:
    pages = [f"https://a.example/{n}" for n in range(60_000)]
    assert len(links(parse_sitemap(urlset(*pages), URL))) == 10_000


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-11-01", NOV),
        ("2026-11-01T00:00:00Z", NOV),
        ("2026-11-01T01:00+01:00", NOV),
        ("2026-11-01T00:00:00.000Z", NOV),
        ("2026-11-01 midnight", NOV),
        ("Sun, 01 Nov 2026 00:00:00 GMT", NOV),
        ("", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31", None),
    ],
)
def test_dates_are_read_as_sitemaps_write_them(text: str, date: datetime | None) -> None:
    assert date_of(text) == date


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (urlset(), True),
        (gzip.compress(urlset(), mtime=0), True),
        (b"<html>", False),
        (b"\x1f\x8b", False),
        (b"<rss/>", False),
    ],
)
def test_a_sitemap_is_told_by_its_bytes(body: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_sitemap(body) is expected


@pytest.mark.parametrize(
    ("name", "listed", "maps", "is_news"),
    [
        ("wapo_news_sitemap.xml", 4, 0, True),
        ("ultimate-sitemap-parser__google-news.xml", 2, 0, True),
        ("ultimate-sitemap-parser__simple-urlset.xml", 2, 0, False),
        ("ultimate-sitemap-parser__hreflang.xml", 2, 0, False),
        ("ultimate-sitemap-parser__rss2.0.xml", 2, 0, False),
        ("ultimate-sitemap-parser__atom0.3.xml", 2, 0, False),
        ("ultimate-sitemap-parser__atom1.0.xml", 2, 0, False),
        ("trafilatura__sitemap.xml", 84, 0, False),
        ("trafilatura__sitemap2.xml", 0, 2, False),
    ],
)
def test_captured_sitemaps_are_read_whole(shared: Path, name: str, listed: int, maps: int, is_news: bool) -> None:  # noqa: FBT001
    sitemap = parse_sitemap((shared / "data/feeds/captured" / name).read_bytes(), URL)
    assert (len(sitemap.listed), len(sitemap.maps), sitemap.is_news) == (listed, maps, is_news)
    if is_news:
        assert all(one.entry.title and one.entry.published for one in sitemap.listed)
