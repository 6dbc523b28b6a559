"""What entries of the monitors' sections have in common: a name and an id, and words that can be found."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from crawler.yaml_file import Section
from crawler.yaml_tree import Value
from crawler.yaml_types import Identifier, Line, Text, slug
from monitors.match.words import WildcardError, phrase, wildcard_phrase


def _has_a_word(text: str) -> str:
    if not any(map(str.isalnum, text)) and phrase(text) is None:
        raise ValueError("needs a letter or a digit to be found by")
    return text


def _can_be_found(text: str) -> str:
    try:
        if "*" in text or "?" in text:
            wildcard_phrase(text)
    except WildcardError as error:
        raise ValueError(str(error)) from None
    return text


Wording = Annotated[Line, AfterValidator(_has_a_word)]
"""A line that can be found in an article."""
Hint = Annotated[Wording, AfterValidator(_can_be_found)]
"""A word, with inflections and wildcards, or a phrase in quotes."""
Passage = Annotated[Text, AfterValidator(_has_a_word)]
"""A piece of an article."""


class Named(Section):
    """An entry with a name, of which its id is made where it has none."""

    name: Line
    id: Identifier | None = Field(default=None, validate_default=True)

    @field_validator("id")
    @classmethod
    def _made_of_the_name(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is None and "name" in info.data and not slug(info.data["name"]):
            raise ValueError("is missing, and cannot be made of a name without letters")
        return given

    @property
    def made_id(self) -> str:
        return self.id or slug(self.name)


def named_id(written: Value) -> str | None:
    """Return the id of an entry, given or made of its name; None where its mistake is another."""
    if not isinstance(written, dict):
        return None
    name = written.get("name")
    given = written.get("id", slug(name) if isinstance(name, str) else None)
    return given if isinstance(given, str) and given else None
