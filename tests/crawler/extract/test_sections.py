"""Which sections an article stands in: what its page says, what its feed says, and what its address shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domain import Entry, Page
from crawler.extract.clean import one_line
from crawler.extract.fallback import glance
from crawler.extract.page import extract
from crawler.extract.sections import LONGEST_SECTION, MOST_SECTIONS, sections_of

if TYPE_CHECKING:
    from collections.abc import Callable

    MakePage = Callable[..., Page]

SITE = "https://www.lindhaven-post.example"
URL = f"{SITE}/2026/05/tram"


def linked(data: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def article(section: Any) -> str:
    return linked({"@type": "NewsArticle", "articleSection": section})


def trail(*steps: Any) -> str:
    return linked({"@type": "BreadcrumbList", "itemListElement": list(steps)})


def step(name: str, path: str) -> dict[str, Any]:
    return {"@type": "ListItem", "name": name, "item": SITE + path}


# -- what the page says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "sections"),
    [
        (article("Politics"), ("Politics",)),
        (article(["Politics", "Ports & Sea"]), ("Politics", "Ports & Sea")),
        (article("Politics, Europe,"), ("Politics", "Europe")),
        (article("Deportes/Fútbol"), ("Deportes", "Fútbol")),
        (article("国際、速報"), ("国際", "速報")),
        (article("Ports &amp;amp; Sea"), ("Ports & Sea",)),
        ('<meta property="article:section" content="- Politik">', ("Politik",)),
        ('<meta name="parsely-section" content="Politics">', ("Politics",)),
        ('<meta name="cXenseParse:xyz-section" content="Politics">', ("Politics",)),
        ('<meta name="cXenseParse:category" content="Politics">', ("Politics",)),
        ('<meta property="mrf:sections" content="World;Africa">', ("World", "Africa")),
        ('<meta itemprop="articleSection" content="Politics">', ("Politics",)),
        ('<meta property="article:subsection" content="Elections">', ("Elections",)),
        ('<meta property="article:section_url" content="Politics">', ()),
        ('<meta name="dissection" content="Politics">', ()),
    ],
)
def test_a_page_names_its_sections(make_page: MakePage, head: str, sections: tuple[str, ...]) -> None:
    assert extract(make_page(head=head)).sections == sections


def test_microdata_in_the_body_names_them_too(make_page: MakePage) -> None:
    assert extract(make_page(above="<span itemprop='articleSection'>Politics</span>")).sections == ("Politics",)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "4348",
        "Uncategorized",
        "Homepage",
        "{$category}",
        "{{ section.name }}",
        "https://www.lindhaven-post.example/politics/",
        "m030000015",
        "The minister said on Tuesday that nothing would change, and left",
        "x" * (LONGEST_SECTION + 1),
    ],
)
def test_what_is_no_name_of_a_section_is_left_out(make_page: MakePage, value: str) -> None:
    assert extract(make_page(head=article(value))).sections == ()


def test_breadcrumbs_lead_from_the_front_page_to_the_article(make_page: MakePage, title: str) -> None:
    steps = (step("Lindhaven", "/"), step("Sport", "/s"), {"item": {"@id": SITE + "/t", "name": "Tennis"}})
    ends = (step(title, "/x"), step("A shorter title", "/2026/05/tram"))
    assert extract(make_page(head=trail(*steps, *ends))).sections == ("Sport", "Tennis")
    assert extract(make_page(head=trail({"name": "The Lindhaven Post"}, {"name": "Sport"}))).sections == (
        "The Lindhaven Post",
        "Sport",
    ), "without an address, nobody can tell"
    named = '<meta property="og:site_name" content="The Lindhaven Post">'
    assert extract(make_page(head=named + trail({"name": "The Lindhaven Post"}, {"name": "Sport"}))).sections == (
        "Sport",
    )


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "BreadcrumbList"},
        {"@type": "BreadcrumbList", "itemListElement": "Politics"},
        {"@type": "BreadcrumbList", "itemListElement": [None, 5, [], {}, {"name": 5, "item": []}]},
        {"@type": "BreadcrumbList", "itemListElement": [{"name": "Home", "item": "http://[::1"}]},
        {"@type": "NewsArticle", "articleSection": {"a": [1]}},
        {"@type": "NewsArticle", "articleSection": [None, 7, True]},
    ],
)
def test_json_ld_of_any_shape_does_no_harm(make_page: MakePage, data: Any) -> None:
    found = extract(make_page(head=linked(data)))
    assert (found.sections, found.flags) == ((), frozenset())


# -- what the address shows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sections"),
    [
        ("/business/tech/2026/11/23/amazon-sells", ("business", "tech")),
        ("/federal_politics/real-estate/x.html", ("federal politics", "real estate")),
        ("/deportes/formula-1/2024/12/02/674c.html", ("deportes", "formula 1")),
        ("/politique/m%C3%A9t%C3%A9o/titre", ("politique", "météo")),
        ("/时政/国际/2026", ("时政", "国际")),
        ("/मनोरंजन/फिल्म", ("मनोरंजन",)),
        ("/Politik/Inland/article242242744/Wahl.html", ("Politik", "Inland")),
        ("/uk/ai/robots-write", ("uk", "ai")),
        ("/politics/how-they-voted/index.html", ("politics",)),
        ("/politics/", ()),
        ("/politics", ()),
        ("/", ()),
        ("/en/news/articles/x", ()),
        ("/de-de/zh-hans/eng/x", ()),
        ("/2019/nov/18/may/x", ()),
        ("/page-2/section-3/k00/id_101214182/news-46212/x", ()),
        ("/web/20160330101229/http://other.example/index.php/~r/@ann/x", ()),
        ("/story/nation/thousands-of-teachers-pack-statehouse/40651467", ("nation",)),
        ("/%ff%fe/a%2Fb/%20/%00/x", ()),
    ],
)
def test_the_directories_of_an_address_that_are_words_are_sections(path: str, sections: tuple[str, ...]) -> None:
    assert sections_of([], categories=[], url=SITE + path) == sections


def test_the_address_that_the_page_gives_itself_counts(make_page: MakePage) -> None:
    canonical = '<link rel="canonical" href="/culture/2026/tram">'
    assert extract(make_page(head=canonical, url=f"{SITE}/breaking/tram")).sections == ("culture",)


# -- all together -----------------------------------------------------------------------------------------------------


def test_the_page_comes_before_the_feed_and_the_address_last_each_once(make_page: MakePage) -> None:
    entry = Entry(link=URL, categories=("CITY LIFE", "Trams"))
    page = make_page(head=article("City life"), url=f"{SITE}/city-life/transport/tram", entry=entry)
    assert extract(page).sections == ("City life", "Trams", "transport")


def test_accents_make_no_other_section() -> None:
    assert sections_of(["España"], categories=[], url=f"{SITE}/espana/x") == ("España",)


def test_there_are_ten_at_the_most_and_a_feeds_tags_do_not_push_out_the_address() -> None:
    tags = [f"Tag {chr(97 + n)}" for n in range(20)]
    found = sections_of(["World"], categories=tags, url=f"{SITE}/sport/tennis/x")
    assert len(found) == MOST_SECTIONS == 10
    assert (found[:2], found[-2:]) == (("World", "Tag a"), ("sport", "tennis"))


def test_a_page_that_cannot_be_read_has_those_of_its_feed_its_head_and_its_address() -> None:
    body = b'<meta property="article:section" content="Politics">'
    page = Page(url=f"{SITE}/europe/tram", body=body, entry=Entry(link=URL, categories=("Trams",)))
    found = glance(page, flag="timeout", now=datetime(2026, 6, 1, tzinfo=UTC))
    assert found.sections == ("Politics", "Trams", "europe")


@given(st.lists(st.text(max_size=80), max_size=30), st.text(max_size=200))
def test_whatever_is_said_the_sections_are_few_short_clean_and_different(said: list[str], path: str) -> None:
    found = sections_of(said, categories=said, url=f"{SITE}/{path}")
    assert len(found) <= MOST_SECTIONS
    assert all(0 < len(name) <= LONGEST_SECTION and name == one_line(name) for name in found)
    assert len({name.casefold() for name in found}) == len(found)
