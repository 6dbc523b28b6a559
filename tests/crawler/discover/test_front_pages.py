"""Articles are told from navigation on front pages of many structures, labelled by hand: with a floor that holds.

pytest -s tests/crawler/discover/test_front_pages.py      prints what was missed and what was taken wrongly
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import lxml.html

from crawler.discover.sections import parse_section
from crawler.identity import canonical_url

PAGES = sorted(Path(__file__).with_name("front_pages").glob("*.html"))
URL = "https://news.example/"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PRECISION, RECALL = 0.95, 0.97


def labelled(page: Path) -> set[str]:
    hrefs = lxml.html.document_fromstring(page.read_bytes()).xpath("//a[@data-news]/@href")
    return {canonical_url(urljoin(URL, href)) for href in hrefs}


def found(page: Path) -> set[str]:
    return {entry.link for entry in parse_section(page.read_bytes(), URL, now=NOW).entries}


def test_the_articles_of_a_dozen_kinds_of_front_pages_are_found_and_little_else() -> None:
    right = wanted = taken = 0
    for page in PAGES:
        truth, got = labelled(page), found(page)
        right, wanted, taken = right + len(truth & got), wanted + len(truth), taken + len(got)
        for sign, links in (("missed", truth - got), ("wrong", got - truth)):
            sys.stdout.writelines(f"{page.stem}: {sign} {link}\n" for link in sorted(links))
    sys.stdout.write(f"{len(PAGES)} pages: precision {right / taken:.3f}, recall {right / wanted:.3f}\n")
    assert len(PAGES) >= 12
    assert right / taken >= PRECISION
    assert right / wanted >= RECALL
