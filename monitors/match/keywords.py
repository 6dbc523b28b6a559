"""Reads a keyword, the easy form of a query: what people type into a search box."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crawler.errors import ConfigError
from monitors.domain import Keyword
from monitors.match.query.tree import Both, Either, InTongue, Not, Together, Words
from monitors.match.words import WildcardError, wildcard_phrase
from monitors.text.tokens import WORD, length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.nodes import Phrase
    from monitors.match.query.tree import Form, Part

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
_TWO_DASHES = re.compile(r"[-‐‑–−－]{2,}\w")
_QUOTED = re.compile(r'"[^"]*"')
_END_OF_QUESTION = re.compile(r"\?(?![\w*?])")
_OPERATOR = re.compile(r"(?<![^\s(|])(?:AND|OR|NOT|O?NEAR(?:/\d+)?|W/\d+|SENTENCE|PARAGRAPH)(?![^\s)|])")
_OF_QUERIES = re.compile(
    r"""
    (?<!\S)(?: (?: title|lead|hlead|body|author|url|site|source|group|tier|lang|country|section|words|published
                 | entity|about|concept ):(?=\S) )  # a field
    | (?<![^\s(|]) (?: exact | cs | atleast\d+ | first\d+ ) (?=\()  # a function
    | (?<!\S) re/(?=.+/)  # a regular expression
    | [~^]\d[\d.]*(?!\S)  # a distance or a weight
    """,
    re.VERBOSE,
)
_INSTEAD = {"exact": "{text: …, exact: true} is for keywords", "cs": "{text: …, case_sensitive: true} is for keywords"}


class KeywordError(ConfigError):
    """A keyword cannot be read, or could never match. `position` is the offset into its text."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(f"{message} (at character {position + 1})")


class _Item(NamedTuple):
    part: Part
    steps: int
    """How long it is in the article; see tokens.length."""
    phrases: tuple[Phrase, ...]
    """What it stands for: the alternatives of a group, the one phrase of everything else."""

    @property
    def spellings(self) -> frozenset[tuple[str, ...]]:
        return frozenset(map(_spelling, self.phrases))


def check_keyword(text: str, lang: str | None, *, case_sensitive: bool = False, exact: bool = False) -> str | None:
    """Return what is wrong with a keyword, if anything."""
    try:
        read_keyword(Keyword(text=text, lang=lang, case_sensitive=case_sensitive, exact=exact))
    except KeywordError as error:
        return str(error)
    return None


@lru_cache(maxsize=50_000)  # one is read when it is validated, compiled and warned of
def read_keyword(keyword: Keyword) -> Part:
    """Return a keyword as the tree of a query.

    Raises:
        KeywordError: it cannot be read, or could never match.
    """
    text = keyword.text.translate(_SAME_SIGNS)
    _refuse_query_syntax(text)
    wanted: list[_Item] = []
    forbidden: list[_Item] = []
    for written in _items(text):
        if item := _item(written, keyword):
            (forbidden if written["forbid"] else wanted).append(item)
    _refuse_what_never_matches(wanted, forbidden)
    part = _together(wanted, keyword.text)
    if forbidden:
        unwanted = (Not(text=f"-{item.part.text}", at=item.part.at, part=item.part) for item in forbidden)
        part = Both(text=keyword.text, conditions=(part, *unwanted))
    return InTongue(text=keyword.text, part=part, language=keyword.lang) if keyword.lang else part


def _together(items: Sequence[_Item], text: str) -> Part:
    if len(items) == 1:
        return items[0].part
    words = -(-sum(item.steps for item in items) // WORD)
    members = tuple(item.part for item in items)
    return Together(text=text, members=members, width=words + SLACK, or_in_head=True)


def _items(text: str) -> Iterator[re.Match[str]]:
    at = len(text) - len(text.lstrip())
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            raise KeywordError(_why_unreadable(text, at), at)
        yield item
        at = item.end()
        at += len(text[at:]) - len(text[at:].lstrip())


def _item(written: re.Match[str], keyword: Keyword) -> _Item | None:
    start = written.start()
    if written["group"] is not None:
        items = [_alternative(text.strip(), keyword, start) for text in written["group"].split("|")]
        phrases = tuple(phrase for item in items for phrase in item.phrases)
        either = Either(text=f"({written['group']})", at=start, alternatives=tuple(item.part for item in items))
        return _Item(either if len(items) > 1 else items[0].part, max(item.steps for item in items), phrases)
    if written["quoted"] is not None:
        return _quoted(written["quoted"], keyword, start)
    if _TWO_DASHES.match(written["word"]):
        raise KeywordError(f"two dashes before a word, in {written['word']!r}: one forbids it", start)
    if not written["forbid"] and all(map(_says_nothing, written["word"])):
        return None  # a dash or a colon that stands alone, as in articles, or a mark of direction that was pasted along
    return _words(written["word"], keyword, start)


def _alternative(text: str, keyword: Keyword, position: int) -> _Item:
    if _QUOTED.fullmatch(text):
        return _quoted(text[1:-1], keyword, position)
    if '"' in text:
        raise KeywordError(f"quotes must enclose the whole alternative, in {text!r} they do not", position)
    if text.startswith("-"):
        raise KeywordError(f"a group cannot forbid words; put {text!r} behind it", position)
    return _words(text, keyword, position)


def _quoted(text: str, keyword: Keyword, position: int) -> _Item:
    """As written: no inflection, and a question mark that ends a word is no wildcard."""
    item = _words(_END_OF_QUESTION.sub(" ", text), replace(keyword, exact=True), position)
    return item._replace(part=replace(item.part, text=f'"{text}"'))


def _words(text: str, keyword: Keyword, position: int) -> _Item:
    try:
        node = wildcard_phrase(text, inflected=not keyword.exact, case_sensitive=keyword.case_sensitive)
    except WildcardError as error:
        raise KeywordError(str(error), position) from error
    if node is None:
        raise KeywordError(f"no letter or digit in {text!r}", position)
    form: Form = "cased" if keyword.case_sensitive else "exact" if keyword.exact else "inflected"
    part = Words(text=text, at=position, words=text, form=form)
    return _Item(part, sum(length(term.text) for term in node.words), (node,))


def _spelling(phrase: Phrase) -> tuple[str, ...]:
    """Return the same for two phrases that ask for the same words."""
    words = (term.text if term.case_sensitive else term.key for term in phrase.words)
    return (*words, *map(str, phrase.signs or ()))


def _says_nothing(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category == "Cf" or (category.startswith("P") and sign != "*")


def _refuse_query_syntax(text: str) -> None:
    unquoted = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), text)
    operator = _OPERATOR.search(unquoted)
    if operator and not _OPERATOR.sub("", unquoted).isupper():  # NOT may be a word where all is in capitals
        hint = "a keyword wants all of its words, (a|b) is one of several and -word forbids; as a word, quote it"
        raise KeywordError(f"{operator.group()} is for queries: {hint}", operator.start())
    if form := _OF_QUERIES.search(unquoted):
        instead = _INSTEAD.get(form.group(), "as a word, quote it")
        raise KeywordError(f"{form.group()} is for queries; {instead}", form.start())


def _refuse_what_never_matches(wanted: Sequence[_Item], forbidden: Sequence[_Item]) -> None:
    if not wanted:
        raise KeywordError("only forbids, so it never matches: add what to look for" if forbidden else "no words", 0)
    if not forbidden:
        return
    unwanted = frozenset[tuple[str, ...]]().union(*(item.spellings for item in forbidden))
    if any(item.spellings <= unwanted for item in wanted):
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
