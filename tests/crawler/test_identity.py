"""When two addresses are one article, and when they are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler.identity import canonical_url, same_site, untracked_url, web_url

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "https://www.example.org/2026/news-1"

SAME = {
    "scheme and host in capitals": "HTTPS://WWW.Example.ORG/2026/news-1",
    "default port": "https://www.example.org:443/2026/news-1",
    "empty port": "https://www.example.org:/2026/news-1",
    "dot at the end of the host": "https://www.example.org./2026/news-1",
    "fragment": ARTICLE + "#comments",
    "text fragment": ARTICLE + "#:~:text=hello",
    "user": "https://user:secret@www.example.org/2026/news-1",
    "white space around": f"  {ARTICLE}\n",
    "line break inside": "https://www.example.org/2026/\nnews-1",
    "utm": ARTICLE + "?utm_source=rss&utm_medium=feed&utm_campaign=x",
    "UTM": ARTICLE + "?UTM_Source=rss",
    "facebook": ARTICLE + "?fbclid=abc",
    "google": ARTICLE + "?gclid=abc&gclsrc=x",
    "mailchimp": ARTICLE + "?mc_cid=1&mc_eid=2",
    "bbc": ARTICLE + "?at_medium=RSS&at_campaign=KARANGA",
    "encoded name of a tracker": ARTICLE + "?%75tm_source=rss",
    "empty query": ARTICLE + "?",
    "empty parameters": ARTICLE + "?&&",
    "dot segments": "https://www.example.org/a/./../2026/x/../news-1",
    "encoded dot segments": "https://www.example.org/a/%2e%2E/2026/news-1",
    "unreserved characters encoded": "https://www.example.org/2026/%6Eews%2D1",
    "amp folder": ARTICLE + "/amp",
    "amp folder with slash": ARTICLE + "/amp/",
    "amp suffix": ARTICLE + ".amp",
    "amp parameter": ARTICLE + "?amp",
    "amp parameter 1": ARTICLE + "?amp=1",
    "amp output type": ARTICLE + "?outputType=amp",
    "amp host": "https://amp.example.org/2026/news-1",
    "mobile host": "https://m.example.org/2026/news-1",
    "mobile.": "https://mobile.example.org/2026/news-1",
    "google's viewer": "https://www.google.com/amp/s/www.example.org/2026/news-1/amp",
    "google's cache": "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/2026/news-1",
}

DIFFERENT = {
    "other parameter": (ARTICLE + "?id=1", ARTICLE + "?id=2"),
    "parameter or none": (ARTICLE, ARTICLE + "?page=2"),
    "order of values": (ARTICLE + "?a=1&a=2", ARTICLE + "?a=2&a=1"),
    "piwik's look-alike": (ARTICLE + "?pk_no=1", ARTICLE + "?pk_no=2"),
    "number without a name": ("https://a.example/do?1750,4", "https://a.example/do?1750,5"),
    "path in capitals": ("https://a.example/A", "https://a.example/a"),
    "double slash": ("https://a.example/a//b", "https://a.example/a/b"),
    "slash at the end": ("https://a.example/a/", "https://a.example/a"),
    "encoded slash": ("https://a.example/a%2Fb", "https://a.example/a/b"),
    "encoded percent": ("https://a.example/%2541", "https://a.example/%41"),
    "encoded ampersand": ("https://a.example/?q=a%26b=1", "https://a.example/?q=a&b=1"),
    "port": ("https://a.example:8443/a", "https://a.example/a"),
    "subdomain": ("https://en.a.example/a", "https://de.a.example/a"),
    "hash bang": ("https://a.example/#!/news/1", "https://a.example/#!/news/2"),
    "router": ("https://a.example/#/news/1", "https://a.example/#/news/2"),
    "an amplifier": ("https://a.example/products/amp", "https://a.example/products"),
    "amp alone": ("https://a.example/amp", "https://a.example/"),
    "a host that is called m": ("https://m.co.uk/a", "https://www.co.uk/a"),
}


@pytest.mark.parametrize("url", SAME.values(), ids=SAME.keys())
def test_spellings_of_one_article_are_one(url: str) -> None:
    assert canonical_url(url) == ARTICLE


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_articles_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.bücher.de?q=bücher", "http://www.xn--bcher-kva.de/?q=b%C3%BCcher"),
        ("https://a.example/caf%c3%a9", "https://a.example/caf%C3%A9"),
        ("https://a.example/café", "https://a.example/caf%C3%A9"),
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/~ann/%7Ebob", "https://a.example/~ann/~bob"),
        ("http://[2001:0DB8:0:0::1]:80/", "http://[2001:db8::1]/"),
        ("https://en.m.wikipedia.org/wiki/X", "https://en.wikipedia.org/wiki/X"),
        ("https://m.news.example:8443/x", "https://www.news.example:8443/x"),
        ("http://m/x", "http://m/x"),
        ("https://a.example/x?b=2&a=1&utm_id=3&c", "https://a.example/x?b=2&a=1&c"),
        ("http://a.example\\b", "http://a.example/b"),
        ("https://a.example/story-1.amp.html", "https://a.example/story-1.html"),
    ],
)
def test_the_canonical_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


NO_ADDRESSES = [
    "news",
    "/news",
    "//a.example/x",
    "ftp://a.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "mailto:a@b.example",
    "data:text/html,x",
    "http://",
    "http:///x",
    "http://:80/",
    "http://a.example:99999/",
    "http://a.example:x/",
    "http://[::1",
    "http://.a.example/",
    "http://a..example/",
    "http://-a-/",
    "http://ex%61mple.com/",
    "http://<script>/",
    "http://a.example,b.example/",
]


@pytest.mark.parametrize(
    "url", [*NO_ADDRESSES, "", "http://a b.example/", "http://\ud800/", "http://a.example/" + "x" * 3000]
)
def test_what_is_no_address_of_the_web_raises_value_error(url: str) -> None:
    for spell in (canonical_url, web_url, untracked_url):
        with pytest.raises(ValueError, match=r"."):
            spell(url)


def test_the_cases_of_others_are_read_or_refused_and_never_merged_by_chance(shared: Path) -> None:
    cases = json.loads((shared / "data" / "hostile" / "url" / "cases.json").read_text())
    agreed = 0
    for case in cases:
        try:
            canonical = canonical_url(case["input"])
        except ValueError:
            continue
        assert canonical_url(canonical) == canonical
        agreed += canonical == case["expected"]
    # they sort parameters and drop what may name an article; we do not
    assert agreed >= 60


def test_what_a_server_is_asked_keeps_the_publishers_spelling() -> None:
    assert (
        web_url("https://m.A.example/caf%c3%a9/amp?utm_source=x&b=1#top")
        == "https://m.a.example/caf%c3%a9/amp?utm_source=x&b=1"
    )
    assert (
        untracked_url("https://m.A.example/caf%c3%a9/amp?utm_source=x&b=1#top")
        == "https://m.a.example/caf%c3%a9/amp?b=1"
    )


text = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
hosts = st.sampled_from(
    "a.example a.co.uk bücher.de 127.1 [::1] www.google.com x.cdn.ampproject.org m.co.uk".split()  # noqa: SIM905
)
paths = st.sampled_from(
    "a-1/amp/amp x.amp.amp.html %2e%2e/% amp/s/www.google.com/amp/s/a.example/b-1/amp c/s/a.b/%2561".split()  # noqa: SIM905
)
queries = st.sampled_from(["amp&&amp=1&utm_x", "%75tm_a=1&b", "a=%&b=%2"])
addresses = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["m.", "amp.m.", "www.", ""]),
    hosts,
    text | paths,
    text | queries,
    text | st.just("!/a%zz"),
)
anything = st.text(max_size=60) | addresses


@example("http://m.www.google.com/amp/s/www.google.com/amp/s/a.example/b-1/amp?#!/a%zz")
@given(anything)
def test_canonical_applied_twice_changes_nothing_more(url: str) -> None:
    for spell in (canonical_url, web_url, untracked_url):
        try:
            once = spell(url)
        except ValueError:
            continue
        assert spell(once) == once
        assert once.isascii()
        assert once.startswith(("http://", "https://"))


@given(st.text(min_size=1, max_size=12).filter(str.strip), st.text(min_size=1, max_size=12).filter(str.strip))
def test_parameters_that_may_name_an_article_are_kept_apart(one: str, other: str) -> None:
    assume(one != other)
    urls = [f"https://a.example/news?id={quote(value, errors='surrogatepass', safe='')}" for value in (one, other)]
    assert canonical_url(urls[0]) != canonical_url(urls[1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.bbc.co.uk/a", "http://news.bbc.co.uk/b", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://news.intranet/", "https://www.news.intranet/", True),
        ("https://ann.github.io/", "https://bob.github.io/", False),
        ("https://a.example/", "https://a.example:8443/", True),
        ("http://127.0.0.1:80/", "http://127.0.0.1/", True),
        ("http://127.0.0.1:80/", "http://127.0.0.1:81/", False),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://localhost:8000/", "http://localhost:8000/x", True),
        ("http://[::1]/", "http://[::1]/x", True),
        ("https://example.org.evil.example/", "https://example.org/", False),
        ("https://bücher.de/", "https://www.xn--bcher-kva.de/", True),
    ],
)
def test_a_site_is_a_registrable_domain(one: str, other: str, *, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same
