"""Lists of feeds become sources whatever state they are in, and sources become lists of feeds."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Source
from crawler.errors import NewsvaneError
from crawler.extract.clean import one_line
from crawler.opml import read_opml, write_opml

if TYPE_CHECKING:
    from pathlib import Path


def opml(outlines: str) -> bytes:
    head = "<head><title>Mine</title></head>"
    return f'<?xml version="1.0"?><opml version="2.0">{head}<body>{outlines}</body></opml>'.encode()


def feed(name: str = "Gazette", url: str = "https://gazette.example/feed", rest: str = "") -> str:
    return f'<outline type="rss" text="{name}" xmlUrl="{url}" {rest}/>'


def test_a_feed_is_a_source() -> None:
    read = read_opml(opml(feed("The Gazette", rest='htmlUrl="https://gazette.example" language="en-us"')))
    assert read.sources == [
        Source(id="the-gazette", url="https://gazette.example/feed", name="The Gazette", language="en")
    ]
    assert read.skipped == []


def test_folders_are_groups_nested_ones_too() -> None:
    folders = f'<outline text="Asia"><outline title="China" text="x">{feed()}</outline></outline>{feed("B", "https://b.example")}'
    first, second = read_opml(opml(folders)).sources
    assert first.groups == {"Asia", "China"}
    assert second.groups == frozenset()


def test_a_feed_in_two_folders_is_one_source_in_two_groups() -> None:
    (source,) = read_opml(opml(f'<outline text="A">{feed()}</outline><outline text="B">{feed()}</outline>')).sources
    assert source.groups == {"A", "B"}


def test_sources_of_one_name_have_ids_of_their_own() -> None:
    feeds = "".join(feed("News", f"https://{host}.example/feed") for host in "abc")
    assert [source.id for source in read_opml(opml(feeds)).sources] == ["news", "news-2", "news-3"]


def test_a_source_without_a_name_is_called_after_its_address() -> None:
    (source,) = read_opml(opml(feed(name=" "))).sources
    assert (source.id, source.name) == ("gazette.example-feed", "gazette.example-feed")


def test_a_site_without_a_feed_is_a_source_whose_feed_is_found() -> None:
    (source,) = read_opml(opml('<outline text="Gazette" type="link" url="https://gazette.example"/>')).sources
    assert (source.url, source.type) == ("https://gazette.example", "auto")


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (feed(url="feed:///etc/passwd"), "needs an address"),
        (feed(url="javascript:alert(1)"), "needs an address"),
        (feed(url="https://u:p@gazette.example/feed"), "must not hold a user name or a password"),
        ('<outline text="Gazette" type="rss"/>', "has no address"),
        ('<outline text="Gazette" type="include" url="https://gazette.example/all.opml"/>', "is a list of its own"),
    ],
)  # fmt: skip
def test_what_becomes_no_source_is_named_with_its_reason(outline: str, reason: str) -> None:
    read = read_opml(opml(outline + feed("Other", "https://other.example")))
    assert [source.name for source in read.sources] == ["Other"]
    (skipped,) = read.skipped
    assert skipped.name == "Gazette"
    assert skipped.reason.startswith(reason)


BROKEN = {
    "bare ampersands": opml(feed("R&D", "https://gazette.example/feed?a=1&b=2")),
    "no end": opml(feed("R&D", "https://gazette.example/feed?a=1&amp;b=2"))[:-14],
    "an entity of HTML": opml(feed("R&amp;D&nbsp;", "https://gazette.example/feed?a=1&amp;b=2")),
    "two roots": opml(feed("R&amp;D", "https://gazette.example/feed?a=1&amp;b=2")) * 2,
    "capital letters": opml(feed("R&amp;D", "https://gazette.example/feed?a=1&amp;b=2")).replace(b"xmlUrl", b"XMLURL"),
    "junk before it": b"\n \xef\xbb\xbfWarning: x <br>\n" + opml(feed("R&amp;D", "https://gazette.example/feed?a=1&amp;b=2")),
    "control characters": opml(feed("R\x00&amp;\x01D", "https://gazette.example/feed?a=1&amp;b=2")),
    "UTF-16": opml(feed("R&amp;D", "https://gazette.example/feed?a=1&amp;b=2")).decode().encode("utf-16"),
    "no quotes": b"<opml><outline text=R&amp;D xmlUrl=https://gazette.example/feed?a=1&amp;b=2></opml>",
    "an undeclared prefix": opml(feed("R&amp;D", "https://gazette.example/feed?a=1&amp;b=2", 'x:y="z"')),
}  # fmt: skip


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_list_is_read(body: bytes) -> None:
    (source,) = read_opml(body).sources
    assert (source.name, source.url) == ("R&D", "https://gazette.example/feed?a=1&b=2")


@pytest.mark.parametrize("body", [b"", b"   ", b"<html><p>Hello</p></html>", b"\x00\x01", b"{}", b"<rss/>"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(NewsvaneError, match=r"is (empty|no OPML)"):
        read_opml(body)


def test_entities_are_not_expanded_and_files_not_read() -> None:
    doctype = b'<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    read = read_opml(doctype + opml(feed("&b;&c;") + feed("B", "https://b.example")))
    assert "root:" not in repr(read)
    assert "haha" not in repr(read)


def test_ten_thousand_feeds_in_folders_that_never_end_are_read() -> None:
    outlines = "".join(f'<outline text="F{n}">{feed(f"N{n}", f"https://n{n}.example/")}' for n in range(1_000))
    read = read_opml(opml(outlines))
    assert len(read.sources) > 200  # how deep the parser goes is its own affair


def test_what_would_be_a_variable_of_the_environment_is_none() -> None:
    (source,) = read_opml(opml(feed("${HOME}", "https://gazette.example/${HOME}"))).sources
    assert "${" not in f"{source.name}{source.url}"


def test_real_feeds_keep_their_names_and_addresses(shared: Path) -> None:
    lines = (shared / "data" / "feeds" / "feed-sources.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["title"] and "@" not in row["feed_url"]]
    for well_formed in (True, False):
        quoted = escape if well_formed else lambda text: text.replace('"', "'")
        body = "".join(
            f'<outline text="{quoted(row["category"] or "-")}">'
            f"{feed(quoted(row['title']), quoted(row['feed_url']))}</outline>"
            for row in rows
        )
        read = read_opml(opml(body))
        assert {source.url for source in read.sources} == {row["feed_url"].strip() for row in rows}
        assert len({source.id for source in read.sources}) == len(read.sources)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    lambda name: name == one_line(name) and "${" not in name
)
hosts = st.text("abcdefghij", min_size=1, max_size=8)
paths = st.text("abc/?&=%;.-_~+'()", max_size=20)
sources = st.builds(
    lambda number, host, path, rest: Source(
        id=f"source-{number}", url=f"https://{host}.example/{number}{path}", **rest
    ),
    st.integers(0, 99),
    hosts,
    paths,
    st.fixed_dictionaries(
        {
            "name": names,
            "type": st.sampled_from(["auto", "feed", "sitemap", "section"]),
            "tier": st.none() | st.integers(1, 9),
            "country": st.sampled_from([None, "HK", "DE"]),
            "language": st.sampled_from([None, "en", "zh"]),
            "groups": st.frozensets(names, max_size=3),
        }
    ),
)


@given(st.lists(sources, max_size=8, unique_by=(lambda source: source.id, lambda source: source.url)), st.data())
def test_what_was_exported_is_imported_as_it_was(configured: list[Source], data: st.DataObject) -> None:
    found = data.draw(
        st.dictionaries(st.sampled_from([f"source-{n}" for n in range(99)]), st.just("https://found.example/feed"))
    )
    written = write_opml(configured, found)
    if not configured:
        return
    read = read_opml(written)
    assert read.skipped == []
    assert {source.id: source for source in read.sources} == {source.id: source for source in configured}


def test_other_programs_are_told_the_feed_that_was_found() -> None:
    site = Source(id="gazette", url="https://gazette.example", name="Gazette", groups=frozenset({"A", "B"}))
    written = write_opml([site], {"gazette": "https://gazette.example/feed"}).decode()
    assert written.count('xmlUrl="https://gazette.example/feed" htmlUrl="https://gazette.example"') == 2
    assert written.count('<outline text="A" title="A">') == 1


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        ("Feed://https://a.example/rss", "https://a.example/rss"),
    ],
)
def test_the_scheme_of_old_feed_readers_is_understood(written: str, url: str) -> None:
    outline = f'<opml><body><outline text="A" type="rss" xmlUrl="{written}"/></body></opml>'
    assert [source.url for source in read_opml(outline.encode()).sources] == [url]
