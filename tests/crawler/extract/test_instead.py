"""What pages show instead of an article, on pages written in the manner of real ones, and what is left of them.

The folder `labelled` has one page a file; the name of its folder is what it is.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Entry, Page
from crawler.extract.page import extract

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.domain import Article

LABELLED = Path(__file__).parent / "labelled"
KINDS = frozenset({"consent-wall", "error-page", "listing", "paywall"})
PAGES = sorted(LABELLED.glob("*/*.html"))
SITE = "https://www.lindhaven-post.example"
LINK = f"{SITE}/2026/05/tram"
ADDRESSES = {"listing/front": "/", "listing/search": "/?s=tram", "listing/tag-wordpress": "/tag/trams/"}
ENTRY = Entry(link=LINK, title="What the feed calls it", summary="What the feed says of it.")
FLOOR = 0.95


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path, entry: Entry | None = ENTRY) -> Article:
    address = SITE + ADDRESSES.get(name(path), "/2026/05/tram?from=feed")
    return extract(Page(url=address, body=path.read_bytes(), entry=entry))


def kind_of(article: Article) -> str:
    return next(iter(article.flags & KINDS), "article")


# -- how often it is right --------------------------------------------------------------------------------------------


def test_there_are_enough_pages_of_every_kind() -> None:
    count = Counter(path.parent.name for path in PAGES)
    assert set(count) == KINDS | {"article"}
    assert all(number >= 5 for number in count.values())
    assert len(PAGES) >= 40


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_stands_instead_of_an_article_is_recognised(kind: str, record_property: Callable[..., None]) -> None:
    found = [(path.parent.name, kind_of(read(path))) for path in PAGES]
    right = sum(1 for is_, said in found if is_ == said == kind)
    precision = right / sum(1 for _, said in found if said == kind)
    recall = right / sum(1 for is_, _ in found if is_ == kind)
    record_property("figures", f"{kind}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= FLOOR
    assert recall >= FLOOR


def test_real_articles_are_taken_for_nothing_else(shared: Path) -> None:
    root = shared / "data" / "pages"
    with (root / "pages.jsonl").open(encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines][::9]
    found = Counter(
        kind_of(extract(Page(url=page["url"], body=gzip.decompress((root / page["html_path"]).read_bytes()))))
        for page in pages
    )
    # of all 1,044, seven are flagged, and rightly: four stubs, two front pages, one "404"
    assert found.total() - found["article"] <= 2, found


# -- what is left of it -----------------------------------------------------------------------------------------------


OVERLAY = LABELLED / "consent-wall" / "sourcepoint-de-article-shell.html"
"""It has the article's own title and address, and is laid over a page that scripts were to fill."""


@pytest.mark.parametrize("path", [path for path in PAGES if name(path)[:7] not in ("paywall", "article")], ids=name)
def test_a_page_without_an_article_leaves_what_its_feed_said(path: Path) -> None:
    article = read(path)
    assert (article.title, article.lead, article.text) == (ENTRY.title, ENTRY.summary, "")
    assert article.url == (LINK + "?from=feed" if path == OVERLAY else LINK)
    assert article.flags == {path.parent.name, "no-body"}


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name == "paywall"], ids=name)
def test_of_an_article_behind_a_paywall_its_first_paragraphs_are_left(path: Path) -> None:
    article = read(path)
    assert article.title == ENTRY.title
    assert ("no-body" in article.flags) == (path.stem in {"barrier-en", "members-no-text"})
    for offer in ("ubscri", "bonn", "Log in", "Sign in", "€", "会員", "訂", "suscri", "renumer", "registr"):
        assert offer not in article.text


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name == "article"], ids=name)
def test_an_article_keeps_its_text(path: Path) -> None:
    article = read(path)
    assert not article.flags
    html = path.read_text(encoding="utf-8")
    story = html[html.index("<h1>") :].replace("<aside>", "<footer>").partition("<footer>")[0]
    paragraphs = [part.partition("</p>")[0] for part in story.split("<p>")[1:]]
    assert [text for text in paragraphs if len(text) > 80 and text not in article.text] == []


def test_of_a_banner_beside_an_article_nothing_is_left() -> None:
    assert "partners" not in read(LABELLED / "article" / "banner-above.html").text


def test_the_title_of_a_wall_is_no_title() -> None:
    assert read(LABELLED / "error-page" / "cloudflare.html", entry=None).title == ""
    assert read(LABELLED / "consent-wall" / "google-en.html", entry=None).title == ""
    assert read(LABELLED / "error-page" / "404-en.html", entry=None).title == ""


def test_a_wall_laid_over_an_article_leaves_what_the_page_says_of_it() -> None:
    article = read(OVERLAY, entry=None)
    assert article.title == "Stadtrat stimmt für neue Straßenbahn"
    assert article.lead == "Vierzehn von fünfundzwanzig Mitgliedern sind dafür."
    assert str(article.published) == "2026-05-05 20:10:00+02:00"


def test_a_wall_with_an_address_of_its_own_does_not_make_all_articles_one() -> None:
    body = (LABELLED / "consent-wall" / "portal-en.html").read_bytes()
    wall = f"{SITE}/consent?session=1"
    links = [f"{SITE}/2026/05/tram", f"{SITE}/2026/05/ferry"]
    found = [extract(Page(url=wall, body=body, entry=Entry(link=link, title=link))) for link in links]
    assert [article.url for article in found] == links
