"""What is known of an article beside its text, and how a query asks for it: `author:"Jane Doe"`, `words:>300`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna

from monitors.domain import FactField
from monitors.match.query.values import comparison, days
from monitors.match.reading import TEXT, Reading
from monitors.text.folding import fold, without_diacritics
from monitors.text.stems import primary
from monitors.text.tokens import WORD, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.domain import Source
    from monitors.match.query.tree import Fact

Facts = Sequence[tuple[FactField, str]]
FactTest = Callable[[Reading], Facts | None]
"""Returns the facts that fit; none: nothing does; None: nobody knows."""


def fact_test(fact: Fact) -> FactTest:
    """Compile what a query asks for; the parser has made sure that its value can be read."""
    return FACTS[fact.name](fact.value)


def _author(value: str) -> FactTest:
    wanted = _words(value)
    return lambda reading: [("author", name) for name in reading.article.authors if _holds(_words(name), wanted)]


def _url(value: str) -> FactTest:
    wanted = value.casefold()
    return lambda reading: [("url", url) for url in (reading.article.url,) if wanted in url.casefold()]


def _site(value: str) -> FactTest:
    """Compile the host of a site, or the name it gives itself."""
    host, name = _ascii(value.casefold().removeprefix("www.")), _words(value)

    def test(reading: Reading) -> Facts:
        own = _host(reading.article.url)
        if own == host or own.endswith(f".{host}"):
            return [("site", own)]
        site = reading.article.site or ""
        return [("site", site)] if site and _words(site) == name else []

    return test


def _host(url: str) -> str:
    try:
        return _ascii((urlsplit(url).hostname or "").removeprefix("www."))
    except ValueError:  # an address in a file of articles may be anything
        return ""


def _ascii(host: str) -> str:
    """Return a host as name servers spell it; what cannot be one as it is."""
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def _of_source(field: FactField, values: Callable[[Source], Iterable[str | None]]) -> Callable[[str], FactTest]:
    """Compile something that the source of an article is known by."""

    def compiled(value: str) -> FactTest:
        def test(reading: Reading) -> Facts | None:
            if reading.source is None:
                return None
            return [(field, one) for one in values(reading.source) if one and one.casefold() == value.casefold()]

        return test

    return compiled


def _section(value: str) -> FactTest:
    wanted = _words(value)
    return lambda reading: [("section", name) for name in reading.article.sections if _words(name) == wanted]


def _language(value: str) -> FactTest:
    wanted = primary(value)

    def test(reading: Reading) -> Facts | None:
        if reading.language is None:
            return None
        return [("lang", reading.language)] if reading.language == wanted else []

    return test


def _tier(value: str) -> FactTest:
    wanted = comparison(value)

    def test(reading: Reading) -> Facts | None:
        if reading.source is None:
            return None
        tier = reading.source.tier
        return [("tier", str(tier))] if tier is not None and wanted.holds(tier) else []

    return test


def _length(value: str) -> FactTest:
    wanted = comparison(value)

    def test(reading: Reading) -> Facts:
        words = reading.fields[TEXT].steps[-1] // WORD
        return [("words", str(words))] if wanted.holds(words) else []

    return test


def _published(value: str) -> FactTest:
    wanted = days(value)

    def test(reading: Reading) -> Facts | None:
        published = reading.article.published
        if published is None:
            return None
        return [("published", published.date().isoformat())] if wanted.holds(published.date()) else []

    return test


FACTS: Mapping[str, Callable[[str], FactTest]] = {
    "author": _author,
    "url": _url,
    "site": _site,
    "source": _of_source("source", lambda source: [source.id]),
    "group": _of_source("group", lambda source: sorted(source.groups)),
    "tier": _tier,
    "lang": _language,
    "country": _of_source("country", lambda source: [source.country]),
    "section": _section,
    "words": _length,
    "published": _published,
}


def _words(text: str) -> Sequence[str]:
    return [without_diacritics(word) for word in Tokens(text).words] or [fold(text).text.strip()]


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted words stand in a row among the others."""
    wanted = list(wanted)
    return any(list(words[at : at + len(wanted)]) == wanted for at in range(len(words) - len(wanted) + 1))
