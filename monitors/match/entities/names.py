"""Compiles the names that an entity goes by, each by its kind: a ticker, a name with a legal form, a plain name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitors.domain import Alias
from monitors.match.entities.initials import with_or_without_initial
from monitors.match.entities.short_forms import LastName, is_tiny, short_forms
from monitors.match.entities.suffixes import Incorporated, cut_legal_form
from monitors.match.entities.tickers import ticker
from monitors.match.nodes import in_language, rows_of, terms_of
from monitors.match.words import phrase
from monitors.text.folding import without_diacritics
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.domain import Entity
    from monitors.match.entities.suffixes import LegalForm
    from monitors.match.lexicon import Term
    from monitors.match.needs import Needs, Row
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

_ENDINGS = ".!?"

Key = tuple[str, ...]
"""A name as its words, folded."""


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """One name of an entity."""

    key: Key
    node: Node
    ambiguous: bool
    tiny: bool
    """Whether it is no more than a short form itself."""
    keys: frozenset[Key]
    """It and its short forms, but for those with initials: what these end on, hundreds of others may end on."""
    short_forms: tuple[Node, ...]
    """What it may be shortened to, where it stands in the article."""

    def shortened(self, reading: Reading) -> set[Hit]:
        return {hit for form in self.short_forms for hit in form.find(reading)}

    def terms(self) -> Iterator[Term]:
        yield from self.node.terms()
        yield from terms_of(self.short_forms)


@dataclass(frozen=True, slots=True)
class _Ending:
    """A name with the sign at its end, if that stands in the article: U.S., Yahoo!"""

    name: Node
    sign: str

    def find(self, reading: Reading) -> Sequence[Hit]:
        return [
            hit._replace(after=1) if reading.fields[hit.field].between(hit.last + 1).startswith(self.sign) else hit
            for hit in self.name.find(reading)
        ]

    def needs(self) -> Needs:
        return self.name.needs()

    def rows(self) -> Sequence[Row]:
        return rows_of(self.name)

    def reach(self) -> int | None:
        return self.name.reach()

    def terms(self) -> Iterator[Term]:
        return self.name.terms()


def compile_names(entity: Entity) -> tuple[Name, ...]:
    """Compile the names of an entity that have a letter or digit."""
    names = (_name(alias, person=entity.person) for alias in aliases_of(entity))
    return tuple(name for name in names if name)


def aliases_of(entity: Entity) -> tuple[Alias, ...]:
    return (Alias(text=entity.name), *entity.aliases)


def key_of(name: str) -> Key:
    return tuple(map(without_diacritics, Tokens(name).words))


def _name(alias: Alias, *, person: bool) -> Name | None:
    tiny = is_tiny(alias.text)
    text, form = cut_legal_form(alias.text.strip())
    listed = ticker(alias.text)
    # A tiny name is looked for as it is written, like all short forms.
    plain = phrase(text, case_sensitive=alias.case_sensitive or (tiny and not text.islower()))
    if plain is None:
        return None
    shortened: Sequence[Node] = ()
    if not (listed or form or tiny or alias.ambiguous):
        shortened = short_forms(text, person=person)
    node = listed or _whole(with_or_without_initial(plain) if person and shortened else plain, text, form)
    alone = (one for one in shortened if not isinstance(one, LastName) or one.alone)
    key = key_of(alias.text)
    keys = frozenset({key, *(tuple(dict.fromkeys(term.key for term in one.terms())) for one in alone)})
    node, *shortened = (in_language(one, alias.lang) for one in (node, *shortened))
    return Name(key, node, alias.ambiguous, tiny, keys, tuple(shortened))


def _whole(name: Node, text: str, form: LegalForm) -> Node:
    """Let what a name ends with be part of it."""
    if form:
        return Incorporated(name, form, abbreviated=text.endswith("."))
    return _Ending(name, text[-1]) if text[-1] in _ENDINGS else name
