"""What the entries of a configuration may refer to: the ids that stand anywhere in the file, even in a broken entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from crawler.source_file import source_id
from crawler.yaml_file import entries as listed
from crawler.yaml_tree import find
from monitors.entries import named_id
from monitors.named_queries import NamedQueries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pydantic import ValidationInfo

    from crawler.yaml_tree import Document, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    channels: Mapping[str, str]
    """The id of each, and its kind."""
    entities: frozenset[str]
    concepts: frozenset[str]
    sources: frozenset[str]
    groups: frozenset[str]
    languages: frozenset[str]
    """Those that articles can have; empty: any."""
    queries: NamedQueries
    folder: Path = Path()
    """Where the file lies, and where the relative paths in it begin."""

    @classmethod
    def of(cls, document: Document) -> Self:
        root = document.root
        settled = _texts(root, "settings.languages.*")
        entities, concepts = (
            frozenset(filter(None, (named_id(value) for _, value in listed(document, section))))
            for section in ("entities", "concepts")
        )
        return cls(
            channels={
                value["id"]: str(value.get("type"))
                for _, value in listed(document, "channels")
                if isinstance(value, dict) and isinstance(value.get("id"), str)
            },
            entities=entities,
            concepts=concepts,
            sources=frozenset(filter(None, (source_id(value) for _, value in listed(document, "sources")))),
            groups=_texts(root, "sources.*.groups.*"),
            languages=settled and settled | _texts(root, "sources.*.language"),
            queries=NamedQueries.of(root.get("queries"), entities, concepts),
            folder=Path(document.file).parent,
        )


def known(info: ValidationInfo) -> Known:
    """Return what the file knows, while it is being validated."""
    return cast("Known", info.context)


def _texts(root: Value, pattern: str) -> frozenset[str]:
    return frozenset(value for _, value in find(root, pattern) if isinstance(value, str))
