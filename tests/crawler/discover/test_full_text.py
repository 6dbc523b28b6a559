"""Feeds that carry whole articles are told from those that announce them, from podcasts and from link blogs."""

from __future__ import annotations

from html import escape

import pytest

from crawler.discover.entries import LONGEST_CONTENT
from crawler.discover.feeds import parse_feed
from crawler.discover.read_more import ends_in_ellipsis, says_read_more

URL = "https://gazette.example/feed"
PARAGRAPH = (
    "<p>The council voted on part {n} of the tram line on Tuesday, which is to open in the autumn of 2028, and {n}"
)
WHOLE = "".join(f"{PARAGRAPH} members were against it, as they had said before.</p>".format(n=n) for n in range(10))
TEASER = "<p>The council voted on the tram line on Tuesday. It is to open in the autumn of 2028.</p>"


def items(*contents: str, link: str = "https://gazette.example/{n}", extra: str = "") -> str:
    return "".join(
        f"<item><title>Part {n} of the tram</title><link>{link.format(n=n)}</link>{extra}"
        f"<description>In short.</description><content:encoded>{escape(content)}</content:encoded></item>"
        for n, content in enumerate(contents)
    )


def full(written: str, *, home: str = "https://gazette.example/") -> list[bool]:
    body = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>The Gazette</title><link>{home}</link>{written}</channel></rss>"
    )
    return [entry.full_text for entry in parse_feed(body.encode(), URL).entries]


def test_a_feed_of_whole_articles_is_told() -> None:
    assert full(items(*[WHOLE] * 5)) == [True] * 5


def test_its_content_is_kept_as_it_is_and_its_summary_in_short() -> None:
    body = (
        f'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{items(*[WHOLE] * 5)}</channel></rss>'
    )
    entry = parse_feed(body.encode(), URL).entries[0]
    assert (entry.content, entry.summary) == (WHOLE, "In short.")


def test_articles_may_stand_in_the_description_and_in_atom() -> None:
    rss = "".join(
        f"<item><title>T</title><link>/{n}</link><description>{escape(WHOLE)}</description></item>" for n in range(4)
    )
    atom = "".join(
        f"<entry><title>T</title><link href='/{n}'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        f"{WHOLE}</div></content></entry>"
        for n in range(4)
    )
    for body in (f"<rss><channel>{rss}</channel></rss>", f"<feed xmlns='http://www.w3.org/2005/Atom'>{atom}</feed>"):
        assert [entry.full_text for entry in parse_feed(body.encode(), URL).entries] == [True] * 4


def test_a_brief_among_whole_articles_is_fetched() -> None:
    assert full(items(*[WHOLE] * 4, TEASER)) == [True] * 4 + [False]


@pytest.mark.parametrize(
    "contents",
    [
        [WHOLE] * 2,
        [TEASER] * 5,
        [WHOLE] * 2 + [TEASER] * 3,
        [WHOLE] * 4 + [f"{WHOLE}<p>[…]</p>"],
        [f"<ul>{'<li><a href=/1>The council voted on the tram line on Tuesday night</a></li>' * 30}</ul>"] * 5,
        [f"<p>{'The council voted on the tram line on Tuesday. ' * 40}</p>"] * 5,
        [WHOLE + " " * LONGEST_CONTENT + "<p>x</p>"] * 5,
        [f"<script>{WHOLE}</script>"] * 5,
        [f"<figure><figcaption>{'A picture of the tram. ' * 99}</figcaption></figure>"] * 5,
    ],
    ids=["two items", "teasers", "mostly teasers", "one that breaks off", "lists of links", "one block", "too long",
         "no text", "captions"],
)  # fmt: skip
def test_a_feed_of_anything_else_is_not(contents: list[str]) -> None:
    assert not any(full(items(*contents)))


