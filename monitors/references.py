"""Values of a configuration that name something else in it, queries among them: each must be there."""

from typing import Annotated

from pydantic import AfterValidator, PlainValidator, ValidationInfo

from crawler.yaml_file import nearest, refuse_characters
from crawler.yaml_types import Language
from monitors.known import known
from monitors.match.query.tree import Part, Reference
from monitors.named_queries import BrokenQueryError


def _entity(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).entities):
        raise ValueError(f"there is no entity `{identifier}`{nearest(identifier, there)}")
    return identifier


def _concept(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).concepts):
        raise ValueError(f"there is no concept `{identifier}`{nearest(identifier, there)}")
    return identifier


def _source(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).sources):
        raise ValueError(f"there is no source `{identifier}`{nearest(identifier, there)}")
    return identifier


def _group(name: str, info: ValidationInfo) -> str:
    if name not in (there := known(info).groups):
        raise ValueError(f"no source is in a group `{name}`{nearest(name, there)}")
    return name


def _spoken(language: str, info: ValidationInfo) -> str:
    spoken = known(info).languages
    if spoken and language not in spoken:
        raise ValueError(f"no article will be in `{language}`: it is missing from settings.languages")
    return language


def _query(written: object, info: ValidationInfo) -> Part:
    if not isinstance(written, str):
        raise ValueError("needs text; put it in quotes if it is meant as text")  # noqa: TRY004  # pydantic catches no other
    try:
        return known(info).queries.read(written)
    except BrokenQueryError as error:
        if error.mistakes:
            refuse_characters(((), at, message) for at, message in error.mistakes.items())
        return Reference(text=written, name="")  # what is wrong is told where the named query stands


KnownEntity = Annotated[str, AfterValidator(_entity)]
KnownConcept = Annotated[str, AfterValidator(_concept)]
KnownSource = Annotated[str, AfterValidator(_source)]
KnownGroup = Annotated[str, AfterValidator(_group)]
SpokenLanguage = Annotated[Language, AfterValidator(_spoken)]
Query = Annotated[Part | None, PlainValidator(_query)]
"""The tree of a query, the named ones that it refers to looked up."""
