"""Feeds as the world sends them: well-formed, broken, hostile and huge."""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from stand_ins.hangs import no_hang

from crawler.discover.feeds import is_feed, parse_feed, plain_text
from crawler.errors import PermanentFetchError

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://news.example/feeds/all.xml"


def rss(items: str, *, before: str = "", declaration: str = '<?xml version="1.0"?>') -> bytes:
    return f'{declaration}{before}<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def item(link: str = "/1", title: str = "One", rest: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{rest}</item>"


def test_an_entry_carries_what_the_feed_says() -> None:
    feed = parse_feed(
        rss(
            item(
                "../2026/11/one?utm_source=rss",
                "Law &amp;amp; order &lt;b&gt;now&lt;/b&gt;",
                "<description>&lt;p&gt;First.&lt;/p&gt;&lt;p&gt;Then &lt;script&gt;x()&lt;/script&gt;second.&lt;/p&gt;"
                "</description>"
                "<author>ann@news.example (Ann Other)</author><pubDate>Mon, 23 Nov 2026 07:05:00 +0100</pubDate>",
            )
        ),
        URL,
    )
    (entry,) = feed.entries
    assert feed.title == "News"
    assert entry.link == "https://news.example/2026/11/one"
    assert entry.address == "https://news.example/2026/11/one?utm_source=rss"
    assert entry.title == "Law & order now"
    assert entry.summary == "First. Then second."
    assert entry.authors == ("Ann Other",)
    assert entry.published == datetime(2026, 11, 23, 7, 5, tzinfo=timezone(timedelta(hours=1)))


