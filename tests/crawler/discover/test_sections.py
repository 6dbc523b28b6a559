"""Links to articles are told from navigation: by what they are, by where they stand, and by how long they stay."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.hangs import no_hang

from crawler.discover.memory import MOST_LINKS, PageMemory, remember
from crawler.discover.patterns import LinkPattern, PatternError, read_pattern
from crawler.discover.sections import parse_section

if TYPE_CHECKING:
    from crawler.discover.sections import SectionPage

URL = "https://news.example/world/"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STORY = '<a href="/world/2026/ferry-strike-enters-third-week">Ferry strike enters its third week</a>'


def read(*html: str, url: str = URL, pattern: str = "", memory: PageMemory | None = None) -> SectionPage:
    body = f"<html><body>{''.join(html)}</body></html>".encode()
    return parse_section(body, url, pattern=LinkPattern(pattern) if pattern else None, memory=memory, now=NOW)


def paths(page: SectionPage) -> list[str]:
    return [entry.link.removeprefix("https://news.example") for entry in page.entries]


@pytest.mark.parametrize(
    "link",
    [
        '<nav><a href="/world/middle-east-and-north-africa">Middle East and North Africa</a></nav>',
        '<footer><a href="/how-we-are-funded">How we are funded and by whom</a></footer>',
        '<div class="site-menu"><a href="/special-reports-of-the-year">Special reports of the year</a></div>',
        '<div role="navigation"><a href="/special-reports-of-the-year">Special reports of the year</a></div>',
        '<a href="/">The start of everything there is to read</a>',
        '<a href="/world/">This very page and what stands on it</a>',
        '<a href="/world/page/2">Older stories from all over the world</a>',
        '<a href="?month=12">The calendar of the month of December</a>',
        '<a href="/tag/ferries-and-other-boats">Ferries and other boats of the north</a>',
        '<a href="/photo-of-the-day-2026.jpg">A photo of the day that was taken in 2026</a>',
        '<a href="https://other.example/2026/11/28/ferry-strike-enters-third-week">Ferry strike enters third week</a>',
        '<a href="mailto:desk@news.example">Write to the desk of the Ledger</a>',
        '<a href="javascript:void(0)">Open the menu of all our sections</a>',
        '<a href="/subscribe-to-the-ledger-for-a-year">Subscribe to the Ledger for a year</a>',
    ],
)
def test_what_leads_to_no_article_is_passed_over(link: str) -> None:
    assert paths(read(STORY, link)) == ["/world/2026/ferry-strike-enters-third-week"]


def test_a_page_above_others_is_a_section() -> None:
    stories = "".join(
        f'<a href="/north-sea-report/{n}-ships-lost-in-fog">{n} ships were lost in fog</a>' for n in (12, 13)
    )
    page = read(stories, '<a href="/north-sea-report">All of our North Sea report</a>')
    assert paths(page) == ["/north-sea-report/12-ships-lost-in-fog", "/north-sea-report/13-ships-lost-in-fog"]


def test_the_headline_is_the_title_and_not_the_teaser_or_the_picture() -> None:
    link = "/world/2026/ferry-strike-enters-third-week"
    page = read(
        f'<a href="{link}"><img alt="A ferry"></a><a href="{link}"><span>Shipping</span><h3>Ferry strike\n goes on</h3>'
        f'<p>No end in sight.</p></a><a href="{link}#comments">41 comments</a><a href="{link}">Read more</a>'
    )
    (entry,) = page.entries
    assert (entry.title, entry.title_is_rough) == ("Ferry strike goes on", True)


def test_a_title_holds_nothing_that_nobody_is_meant_to_see() -> None:
    page = read(
        '<a href="/world/2026/ferry-strike-enters-third-week">Ferry\u202e strike\x00 <script>x()</script>ends</a>'
    )
    assert page.entries[0].title == "Ferry strike ends"


def test_the_pages_base_counts() -> None:
    page = read('<base href="https://news.example/a/b/">', '<a href="c-long-name-of-it-2026">The long name of it</a>')
    assert paths(page) == ["/a/b/c-long-name-of-it-2026"]


# -- a pattern --------------------------------------------------------------------------------------------------------


def test_a_pattern_decides_alone_and_searches_the_whole_address() -> None:
    page = read(STORY, '<nav><a href="/x/c_12.htm">公告</a></nav>', '<a href="/y">Y</a>', pattern=r"/c_\d+\.htm")
    assert paths(page) == ["/x/c_12.htm"]


def test_other_sites_count_only_where_the_pattern_names_hosts() -> None:
    link = '<a href="https://other.example/c_12.htm">Elsewhere</a>'
    assert paths(read(link, pattern=r"/c_\d+\.htm")) == []
    assert paths(read(link, pattern=r"^https://other\.example/c_\d+")) == ["https://other.example/c_12.htm"]


@pytest.mark.parametrize(
    ("pattern", "at", "reason"),
    [
        (r"/c_(\d+\.htm", 0, "missing )"),
        (r"(a)\1", 3, "backreferences"),
        (r"a(?=b)", 1, "lookaround"),
        (r"/\d*|", 0, "fits every address"),
        ("a" * 1001, 0, "longer"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str, at: int, reason: str) -> None:
    with pytest.raises(PatternError, match=reason.replace(")", r"\)")) as error:
        read_pattern(pattern)
    assert error.value.at == at


# -- over time --------------------------------------------------------------------------------------------------------


def memory_of(reads: int, days: int, *shown: str) -> PageMemory:
    """Return what is remembered after so many reads of the same links, the first so many days ago."""
    body, memory = "".join(shown).encode(), None
    for number in range(reads):
        at = NOW - days * DAY * (1 - number / reads)
        memory = parse_section(body, URL, memory=memory, now=at).memory
    assert memory is not None
    return memory


EVERGREEN = '<a href="/how-to-read-a-tide-table-2026">How to read a tide table</a>'
WEAK = '<p><a href="/mole">The mole</a></p>'


def test_what_was_there_from_the_first_read_and_stays_for_weeks_is_no_article() -> None:
    assert paths(read(EVERGREEN)) == ["/how-to-read-a-tide-table-2026"]
    assert paths(read(EVERGREEN, memory=memory_of(6, 13, EVERGREEN))) == ["/how-to-read-a-tide-table-2026"]
    assert paths(read(EVERGREEN, memory=memory_of(6, 20, EVERGREEN))) == []


def test_what_came_later_is_an_article_however_long_it_stays() -> None:
    memory = memory_of(6, 20, STORY)
    for _ in range(5):
        memory = read(STORY, EVERGREEN, memory=memory).memory
    assert "/how-to-read-a-tide-table-2026" in paths(read(STORY, EVERGREEN, memory=memory))


def test_links_of_a_kind_that_comes_and_goes_need_less_to_be_articles() -> None:
    def notes(*numbers: int) -> str:
        return "".join(f'<p><a href="/notes/{n}">Notice {n}</a></p>' for n in numbers)

    assert paths(read(notes(101, 102))) == []
    memory = memory_of(6, 20, notes(101, 102))
    for number in range(103, 106):
        memory = read(notes(number - 1, number), memory=memory).memory
    assert paths(read(notes(105, 106), memory=memory)) == ["/notes/106"]


def test_what_is_new_on_a_page_that_never_changes_is_doubted() -> None:
    menu = "".join(f'<p><a href="/rooms/{name}">Room</a></p>' for name in ("a", "b", "c"))
    new = '<p><a href="/rooms/tide">The room of tide tables and charts</a></p>'
    memory = memory_of(6, 20, menu)
    assert paths(read(menu, new, memory=memory)) == []


def test_a_memory_survives_being_kept_as_json() -> None:
    memory = memory_of(6, 20, STORY, EVERGREEN, WEAK)
    assert PageMemory.from_json(json.loads(json.dumps(memory.as_json()))) == memory


def test_a_memory_is_bounded_however_many_links_there_are() -> None:
    memory = None
    for number in range(5):
        families = {f"https://a.example/{number}/{n}": f"f{number}-{n}" for n in range(2000)}
        memory = remember(memory, families, NOW)
    assert memory is not None
    assert len(memory.links) <= MOST_LINKS
    assert len(json.dumps(memory.as_json())) < 150_000
    assert memory.knows("https://a.example/4/1999")


# -- paging -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ('<link rel="next" href="/world/?page=2">', URL, "https://news.example/world/?page=2"),
        ('<a rel="nofollow next" href="/world/2">2</a>', URL, "https://news.example/world/2"),
        ('<a href="/world/page/2/">2</a><a href="/world/page/3/">3</a>', URL, "https://news.example/world/page/2/"),
        (
            '<a href="/world/page/2/">2</a><a href="/world/page/3/">3</a>',
            f"{URL}page/2/",
            "https://news.example/world/page/3/",
        ),
        ('<a href="?page=1">1</a><a href="?page=3">3</a>', f"{URL}?page=2", "https://news.example/world/?page=3"),
        ('<a href="/world/older">Older posts →</a>', URL, "https://news.example/world/older"),
        ('<a href="/2">下一页</a>', URL, "https://news.example/2"),
        ('<a href="https://other.example/?page=2">Next</a>', URL, None),
        ('<link rel="next" href="javascript:x()">', URL, None),
        ('<a href="/next-week-it-will-rain-again-2026">Next week it will rain</a>', URL, None),
    ],
)
def test_the_page_on_which_a_list_goes_on_is_found(html: str, url: str, expected: str | None) -> None:
    assert read(html, url=url).next_url == expected


# -- hostile pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"\x00", b"   ", b"<", b"\xff\xfe", b"<!-- -->", b"plain words", b"\x89PNG\r\n"])
def test_a_page_that_is_none_lists_nothing(body: bytes) -> None:
    assert parse_section(body, URL, now=NOW).entries == ()


HOSTILE = {
    "links": b'<a href="/2026/a-%d-long-name">x</a>' % 1
    + b"".join(b'<a href="/2026/b-%d">x</a>' % n for n in range(50_000)),
    "deep": b"<div>" * 100_000 + b'<a href="/x">x</a>',
    "deep links": b'<a href="/x"><b>' * 50_000,
    "long address": b'<a href="/' + b"a/" * 500_000 + b'">x</a>',
    "long text": b'<a href="/x">' + b"word " * 500_000,
    "classes": b'<div class="' + b"main-" * 200_000 + b'"><a href="/x">x</a>',
    "a path of a thousand": b"".join(b'<a href="/%s%d">x</a>' % (b"a/" * 900, n) for n in range(500)),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_costs_little(body: bytes) -> None:
    with no_hang():
        page = parse_section(b"<html><body>" + body, URL, now=NOW)
    assert page.links <= 2_000
