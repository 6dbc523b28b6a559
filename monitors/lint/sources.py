"""Warns of watchlists that no source can feed, and of facts that are true of no source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.domain import Article
from crawler.yaml_file import nearest
from monitors.lint.subject import Remark
from monitors.match.facts import fact_test
from monitors.match.matcher import Matcher
from monitors.match.query import tree
from monitors.text.stems import primary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeGuard

    from crawler.domain import Source
    from monitors.lint.subject import Subject
    from monitors.match.query.tree import Fact, Part

SourceIds = frozenset[str]

OF_SOURCES = ("source", "group", "country", "tier")
"""The facts that a source brings along, so that they are known beforehand."""


class _Sources:
    """All sources, and of which of them a fact is true."""

    def __init__(self, sources: Sequence[Source]) -> None:
        matcher = Matcher((), ())
        self.readings = {source.id: matcher.read(Article(url="", title=""), source) for source in sources}
        self.all = frozenset(self.readings)
        self._fitting: dict[Fact, SourceIds] = {}

    def fitting(self, fact: Fact) -> SourceIds:
        """Return those of which a fact can be true; where a source does not say, it can."""
        if fact not in self._fitting:
            test = fact_test(fact)
            found = ((identifier, test(reading)) for identifier, reading in self.readings.items())
            self._fitting[fact] = frozenset(identifier for identifier, one in found if one is None or one)
        return self._fitting[fact]

    def admitted(self, part: Part) -> SourceIds:
        """Return those whose articles a query can be true of."""
        match part:
            case tree.Fact(name=name) if name in (*OF_SOURCES, "lang"):
                return self.fitting(part)
            case tree.Not(part=tree.Fact(name=name) as fact) if name in OF_SOURCES:
                return self.all - self.fitting(fact)
            case tree.Both() | tree.Reference() | tree.Weighted() | tree.In():
                return self.all.intersection(*map(self.admitted, part.parts))
            case tree.Either():
                return frozenset[str]().union(*map(self.admitted, part.alternatives))
        return self.all


def watchlists_without_a_source(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        watchlist = listed.watchlist
        theirs = _languages_of(subject.heard(watchlist)) if watchlist.languages else ()
        if theirs and watchlist.languages.isdisjoint(theirs):
            message = f"no source of this watchlist is in one of these: they are in {_listed(theirs)}"
            yield Remark((*listed.place, "languages"), message)


def keywords_without_a_source(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        theirs = _languages_of(subject.heard(listed.watchlist))
        for entry in (*listed.keywords, *listed.all) if theirs else ():
            if entry.keyword.lang and entry.keyword.lang not in theirs:
                message = f"no source of this watchlist is in `{entry.keyword.lang}`: they are in {_listed(theirs)}"
                yield Remark((*entry.place, "lang"), message)


def _languages_of(sources: Sequence[Source]) -> Sequence[str]:
    """Return the languages of sources; none if one of them does not say which it is in."""
    languages = {source.language for source in sources}
    return [] if None in languages else sorted(filter(None, languages))


def _listed(languages: Sequence[str]) -> str:
    return ", ".join(f"`{language}`" for language in languages)


def queries_without_a_source(subject: Subject) -> Iterator[Remark]:
    """Find queries that none of the sources can satisfy to which their watchlist listens."""
    sources = _Sources(subject.configuration.sources)
    for listed in subject.watchlists:
        query = listed.watchlist.query
        if query is None or not any(_is_of_sources(part) for part in query.walk()):
            continue
        heard = {source.id for source in subject.heard(listed.watchlist)}
        asked = [part for part in _wanted(query) if _is_of_sources(part)]
        if heard and not heard & sources.admitted(query) and all(map(sources.fitting, asked)):
            at = next((part.at for part in asked if not heard & sources.fitting(part)), query.at)
            yield Remark((*listed.place, "query"), "asks for what none of the sources of this watchlist is", at)


def _is_of_sources(part: Part) -> TypeGuard[Fact]:
    return isinstance(part, tree.Fact) and part.name in (*OF_SOURCES, "lang")


def facts_that_are_never_true(subject: Subject) -> Iterator[Remark]:
    sources = _Sources(subject.configuration.sources)
    for written in subject.queries if sources.all else ():
        for leaf in written.parts:
            if isinstance(leaf, tree.Fact) and leaf.name in OF_SOURCES and not sources.fitting(leaf):
                yield Remark(written.place, _why_never(leaf, subject), leaf.at)


def _why_never(fact: Fact, subject: Subject) -> str:
    sources = subject.configuration.sources
    if fact.name == "source":
        return f"there is no source `{fact.value}`{nearest(fact.value, [source.id for source in sources])}"
    if fact.name == "group":
        groups = {group for source in sources for group in source.groups}
        return f"no source is in a group `{fact.value}`{nearest(fact.value, groups)}"
    return f"no source has the {fact.name} `{fact.value}`"


def languages_that_no_article_has(subject: Subject) -> Iterator[Remark]:
    settings, sources = subject.configuration.settings, subject.configuration.sources
    spoken = settings.languages and {*settings.languages, *(source.language for source in sources)}
    for written in subject.queries:
        for leaf in written.parts:
            if not isinstance(leaf, tree.Fact) or leaf.name != "lang":
                continue
            wanted = primary(leaf.value)
            if spoken and wanted not in spoken:
                yield Remark(
                    written.place, f"no article will be in `{wanted}`: it is missing from settings.languages", leaf.at
                )


def languages_outside_those_of_the_watchlist(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        watchlist = listed.watchlist
        for leaf in _wanted(watchlist.query) if watchlist.query and watchlist.languages else ():
            if isinstance(leaf, tree.Fact) and leaf.name == "lang" and primary(leaf.value) not in watchlist.languages:
                message = f"no article will be in `{primary(leaf.value)}`: it is not among `languages`"
                yield Remark((*listed.place, "query"), message, leaf.at)


def _wanted(part: Part) -> Iterator[Part]:
    """Yield what stands in a query and has to hold, not what must not."""
    yield part
    if not isinstance(part, tree.Not | tree.Reference):
        for inner in part.parts:
            yield from _wanted(inner)


RULES = (
    watchlists_without_a_source,
    keywords_without_a_source,
    queries_without_a_source,
    facts_that_are_never_true,
    languages_that_no_article_has,
    languages_outside_those_of_the_watchlist,
)