@pytest.mark.parametrize(
    "end",
    [
        "<p>and so …</p>",
        "<p>and so [...]</p>",
        "<p>and so [&hellip;]</p>",
        '<p>The end. <a href="/more">Continue reading</a></p>',
        "<p>Read the full story</p>",
        '<p><a href="https://gazette.example/{n}?utm_source=rss">Ga door</a></p>',
        "<p>Weiterlesen →</p><p><a href='/x'>Share</a></p><p>3 comments</p>",
        "<p>阅读全文</p>",
    ],
)
def test_an_article_that_breaks_off_is_none(end: str) -> None:
    assert not any(full(items(*[WHOLE + end.replace("{n}", str(n)) for n in range(5)])))


def test_the_signature_of_a_blog_is_no_breaking_off() -> None:
    signature = (
        '<p>Der Beitrag <a href="https://gazette.example/{n}">Part {n} of the tram</a> erschien zuerst auf '
        '<a href="https://gazette.example">The Gazette</a>.</p>'
    )
    assert all(full(items(*[WHOLE + signature.replace("{n}", str(n)) for n in range(5)])))


def test_a_podcast_is_not_taken_for_its_description() -> None:
    recording = '<enclosure url="https://gazette.example/1.mp3" type="audio/mpeg" length="1"/>'
    assert not any(full(items(*[WHOLE] * 5, extra=recording)))
    picture = '<enclosure url="https://gazette.example/1.jpg" type="image/jpeg" length="1"/>'
    assert all(full(items(*[WHOLE] * 5, extra=picture)))


def test_a_link_blog_is_not_taken_for_what_it_links_to() -> None:
    assert not any(full(items(*[WHOLE] * 5, link="https://other.example/{n}")))


def test_a_feed_on_a_service_is_the_sites_own() -> None:
    articles = items(*[WHOLE] * 5, link="https://www.tram-news.example/{n}")
    assert all(full(articles, home="https://tram-news.example"))


def test_an_item_without_a_title_is_fetched_to_get_one() -> None:
    untitled = items(*[WHOLE] * 5).replace("<title>Part 0 of the tram</title>", "")
    assert full(untitled) == [False] + [True] * 4


def test_a_feed_of_ten_thousand_is_judged_by_its_first_and_marked_to_its_end() -> None:
    told = full(items(*[WHOLE] * 60, TEASER, WHOLE))
    assert told == [True] * 60 + [False, True]


@pytest.mark.parametrize(
    "line",
    ["Read more", "READ MORE »", "Continue reading “The tram” on The Gazette", "Read the full story here",
     "Click here to read more", "Weiterlesen …", "Den ganzen Artikel lesen", "Lire la suite",
     "Lire l’article complet", "Leer más", "Seguir leyendo →", "Leia mais", "Continue lendo", "Leggi tutto",
     "Continua a leggere", "Lees verder", "Läs mer", "Les videre", "Læs mere", "Lue lisää", "Loe edasi",
     "Czytaj dalej", "Číst dále", "Opširnije", "Читать далее", "Читати далі", "Прочети още",
     "Διαβάστε περισσότερα", "Tovább a cikkhez", "Citește mai mult", "Devamını oku", "اقرأ المزيد",
     "ادامه مطلب", "המשך קריאה", "और पढ़ें", "อ่านต่อ", "Xem thêm", "Baca selengkapnya", "阅读全文", "繼續閱讀",
     "続きを読む", "더보기", "(more)", "[Read more...]"],
)  # fmt: skip
def test_an_invitation_to_read_on_is_understood(line: str) -> None:
    assert says_read_more(line)


@pytest.mark.parametrize(
    "line",
    ["She asked him to read more.", "More trams for Newtown", "The story continues.", "Mehr Geld für die Bahn",
     "Suite 5, Main Street", "La suite royale coûte cher", "", "Continuing education", "全文公开"],
)  # fmt: skip
def test_what_sounds_like_one_is_none(line: str) -> None:
    assert not says_read_more(line)


@pytest.mark.parametrize(("text", "cut"), [("and so…", True), ("and so ...]", True), ("and so.", False), ("", False)])
def test_an_ellipsis_counts_at_the_end_only(text: str, *, cut: bool) -> None:
    assert ends_in_ellipsis(text) is cut
    assert not ends_in_ellipsis(f"{text} The end of it is quite another one.")
