"""Warns where a watchlist excludes what it asks for: `none: [law]` beside the keyword `China law`.

What is asked for is written down as the text of an article, once for each of its alternatives, and the very matcher
says whether what is excluded stands in each of them.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.domain import Article
from monitors.domain import Watchlist
from monitors.lint.samples import MOST_SAMPLES, samples
from monitors.lint.subject import Remark
from monitors.match.matcher import Matcher
from monitors.match.query import tree
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.domain import Entity
    from monitors.lint.subject import Entry, Listed, Subject
    from monitors.match.query.tree import Part

_NOT_OF_TEXT = (tree.Fact, tree.Mention, tree.About, tree.Meaning, tree.In, tree.First)
"""What only an article in a database can tell, or what depends on where in the article something stands."""


def none_forbids_what_is_asked_for(subject: Subject) -> Iterator[Remark]:
    excluding = [listed for listed in subject.watchlists if listed.none]
    screen = _Screen({entry.part for listed in excluding for entry in listed.none})
    for listed in excluding:
        wanted = list(_wanted(listed))
        for entry in screen.suspects(listed, [part for _, part in wanted], subject.entities):
            forbidden = _Forbidden(entry.part, listed.languages)
            found = ((said, forbidden.excludes(part, subject.entities)) for said, part in wanted)
            said, where = next((one for one in found if one[1] is not None), ("", None))
            if where is not None:
                yield Remark(entry.place, f"excludes every article{where} that {said} finds")


def _wanted(listed: Listed) -> Iterator[tuple[str, Part]]:
    for section, entries in (("keywords", listed.keywords), ("all", listed.all)):
        for entry in entries:
            yield f"`{entry.keyword.text}` of `{section}`", entry.part
    for identifier in sorted(listed.watchlist.entities):
        yield f"`{identifier}` of `entities`", tree.Mention(entity=identifier, text=identifier)
    if listed.watchlist.query:
        yield "the query", listed.watchlist.query


def not_forbids_what_is_asked_for(subject: Subject) -> Iterator[Remark]:
    for written in subject.written:
        for both in written.parts:
            for forbidding in both.parts if isinstance(both, tree.Both) else ():
                if isinstance(forbidding, tree.Not):
                    where = _excludes_one_of(forbidding.part, both, written.languages, subject)
                    if where is not None:
                        message = f"`{forbidding.text}` excludes every article{where} that the rest finds"
                        yield Remark(written.place, message, forbidding.at)


def not_near_drops_all_that_is_found(subject: Subject) -> Iterator[Remark]:
    for written in subject.written:
        for pair in written.parts:
            if isinstance(pair, tree.Pair) and pair.kind == "not near":
                where = _excludes_one_of(pair.right, pair.left, written.languages, subject)
                if where is not None:
                    message = (
                        f"never finds anything{where}: `{pair.right.text}` is in all that `{pair.left.text}` finds"
                    )
                    yield Remark(written.place, message, pair.at)


def _excludes_one_of(forbidden: Part, wanted: Part, languages: Sequence[str], subject: Subject) -> str | None:
    """Like _Forbidden.excludes, for each alternative by itself: of some cannot be told what they exclude."""
    alternatives = forbidden.parts if isinstance(forbidden, tree.Either) else (forbidden,)
    found = (_Forbidden(one, languages).excludes(wanted, subject.entities) for one in alternatives)
    return next((where for where in found if where is not None), None)


class _Screen:
    """All that watchlists exclude, compiled at once: few of them find anything in what their own watchlist asks for."""

    def __init__(self, excluded: Iterable[Part]) -> None:
        self._numbers = {part: str(number) for number, part in enumerate(excluded)}
        watchlists = [Watchlist(id=number, name=number, query=part) for part, number in self._numbers.items()]
        self._matcher = Matcher(watchlists, ())

    def suspects(self, listed: Listed, wanted: Iterable[Part], entities: Mapping[str, Entity]) -> Iterator[Entry]:
        """Find what may exclude something, by one look at all of it."""
        text = "\n".join(sample for part in wanted for sample in islice(samples(part, entities, 0), 1))
        # What is found in a language without stems is found in those that have them.
        tongues = [tongue for tongue in listed.languages if stemmed(primary(tongue))] or listed.languages[:1] or (None,)
        articles = (Article(url="", title="", text=text, language=tongue) for tongue in tongues)
        found = {match.watchlist_id for article in articles for match in self._matcher.match(article).matches}
        for entry in listed.none:
            limited = any(isinstance(inner, tree.Not | tree.InTongue) for inner in entry.part.walk())
            if limited or self._numbers[entry.part] in found:
                yield entry


class _Forbidden:
    """Something that excludes articles."""

    def __init__(self, part: Part, languages: Sequence[str]) -> None:
        self._languages = languages or (None,)
        self._reach = max((_reach(inner) for inner in part.walk()), default=0)
        self._in_one_tongue = isinstance(part, tree.InTongue)
        self._matcher: Matcher | None = None
        if not any(isinstance(inner, _NOT_OF_TEXT) for inner in part.walk()):
            self._matcher = Matcher([Watchlist(id="forbidden", name="forbidden", query=part)], ())

    def excludes(self, part: Part, entities: Mapping[str, Entity]) -> str | None:
        """Tell in which language every article is excluded in which a part is found: in words, none for all."""
        if self._matcher is None:
            return None
        languages = (part.language,) if isinstance(part, tree.InTongue) else self._languages
        excluded = [tongue for tongue in languages if self._stands_in_all(part, entities, tongue)]
        if len(excluded) == len(languages):
            return ""
        # Who forbids a word in one language only wants it in the others.
        return f" in `{excluded[0]}`" if excluded and not self._in_one_tongue else None

    def _stands_in_all(self, part: Part, entities: Mapping[str, Entity], language: str | None) -> bool:
        written = islice(samples(part, entities, self._reach), MOST_SAMPLES)
        return all(self._stands_in(sample, language) for sample in written)

    def _stands_in(self, sample: str, language: str | None) -> bool:
        article = Article(url="", title="", text=sample, language=language)
        return self._matcher is not None and bool(self._matcher.match(article).matches)


def _reach(part: Part) -> int:
    """Return in words how far apart may stand what a part finds together."""
    match part:
        case tree.Pair():
            return part.distance
        case tree.Together():
            return part.width
    return 1


RULES = (none_forbids_what_is_asked_for, not_forbids_what_is_asked_for, not_near_drops_all_that_is_found)
