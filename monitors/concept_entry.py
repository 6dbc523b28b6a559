"""One entry of `concepts:` → Concept."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import PlainValidator

from crawler.yaml_file import Section
from crawler.yaml_types import Identifier
from monitors.domain import Concept
from monitors.entries import Passage

_RATE = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?) ?/ ?(?P<unit>day|week|month)")
_IN_A_WEEK: Mapping[str, float] = {"day": 7, "week": 1, "month": 12 * 7 / 365.25}


def _per_week(written: object) -> float:
    found = _RATE.fullmatch(written) if isinstance(written, str) else None
    if not found or not float(found["number"]):
        raise ValueError("needs about how many articles there are, such as 5/week, 2/day or 10/month")
    return float(found["number"]) * _IN_A_WEEK[found["unit"]]


class ConceptEntry(Section):
    """One entry of `concepts:`."""

    id: Identifier
    description: Passage
    examples: tuple[Passage, ...] = ()
    counterexamples: tuple[Passage, ...] = ()
    about: Annotated[float | None, PlainValidator(_per_week)] = None

    def concept(self) -> Concept:
        return Concept(
            id=self.id,
            description=self.description,
            examples=self.examples,
            counterexamples=self.counterexamples,
            per_week=self.about,
        )
