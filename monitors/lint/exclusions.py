"""Warns where a watchlist excludes what it asks for: `none: [law]` beside the keyword `China law`.

What is asked for is written down as the text of an article, once for each of its alternatives, and the very matcher
says whether what is excluded stands in each of them.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.domain import Article
from monitors.domain import Watchlist
from monitors.lint.samples import MOST_SAMPLES, sample, samples
from monitors.lint.subject import Remark
from monitors.match.lexicon import WILDCARD_PREFIX
from monitors.match.matcher import Matcher
from monitors.match.query import tree
from monitors.match.words import wildcard_phrase
from monitors.text.folding import fold, without_diacritics
from monitors.text.stems import primary, stemmed, stems, stems_of
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.domain import Entity
    from monitors.lint.subject import Entry, Listed, Subject
    from monitors.match.lexicon import Term
    from monitors.match.query.tree import Part

_NOT_OF_TEXT = (tree.Fact, tree.Mention, tree.About, tree.Meaning, tree.In, tree.First)
"""What only an article in a database can tell, or what depends on where in the article something stands."""


def none_forbids_what_is_asked_for(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        wanted = list(_wanted(listed)) if listed.none else []
        for entry, forbidden in _suspects(listed, [part for _, part in wanted], subject.entities) if wanted else ():
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


def _suspects(
    listed: Listed, wanted: Iterable[Part], entities: Mapping[str, Entity]
) -> Iterator[tuple[Entry, _Forbidden]]:
    """Find what may exclude something, by one look at all of it: of most, not even the words are in there."""
    text = "\n".join(sample(part, entities) for part in wanted)
    # What is found in a language without stems is found in those that have them.
    tongues = [tongue for tongue in listed.languages if stemmed(primary(tongue))] or listed.languages[:1] or (None,)
    words_in = [_Words(text, primary(tongue)) for tongue in tongues]
    for entry in listed.none:
        limited = any(isinstance(inner, tree.Not | tree.InTongue) for inner in entry.part.walk())
        if limited or any(words.may_hold(entry.part) for words in words_in):
            forbidden = _Forbidden(entry.part, listed.languages)
            if limited or any(forbidden.stands_in(text, tongue) for tongue in tongues):
                yield entry, forbidden


class _Words:
    """The words of a text, by which it is told at once of most keywords that they are not in it."""

    def __init__(self, text: str, language: str | None) -> None:
        words = set(Tokens(text).words)
        self._language = language
        self._keys = set(map(without_diacritics, words))
        self._stems = stems_of(words, language)

    def may_hold(self, part: Part) -> bool:
        """Whether it has the words of a keyword; in which order and how close together is not looked at."""
        match part:
            case tree.Words(words=words, form=form):
                phrase = wildcard_phrase(words, inflected=form == "inflected", case_sensitive=form == "cased")
                return phrase is None or all(map(self._has, phrase.words))
            case tree.Either(alternatives=alternatives):
                return any(map(self.may_hold, alternatives))
        return all(map(self.may_hold, part.parts))

    def _has(self, term: Term) -> bool:
        if term.form == "wildcard":
            prefix = term.key[:WILDCARD_PREFIX]
            return any(key.startswith(prefix) for key in self._keys)
        if term.key in self._keys:
            return True
        return term.form == "inflected" and not self._stems.isdisjoint(stems(fold(term.text).text, self._language))


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
        return all(self.stands_in(sample, language) for sample in written)

    def stands_in(self, sample: str, language: str | None) -> bool:
        # Behind a deck the sample is no lead, in which the words of a keyword may stand as far apart as they like.
        article = Article(url="", title="", lead="zzyzx", text=sample, language=language)
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
