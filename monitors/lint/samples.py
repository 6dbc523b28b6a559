"""Writes down what a query asks for, as the texts of articles: one for each of its alternatives."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from monitors.match.query.tree import About, AtLeast, Both, Either, Mention, Not, Pair, Together, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitors.domain import Entity
    from monitors.match.query.tree import Part

MOST_SAMPLES = 64
_FILLER = " zzyzx"  # no word of any language


def sample(part: Part, entities: Mapping[str, Entity]) -> str:
    """Write down the first alternative of what a part asks for, as close together as it allows."""
    return next(samples(part, entities, 0, most=1))


def samples(part: Part, entities: Mapping[str, Entity], far: int, *, most: int = MOST_SAMPLES) -> Iterator[str]:
    """Write down each alternative of what a part asks for, as far apart as it allows; facts are left out.

    `far` is how far apart, in words, what may stand anywhere is to stand; `most`, how many alternatives of each of the
    parts are gone through.
    """
    match part:
        case Words(words=words):
            yield words.replace("*", "zz").replace("?", "z")
        case Mention(entity=identifier) | About(entity=identifier):
            entity = entities[identifier]
            yield from (entity.name, *(alias.text for alias in entity.aliases))
        case Either():
            for one in part.alternatives:
                yield from samples(one, entities, far, most=most)
        case _:
            choices = [list(islice(samples(one, entities, far, most=most), most)) for one in _wanted(part)]
            yield from map(_between(part, far).join, product(*choices))


def _wanted(part: Part) -> Sequence[Part]:
    """Return the parts that all have to stand in an article."""
    match part:
        case Both():
            return [one for one in part.conditions if not isinstance(one, Not)]
        case Not():
            return ()
        case Pair(kind="not near"):
            return (part.left,)
        case AtLeast():
            return (part.part,) * part.count
    return part.parts


def _between(part: Part, far: int) -> str:
    """Return what may stand between the parts."""
    match part:
        case Together(or_in_head=True):
            return _words(1)  # a keyword: who types one thinks of its words as neighbours
        case Together():
            gaps = max(1, len(part.members) - 1)
            return _words(min(far, (part.width - len(part.members)) // gaps))
        case Pair(kind="sentence"):
            return _words(15)
        case Pair(kind="paragraph"):
            return f".{_words(15)}. "
        case Pair():
            return _words(min(far, part.distance - 1))
    return f"\n{_words(far)}\n"


def _words(count: int) -> str:
    return _FILLER * count + " "
