"""What becomes of a page as a whole; each source of each field has a test where the sources differ."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Entry, Page
from crawler.extract.page import extract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakePage = Callable[..., Page]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://www.lindhaven-post.example/2026/05/tram"


def linked(data: Any) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


# -- the example page this project started from -----------------------------------------------------------------------


def test_the_seed_page_comes_out_clean(shared: Path) -> None:
    body = (shared / "seed" / "nikkei-amazon-china-cloud.html").read_bytes()
    article = extract(Page(url="https://asia.nikkei.com/x", body=body))
    assert article.title == "Amazon selling off Chinese cloud hardware amid crackdown"
    assert article.lead == "US retail giant says it will keep offering net services in the country"
    assert article.text.startswith("CHONGQING -- U.S. e-commerce heavyweight Amazon.com will sell equipment")
    assert article.text.endswith("strictly regulating writings on platforms such as blogs.")
    for chrome in ("{{", "FREE ARTICLE", "Subscribe", "Sketch", "Chevron", "Try 3 months", article.title, article.lead):
        assert chrome not in article.text
    assert str(article.published) == "2017-11-15 01:33:00+09:00"
    assert article.language == "en"
    assert not article.flags


# -- text -------------------------------------------------------------------------------------------------------------


def test_the_words_of_links_belong_to_their_sentence(make_page: MakePage, prose: tuple[str, ...]) -> None:
    body = (
        f"<p>{prose[0]}</p><p>Companies as mighty as <b><a href='/a'>Amazon</a></b> and <a href='/b'>Apple</a> "
        "have had to comply, and so has the little foundry behind the harbour.</p>"
    )
    text = extract(make_page(body=body)).text
    assert "Companies as mighty as Amazon and Apple have had to comply" in text


def test_links_to_other_pieces_are_no_text(make_page: MakePage, prose: tuple[str, ...]) -> None:
    other = "<a href='/x'>Ferry sinks in the harbour of Lindhaven</a>"
    body = (
        f"<p>{prose[0]}</p><p>{other}</p><p>Read more: {other}</p><ul><li>{other}</li></ul>"
        f"<p>{prose[1]}</p><p>Lesen Sie auch: Der Hafen von Lindhaven</p><p>{prose[2]}</p>"
    )
    assert extract(make_page(body=body)).text == "\n".join(prose)


@pytest.mark.parametrize(
    "line",
    [
        "You have {{numberReadArticles}} FREE ARTICLE{{numberReadArticles-plural}} left this month",
        "Subscribe to get unlimited access to all articles.",
        "{% if user %}Hello{% endif %}",
        "Sign up for our daily newsletter",
        "© 2026 The Lindhaven Post",
    ],
)
def test_chrome_inside_the_body_is_no_text(make_page: MakePage, prose: tuple[str, ...], line: str) -> None:
    body = f"<p>{prose[0]}</p><div><p>{line}</p></div><p>{prose[1]}</p><p>{prose[2]}</p>"
    assert extract(make_page(body=body)).text == "\n".join(prose)


def test_a_paragraph_that_speaks_of_subscriptions_stays(make_page: MakePage, prose: tuple[str, ...]) -> None:
    paragraph = (
        "The ferry company wants its passengers to subscribe to get a seat, which the consumers' association calls a "
        "new low: whoever travels twice a week, it said on Tuesday, would pay 41 crowns a month for unlimited access, "
        "and all others would have to stand on deck in the rain, as their grandparents did."
    )
    assert paragraph in extract(make_page(body=f"<p>{prose[0]}</p><p>{paragraph}</p><p>{prose[1]}</p>")).text


def test_text_below_300_nested_elements_is_kept(make_page: MakePage, prose: tuple[str, ...]) -> None:
    body = "<div>" * 300 + f"<p>{prose[0]} Moonfish.</p>" + "</div>" * 300 + f"<p>{prose[1]}</p><p>{prose[2]}</p>"
    text = extract(make_page(body=body)).text
    assert "Moonfish" in text
    assert prose[2] in text


def test_what_stands_below_and_behind_a_thousand_nested_elements_is_kept(
    make_page: MakePage, prose: tuple[str, ...]
) -> None:
    nested = "<div>" * 1000 + f"<p>{prose[0]} Moonfish.</p>" + "</div>" * 1000
    text = extract(make_page(body=f"{nested}<p>{prose[1]} Sunfish.</p>")).text
    assert "Moonfish" in text
    assert "Sunfish" in text


@pytest.mark.parametrize(
    "data", ['{"@graph":[' * 10_000 + "{}" + "]}" * 10_000, "//  " * 250_000], ids=["deep", "long"]
)
def test_json_ld_that_goes_on_for_ever_costs_the_article_nothing(
    make_page: MakePage, title: str, prose: tuple[str, ...], data: str
) -> None:
    article = extract(make_page(head=linked(data)))
    assert (article.title, article.text) == (title, "\n".join(prose))


def test_what_the_fast_extractor_misses_is_found_in_the_pages_prose(title: str, prose: tuple[str, ...]) -> None:
    chunks = "".join(
        f"<div class='chunk'><p>{prose[n % 3]} Part {n}.</p></div><div class='ad'>Ad</div>" for n in range(9)
    )
    html = f"<html><body><article><h1>{title}</h1></article><main>{chunks}</main></body></html>"
    text = extract(Page(url=URL, body=html.encode())).text
    assert [n for n in range(9) if f"Part {n}." not in text] == []


# -- deck -------------------------------------------------------------------------------------------------------------


DECK = "A ferry would have been cheaper, say those who lost the vote"


@pytest.mark.parametrize(
    "above",
    [
        f"<p class='article-standfirst'>{DECK}</p>",
        f"<div class='subTitle'><span>{DECK}</span></div>",
        f"<p itemprop='description'>{DECK}</p>",
        f"<h2>{DECK}</h2>",
    ],
)
def test_the_deck_is_the_lead_and_not_in_the_text(make_page: MakePage, prose: tuple[str, ...], above: str) -> None:
    article = extract(make_page(above=above))
    assert article.lead == DECK
    assert article.text == "\n".join(prose)


def test_a_description_that_repeats_the_first_paragraph_is_no_deck(make_page: MakePage, prose: tuple[str, ...]) -> None:
    article = extract(make_page(head=f'<meta property="og:description" content="{prose[0]}">'))
    assert article.lead == ""
    assert article.text == "\n".join(prose)


def test_a_description_that_the_page_does_not_show_is_no_deck(make_page: MakePage) -> None:
    assert extract(make_page(head='<meta name="description" content="News from Lindhaven, every day">')).lead == ""


def test_a_byline_in_the_header_is_no_deck(make_page: MakePage) -> None:
    assert extract(make_page(above="<p>By Ida Lund, chief reporter, Lindhaven</p>")).lead == ""


# -- title, authors, site ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "NewsArticle", "headline": "Tram &amp; ferry"},
        [{"@type": "WebPage"}, {"@type": ["Article", "NewsArticle"], "headline": "Tram & ferry"}],
        {"@graph": [{"@type": "Organization", "name": "X"}, {"@type": "BlogPosting", "headline": "Tram & ferry"}]},
        {"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/NewsArticle", "headline": "Tram & ferry"}},
        '<!-- {"@type": "NewsArticle", "headline": "Tram & ferry",} -->',
        '{"@type": "NewsArticle", "headline": "Tram & ferry", "author": oops}',
        '{"@type": "NewsArticle", "headline": "Tram & ferry",\n "description": "two\nlines"}',
    ],
)
def test_json_ld_is_found_in_every_wrapping(make_page: MakePage, data: Any) -> None:
    assert extract(make_page(head=linked(data), heading="Another heading")).title == "Tram & ferry"


def test_unreadable_json_ld_is_passed_over(make_page: MakePage, title: str) -> None:
    for data in ("[" * 100_000, '{"headline"', "null", '"text"', "[[[]]]", '{"@type": 5, "headline": {"a": [1]}}'):
        assert extract(make_page(head=linked(data))).title == title


def test_the_feeds_title_comes_first_and_a_cut_one_is_completed(make_page: MakePage, title: str) -> None:
    def entitled(entry_title: str) -> str:
        return extract(make_page(entry=Entry(link=URL, title=entry_title))).title

    assert entitled("Council says yes to trams | The Lindhaven Post") == "Council says yes to trams"
    assert entitled("Harbour town votes for a…") == title
    assert entitled("HARBOUR TOWN VOTES FOR A NEW TRAM LINE") == title
    assert entitled("") == title


def test_authors_are_people_before_the_paper(make_page: MakePage) -> None:
    head = (
        '<meta property="og:site_name" content="The Lindhaven Post"><meta name="author" content="The Lindhaven Post">'
        + linked({"@type": "NewsArticle", "author": [{"@type": "Organization", "name": "The Lindhaven Post"}]})
    )
    article = extract(make_page(head=head, above="<p class='byline'>By Ida Lund and Per Østergaard</p>"))
    assert article.authors == ("Ida Lund", "Per Østergaard")
    assert article.site == "The Lindhaven Post"
    assert extract(make_page(head=head)).authors == ("The Lindhaven Post",)


def test_names_are_freed_of_what_is_not_the_name(make_page: MakePage) -> None:
    authors = ["By Ida Lund (obe)", {"name": "Per Østergaard | Reporter"}, {"givenName": "Aino", "familyName": "Salo"}]
    head = linked({"@type": "NewsArticle", "author": [*authors, "https://facebook.com/post", "松岡大地"]})
    assert extract(make_page(head=head)).authors == ("Ida Lund", "Per Østergaard", "Aino Salo", "松岡大地")


def test_a_page_without_a_name_is_called_by_its_host(make_page: MakePage) -> None:
    assert extract(make_page()).site == "lindhaven-post.example"


# -- date -------------------------------------------------------------------------------------------------------------


def test_the_feeds_date_comes_first_in_the_pages_offset(make_page: MakePage) -> None:
    head = '<meta property="article:published_time" content="2026-05-05T23:30:00-05:00">'
    same = datetime(2026, 5, 6, 4, 30, tzinfo=UTC)

    def dated(moment: datetime | None) -> datetime | None:
        return extract(make_page(head=head, entry=Entry(link=URL, published=moment)), now=NOW).published

    own = datetime(2026, 5, 5, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert str(dated(same)) == str(own)
    assert dated(same + timedelta(hours=3)) == same + timedelta(hours=3)
    assert dated(NOW + timedelta(days=9)) == own
    assert dated(None) == own


# -- address ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ('<link rel="canonical" href="https://lindhaven-post.example/tram?utm_source=x">', "https://lindhaven-post.example/tram"),
        ('<link rel="canonical" href="/2026/05/tram-line#top">', "https://www.lindhaven-post.example/2026/05/tram-line"),
        ('<meta property="og:url" content="/2026/05/tram-line">', "https://www.lindhaven-post.example/2026/05/tram-line"),
        ('<link rel="canonical" href="https://elsewhere.example/tram">', URL),
        ('<link rel="canonical" href="https://www.lindhaven-post.example/">', URL),
        ('<link rel="canonical" href="/one"><link rel="canonical" href="/two">', URL),
        ('<link rel="canonical" href="http://[::1">', URL),
        ('<link rel="canonical" href="8003098">', URL),
        ('<link rel="canonical" href="javascript:alert(1)">', URL),
        ("", URL),
    ],
)  # fmt: skip
def test_a_page_names_its_address_within_its_site_only(make_page: MakePage, head: str, canonical: str) -> None:
    assert extract(make_page(head=head, url=URL + "?utm_medium=feed")).url == canonical


def test_on_a_bare_address_the_port_is_part_of_the_site(make_page: MakePage) -> None:
    def address(canonical: str) -> str:
        return extract(make_page(head=f'<link rel="canonical" href="{canonical}">', url="http://127.0.0.1:8801/a")).url

    assert address("http://127.0.0.1:8801/b") == "http://127.0.0.1:8801/b"
    assert address("http://127.0.0.1:8802/b") == "http://127.0.0.1:8801/a"


# -- language ---------------------------------------------------------------------------------------------------------


def test_the_language_is_told_from_the_text_among_those_asked_for(make_page: MakePage) -> None:
    german = (
        "<p>Der Rat der Stadt hat am Dienstag beschlossen, eine Straßenbahn zum alten Hafen zu bauen.</p>"
        "<p>Die Gegner hatten eine Fähre verlangt und wollen nun vor Gericht ziehen, sagten sie am Abend.</p>"
    )
    page = make_page(heading="Hafenstadt stimmt für eine neue Straßenbahn", body=german)
    assert extract(page).language == "de"
    assert extract(page, languages=["de", "en", "fr"]).language == "de"
    assert extract(page, languages=["nl"]).language == "nl"


def test_a_template_that_declares_the_wrong_language_is_not_believed(prose: tuple[str, ...]) -> None:
    body = "".join(f"<p>{text}</p>" for text in prose)
    html = f"<html lang='ja'><body><article><h1>Tram</h1>{body}</article></body></html>"
    assert extract(Page(url=URL, body=html.encode())).language == "en"


def test_a_text_too_short_to_tell_is_in_the_language_that_the_page_declares() -> None:
    html = "<html lang='da-DK'><head><title>Ny bro</title></head><body></body></html>"
    assert extract(Page(url=URL, body=html.encode())).language == "da"
    assert extract(Page(url=URL, body=html.encode()), languages=["sv", "en"]).language in {"sv", "en"}


# -- whatever comes ---------------------------------------------------------------------------------------------------


def test_control_and_direction_characters_never_reach_an_article() -> None:
    heading = "Har\u00adbour\0 \u202eevil\u202c town &#0; &#x202e; &#xd800;"
    entry = Entry(link=URL, authors=("Ida\u2066 Lund\ud800",), summary="x\0")
    html = f"<html><body><h1>{heading}</h1></body></html>".encode(errors="surrogatepass")
    article = extract(Page(url=URL, body=html, entry=entry))
    assert article.title.startswith("Harbour evil town")
    assert article.authors == ("Ida Lund",)
    assert_clean(article.title, article.text, article.lead)


@pytest.mark.parametrize(
    "body",
    [b"", b" \n", b"\0" * 1000, bytes(range(256)) * 40, b"\x89PNG\r\n" + b"\0\xff" * 500, b"%PDF-1.7 \xde\xad", b"<"],
    ids=["empty", "blank", "NULs", "all bytes", "PNG", "PDF", "one bracket"],
)
def test_what_is_no_page_leaves_what_its_feed_said(body: bytes) -> None:
    entry = Entry(link=URL, title="A title", summary="What it is about.", published=NOW)
    article = extract(Page(url=URL, body=body, entry=entry), now=NOW)
    assert (article.title, article.lead, article.published, article.url) == ("A title", "What it is about.", NOW, URL)
    assert article.flags & {"broken", "no-body"}


def test_a_page_without_a_body_is_flagged_and_keeps_its_description() -> None:
    html = "<html><head><title>Paid only</title><meta name='description' content='Of trams and ferries'></head></html>"
    article = extract(Page(url=URL, body=html.encode()))
    assert (article.title, article.lead, article.flags) == ("Paid only", "Of trams and ferries", {"no-body"})


@given(st.binary(max_size=300), st.none() | st.text(max_size=10))
def test_any_bytes_give_an_article_of_clean_text(body: bytes, charset: str | None) -> None:
    article = extract(Page(url=URL, body=body, charset=charset))
    assert_clean(article.title, article.lead, article.text, *article.authors)


@given(
    st.lists(
        st.sampled_from(
            TAGS := ["<p>", "</p>", "<div", ">", "<h1>", "<a href=x>", "word ", "<script>", "&#0;", "{{", '"']
        )
    )
)
def test_any_markup_gives_an_article_of_clean_text(pieces: list[str]) -> None:
    article = extract(Page(url=URL, body="".join(pieces).encode()))
    assert_clean(article.title, article.lead, article.text)


def assert_clean(*texts: str) -> None:
    for text in texts:
        text.encode()
        assert not {character for character in text if unicodedata.category(character) in {"Cc", "Cs"}} - {"\n"}
        assert not {"\u202e", "\u202d", "\u2066", "\u2067"} & set(text)
