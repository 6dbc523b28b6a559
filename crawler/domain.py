"""The words of the crawler: Source, Entry, Page, Article, and how reading a source went. All values, all frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from pydantic import SecretStr

    from crawler.discover.memory import PageMemory
    from crawler.polling import Polling

FoundKind = Literal["feed", "sitemap", "section"]
SourceType = Literal["auto", FoundKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """How many articles a source should bring in any such stretch of time."""

    articles: int
    per: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that publishes: a feed, a sitemap, a section page, or a site in which one of them is found (`auto`)."""

    id: str
    url: str
    name: str
    type: SourceType = "auto"
    tier: int | None = None
    """1 is the best; None where nobody said."""
    country: str | None = None
    language: str | None = None
    """ISO 639-1, where the reader said it; otherwise each article's language is detected."""
    groups: frozenset[str] = frozenset()
    poll: Polling | None = None
    """How often to read it, where somebody said."""
    render: bool = False
    """Its pages are made by JavaScript, and have to be read by a browser."""
    expect: Expect | None = None
    link_pattern: str | None = None
    """In RE2 syntax: which links of a section page are those of articles."""
    track_changes: timedelta | None = None
    """For how long its articles are looked at again for edits; None: they are not."""
    headers: tuple[tuple[str, SecretStr], ...] = ()
    """Sent with each request to the scheme, host and port of `url`: a subscription of the reader's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed says of an article before anybody fetched it."""

    link: str
    """The article's address in canonical spelling (see identity.canonical_url), before any redirect."""
    address: str = ""
    """The article's address as the feed spelled it, if that is not `link`: servers may know it by no other."""
    title: str = ""
    title_is_rough: bool = False
    """Whether that is only what a link to it says, so that the title of the page itself is better."""
    summary: str = ""
    """Plain text, no markup."""
    content: str = ""
    """HTML: as much of the article's text as its feed carries, where that is more than a summary."""
    full_text: bool = False
    """The content is the whole article, so that its page need not be fetched (see discover/full_text.py)."""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    """What the feed files the article under: sections and tags alike, for feeds do not tell them apart."""
    language: str | None = None
    """What it is written in, where a news sitemap says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article's page as it came over the wire, with what its feed said of it."""

    url: str
    """Where the bytes came from, after redirects."""
    body: bytes
    charset: str | None = None
    """From the Content-Type header, as sent; may be nonsense."""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page of news. All text is clean: no markup, no NUL, no lone surrogates, no bidi controls."""

    url: str
    """The canonical URL: the article's identity."""
    title: str
    lead: str = ""
    """The deck (standfirst), if the article has one; the text then does not repeat it."""
    text: str = ""
    """The body. Paragraphs end at a line break."""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    """Aware. Keeps the publisher's own offset, so that `.date()` is the day printed on the page."""
    language: str | None = None
    site: str | None = None
    """The publisher's name as the page gives it, else its host."""
    sections: tuple[str, ...] = ()
    """The sections of the publication it stands in, as the page or its feed names them, then those of its address."""
    flags: frozenset[str] = frozenset()
    """What was unusual: `timeout`, `no-body`, `too-large`, `broken`, `unreachable`; what the page shows instead of an
    article: `consent-wall`, `error-page`, `listing`, or of its end: `paywall`; whose text it is: `feed-text` (see
    docs/extraction.md)."""
    headline: str = field(default="", compare=False)
    """What its page itself calls it, whatever its feed does. Only of a page that was just read: it is not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An Article that is in the database."""

    id: int
    article: Article
    source_id: str
    stored_at: datetime
    already_there: bool = False
    """Brought by the first good read of its source: it was there before anybody watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server gave us to ask "has it changed?" with."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The source answered and was understood."""

    entries: int
    new: int
    feed_url: str | None = None
    """Where its entries really came from, when that is not the source's own URL (autodiscovery, redirect)."""
    found_kind: FoundKind | None = None
    """What was found there, or in the source's own URL, to be read as such from now on."""
    validators: Validators = field(default_factory=Validators)
    dates: tuple[datetime, ...] = ()
    """When its entries were published, those that say so."""
    pause: timedelta | None = None
    """For how long the publisher says that nothing will change (TTL, Cache-Control)."""
    moved_to: str | None = None
    """Where permanent redirects led, if any did."""
    retry_after: timedelta | None = None
    memory: PageMemory | None = field(default=None, repr=False)
    """What its section page showed up to now, if it is one."""
    remark: str | None = None
    """What had to be left undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The source answered 304: nothing new."""

    pause: timedelta | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The source could not be read, and why."""

    reason: str
    kind: str = field(default="other", compare=False)
    """One word for the reason; see FetchError."""
    permanent: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesOnly:
    """The source itself was not due, and was not asked; pages of it that had waited were fetched."""


FetchOutcome = Read | NotModified | PagesOnly | Failed
