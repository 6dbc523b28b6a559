"""What the entries of a configuration may refer to: the ids that stand anywhere in the file, even in a broken entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from crawler.source_file import source_id
from crawler.yaml_file import entries
from crawler.yaml_types import slug
from monitors.not_yet import find

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
    sources: frozenset[str]
    groups: frozenset[str]
    languages: frozenset[str]
    """Those that articles can have; empty: any."""

    @classmethod
    def of(cls, document: Document) -> Self:
        root = document.root
        settled = _texts(root, "settings.languages.*")
        return cls(
            channels={
                value["id"]: str(value.get("type"))
                for _, value in entries(document, "channels")
                if isinstance(value, dict) and isinstance(value.get("id"), str)
            },
            entities=frozenset(filter(None, (named_id(value) for _, value in entries(document, "entities")))),
            sources=frozenset(filter(None, (source_id(value) for _, value in entries(document, "sources")))),
            groups=_texts(root, "sources.*.groups.*"),
            languages=settled and settled | _texts(root, "sources.*.language"),
        )


def known(info: ValidationInfo) -> Known:
    """Return what the file knows, while it is being validated."""
    return cast("Known", info.context)


def _texts(root: Value, pattern: str) -> frozenset[str]:
    return frozenset(value for _, value in find(root, pattern) if isinstance(value, str))


def named_id(written: Value) -> str | None:
    """Return the id of an entry, given or made of its name; None where its mistake is another."""
    if not isinstance(written, dict):
        return None
    name = written.get("name")
    given = written.get("id", slug(name) if isinstance(name, str) else None)
    return given if isinstance(given, str) and given else None
