"""Reads an article from a line of JSON: what `extract` and `articles --jsonl` write, and what people write by hand."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from crawler.domain import Article
from crawler.extract.language import detect
from crawler.yaml_file import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

    from crawler.domain import Source

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _readable(value: Any) -> Any:
    """Read null as an empty text, and half a character, which JSON can hold and UTF-8 cannot, as an unknown one."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    return "" if value is None else value


def _listed(value: Any) -> tuple[Any, ...]:
    """Read one text as a list of it."""
    if isinstance(value, list):
        return tuple(value)
    if value is None or isinstance(value, str):
        return (value,)
    raise ValueError("needs a list of texts")


def _moment(value: Any) -> datetime | None:
    """Read ISO 8601; a date is its midnight, and what names no zone is in UTC."""
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
    except (AttributeError, ValueError):
        raise ValueError("needs a date such as 2026-11-23, or a time such as 2026-11-23T07:30:00+01:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Text = Annotated[str, BeforeValidator(_readable)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class Line(BaseModel):
    """What is read of a line; its other keys are not ours."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: str | int | None = Field(validation_alias=AliasChoices("id", "doc_id"))
    """None where `extract` could not read the line that asked for the page."""
    url: Text = ""
    canonical_url: Text = ""
    title: Text = ""
    lead: Text = ""
    text: Text = ""
    authors: Texts = ()
    published: Moment = None
    language: Text = ""
    site: Text = ""
    sections: Texts = ()
    source: Text = ""
    """The id of a source."""

    def article(self, languages: Sequence[str] | None = None, source: Source | None = None) -> Article:
        """Return the article; a language nobody named is told from the text, among `languages`, if they are given."""
        said = self.language or (source and source.language) or None
        return Article(
            url=self.url or self.canonical_url,
            title=self.title,
            lead=self.lead,
            text=self.text,
            authors=tuple(filter(None, self.authors)),
            published=self.published,
            language=said if said or languages is None else self._detected(languages),
            site=self.site or None,
            sections=tuple(filter(None, self.sections)),
        )

    def _detected(self, languages: Sequence[str]) -> str | None:
        return detect(f"{self.title}\n{self.lead}\n{self.text}", languages=languages)


def read_line(line: bytes, sources: Mapping[str, Source] | None) -> Line | str | None:
    """Return what a line holds, or what is wrong with it; nothing for an empty one.

    `sources` are those that a line may name; None: any, as nobody knows them.
    """
    if not line.strip():
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(value, dict):
        return "not a JSON object"
    try:
        read = Line.model_validate(value)
    except ValidationError as error:
        return "; ".join(map(_reason, error.errors()))
    if read.source and sources is not None and read.source not in sources:
        return f"source: `{read.source}` is not the id of a source{nearest(read.source, sources.keys())}"
    return read


def _reason(error: ErrorDetails) -> str:
    said = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    return f"{'.'.join(map(str, error['loc']))}: {said}"
