"""Warns of entities: rules that have no effect, names that are not theirs alone, and entities that nobody asks for."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from monitors.domain import Alias
from monitors.lint.capitals import is_also_a_word
from monitors.lint.subject import Remark
from monitors.match.query.tree import About, Mention
from monitors.match.words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.yaml_tree import Place
    from monitors.domain import Entity
    from monitors.lint.subject import Subject

Key = tuple[str, ...]
ENOUGH_CONTEXT = 2
"""How many of its context words make an ambiguous alias certain."""


def rules_without_effect(subject: Subject) -> Iterator[Remark]:
    for number, entity in enumerate(subject.configuration.entities):
        place: Place = ("entities", number)
        ambiguous = any(alias.ambiguous for alias in entity.aliases)
        for key in ("context", "never_near"):
            if getattr(entity, key) and not ambiguous:
                yield Remark((*place, key), "has no effect: none of the aliases is `ambiguous`")
        if ambiguous and 0 < len(entity.context) < ENOUGH_CONTEXT:
            yield Remark((*place, "context"), "never suffices: it takes two of these words to make an alias certain")


def ambiguous_name(subject: Subject) -> Iterator[Remark]:
    for number, entity in enumerate(subject.configuration.entities):
        for index, alias in enumerate(entity.aliases):
            if alias.ambiguous and _key(alias.text) == _key(entity.name):
                message = "has no effect: the `name` of the entity, which is never ambiguous, is the same"
                yield Remark(("entities", number, "aliases", index, "ambiguous"), message)


def name_of_two(subject: Subject) -> Iterator[Remark]:
    """Find names that are evidence of one entity by themselves, though another goes by them too."""
    owners: dict[tuple[Key, str | None], list[tuple[Entity, Place]]] = defaultdict(list)
    for entity, alias, place in _names(subject):
        if not alias.ambiguous:
            owners[_key(alias.text), alias.lang].append((entity, place))
    for (first, _), *others in owners.values():
        for entity, place in others:
            if entity is not first:
                yield Remark(place, f"is a name of `{first.id}` too: make it `ambiguous` for both")


def acronym_in_any_case(subject: Subject) -> Iterator[Remark]:
    spoken = subject.configuration.settings.languages
    for _, alias, place in _names(subject):
        tongue = is_also_a_word(alias.text, (alias.lang,) if alias.lang else spoken)
        if tongue and not alias.case_sensitive:
            message = f"`{alias.text}` also finds `{alias.text.lower()}`, which is a word in `{tongue}`"
            fix = "give the entity a longer name" if place[-1] == "name" else "`case_sensitive: true` helps"
            yield Remark(place, f"{message}; {fix}")


def unused_entity(subject: Subject) -> Iterator[Remark]:
    """Find entities that no watchlist asks for, but for those that keep others from being found in their names."""
    if not subject.watchlists:
        return
    used = {identifier for listed in subject.watchlists for identifier in listed.watchlist.entities}
    used |= {
        part.entity
        for listed in subject.watchlists
        if listed.watchlist.query
        for part in listed.watchlist.query.walk()
        if isinstance(part, Mention | About)
    }
    names = {_key(alias.text) for entity, alias, _ in _names(subject) if entity.id in used}
    useful = used | {entity.id for entity, alias, _ in _names(subject) if _holds_one(_key(alias.text), names)}
    for number, entity in enumerate(subject.configuration.entities):
        if entity.id not in useful:
            yield Remark(("entities", number), f"no watchlist asks for `{entity.id}`")


def _holds_one(key: Key, names: set[Key]) -> bool:
    return any(key[start:end] in names for start in range(len(key)) for end in range(start + 1, len(key) + 1))


def _names(subject: Subject) -> Iterator[tuple[Entity, Alias, Place]]:
    for number, entity in enumerate(subject.configuration.entities):
        yield entity, Alias(text=entity.name), ("entities", number, "name")
        for index, alias in enumerate(entity.aliases):
            yield entity, alias, ("entities", number, "aliases", index)


@lru_cache(maxsize=50_000)
def _key(name: str) -> Key:
    """Return the same for two spellings of a name, in any case."""
    words = phrase(name)
    return tuple(term.key for term in words.words) if words else ()


RULES = (rules_without_effect, ambiguous_name, name_of_two, acronym_in_any_case, unused_entity)
