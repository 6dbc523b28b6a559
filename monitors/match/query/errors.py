"""Tells what is wrong with a query, where, and what to write instead."""

from __future__ import annotations

import re
import unicodedata

from crawler.errors import ConfigError
from crawler.yaml_position import pointed_at
from monitors.text.sentences import LINE_ENDS

MOST_QUOTED = 40
"""Of a longer piece of a query, a message shows so many characters."""

_LINE_END = re.compile(rf"\r\n|[{LINE_ENDS}]")
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_TURNS_THE_LINE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


class MisreadError(Exception):
    """What is wrong at an offset of a query, told by those who do not know the whole of it; never leaves this room."""

    def __init__(self, message: str, at: int, *, query: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.query = query

    def of(self, text: str) -> QueryError:
        told = f"{self.message} (in the query `{shown(self.query)}`)" if self.query else self.message
        return QueryError(told, text, self.at, query=self.query)


class QueryError(ConfigError):
    """A query cannot be read, or could never match."""

    def __init__(self, message: str, text: str, at: int, *, query: str | None = None) -> None:
        self.message = message
        """What is wrong, and what to do about it, in one line."""
        self.text = text
        """The whole query."""
        self.at = max(0, min(at, len(text)))
        """The offset in it where the trouble begins."""
        self.query = query
        """The named query that is wrong, where the text only refers to it."""
        start, end = self._line()
        super().__init__(f"{message}\n{pointed_at(_printable(text[start:end]), self.at - start)}")

    @property
    def line(self) -> int:
        """Counted from 1."""
        return 1 + sum(1 for _ in _LINE_END.finditer(self.text, 0, self.at))

    @property
    def column(self) -> int:
        """Counted from 1, in characters."""
        return 1 + self.at - self._line()[0]

    def _line(self) -> tuple[int, int]:
        """Return where the line begins and ends that the trouble is in."""
        start = 0
        for found in _LINE_END.finditer(self.text):
            if found.end() > self.at:
                return start, found.start()
            start = found.end()
        return start, len(self.text)


def shown(text: str) -> str:
    """Return a piece of a query for a message: one line of it, without what a terminal would act upon."""
    line = " ".join(_printable(text).split())
    return line if len(line) <= MOST_QUOTED else f"{line[: MOST_QUOTED - 1].rstrip()}…"


def _printable(text: str) -> str:
    """Replace by spaces, one for one, what no terminal should get."""
    if text.isascii() and text.isprintable():
        return text
    plain = _TURNS_THE_LINE.sub(" ", text)
    return "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in plain)
