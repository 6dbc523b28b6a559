"""Decides which names in an article mention an entity: for certain, possibly, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.entities.suffixes import with_legal_form
from monitors.match.needs import alternatives
from monitors.match.nodes import any_of, rows_of, terms_of, widest
from monitors.match.pairs import NotNear
from monitors.text.folding import without_diacritics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.match.entities.names import Name
    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading


class Sighted(NamedTuple):
    """The mentions in an article, in its order."""

    certain: Sequence[Hit] = ()
    all: Sequence[Hit] = ()


_NOTHING = Sighted()


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """An entity, compiled: its names and what tells it from its namesakes."""

    names: tuple[Name, ...]
    needs: Needs
    longer: Mapping[str, Sequence[Node]]
    """The names of others which hold one of these, by the words beside it: `New York Times` for New York."""
    context: tuple[Node, ...]
    namesakes: Node | None
    """Words that tell that an ambiguous name near them is somebody else's."""
    within: int

    def sight(self, reading: Reading) -> Sighted:
        sighted: Sighted | None = reading.memo.get(self)
        if sighted is None:
            sighted = reading.memo[self] = self._sight(reading)
        return sighted

    def _sight(self, reading: Reading) -> Sighted:
        found = [(name, hits) for name in self.names if (hits := name.node.find(reading))]
        if not found:
            return _NOTHING
        own = {hit for _, hits in found for hit in hits}
        own = self._outermost(reading, own)
        short = {hit for name, hits in found if not own.isdisjoint(hits) for hit in name.shortened(reading)}
        if short:
            own = self._outermost(reading, own | short)
        certain = self._certain(reading, [(name, own.intersection(hits)) for name, hits in found])
        return _sighted(reading, (certain | short) & own, own)

    def _outermost(self, reading: Reading, own: set[Hit]) -> set[Hit]:
        """Return the own names that stand in no longer one, be that another's."""
        others = {hit for name in self._longer_there(own, reading) for hit in name.find(reading)}
        return _outermost(own, others)

    def _longer_there(self, own: set[Hit], reading: Reading) -> set[Node]:
        """Return the longer names that may stand around some of the own ones, by what stands beside these."""
        if not self.longer:
            return set()
        beside = {word for hit in own for word in _beside(hit, reading.fields[hit.field].words)}
        return {name for word in beside for name in self.longer.get(without_diacritics(word), ())}

    def _certain(self, reading: Reading, found: Sequence[tuple[Name, set[Hit]]]) -> set[Hit]:
        certain = {hit for name, hits in found if not (name.ambiguous or name.tiny) for hit in hits}
        ambiguous = {hit for name, hits in found if name.ambiguous and not name.tiny for hit in hits}
        if ambiguous and (certain or self._has_context(reading, {hit for _, hits in found for hit in hits})):
            certain |= self._not_namesakes(reading, ambiguous)
        if certain:
            tiny = [(name, hits) for name, hits in found if name.tiny]
            certain |= {hit for name, hits in tiny if not name.ambiguous for hit in hits}
            certain |= self._not_namesakes(reading, {hit for name, hits in tiny if name.ambiguous for hit in hits})
        return certain

    def _not_namesakes(self, reading: Reading, hits: set[Hit]) -> set[Hit]:
        if not hits or self.namesakes is None:
            return hits
        return set(NotNear(_Known(sorted(hits)), self.namesakes, self.within).find(reading))

    def _has_context(self, reading: Reading, names: set[Hit]) -> bool:
        """Whether two different words of the context stand in the article, outside the names themselves."""
        taken = {(hit.field, index) for hit in names for index in range(hit.first, hit.last + 1)}
        found = [[hit for hit in word.find(reading) if hit[:2] not in taken] for word in self.context]
        return any(_differ(one, other) for one, other in combinations(found, 2))

    def terms(self) -> Iterator[Term]:
        for name in self.names:
            yield from name.terms()
        yield from terms_of(chain(*self.longer.values(), self.context))
        if self.namesakes:
            yield from self.namesakes.terms()


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """`entity:amazon`: the mentions of an entity that are certain or, if wanted, the possible ones, too."""

    profile: Profile
    possible: bool = False

    def find(self, reading: Reading) -> Sequence[Hit]:
        sighted = self.profile.sight(reading)
        return sighted.all if self.possible else sighted.certain

    def needs(self) -> Needs:
        return self.profile.needs

    def rows(self) -> Sequence[Row]:
        return alternatives(rows_of(name.node) for name in self.profile.names)

    def reach(self) -> int | None:
        names = self.profile.names
        # A short form is a mention however far away the name stands that it is short for.
        return None if any(name.short_forms for name in names) else widest(name.node.reach() for name in names)

    def terms(self) -> Iterator[Term]:
        return self.profile.terms()


@dataclass(frozen=True, slots=True)
class _Known:
    """Hits that were found already, as a node."""

    hits: Sequence[Hit]

    def find(self, _: Reading) -> Sequence[Hit]:
        return self.hits

    def needs(self) -> Needs:
        return ()

    def reach(self) -> int | None:
        return None

    def terms(self) -> Iterator[Term]:
        return iter(())


def _beside(hit: Hit, words: Sequence[str]) -> Sequence[str]:
    return [*words[max(0, hit.first - 1) : hit.first], *words[hit.last + 1 : hit.last + 2]]


def namesakes(words: Sequence[Node]) -> Node | None:
    return any_of(words) if words else None


def _outermost(own: set[Hit], others: set[Hit]) -> set[Hit]:
    """Return those of some hits that no other hit, of these or the others, holds inside it."""
    kept = set()
    outer: Hit | None = None
    for hit in sorted(own | others, key=lambda hit: (hit.field, hit.first, -hit.last)):
        if outer and outer.field == hit.field and hit.last <= outer.last and hit[1:3] != outer[1:3]:
            continue
        outer = hit
        kept.add(hit)
    return kept & own


def _sighted(reading: Reading, certain: set[Hit], every: set[Hit]) -> Sighted:
    """Put mentions in order, each with the legal form that stands at it, and each place once."""
    places: dict[tuple[int, int, int], Hit] = {}
    sure = set()
    for hit in sorted(every):  # of two names at one place, the one with more signs comes last
        places[hit[:3]] = hit
        if hit in certain:
            sure.add(hit[:3])
    whole = {place: with_legal_form(reading, hit) for place, hit in places.items()}
    return Sighted([whole[place] for place in places if place in sure], list(whole.values()))


def _differ(one: Iterable[Hit], other: Iterable[Hit]) -> bool:
    """Whether two words stand in different places."""
    return any(a.field != b.field or a.last < b.first or b.last < a.first for a in one for b in other)