def test_an_atom_entry_does_too() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/a/"><title>T</title>
      <entry><title type="html">A &amp;lt;em&gt;b</title><link rel="self" href="/self"/><link href="one"/>
      <author><name>Ann</name></author><author><name>Bob</name></author><updated>2026-11-23T06:05:00Z</updated>
      <summary>Short</summary></entry></feed>"""
    (entry,) = parse_feed(body, URL).entries
    assert entry.link == "https://other.example/a/one"
    assert entry.authors == ("Ann", "Bob")
    assert entry.published == datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    assert entry.summary == "Short"


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("<category>Ports &amp;amp; &lt;b&gt;Sea&lt;/b&gt;</category>", ("Ports & Sea",)),
        ("<category>Trade</category><category> </category><category/><category>Trade</category>", ("Trade",)),
        ("<category domain='x' term='t7' label='Kultur'/>", ("Kultur",)),
        ("<dc:subject xmlns:dc='http://purl.org/dc/elements/1.1/'>Trade</dc:subject>", ("Trade",)),
        (f"<category>{'x' * 101}</category><category>{'y' * 100}</category>", ("y" * 100,)),
        ("".join(f"<category>{n}</category>" for n in range(25)), tuple(map(str, range(20)))),
        ("", ()),
    ],
    ids=["text", "repeated", "label", "Dublin Core", "too long", "too many", "none"],
)  # fmt: skip
def test_an_entry_carries_its_categories(written: str, understood: tuple[str, ...]) -> None:
    (entry,) = parse_feed(rss(item(rest=written)), URL).entries
    assert entry.categories == understood


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("Mon, 23 Nov 2026 07:05:00 GMT", datetime(2026, 11, 23, 7, 5, tzinfo=UTC)),
        ("2026-11-23T07:05:00+09:00", datetime(2026, 11, 22, 22, 5, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 07:05:00", datetime(2026, 11, 23, 7, 5, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("yesterday", None),
        ("99999-01-01", None),
        ("", None),
    ],
)
def test_a_date_is_aware_or_not_there(written: str, understood: datetime | None) -> None:
    (entry,) = parse_feed(rss(item(rest=f"<pubDate>{written}</pubDate>")), URL).entries
    assert entry.published == understood


def test_the_date_of_a_change_stands_in_for_a_missing_one() -> None:
    body = rss(item(rest="<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>2026-11-23T06:00:00Z</atom:updated>"))
    assert parse_feed(body, URL).entries[0].published == datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/1",
        "http://",
        "http://[::1",
        "mailto:a@b.example",
    ],
)
def test_a08_a_link_that_is_no_address_of_the_web_is_dropped_and_counted(link: str) -> None:
    feed = parse_feed(rss(item(link) + item("/2")), URL)
    assert [entry.link for entry in feed.entries] == ["https://news.example/2"]
    assert feed.refused == (0 if "[" in link else 1)  # feedparser drops that one by itself


def test_the_same_article_is_named_once() -> None:
    feed = parse_feed(rss(item("/1?utm_source=a") + item("/1?utm_source=b", "Again") + item("/2")), URL)
    assert [entry.title for entry in feed.entries] == ["One", "One"]
    assert len(feed.entries) == 2


def test_the_publishers_link_is_preferred_to_feedburners() -> None:
    original = (
        "<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>/own</feedburner:origLink>"
    )
    (entry,) = parse_feed(rss(item("http://feedproxy.example/~r/1", rest=original)), URL).entries
    assert entry.link == "https://news.example/own"


@pytest.mark.parametrize("where", ["title", "description"])
def test_text_is_free_of_what_nobody_is_meant_to_see(where: str) -> None:
    item_ = f"<item><link>/1</link><{where}>a\u202eb\u200bcd</{where}></item>"
    (entry,) = parse_feed(rss(item_), URL).entries
    assert (entry.title or entry.summary) == "abcd"


@pytest.mark.parametrize(
    "reference",
    [
        "&#55296;",
        "&#xd800;",
        "&#xDFFF;",
        "&#0;",
        "&#x0001;",
        "&#x110000;",
        "&#99999999999;",
        f"&#{'9' * 5_000};",
        "&#xffff;",
    ],
)
@pytest.mark.parametrize("where", ["title", "description"])
def test_a_character_that_there_is_not_costs_no_entry(where: str, reference: str) -> None:
    hostile = f"<item><link>/1</link><{where}>ab{reference}cd</{where}></item>"
    one, other = parse_feed(rss(hostile + item("/2", "Two")), URL).entries
    assert (one.title or one.summary) == "abcd"
    assert other.title == "Two"


def test_a_character_that_is_spelled_out_is_read() -> None:
    (entry,) = parse_feed(rss(item(title="A &#8217;s &#x1F680; &#0000065;&#38;amp; &#x41")), URL).entries
    assert entry.title == "A ’s 🚀 A& A"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<p>one</p><p>two</p>", "one two"),
        ("<b>A</b>mazon", "Amazon"),
        ("a<br/>b", "a b"),
        ("AT&amp;T &#8217;s", "AT&T ’s"),
        ("<script>x</script>y<!-- z --><style>q</style>", "y"),
        ("<", "<"),
        ("<!", ""),
        ("", ""),
        ("<b" * 5_000, ""),
    ],
)
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "utf-7", "undefined", "rot13", "no-such", "\x00"]
)
@pytest.mark.parametrize("where", ["header", "declaration"])
def test_a_hostile_charset_changes_nothing(charset: str, where: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{charset}"?>' if where == "declaration" else ""
    body = rss(item(title="Zürich \\u0041 +AEE-"), declaration=declaration)
    (entry,) = parse_feed(body, URL, charset if where == "header" else None).entries
    assert entry.title == "Zürich \\u0041 +AEE-"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_declared_charset_is_read(codec: str) -> None:
    body = rss(item(title="Zürich"), declaration=f'<?xml version="1.0" encoding="{codec}"?>').decode().encode(codec)
    assert parse_feed(body, URL).entries[0].title == "Zürich"


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<html><body>Hello</body></html>", b"<!DOCTYPE html><p>rss</p>", b'{"version": "https://jsonfeed.org"}',
     b"\x1f\x8b\x08", b"<urlset/>", b"<!-- <rss> -->", b"\x00" * 99, "<rss>".encode("utf-7").replace(b"<", b"+")],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    assert not is_feed(body)
    with pytest.raises(PermanentFetchError, match="not a feed"):
        parse_feed(body, URL)


@pytest.mark.parametrize(
    "body", [b"\xef\xbb\xbf  \n<rss/>", b"<!-- hi --><?xml-stylesheet?><rss/>", b"<x:feed/>", b"<rdf:RDF/>"]
)
def test_a_feed_is_told_by_its_first_element(body: bytes) -> None:
    assert is_feed(body)
    assert parse_feed(body, URL).entries == ()


def test_an_empty_feed_is_a_feed() -> None:
    assert parse_feed(rss(""), URL).entries == ()


@pytest.mark.parametrize(
    "body",
    [
        rss(item("/1", "Before") + "<item><title>R&D < all"),
        rss(item("/1", "Before") + "</wrong>"),
        rss(item("/1", "Before"))[:-20],
        rss(item("/1", "Before\x00\x0b")),
        rss(item("/1", "Before") + "<undeclared:tag>x</undeclared:tag>"),
    ],
)
def test_an_ill_formed_feed_gives_what_can_be_read(body: bytes) -> None:
    assert parse_feed(body, URL).entries[0].title.startswith("Before")


ENTITIES = {
    "billion-laughs": '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
        f'<!ENTITY {chr(c + 1)} "{f"&{chr(c)};" * 10}">' for c in range(98, 108)
    ),
    "quadratic": f'<!ENTITY a "{"B" * 50_000}">',
    "external": '<!ENTITY a SYSTEM "file:///etc/passwd">',
    "parameter": '<!ENTITY % a SYSTEM "http://127.0.0.1:1/evil.dtd"> %a;',
    "lower-case": '<!entity a "x">',
    "hides-a-root": '<!ENTITY a "<rss>">',
}  # fmt: skip


@pytest.mark.parametrize("declared", ENTITIES.values(), ids=ENTITIES.keys())
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_c01_a_feed_that_declares_entities_is_refused(declared: str, codec: str) -> None:
    body = rss(item(title="&a;" * 1000), before=f"<!DOCTYPE rss [{declared}]>", declaration="").decode().encode(codec)
    with no_hang(), pytest.raises(PermanentFetchError, match="entities"):
        parse_feed(body, URL)


HIDDEN = {
    "behind a long comment": f"<!-- <rss> {'x' * 40_000} --><!DOCTYPE rss [<!ENTITY a 'ha'>]>",
    "behind many comments": "<!-- - -->" * 9_000 + "<!DOCTYPE rss [<!ENTITY a 'ha'>]>",
    "behind an instruction": f"<?rss {'<rss>' * 9_000}?><!DOCTYPE rss [<!ENTITY a 'ha'>]>",
    "behind blanks": f"{' ' * 40_000}<!DOCTYPE rss [<!ENTITY a 'ha'>]>",
    "behind a quoted root": "<!DOCTYPE rss SYSTEM '<rss>' [<!ENTITY a 'ha'>]>",
    "behind a notation": "<!DOCTYPE rss [<!NOTATION n SYSTEM '<rss>'> <!-- > --> <!ENTITY a 'ha'>]>",
    "behind an attribute": '<!DOCTYPE rss [<!ATTLIST rss x CDATA "]><rss>"><!ENTITY a \'ha\'>]>',
}  # fmt: skip


@pytest.mark.parametrize("before", HIDDEN.values(), ids=HIDDEN.keys())
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_c01_entities_are_found_wherever_their_declaration_hides(before: str, codec: str) -> None:
    body = rss(item(title="&a;"), before=before).decode().encode(codec)
    with pytest.raises(PermanentFetchError, match="entities"):
        parse_feed(body, URL)


def test_c01_an_article_about_entities_is_read() -> None:
    about = "<title><![CDATA[What <!ENTITY a SYSTEM 'x'> does]]></title><!-- <!ENTITY b 'x'> -->"
    (entry,) = parse_feed(rss(f"<item><link>/1</link>{about}</item>"), URL).entries
    assert entry.title.startswith("What")


@pytest.mark.parametrize(
    "padding", ["<!--", "<?", "<!", "<!DOCTYPE rss [", "<", '<!"', "< ", "\n", "<!-- -->", "<?x?>"]
)
def test_a_prolog_that_never_ends_takes_no_time(padding: str) -> None:
    body = (padding * (1_000_000 // len(padding))).encode()
    with no_hang(), pytest.raises(PermanentFetchError):
        parse_feed(body, URL)


@pytest.mark.parametrize("blanks", [" ", "\n", "\t"])
def test_blanks_without_end_cost_no_more_than_others(blanks: str) -> None:
    body = rss(item() + blanks * 400_000)
    with no_hang():
        assert len(parse_feed(body, URL).entries) == 1


BEFORE = {
    "blank lines": "\n\n  ",
    "a byte order mark twice": "\ufeff\ufeff",
    "a warning of PHP": "<br />\n<b>Warning</b>: Undefined index in <b>/www/feed.php</b> on line <b>7</b><br />\n",
    "a line of text": "Notice: something happened in line 7\n",
    "a comment": "<!-- cached -->\n",
}  # fmt: skip


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_what_stands_before_a_feed_is_passed_over(before: str) -> None:
    body = before.encode() + rss(item())
    assert is_feed(body)
    assert [entry.title for entry in parse_feed(body, URL).entries] == ["One"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("declared", ["utf-16", "utf-8", "windows-1252"])
def test_wide_encodings_are_told_by_their_bytes(codec: str, declared: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    body = rss(item(title="Zürich 市"), declaration=declaration).decode().encode(codec)
    assert is_feed(body)
    assert parse_feed(body, URL).entries[0].title == "Zürich 市"


@pytest.mark.parametrize("header", [None, "iso-8859-1", "utf-16", "no-such"])
def test_a_wrong_charset_does_not_break_what_is_utf_8(header: str | None) -> None:
    body = rss(item(title="Zürich 市"), declaration='<?xml version="1.0" encoding="windows-1252"?>')
    assert parse_feed(body, URL, header).entries[0].title == "Zürich 市"


def test_a_feed_that_is_packed_and_does_not_say_so_is_read() -> None:
    body = gzip.compress(rss(item()))
    assert is_feed(body)
    assert parse_feed(body, URL).entries[0].title == "One"


def test_a_packed_bomb_is_refused_at_its_limit() -> None:
    body = gzip.compress(rss(" " * 40_000_000))
    with pytest.raises(PermanentFetchError, match="larger than 10 MiB when decompressed"):
        parse_feed(body, URL)


@pytest.mark.parametrize(
    ("body", "called"),
    [
        (b"<!DOCTYPE html><html><head><title>Just a  moment...</title>", "an HTML page called “Just a moment...”"),
        (b"<html><p>Hello</p></html>", "an HTML page"),
        (b"<urlset/>", "a sitemap"),
        (b"<opml/>", "a list of feeds"),
        (b"<svg/>", "XML of another kind: <svg>"),
        (b'{"error": 403}', "JSON, but no JSON Feed"),
        (b"", "nothing was sent"),
        (b"Forbidden", "plain text"),
        (bytes(range(32)) * 40, "no text"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_called_what_it_is(body: bytes, called: str) -> None:
    with pytest.raises(PermanentFetchError) as refused:
        parse_feed(body, URL)
    assert str(refused.value).startswith(f"not a feed: {called}")


def test_ids_that_change_with_every_read_make_no_new_articles() -> None:
    first, second = (
        parse_feed(rss("".join(item(f"/{n}", rest=f"<guid>{read}-{n}</guid>") for n in range(1_000))), URL)
        for read in range(2)
    )
    assert [entry.link for entry in first.entries] == [entry.link for entry in second.entries]


@pytest.mark.parametrize(
    ("links", "led_to"),
    [
        ('<link rel="self" href="/self"/><link rel="alternate" href="/own"/><link rel="replies" href="/r"/>', "/own"),
        ('<link rel="enclosure" href="/1.mp3"/><link rel="related" href="/related"/>', "/related"),
        ('<link rel="replies" href="/r"/><link rel="enclosure" href="/1"/><link rel="self" href="/self"/>', "/self"),
        ('<link rel="replies" href="/replies"/><link rel="enclosure" href="/1.mp3"/>', "/1.mp3"),
        ('<link rel="edit" href="/edit"/><id>https://news.example/id</id>', "/id"),
    ],
)  # fmt: skip
def test_of_several_links_the_articles_own_comes_first(links: str, led_to: str) -> None:
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>{links}</entry></feed>'.encode()
    assert [entry.link for entry in parse_feed(body, URL).entries] == [f"https://news.example{led_to}"]


def test_the_old_doctype_of_rss_091_does_no_harm() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:1/rss-0.91.dtd">'
    assert len(parse_feed(rss(item(), before=doctype), URL).entries) == 1


@pytest.mark.parametrize("empty", [False, True], ids=["articles", "self-closed"])
def test_an_endless_feed_ends_after_ten_thousand_entries(*, empty: bool) -> None:
    body = rss("".join(item(f"/{n}") for n in range(10_500)) if not empty else item() + "<item/>" * 300_000)
    feed = parse_feed(body, URL)
    assert len(feed.entries) == (1 if empty else 10_000)
    assert feed.entries[0].link == ("https://news.example/1" if empty else "https://news.example/0")


def test_hostile_xml_is_read_or_refused(shared: Path) -> None:
    for path in sorted((shared / "data" / "hostile" / "xml").iterdir()):
        with no_hang(), contextlib.suppress(PermanentFetchError):
            assert "root:" not in repr(parse_feed(path.read_bytes(), URL)), path.name


def test_captured_feeds_are_read_whole(shared: Path) -> None:
    folder = shared / "data" / "feeds"
    known = {}
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        known[row["file"].rsplit("/", 1)[-1]] = row
    read = 0
    for path in sorted((folder / "captured").iterdir()):
        row = known.get(path.name, {})
        if row.get("class") != "real-capture" and "entries_with_link" not in row:
            continue
        feed = parse_feed(path.read_bytes(), URL)
        addresses = len(feed.entries) + feed.refused
        # the files made by hand repeat links, on purpose
        assert addresses >= row["entries_with_link"] or row.get("class") == "synthetic-or-small", path.name
        read += 1
    assert read > 20
