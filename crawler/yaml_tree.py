"""Reads YAML 1.2 into plain values that know their lines, with every mistake on the way.

Works on the parser's events: ten thousand watchlists take a second this way, half a minute with ruamel.yaml. Typing is
that of YAML 1.2 (`07:00`, `no` and `on` are text). Anchors, aliases and tags are refused: nobody needs them here, and
ten lines of them can stand for gigabytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from crawler.errors import ConfigError, Problem
from crawler.yaml_position import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LEAST_SECRET = 4  # a shorter value stands in many messages by chance
MOST_LEVELS = 30  # the deepest key of the format lies at level 7

# libyaml is thirty times faster; a PyYAML built without it reads the same.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# What YAML forbids, and the line breaks that only YAML 1.1 knows: they would shift every line number after them.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"\w{8,}")
_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

# What the parser says → what a person has most likely done.
_HINTS = {
    "cannot start any token": " (a text that begins with such a character needs quotes around it)",
    "mapping values are not allowed": " (a text with a colon and a space in it needs quotes around it)",
    "did not find expected": " (is it indented like its neighbours, and do quotes surround the whole text?)",
    "end of stream": " (a quote is opened and never closed)",
}

Place = tuple[str | int, ...]
"""The way to a value: `("watchlists", 0, "keywords")`."""
Value = object
"""A str, int, float, bool, None, YamlMap or YamlList."""


class YamlMap(dict[str, Value]):
    """A mapping that knows on which line each of its keys stands."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class YamlList(list[Value]):
    """A list that knows on which line each of its entries stands."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def find(root: Value, pattern: str) -> Iterator[tuple[Place, Value]]:
    """Walk over what a pattern such as `watchlists.*.query` finds; `*` is any entry of a list."""
    found: list[tuple[Place, Value]] = [((), root)]
    for step in pattern.split("."):
        found = [((*place, key), inner) for place, value in found for key, inner in _inside(value, step)]
    yield from found


def _inside(value: Value, step: str) -> Iterator[tuple[str | int, Value]]:
    if step == "*" and isinstance(value, YamlList):
        yield from enumerate(value)
    elif isinstance(value, YamlMap) and step in value:
        yield step, value[step]


@dataclass(frozen=True)
class Document:
    """A YAML file as it was read: its values, and the mistakes that did not keep it from being read."""

    file: str
    root: YamlMap
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[Place] = frozenset()
    """Where no value could be read: what is wrong there has been said."""
    secrets: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    """Where something came from the environment, and what it was: never to be shown."""
    variables: frozenset[str] = frozenset()
    """All of that, once each."""
    text: str = ""
    """The file as it stands, without a byte order mark."""

    def problem(self, place: Place, message: str, *, at: int | None = None) -> Problem:
        """Return a mistake at the value of a place, or at the nearest key around it that is in the file.

        `at` points at a character of the value, which is a text.
        """
        line, known = self._locate(place)
        problem = Problem(self.file, line, ".".join(map(str, known)), self._without_secrets(message, place))
        index = None if at is None else self._index(place, at)
        if index is None:
            return problem
        line, column = self._positions.line_and_column(index)
        return replace(problem, line=line, column=column, excerpt=self._positions.excerpt(place, index))

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest key around it that is in the file."""
        return self._locate(place)[0]

    def position(self, place: Place, offset: int) -> tuple[int, int] | None:
        """Return the line and the column of the character at an offset of a text.

        None where that text does not stand in the file as it is: something came from the environment.
        """
        index = self._index(place, offset)
        return None if index is None else self._positions.line_and_column(index)

    def _index(self, place: Place, offset: int) -> int | None:
        replaced = any(place[:depth] in self.secrets for depth in range(len(place) + 1))
        return None if replaced else self._positions.find(place, offset)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.text, yaml.parse(self.text, Loader=_Loader))

    def _without_secrets(self, message: str, place: Place) -> str:
        """Say less where a message repeats what came from the environment."""
        here = {value for depth in range(len(place) + 1) for value in self.secrets.get(place[:depth], ())}
        parts = {part for value in here | self.variables for part in (value, *_WORD.findall(value))}
        told = message.casefold()
        if any(part.casefold() in told for part in parts if part in here or len(part) >= LEAST_SECRET):
            return "is not accepted (a value from the environment is not shown)"
        return message

    def _locate(self, place: Place) -> tuple[int, Place]:
        node: Value = self.root
        line = self.root.line
        for depth, step in enumerate(place):
            match node, step:
                case YamlMap(), str() if step in node:
                    line, node = node.lines[step], node[step]
                case YamlList(), int() if step < len(node):
                    line, node = node.lines[step], node[step]
                case YamlMap(), str():
                    return line, place  # a key that is missing
                case _:
                    return line, place[:depth]
        return line, place


def read(path: Path, environ: Mapping[str, str]) -> Document:
    """Read a file of YAML whose top is a mapping, with `${NAME}` replaced from the environment.

    Raises:
        ConfigError: it cannot be read at all; mistakes that leave something to read are in `Document.problems`.
    """
    file = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    text = _decoded(data, file)
    reader = _Reader(file, environ)
    root = reader.read(text)
    if root is None:
        reader.stop(1, "the file is empty")
    if not isinstance(root, YamlMap):
        reader.stop(1, "needs a mapping (key: value) at its top")
    variables = frozenset(value for values in reader.secrets.values() for value in values)
    return Document(
        file, root, tuple(reader.problems), frozenset(reader.unreadable), reader.secrets, variables, text=text
    )


