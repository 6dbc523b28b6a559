"""Says what is known of an article where a query asks for a fact: its author, its date, its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from monitors.match.explain.wording import quoted
from monitors.match.facts import fact_test
from monitors.match.reading import TEXT
from monitors.text.tokens import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crawler.domain import Source
    from monitors.match.query.tree import Fact
    from monitors.match.reading import Reading

UNKNOWN = "not known, so it does not hide the article"


class _Told(NamedTuple):
    """How to say what a fact is, and that there is none."""

    known: str
    none: str
    values: Callable[[Reading], Iterable[object]]


def fact_notes(part: Fact, reading: Reading) -> Iterator[str]:
    found = fact_test(part)(reading)
    if found is None:
        yield UNKNOWN
    elif not found:
        told = _TOLD[part.name]
        named = ", ".join(quoted(str(value)) for value in told.values(reading) if value not in {None, ""})
        yield f"{told.known} {named}" if named else told.none


def _site(reading: Reading) -> Iterator[str | None]:
    yield urlsplit(reading.article.url).hostname
    yield reading.article.site


def _published(reading: Reading) -> Iterator[object]:
    yield reading.article.published and reading.article.published.date()


def _of_source(values: Callable[[Source], Iterable[object]]) -> Callable[[Reading], Iterable[object]]:
    return lambda reading: values(reading.source) if reading.source else ()


_TOLD: Mapping[str, _Told] = {
    "author": _Told("written by", "names no author", lambda reading: reading.article.authors),
    "url": _Told("its address is", "has no address", lambda reading: [reading.article.url]),
    "site": _Told("its site is", "names no site", _site),
    "source": _Told("it comes from", "", _of_source(lambda source: [source.id])),
    "group": _Told("its source is in", "its source is in no group", _of_source(lambda source: sorted(source.groups))),
    "tier": _Told("its source has the tier", "its source has no tier", _of_source(lambda source: [source.tier])),
    "lang": _Told("its language is", "", lambda reading: [reading.language]),
    "country": _Told("its source is of", "its source has no country", _of_source(lambda source: [source.country])),
    "section": _Told("it stands in", "names no section", lambda reading: reading.article.sections),
    "words": _Told("the number of its words is", "", lambda reading: [reading.fields[TEXT].steps[-1] // WORD]),
    "published": _Told("it was published on", "", _published),
}
