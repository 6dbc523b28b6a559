"""What a query or a keyword says, as a tree. Every part knows the text it was written as and where that begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Form = Literal["inflected", "exact", "cased"]
"""How words are compared: with their inflections; as written in any case; as written, case and all."""
FieldScope = Literal["title", "lead", "hlead", "body"]
PairKind = Literal["near", "onear", "not near", "sentence", "paragraph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a query."""

    text: str = field(compare=False)
    """As its author wrote it, with runs of space made one."""
    at: int = field(default=0, compare=False)
    """The offset in the text of the query where it begins."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is made of."""
        return ()

    def walk(self) -> Iterator[Part]:
        """Yield it and everything in it, in the order of the text."""
        waiting: list[Part] = [self]
        while waiting:
            part = waiting.pop()
            yield part
            if inner := part.parts:
                waiting.extend(reversed(inner))


# -- leaves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Part):
    """`merger`, `"spin off"`, `exact(selling)`, `cs(US)`, `divest*`: one word or several in a row."""

    words: str
    """Without quotes and function; `*` and `?` are wildcards."""
    form: Form = "inflected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(Part):
    """`entity:amazon`."""

    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About(Part):
    """`about:amazon`."""

    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning(Part):
    """`concept:data-localization`, `concept:x>0.7`."""

    concept: str
    over: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Part):
    """`re/…/`, in RE2 syntax."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Part):
    """What is known of an article beside its text: `author:"Jane Doe"`, `words:>300`, `published:[A TO B]`."""

    name: str
    """The name of a fact of monitors.match.facts."""
    value: str
    """Without the quotes that may stand around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Part):
    """`@name`: a query of the `queries:` section. `query` is what it stands for, once that was looked up."""

    name: str
    query: Part | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.query,) if self.query else ()


# -- what combines them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Either(Part):
    """`A OR B OR C`."""

    alternatives: tuple[Part, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.alternatives


@dataclass(frozen=True, slots=True, kw_only=True)
class Both(Part):
    """`A AND B NOT C`: all of them hold. What must not hold is a Not."""

    conditions: tuple[Part, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Part):
    """`NOT A`."""

    part: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Part):
    """`A NEAR/8 B`, `A ONEAR/8 B`, `A NOT NEAR/3 B`, `A SENTENCE B`, `A PARAGRAPH B`."""

    kind: PairKind
    left: Part
    right: Part
    distance: int = 0
    """In words; of no meaning for sentence and paragraph."""

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together(Part):
    """All parts in a stretch of so many words: `"a b c"~8`, and the words of a keyword."""

    members: tuple[Part, ...]
    width: int
    """How many words the stretch is long, the parts included."""
    or_in_head: bool = False
    """Whether it also counts if all of them stand in the title and lead, however far apart."""

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.members


# -- functions, fields, weights ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Part):
    """`title:x`, `lead:(x OR y)`."""

    scope: FieldScope
    part: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True, kw_only=True)
class First(Part):
    """`first50(x)`: within the first words of the body."""

    words: int
    part: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Part):
    """`atleast3(x)`: so many mentions."""

    count: int
    part: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted(Part):
    """`x^5`: how much it counts for the score and for the choice of the hit sentence."""

    part: Part
    weight: float

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True, kw_only=True)
class InTongue(Part):
    """A part that counts in articles of one language only: a keyword or an alias with `lang:`."""

    part: Part
    language: str

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.part,)