def _decoded(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(file, line, "", "is not UTF-8 text")]) from error
    if found := _UNREADABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"contains the character U+{ord(found.group()):04X}, which YAML does not allow here"
        raise ConfigError([Problem(file, line, "", message)])
    return text


class _Reader:
    """Builds values from the events of the parser, and collects mistakes with their place.

    An event is Any here because the types that are published for PyYAML leave most of its attributes out.
    """

    def __init__(self, file: str, environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ
        self.problems: list[Problem] = []
        self.unreadable: set[Place] = set()
        self.secrets: dict[Place, tuple[str, ...]] = {}

    def read(self, text: str) -> Value:
        events = yaml.parse(text, Loader=_Loader)
        root: Value = None
        seen = False
        try:
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if seen:
                        self.stop(_line(event), "a second document begins here; a file holds one")
                    seen = True
                    root = self._value(next(events), events, ())
        except yaml.MarkedYAMLError as error:
            self.stop(*_syntax_mistake(error, text))
        return root

    def stop(self, line: int, message: str) -> NoReturn:
        raise ConfigError([*self.problems, Problem(self._file, line, "", message)])

    def _tell(self, line: int, place: Place, message: str) -> None:
        self.problems.append(Problem(self._file, line, ".".join(map(str, place)), message))

    def _unreadable(self, line: int, place: Place, message: str) -> None:
        self._tell(line, place, message)
        self.unreadable.add(place)

    def _value(self, event: Any, events: Iterator[yaml.Event], place: Place) -> Value:
        if isinstance(event, yaml.AliasEvent):
            message = f"`*{event.anchor}` is an alias to YAML; write it out, or put it in quotes"
            self._unreadable(_line(event), place, message)
            return None
        self._refuse_extras(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        if len(place) > MOST_LEVELS:
            self.stop(_line(event), f"is nested deeper than {MOST_LEVELS} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, events, place)
        return self._map(event, events, place)

    def _refuse_extras(self, event: Any, place: Place) -> None:
        for sign, meaning in ((event.anchor and f"&{event.anchor}", "an anchor"), (event.tag, "a tag")):
            if sign and sign != "!":
                self._unreadable(
                    _line(event), place, f"`{sign}` is {meaning} to YAML; leave it out, or put it in quotes"
                )

    def _list(self, start: Any, events: Iterator[yaml.Event], place: Place) -> YamlList:
        values = YamlList(_line(start))
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            values.lines.append(_line(event))
            values.append(self._value(event, events, (*place, len(values))))
        return values

    def _map(self, start: Any, events: Iterator[yaml.Event], place: Place) -> YamlMap:
        values = YamlMap(_line(start))
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                self.stop(line, "a key must be a single word")
            key = event.value
            value = self._value(next(events), events, (*place, key))
            if key in values:
                self._tell(line, (*place, key), f"is there twice; the first is on line {values.lines[key]}")
                continue
            values[key] = value
            values.lines[key] = line
        return values

    def _scalar(self, event: Any, place: Place) -> Value:
        text: str = event.value
        if "${" in text:
            return self._replaced(text, _line(event), place)
        # The parser calls a scalar implicit when it stands there plain, without quotes.
        value = _typed(text) if event.implicit[0] else text
        if value is None and place:
            self._unreadable(_line(event), place, "has no value; give it one, or leave it out")
        return value

    def _replaced(self, text: str, line: int, place: Place) -> str:
        values: list[str] = []

        def value_of(found: re.Match[str]) -> str:
            name = found[1]
            if not _VARIABLE_NAME.fullmatch(name):
                self._unreadable(line, place, f"`{found[0]}` is not the name of an environment variable")
            elif name not in self._environ:
                self._unreadable(line, place, f"the environment variable {name} is not set")
            value = self._environ.get(name, "")
            values.append(value)
            return value

        replaced = _VARIABLE.sub(value_of, text)
        self.secrets[place] = tuple(filter(None, values))
        return replaced


def _typed(text: str) -> Value:
    """Give a plain scalar its type, as the core schema of YAML 1.2 says (without its octal and hexadecimal)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _syntax_mistake(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """Return the line where the parser gave up, and what to do about it."""
    lines = text.splitlines() or [""]
    mark = error.problem_mark
    at = min(mark.line, len(lines) - 1) if mark else 0
    written = lines[at][: mark.column + 1] if mark else ""
    if "\t" in written and not written.strip(" \t-"):
        return at + 1, "is indented with a tab; YAML wants spaces"
    since = error.context_mark.line + 1 if error.context_mark else at + 1
    began = f", in what begins on line {since}" if since < at + 1 else ""
    hint = next((hint for words, hint in _HINTS.items() if words in (error.problem or "")), "")
    return at + 1, f"is not valid YAML: {error.problem}{began}{hint}"
