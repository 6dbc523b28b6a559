"""All entities, so that each can be asked for: its mentions, the possible ones, and whether an article is about it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from crawler.errors import ConfigError
from monitors.match.entities.about import About, Census
from monitors.match.entities.mentions import Mentions, Profile, namesakes
from monitors.match.entities.names import aliases_of, compile_names, key_of
from monitors.match.needs import any_needed
from monitors.match.words import WildcardError, wildcard_phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.domain import Entity
    from monitors.match.entities.names import Key, Name
    from monitors.match.nodes import Node

_QUOTES = '"“”„‟«»「」『』＂'


class Roster:
    """All entities. Each is compiled when it is first asked for."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._entities = {entity.id: entity for entity in entities}
        self._names: dict[str, tuple[Name, ...]] = {}
        self._mentions: dict[str, Mentions] = {}
        self._possible: dict[str, Mentions] = {}
        self._about: dict[str, About] = {}
        self._census = Census(lambda: list(self._everyone()))

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self._entities

    def mentions(self, entity_id: str) -> Node:
        """Return what finds the mentions of an entity that are certain.

        Raises:
            ConfigError: there is no such entity, or none of its names has a letter or digit.
        """
        return self._certain(entity_id)

    def possible(self, entity_id: str) -> Node:
        """Return what finds all mentions of an entity, the certain and the possible ones; raises as `mentions`."""
        if entity_id not in self._possible:
            self._possible[entity_id] = Mentions(self._certain(entity_id).profile, possible=True)
        return self._possible[entity_id]

    def about(self, entity_id: str) -> Node:
        """Return what finds the mentions of an entity in the articles about it; raises as `mentions`."""
        if entity_id not in self._about:
            self._about[entity_id] = About(self._certain(entity_id), self._census)
        return self._about[entity_id]

    def _certain(self, entity_id: str) -> Mentions:
        if entity_id not in self._mentions:
            if entity_id not in self._entities:
                raise ConfigError(f"no entity {entity_id}")
            self._mentions[entity_id] = Mentions(self._profile(self._entities[entity_id]))
        return self._mentions[entity_id]

    def _profile(self, entity: Entity) -> Profile:
        names = self._names_of(entity.id)
        if not names:
            raise ConfigError(f"no letter or digit in any name of the entity {entity.id}")
        never = entity.never_near
        return Profile(
            names,
            any_needed([name.node.needs() for name in names]),
            self._longer(entity.id, names),
            tuple(_nodes(entity.context, entity)),
            namesakes(list(_nodes(never.any, entity))) if never else None,
            never.within if never else 0,
        )

    def _names_of(self, entity_id: str) -> tuple[Name, ...]:
        if entity_id not in self._names:
            self._names[entity_id] = compile_names(self._entities[entity_id])
        return self._names[entity_id]

    def _longer(self, entity_id: str, names: Sequence[Name]) -> Mapping[str, list[Node]]:
        """Return the names of others which hold one of these, by each word in them that stands beside it."""
        longer: dict[str, dict[Node, None]] = defaultdict(dict)
        for key in sorted(frozenset().union(*(name.keys for name in names))):
            for owner, whole in self._holders.of(key):
                if owner != entity_id:
                    nodes = [name.node for name in self._names_of(owner) if name.key == whole]
                    for word in _beside(key, whole):
                        longer[word].update(dict.fromkeys(nodes))
        return {word: list(nodes) for word, nodes in longer.items()}

    @cached_property
    def _holders(self) -> _Holders:
        return _Holders(self._entities.values())

    def _everyone(self) -> Iterator[Mentions]:
        for entity_id in self._entities:
            try:
                yield self._certain(entity_id)
            except ConfigError:  # told to whoever asks for it
                continue


class _Holders:
    """Tells which entities have a name that holds another one."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_word: dict[str, list[tuple[str, Key]]] = defaultdict(list)
        for entity in entities:
            for key in (key_of(alias.text) for alias in aliases_of(entity)):
                for word in set(key):
                    self._by_word[word].append((entity.id, key))

    def of(self, key: Key) -> Iterator[tuple[str, Key]]:
        """Yield whose names hold a name, and which."""
        candidates = min((self._by_word.get(word, ()) for word in key), key=len)
        return (holder for holder in candidates if len(holder[1]) > len(key) and _holds(holder[1], key))


def _holds(name: Key, piece: Key) -> bool:
    return any(_starts(name, piece))


def _starts(name: Key, piece: Key) -> Iterator[bool]:
    return (name[start : start + len(piece)] == piece for start in range(len(name) - len(piece) + 1))


def _beside(piece: Key, name: Key) -> set[str]:
    """Return the words of a name that stand beside a piece of it."""
    starts = [start for start, there in enumerate(_starts(name, piece)) if there]
    beside = [index for start in starts for index in (start - 1, start + len(piece))]
    return {name[index] for index in beside if 0 <= index < len(name)}


def _nodes(words: Iterable[str], entity: Entity) -> Iterator[Node]:
    """Compile words as in a query: inflected, but for a phrase in quotes."""
    for text in words:
        bare = text.strip().strip(_QUOTES)
        try:
            node = wildcard_phrase(bare, inflected=bare == text.strip())
        except WildcardError as error:
            raise ConfigError(f"{error}, of the entity {entity.id}") from error
        if node is None:
            raise ConfigError(f"no letter or digit in {text!r}, of the entity {entity.id}")
        yield node
