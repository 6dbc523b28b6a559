from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.charset import codec_of, decode

GREETING = "Grüße aus Łódź, Ελλάδα и 東京"


@pytest.mark.parametrize(
    "label",
    ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined", "cp037", "rot13", "hex", "zlib"],
)
def test_what_no_browser_decodes_is_refused(label: str) -> None:
    assert codec_of(label) is None
    assert decode(b"caf\\u00e9 +AGEAYg- " + GREETING.encode(), label) == "caf\\u00e9 +AGEAYg- " + GREETING


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        (" UTF8 ", "utf-8"),
        ('"utf-8"', "utf-8"),
        ("latin1", "cp1252"),
        ("x-sjis", "cp932"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("windows-874", "cp874"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("", None),
        (None, None),
        ("no such thing", None),
        ("utf-8\0", None),
    ],
)
def test_labels_mean_what_they_mean_to_browsers(label: str | None, codec: str | None) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        pytest.param(codecs.BOM_UTF8 + GREETING.encode(), "latin1", GREETING, id="a byte order mark outranks all"),
        pytest.param(codecs.BOM_UTF16_BE + "Łódź".encode("utf-16-be"), None, "Łódź", id="UTF-16 by its mark"),
        pytest.param(GREETING.encode(), "iso-8859-1", GREETING, id="a server that says Latin-1 of everything"),
        pytest.param("Größe".encode("latin1"), "utf-8", "Größe", id="no UTF-8, though it says so"),
        pytest.param("Привет".encode("cp1251"), "windows-1251", "Привет", id="the header"),
        pytest.param(
            b"<meta charset=koi8-r>" + "Привет".encode("koi8-r"), None, "<meta charset=koi8-r>Привет", id="meta"
        ),
        pytest.param(
            "東京の新聞".encode("iso2022_jp"), "iso-2022-jp", "東京の新聞", id="seven bits that look like ASCII"
        ),
        pytest.param("中文新闻报道".encode("gb18030"), "gbk", "中文新闻报道", id="Chinese"),
    ],
)
def test_a_page_is_read_in_the_charset_that_fits(body: bytes, declared: str | None, text: str) -> None:
    assert decode(body, declared) == text


def test_a_few_broken_bytes_do_not_change_the_charset() -> None:
    body = GREETING.encode() * 100 + b"\xff" + GREETING.encode()
    assert decode(body, "utf-8").count(GREETING) == 101


@given(st.binary(max_size=200), st.none() | st.text(max_size=20))
def test_any_bytes_and_any_label_give_text(body: bytes, declared: str | None) -> None:
    assert isinstance(decode(body, declared), str)
