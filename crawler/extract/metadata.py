"""Reads an article's title, authors, date, site, sections and canonical URL: the feed's word, then the page's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.domain import Entry
from crawler.extract.authors import find_authors
from crawler.extract.clean import one_line
from crawler.extract.dates import find_published, is_plausible
from crawler.extract.fallback import own_url
from crawler.extract.jsonld import strings
from crawler.extract.sections import find_sections
from crawler.extract.titles import find_site, find_title, fold, own_titles, site_spellings, tidy, without_site
from crawler.identity import canonical_url, same_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement

    from crawler.domain import Page
    from crawler.extract.head import Head

SAME_MOMENT = timedelta(minutes=1)
_CUT = ("…", "...")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of an article without its text."""

    url: str
    title: str
    headline: str
    """The title that the page gives itself."""
    titles: frozenset[str]
    """Every title that the page gives itself, folded, so that none of them is taken for text."""
    descriptions: tuple[str, ...]
    """The summaries that the feed and the page give; on most pages nothing that stands above the text."""
    authors: tuple[str, ...]
    published: datetime | None
    site: str
    sections: tuple[str, ...]
    language: str | None
    """As the page declares it, or else the news sitemap."""


def read_metadata(root: HtmlElement, page: Page, *, head: Head, now: datetime) -> Metadata:
    """Return what the feed and the page say of the article. Leaves the tree as it is."""
    entry = page.entry or Entry(link=page.url)
    url = _canonical(head, page)
    headline = find_title(head, page.url)
    title = _title(entry, head, page.url, headline)
    titles = frozenset(map(fold, filter(None, (title, entry.title, *own_titles(head, page.url)))))
    return Metadata(
        url=url,
        title=title,
        headline=headline,
        titles=titles,
        descriptions=tuple(dict.fromkeys(filter(None, map(tidy, _descriptions(entry, head))))),
        authors=_authors(entry) or find_authors(head, root, sites=site_spellings(head, page.url)),
        published=_published(entry, find_published(head, root, page.url, now=now), now=now),
        site=find_site(head, page.url),
        sections=find_sections(head, entry=entry, url=url, titles=titles),
        language=head.language or head.first("content-language", "og:locale") or entry.language,
    )


def _title(entry: Entry, head: Head, url: str, own: str) -> str:
    """Return the feed's title, in the page's spelling where that has the same words or the whole of a cut one.

    What only a link said counts where the page has no title.
    """
    if entry.title_is_rough and own:
        return own
    given = without_site(tidy(entry.title), sites=site_spellings(head, url), headings=head.headings)
    shown = fold(given)
    if not shown or shown == fold(own) or (given.endswith(_CUT) and fold(own).startswith(shown)):
        return own or given
    return given


def _descriptions(entry: Entry, head: Head) -> Iterator[str]:
    yield entry.summary
    for key in ("og:description", "description", "twitter:description"):
        yield from head.meta.get(key, ())
    for node in head.articles:
        yield from strings([node.get("description"), node.get("alternativeHeadline")])


def _authors(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, entry.authors))))


def _published(entry: Entry, own: datetime | None, *, now: datetime) -> datetime | None:
    """Return the feed's date, with the page's offset where both name one moment: feeds tend to speak UTC."""
    given = entry.published
    if given is None or not is_plausible(given, now=now):
        return own
    return own if own and abs(own - given) < SAME_MOMENT else given


def _canonical(head: Head, page: Page) -> str:
    """Return the address that the page gives itself, if it is one article's address on the same site."""
    own = own_url(page)
    claims: Sequence[str] = [*dict.fromkeys(head.canonical)] or head.meta.get("og:url", ())
    # pages that name several addresses, or their front page, do not know which they are
    if len(claims) != 1:
        return own
    claim = claims[0].strip()
    # `href="8003098"` is the number of an article in somebody's database that a template took for its address
    if not claim.startswith(("http:", "https:", "/")):
        return own
    try:
        claimed = urljoin(page.url, claim)
        at_home = same_site(claimed, page.url) and urlsplit(claimed).path.strip("/")
        return canonical_url(claimed) if at_home else own
    except ValueError:
        return own
