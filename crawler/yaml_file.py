"""YAML → pydantic model; every mistake at once, as `file:line: key: problem`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from crawler.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

    from crawler.errors import Problem
    from crawler.yaml_tree import Document, Place, Value

Model = TypeVar("Model", bound=BaseModel)

MOST_NAMES = 2_000  # looking for the nearest of more would take longer than reading the file


class Section(BaseModel):
    """A mapping of a configuration file: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def keys(cls, written: Value) -> Collection[str]:  # noqa: ARG003  (a section may know more keys, see ChannelEntry)
        """Return the keys that this section knows."""
        return keys_of(cls)


def keys_of(model: type[BaseModel]) -> Collection[str]:
    """Return the keys of a model as they are written in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()]


def validate(
    document: Document,
    model: type[Model],
    *,
    context: object = None,
    problems: Iterable[Problem] = (),
) -> Model:
    """Return the document as a model.

    `problems` were found by the caller and are told together with those of the model.

    Raises:
        ConfigError: with every problem, in the order of their lines.
    """
    found = [*document.problems, *problems]
    value: Model | None = None
    try:
        value = model.model_validate(document.root, context=context)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        said = {*document.unreadable}
        found += [_problem(document, model, mistake) for mistake in mistakes if not _is_said(mistake, said)]
    if value is None or found:
        raise ConfigError(sorted(dict.fromkeys(found), key=lambda problem: problem.line))
    return value


def entries(document: Document, section: str) -> Iterator[tuple[Place, Value]]:
    """Walk over the entries of a list at the top of the document, if it is a list."""
    values = document.root.get(section)
    if isinstance(values, list):
        for index, value in enumerate(values):
            yield (section, index), value


def duplicate_ids(document: Document, section: str, id_of: Callable[[Value], str | None]) -> Iterator[Problem]:
    """Find entries of a section that have the same id, given or made."""
    first: dict[str, int] = {}
    for place, value in entries(document, section):
        identifier = id_of(value)
        if identifier is None:
            continue
        line = document.line(place)
        if identifier in first:
            given = isinstance(value, dict) and "id" in value
            message = (
                f"`{identifier}` is also the id of the entry on line {first[identifier]}; give one of them another"
            )
            yield document.problem((*place, "id") if given else place, message)
        first.setdefault(identifier, line)


def refuse(found: Mapping[Place, str]) -> NoReturn:
    """Raise several mistakes from within a validator, each at a place inside of what is validated."""
    details = [
        InitErrorDetails(type=PydanticCustomError("refused", message), loc=place, input=...)
        for place, message in found.items()
    ]
    raise ValidationError.from_exception_data("refused", details)


def refuse_characters(found: Iterable[tuple[Place, int, str]]) -> NoReturn:
    """Raise several mistakes from within a validator, each at an offset of a text inside of what is validated."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError("refused", "{told}", {"told": message, "at": at}), loc=place, input=...
        )
        for place, at, message in found
    ]
    raise ValidationError.from_exception_data("refused", details)


def nearest(word: object, names: Collection[str]) -> str:
    """Return `; did you mean …?` with the name that is most like the word, or nothing."""
    if len(names) > MOST_NAMES:
        return ""
    found = difflib.get_close_matches(str(word), names, n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def _is_said(mistake: ErrorDetails, said: Collection[Place]) -> bool:
    place = mistake["loc"]
    match mistake["type"]:
        case "too_short" if mistake["input"]:
            return True  # the entries that are there have mistakes of their own
        case "extra_forbidden":
            return False  # a key can be unknown and its value unreadable
    return any(place[:depth] in said for depth in range(len(place) + 1))


def _problem(document: Document, model: type[BaseModel], mistake: ErrorDetails) -> Problem:
    place = mistake["loc"]
    if mistake["type"] == "extra_forbidden":
        names = _keys_at(model, place[:-1], document.root)
        return document.problem(place, f"unknown key{nearest(place[-1], names)}")
    return document.problem(place, _message(mistake), at=mistake.get("ctx", {}).get("at"))


def _keys_at(model: type[BaseModel], place: Place, value: Any) -> Collection[str]:
    """Follow a place through the model down to the section that it names, and return the keys known there."""
    section: type[BaseModel] | None = model
    annotation: object = model
    for step in place:
        value = value[step]
        if isinstance(step, str) and section:
            fields = {field.alias or name: field for name, field in section.model_fields.items()}
            annotation = fields[step].annotation if step in fields else None
        section = _section_in(annotation)
    if section is None:
        return ()
    return section.keys(value) if issubclass(section, Section) else keys_of(section)


def _section_in(annotation: object) -> type[BaseModel] | None:
    """Find the model in an annotation such as `tuple[Annotated[Entry, …], ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)


_MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "needs text; put it in quotes if it is meant as text",
    "string_too_short": "needs some text",
    "int_type": "needs a whole number",
    "int_parsing": "needs a whole number",
    "int_from_float": "needs a whole number",
    "bool_type": "needs true or false",
    "bool_parsing": "needs true or false",
    "tuple_type": "needs a list",
    "list_type": "needs a list",
    "frozen_set_type": "needs a list",
    "model_type": "needs a mapping (key: value)",
    "model_attributes_type": "needs a mapping (key: value)",
    "dict_type": "needs a mapping (key: value)",
    "string_too_long": "must be at most {max_length} characters long",
    "too_short": "needs at least one",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def _message(mistake: ErrorDetails) -> str:
    context = mistake.get("ctx", {})
    if mistake["type"] == "literal_error":
        return f"needs {str(context['expected']).replace(chr(39), '')}"
    message = _MESSAGES.get(mistake["type"], mistake["msg"])
    return message.format(**context) if mistake["type"] in _MESSAGES else message
