"""Text and links from the web become inert."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.digest.inert import link_host, names_another_host, plain, shorten, web_link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\r\nBcc: two", "one Bcc: two"),
        ("a\u2028b\u2029c\u0085d\x0be", "a b c d e"),
        ("safe \u202egnp.exe\u202c", "safe gnp.exe"),
        ("zero\u200bwidth soft\u00adhyphen \ufeff", "zerowidth softhyphen "),
        ("\x00nul \ud800surrogate \uffff", " nul surrogate "),
        ("می\u200cخواهم 👩\u200d💻 São", "می\u200cخواهم 👩\u200d💻 São"),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_plain_text_is_one_line_of_visible_characters_and_stays_as_it_is(text: str) -> None:
    done = plain(text)
    assert plain(done) == done
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in done)
    assert all(c in "\u200c\u200d" for c in done if unicodedata.category(c) == "Cf")


@given(st.text(), st.integers(1, 40))
def test_shortened_text_is_no_longer_than_asked_for(text: str, length: int) -> None:
    assert len(shorten(text, length)) <= length


def test_text_is_cut_between_words() -> None:
    assert shorten("the quick brown fox jumps", 20) == "the quick brown fox…"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://news.example/a?b=c&d=e#f", "https://news.example/a?b=c&d=e#f"),
        ("http://news.example:8080/a%20b", "http://news.example:8080/a%20b"),
        ("HTTPS://News.Example/A", "https://news.example/A"),
        ("https://新闻.example/网络?q=法", "https://xn--efvy88h.example/%E7%BD%91%E7%BB%9C?q=%E6%B3%95"),
        ("https://news.example/a|b>c<d\"e'f`g", "https://news.example/a%7Cb%3Ec%3Cd%22e'f%60g"),
        ("http://[2001:db8::1]:81/a", "http://[2001:db8::1]:81/a"),
        ("http://under_score.example/", "http://under_score.example/"),
    ],
)
def test_plain_web_addresses_are_links(url: str, link: str) -> None:
    assert web_link(url) == link
    assert web_link(link) == link


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "java\nscript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"),
        *(
            "//evil.example/",
            "/a",
            "",
            "https:",
            "https:///a",
            "https:/news.example",
            "ftp://news.example/",
            "mailto:a@b",
        ),
        *("https://bank.example@evil.example/", "https://a:b@evil.example/", "https://@evil.example/"),
        *("https://bank.example\\@evil.example/", "https:\\\\evil.example", "https://evil.example\\a"),
        *(
            "https://news.example/a b",
            "https://news.example/\ta",
            " https://news.example/",
            "https://news.example/\r\nX: y",
        ),
        *(
            "https://news.example/\u202egnp",
            "https://new\u200bs.example/",
            "https://[::1",
            "https://news.example:99999/",
        ),
        *(
            "https://news.example:x/",
            "https://exa<mple/",
            "https://" + "a" * 254,
            "https://a.example/" + "a" * 2_000,
            "https://ex%61mple/",
            "https://．/",
        ),
    ],
)
def test_what_is_no_plain_web_address_is_no_link(url: str) -> None:
    assert web_link(url) is None


@given(st.one_of(st.text(), st.text("htps:/\\@[]%.abc?#<>|\"' \t\n\u202e漢:0123").map("https://".__add__)))
def test_a_link_holds_nothing_that_markup_could_trip_over(url: str) -> None:
    link = web_link(url)
    if link is not None:
        assert link.isascii()
        assert link.isprintable()
        assert not set(link) & set(' <>"`|\\')
        assert link.startswith(("http://", "https://"))
        assert urlsplit(link).username is None
        assert link_host(link)
        assert web_link(link) == link


@pytest.mark.parametrize(
    ("label", "misleads"),
    [
        ("Chips, tariffs and a quiet market", False),
        ("News.example names a new editor", False),
        ("www.news.example", False),
        ("Booking.com is fined", True),
        ("https://bank.example/login", True),
        ("ｂａｎｋ．ｅｘａｍｐｌｅ", True),
        ("bank。example", True),
        ("ba\u200cnk.example", True),
        ("othernews.example", True),
        ("U.S. and U.K. agree on 3.5 percent", False),
    ],
)
def test_a_label_that_names_another_host_misleads(label: str, misleads: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert names_another_host(label, "https://www.news.example/a") is misleads
