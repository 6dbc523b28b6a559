"""The demo's newspapers behave like real ones, over real HTTP."""

from __future__ import annotations

import http.client
from calendar import timegm
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import feedparser
import pytest
from lxml import etree
from protego import Protego

from crawler.domain import Page
from crawler.extract.page import extract
from monitors.demo.newspaper import Story, newspapers
from monitors.demo.server import serve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.demo.server import NewspaperServer

PAPERS = newspapers()
STORIES = [pytest.param(paper.id, story, id=f"{paper.id}-{story.slug}") for paper in PAPERS for story in paper.stories]


def get(server: NewspaperServer, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def feed_of(server: NewspaperServer) -> feedparser.FeedParserDict:
    return feedparser.parse(get(server, "/feed.xml")[2])


def test_there_is_enough_to_read_in_three_languages() -> None:
    stories = Counter(paper.language for paper in PAPERS for _ in paper.stories)
    assert stories["en"] >= 22
    assert stories["de"] >= 3
    assert stories["zh"] >= 3


@pytest.mark.parametrize(("paper_id", "story"), STORIES)
def test_an_article_page_gives_its_story_and_nothing_of_the_chrome(
    papers: Mapping[str, NewspaperServer], started: datetime, paper_id: str, story: Story
) -> None:
    server = papers[paper_id]
    _, _, body = get(server, story.path)
    article = extract(Page(url=server.url + story.path, body=body, charset="utf-8"), languages=("en", "de", "zh"))
    assert article.title == story.title
    assert article.lead == story.deck
    assert article.text.split("\n") == [plain(paragraph) for paragraph in story.paragraphs]
    assert article.language == server.paper.language
    assert article.url == server.url + story.path
    assert article.published is not None
    assert abs(article.published - (started - story.age)) < timedelta(seconds=2)


def plain(paragraph: str) -> str:
    """Links to their words, written another way than the pages do it."""
    return "".join(piece.split("](")[0] if "](" in piece else piece for piece in split_links(paragraph))


def split_links(paragraph: str) -> list[str]:
    return [piece for part in paragraph.split("[") for piece in part.split(")", 1 if "](" in part else 0)]


@pytest.mark.parametrize("paper_id", [paper.id for paper in PAPERS])
def test_the_front_page_names_a_feed_that_parses_without_a_complaint(
    papers: Mapping[str, NewspaperServer], paper_id: str
) -> None:
    server = papers[paper_id]
    front = etree.HTML(get(server, "/")[2])
    (link,) = front.findall(".//link[@rel='alternate']")
    feed = feedparser.parse(urlopen(server.url + link.get("href"), timeout=10).read())
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [story.title for story in server.paper.stories]


def test_the_newest_story_is_minutes_old_and_the_oldest_under_three_days(
    papers: Mapping[str, NewspaperServer], started: datetime
) -> None:
    entries = [entry for server in papers.values() for entry in feed_of(server).entries]
    ages = sorted(started - datetime.fromtimestamp(timegm(entry.published_parsed), UTC) for entry in entries)
    assert ages[0] < timedelta(minutes=30)
    assert ages[-1] < timedelta(days=3)


def test_feed_links_carry_tracking_parameters_that_the_pages_canonical_url_lacks(
    papers: Mapping[str, NewspaperServer],
) -> None:
    server = papers["harbour-ledger"]
    entry = feed_of(server).entries[0]
    assert parse_qs(urlsplit(entry.link).query)["utm_source"] == ["feed"]
    page = etree.HTML(urlopen(entry.link, timeout=10).read())
    assert page.find(".//link[@rel='canonical']").get("href") == entry.link.split("?")[0]


def test_robots_txt_keeps_crawlers_from_an_article_that_the_feed_lists(papers: Mapping[str, NewspaperServer]) -> None:
    server = papers["harbour-ledger"]
    robots = Protego.parse(get(server, "/robots.txt")[2].decode())
    forbidden = [entry.link for entry in feed_of(server).entries if not robots.can_fetch(entry.link, "Newsvane")]
    assert len(forbidden) == 1
    assert "/members/" in forbidden[0]


def test_robots_txt_names_a_news_sitemap_of_all_stories(papers: Mapping[str, NewspaperServer]) -> None:
    server = papers["harbour-ledger"]
    (sitemap,) = Protego.parse(get(server, "/robots.txt")[2].decode()).sitemaps
    tree = etree.fromstring(urlopen(sitemap, timeout=10).read())
    assert {place.text for place in tree.findall(".//{*}loc")} == {
        server.url + story.path for story in server.paper.stories
    }


def test_a_moved_article_answers_301_to_where_it_is_now(papers: Mapping[str, NewspaperServer]) -> None:
    server = papers["harbour-ledger"]
    (moved,) = [story for story in server.paper.stories if story.moved_from]
    status, headers, _ = get(server, moved.moved_from)
    assert (status, headers["Location"]) == (301, moved.path)
    assert any(urlsplit(entry.link).path == moved.moved_from for entry in feed_of(server).entries)


def test_a_wire_story_appears_twice_under_two_headlines(papers: Mapping[str, NewspaperServer]) -> None:
    stories = {story.slug: story for story in papers["harbour-ledger"].paper.stories}
    original, copy = stories["lanhai-amends-cybersecurity-law"], stories["lanhai-to-fine-companies"]
    assert original.title != copy.title
    assert original.paragraphs[: len(copy.paragraphs)] == copy.paragraphs
    assert len(copy.paragraphs) < len(original.paragraphs)


def test_another_newspaper_had_the_wire_story_first_and_printed_half_of_it(
    papers: Mapping[str, NewspaperServer],
) -> None:
    stories = {story.slug: story for server in papers.values() for story in server.paper.stories}
    original, copy = stories["lanhai-amends-cybersecurity-law"], stories["lanhai-data-inspectors"]
    assert original.title != copy.title
    assert original.paragraphs[: len(copy.paragraphs)] == copy.paragraphs
    assert copy.age > original.age


def test_a_newspaper_edits_a_story_when_it_is_told_to(started: datetime) -> None:
    (paper,) = [paper for paper in PAPERS if any(story.edited for story in paper.stories)]
    (story,) = [story for story in paper.stories if story.edited]
    with serve(paper, now=started) as server:
        _, headers, before = get(server, story.path)
        server.edit()
        status, _, after = get(server, story.path, If_None_Match=headers["ETag"])
    assert status == 200
    assert b"Correction" in after
    assert b"Correction" not in before


@pytest.mark.parametrize("path", ["/", "/feed.xml", "/weather/storm-warning"])
def test_what_has_not_changed_is_answered_304(papers: Mapping[str, NewspaperServer], path: str) -> None:
    server = papers["harbour-ledger"]
    _, headers, body = get(server, path)
    assert body
    assert get(server, path, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert get(server, path, If_Modified_Since=headers["Last-Modified"])[::2] == (304, b"")


def test_what_has_changed_is_sent_again(papers: Mapping[str, NewspaperServer]) -> None:
    server = papers["harbour-ledger"]
    _, headers, body = get(server, "/")
    earlier = parsedate_to_datetime(headers["Last-Modified"]) - timedelta(seconds=1)
    since = earlier.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert get(server, "/", If_Modified_Since=since)[::2] == (200, body)
    assert get(server, "/", If_None_Match='"another"', If_Modified_Since=headers["Last-Modified"])[::2] == (200, body)


def test_a_page_that_does_not_exist_answers_404(papers: Mapping[str, NewspaperServer]) -> None:
    assert get(papers["harbour-ledger"], "/no/such/page")[0] == 404


def test_the_server_remembers_who_asked_for_what(papers: Mapping[str, NewspaperServer]) -> None:
    server = papers["langang-evening"]
    get(server, "/robots.txt?why=not", User_Agent="curious/1.0")
    last = server.requests[-1]
    assert (last.path, last.status, last.user_agent) == ("/robots.txt?why=not", 200, "curious/1.0")
