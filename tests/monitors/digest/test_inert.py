"""Text and links from the web become inert."""

from __future__ import annotations

import re
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
        ("Hangul\u3164\u115f \uffa0fillers\u2800", "Hangul fillers "),
        ("tags \U000e0041\U000e007f, selectors a\ufe00\U000e0101\u034f", "tags , selectors a"),
        ("no\ufdd0 \U0001ffff\U0010fffe", "no "),
        ("\u200d\ufe0f \u200dalone a\u200d\u200d\u200cb", " alone a\u200db"),
        ("z" + "\u0301" * 1_000 + "algo", "z\u0301\u0301\u0301\u0301algo"),
        ("c" + "\u0e49\u200d" * 1_000 + "d", "c" + "\u0e49\u200d" * 4 + "d"),
        ("Vie\u0302\u0323t Nam, שָׁלוֹם, ന്\u200d ക്ഷ", "Vie\u0302\u0323t Nam, שָׁלוֹם, ന്\u200d ക്ഷ"),
        ("👩🏽\u200d🚒 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 🇨🇭", "👩🏽\u200d🚒 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 🇨🇭"),
        ("می\u200cخواهم 👩\u200d💻 São", "می\u200cخواهم 👩\u200d💻 São"),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    assert plain(text) == expected


# What its category does not tell: letters and marks that are none to the eye (Unicode's default ignorables, a blank).
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\ufdd0-\ufdef\U000e0000-\U000e0fff]"
)
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
strange = st.one_of(
    st.text(),
    st.text(f"a é\u0301\u0338\u20dd\u0e49{JOINERS}\u2800\u3164\U000e0061\u202e\n\x1b\ud800", max_size=60),
)


def is_unseen(char: str) -> bool:
    category = unicodedata.category(char)
    if char in JOINERS:
        return False
    is_none = ord(char) & 0xFFFE == 0xFFFE
    return (
        category in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or is_none
        or bool(UNSEEN.match(char))
        or char.isspace() > (char == " ")
    )


@pytest.mark.parametrize("plane", range(17))
def test_no_character_that_nobody_sees_is_kept(plane: int) -> None:
    everything = [chr(code) for code in range(plane << 16, (plane + 1) << 16)]
    kept = set(plain("".join(everything)))
    assert not [char for char in kept if is_unseen(char)]
    lost = {char for char in everything if not is_unseen(char)} - kept
    # of a pile of marks, or not yet a character
    assert {unicodedata.category(char) for char in lost - set(JOINERS)} <= {"Mn", "Me", "Cn"}


@given(strange)
def test_plain_text_is_one_line_of_visible_characters_and_stays_as_it_is(text: str) -> None:
    done = plain(text)
    assert plain(done) == done
    assert not [char for char in done if is_unseen(char)]
    assert "  " not in done
    assert not re.search(rf"(^|\s|[\u200c\u200d])[{JOINERS}]|[\ufe0e\ufe0f]{{2}}", done)


@given(strange)
def test_marks_do_not_pile_up(text: str) -> None:
    shape = "".join(
        "m" if unicodedata.category(c) in {"Mn", "Me"} else c for c in plain(text) if c not in "\u200c\u200d"
    )
    assert "mmmmm" not in shape


@given(strange, st.integers(1, 40))
def test_a_shortened_text_stands_on_its_own(text: str, length: int) -> None:
    short = shorten(text, length)
    assert short == plain(short).strip()
    assert not short or unicodedata.category(short[0])[0] not in "MZ"


def test_a_text_of_which_nothing_is_seen_is_none() -> None:
    assert shorten("\u3164\u200d\u0301\u2800 \u202e", 20) == ""


@pytest.mark.parametrize("start", ["x" * 100_000, "\u200b" * 100_000, "x\u0301" * 50_000, "\u0301" * 100_000])
def test_of_a_text_without_end_only_the_start_is_looked_at(start: str) -> None:
    assert shorten(start, 20).endswith("…")


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
        ("bank.\u0301example", True),
        ("bank\u2024example", True),
        ("https://bank/login", True),
        ("http://192.0.2.7/login", True),
        ("https://www.news.example:8080/a", False),
        ("U.S. and U.K. agree on 3.5 percent", False),
    ],
)
def test_a_label_that_names_another_host_misleads(label: str, misleads: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert names_another_host(label, "https://www.news.example/a") is misleads
