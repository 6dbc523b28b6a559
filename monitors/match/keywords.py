"""Compiles a keyword, the easy form of a query: what people type into a search box."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crawler.errors import ConfigError
from monitors.domain import Keyword
from monitors.match.nodes import AnyOf, InHead, Within, Without, any_of, in_language
from monitors.match.plan import Clause
from monitors.match.words import WildcardError, wildcard_phrase
from monitors.text.tokens import WORD, length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.nodes import Node

SLACK = 10
"""The n words of a keyword may stand within n + 10 words."""

_SAME_SIGNS = str.maketrans("“”„‟«»「」『』＂（）｜", '"""""""""""()|')
_ITEM = re.compile(
    r"""
    (?P<forbid>[-‐‑–−－](?=[^\s-]))?  # a minus, or what a word processor makes of it, that touches what follows
    (?: "(?P<quoted>[^"]*)" | \((?P<group>[^()]*)\) | (?P<word>[^\s"()|]+(?:\s+&\s+[^\s"()|]+)*) )
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r'"[^"]*"')
_END_OF_QUESTION = re.compile(r"\?(?![\w*?])")
_OPERATOR = re.compile(r"(?<![^\s(|])(?:AND|OR|NOT|O?NEAR(?:/\d+)?|W/\d+|SENTENCE|PARAGRAPH)(?![^\s)|])")
_FIELD = re.compile(
    r"(?<!\S)(?:(?:title|lead|hlead|body|author|url|site|source|group|tier|lang|country|section|words|published"
    r"|entity|about|concept):(?=\S)|~\d+)"
)


class KeywordError(ConfigError):
    """A keyword cannot be read, or could never match. `position` is the offset into its text."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(f"{message} (at character {position + 1})")


class _Part(NamedTuple):
    node: Node
    steps: int
    """How long it is in the article; see tokens.length."""
    spellings: frozenset[tuple[str, ...]]
    """What it stands for: the alternatives of a group, the one phrase of everything else."""


def check_keyword(text: str, lang: str | None, *, case_sensitive: bool = False, exact: bool = False) -> str | None:
    """Return what is wrong with a keyword, if anything."""
    try:
        compile_keyword(Keyword(text=text, lang=lang, case_sensitive=case_sensitive, exact=exact))
    except KeywordError as error:
        return str(error)
    return None


def compile_keyword(keyword: Keyword) -> Clause:
    """Compile a keyword.

    Raises:
        KeywordError: it cannot be read, or could never match.
    """
    text = keyword.text.translate(_SAME_SIGNS)
    _refuse_query_syntax(text)
    wanted: list[_Part] = []
    forbidden: list[_Part] = []
    for item in _items(text):
        if part := _part(item, keyword):
            (forbidden if item["forbid"] else wanted).append(part)
    _refuse_what_never_matches(wanted, forbidden)
    node = _together(wanted)
    if forbidden:
        node = Without(node, tuple(part.node for part in forbidden))
    return Clause(keyword.text, in_language(node, keyword.lang), len(wanted))


def _together(parts: Sequence[_Part]) -> Node:
    if len(parts) == 1:
        return parts[0].node
    nodes = tuple(part.node for part in parts)
    words = -(-sum(part.steps for part in parts) // WORD)
    return AnyOf((Within(nodes, words + SLACK), InHead(nodes)))


def _items(text: str) -> Iterator[re.Match[str]]:
    at = len(text) - len(text.lstrip())
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            raise KeywordError(_why_unreadable(text, at), at)
        yield item
        at = item.end()
        at += len(text[at:]) - len(text[at:].lstrip())


def _part(item: re.Match[str], keyword: Keyword) -> _Part | None:
    start = item.start()
    if item["group"] is not None:
        parts = [_alternative(text.strip(), keyword, start) for text in item["group"].split("|")]
        spellings = frozenset[tuple[str, ...]]().union(*(part.spellings for part in parts))
        return _Part(any_of([part.node for part in parts]), max(part.steps for part in parts), spellings)
    if item["quoted"] is not None:
        return _quoted(item["quoted"], keyword, start)
    if not item["forbid"] and all(map(_is_punctuation, item["word"])):
        return None  # a dash or a colon that stands alone, as in articles
    return _words(item["word"], keyword, start)


def _alternative(text: str, keyword: Keyword, position: int) -> _Part:
    if _QUOTED.fullmatch(text):
        return _quoted(text[1:-1], keyword, position)
    if '"' in text:
        raise KeywordError(f"quotes must enclose the whole alternative, in {text!r} they do not", position)
    if text.startswith("-"):
        raise KeywordError(f"a group cannot forbid words; put {text!r} behind it", position)
    return _words(text, keyword, position)


def _quoted(text: str, keyword: Keyword, position: int) -> _Part:
    """As written: no inflection, and a question mark that ends a word is no wildcard."""
    return _words(_END_OF_QUESTION.sub(" ", text), replace(keyword, exact=True), position)


def _words(text: str, keyword: Keyword, position: int) -> _Part:
    try:
        node = wildcard_phrase(text, inflected=not keyword.exact, case_sensitive=keyword.case_sensitive)
    except WildcardError as error:
        raise KeywordError(str(error), position) from error
    if node is None:
        raise KeywordError(f"no letter or digit in {text!r}", position)
    spelling = (*(term.text if term.case_sensitive else term.key for term in node.words), *map(str, node.signs or ()))
    return _Part(node, sum(length(term.text) for term in node.words), frozenset({spelling}))


def _is_punctuation(sign: str) -> bool:
    return unicodedata.category(sign).startswith("P") and sign != "*"


def _refuse_query_syntax(text: str) -> None:
    unquoted = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), text)
    operator = _OPERATOR.search(unquoted)
    if operator and not _OPERATOR.sub("", unquoted).isupper():  # NOT may be a word where all is in capitals
        hint = "a keyword wants all of its words, (a|b) is one of several and -word forbids; as a word, quote it"
        raise KeywordError(f"{operator.group()} is for queries: {hint}", operator.start())
    if field := _FIELD.search(unquoted):
        raise KeywordError(f"{field.group()} is for queries; as a word, quote it", field.start())


def _refuse_what_never_matches(wanted: Sequence[_Part], forbidden: Sequence[_Part]) -> None:
    if not wanted:
        raise KeywordError("only forbids, so it never matches: add what to look for" if forbidden else "no words", 0)
    unwanted = frozenset[tuple[str, ...]]().union(*(part.spellings for part in forbidden))
    if any(part.spellings <= unwanted for part in wanted):
        raise KeywordError("forbids a word that it asks for, so it never matches", 0)


def _why_unreadable(text: str, at: int) -> str:
    match text[at]:
        case '"':
            return 'a quote that nothing closes: add the second "'
        case "(" if "(" in text[at + 1 :].partition(")")[0]:
            return "a group inside a group: write one (a|b|c)"
        case "(":
            return "a parenthesis that nothing closes: add )"
        case ")":
            return "a parenthesis that nothing opened: add ( or remove it"
        case _:
            return "alternatives stand in parentheses: (China|Taiwan)"
