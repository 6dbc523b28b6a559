"""Tells whether a legal form (Inc., S.A., 株式会社) stands at a name, in whatever spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from monitors.match.entities.legal_forms import AFTER, BEFORE, LONGEST, first_words
from monitors.match.lexicon import Term
from monitors.match.needs import Row, all_needed, all_of
from monitors.match.nodes import rows_of
from monitors.text.folding import as_cased, without_diacritics
from monitors.text.sentences import LINE_ENDS
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.entities.legal_forms import Spelling
    from monitors.match.needs import Needs
    from monitors.match.nodes import Node
    from monitors.match.reading import Hit, Reading

_MOST_FORMS = 3
"""So many may follow one another: "AG & Co. KGaA", "Co., Ltd."."""

_AT_NAME = re.compile(r"""[\s,&!"'«»+#%$€£¥]*""")
_AT_ABBREVIATED_NAME = re.compile(r"""[\s,&!"'«»+#%$€£¥.]*""")
_NEW_LINE = re.compile(f"[{LINE_ENDS}]")
_OPENING = re.compile(r'["«]\s*\Z')
_CLOSING = re.compile(r'["»]')

_JOINED = "& "

LegalForm = tuple[str, ...]
"""What stands at a name: usually one, but "Co., Ltd." is two."""


class _Suffixed(NamedTuple):
    """A stretch of tokens with the legal form at one end of it."""

    form: LegalForm
    first: int
    last: int
    before: int = 0
    after: int = 0


# -- what stands at a name --------------------------------------------------------------------------------------------


def _following(tokens: Tokens, last: int, *, abbreviated: bool = False) -> _Suffixed | None:
    """Return the legal form that follows the token at an index, if one does."""
    form: list[str] = []
    found = last
    signs = 0
    gap = _AT_ABBREVIATED_NAME if abbreviated else _AT_NAME
    while len(form) < _MOST_FORMS and (spelling := _form_at(tokens, found + 1, gap)):
        joined = _JOINED if "&" in tokens.between(found + 1) else ""
        form.append(joined + spelling.form)
        found += len(spelling.keys)
        signs = _signs_after(tokens, found, spelling)
        gap = _AT_ABBREVIATED_NAME
    return _Suffixed(tuple(form), last, found, after=signs) if form else None


def _form_at(tokens: Tokens, first: int, gap: re.Pattern[str]) -> Spelling | None:
    if first >= len(tokens) or not first:
        return None
    for spelling in AFTER.get(without_diacritics(tokens.word(first)), ()):
        if _stands(tokens, first, spelling) and _touches(tokens.between(first), gap, spelling):
            return spelling
    return None


def _touches(between: str, gap: re.Pattern[str], spelling: Spelling) -> bool:
    if spelling.brackets:
        between = between.rstrip()[:-1]
    return bool(gap.fullmatch(between)) and not _NEW_LINE.search(between)


def _preceding(tokens: Tokens, first: int) -> _Suffixed | None:
    """Return the legal form that stands before the token at an index, if one does."""
    if not first:
        return None
    for spelling in BEFORE.get(without_diacritics(tokens.word(first - 1)), ()):
        start = first - len(spelling.keys)
        if start < 0 or not _stands(tokens, start, spelling):
            continue
        between = tokens.between(first)
        if spelling.brackets:
            between = between.lstrip()[1:]
        if _AT_NAME.fullmatch(between) and not _NEW_LINE.search(between):
            return _Suffixed((spelling.form,), start, first, before=int(spelling.brackets))
    return None


def _stands(tokens: Tokens, first: int, spelling: Spelling) -> bool:
    """Whether a spelling stands at an index: its words, its capitals, and what has to be between and around them."""
    end = first + len(spelling.keys)
    if end > len(tokens) or tuple(without_diacritics(tokens.word(at)) for at in range(first, end)) != spelling.keys:
        return False
    originals = (as_cased(tokens.original(index)) for index in range(first, end))
    if not all(map(_has_capitals, originals, spelling.cased)):
        return False
    between = (tokens.between(index) for index in range(first + 1, end))
    fits = all(gap.fullmatch(there) for gap, there in zip(spelling.gaps, between, strict=True))
    return fits and _ends_well(tokens, first, end, spelling)


def _ends_well(tokens: Tokens, first: int, end: int, spelling: Spelling) -> bool:
    following = tokens.between(end)
    if spelling.brackets:
        return tokens.between(first).rstrip().endswith("(") and following.lstrip().startswith(")")
    return end == len(tokens) or following not in {"-", "'"}  # "Amazon co-founder", "Total s'associe"


def _has_capitals(original: str, wanted: str) -> bool:
    return not any(want.isupper() and not found.isupper() for found, want in zip(original, wanted, strict=False))


def _signs_after(tokens: Tokens, last: int, spelling: Spelling) -> int:
    following = tokens.between(last + 1)
    return int(spelling.brackets or (spelling.full_stop and following.startswith(".")))


# -- names ------------------------------------------------------------------------------------------------------------


def cut_legal_form(text: str) -> tuple[str, LegalForm]:
    """Cut a name into what is left without its legal form, and the form; of a form alone, all is left."""
    tokens = Tokens(text)
    for last in range(len(tokens) - 1):
        found = _following(tokens, last, abbreviated=True)
        if found and found.last == len(tokens) - 1:
            return text[: tokens.span(last + 1, last + 1)[0]].rstrip("(,& \t"), found.form
    for first in range(1, len(tokens)):
        found = _preceding(tokens, first)
        if found and found.first == 0:
            return text[tokens.span(0, first - 1)[1] :], found.form
    return text, ()


def with_legal_form(reading: Reading, hit: Hit) -> Hit:
    """Make a legal form that stands at a name part of the mention."""
    tokens = reading.fields[hit.field]
    if found := _following(tokens, hit.last, abbreviated=hit.after > 0):
        return hit._replace(last=found.last, after=found.after)
    if found := _preceding(tokens, hit.first):
        return _in_quotes(tokens, hit._replace(first=found.first, before=found.before))
    return hit


def _in_quotes(tokens: Tokens, hit: Hit) -> Hit:
    """Let a mention end with the quotation mark that began inside it: ОАО «Газпром»."""
    opened = any(_OPENING.search(tokens.between(index)) for index in range(hit.first + 1, hit.last + 1))
    return hit._replace(after=1) if opened and _CLOSING.match(tokens.between(hit.last + 1)) else hit


@dataclass(frozen=True, slots=True)
class Incorporated:
    """A name with its legal form, in whatever spelling."""

    name: Node
    form: LegalForm
    abbreviated: bool
    """Whether the name ends with a full stop of its own."""

    def find(self, reading: Reading) -> Sequence[Hit]:
        found = []
        for hit in self.name.find(reading):
            tokens = reading.fields[hit.field]
            after = _following(tokens, hit.last, abbreviated=self.abbreviated)
            before = _preceding(tokens, hit.first)
            if after and after.form == self.form:
                found.append(hit._replace(last=after.last, after=after.after))
            elif before and before.form == self.form:
                found.append(_in_quotes(tokens, hit._replace(first=before.first, before=before.before)))
        return sorted(found)

    def needs(self) -> Needs:
        return all_needed((self.name.needs(), self._form()))

    def rows(self) -> Sequence[Row]:
        return [all_of((one, Row(self._form()))) for one in rows_of(self.name)]

    def reach(self) -> int | None:
        name = self.name.reach()
        return None if name is None else name + _MOST_FORMS * LONGEST

    def terms(self) -> Iterator[Term]:
        return chain(self.name.terms(), *self._form())

    def _form(self) -> Needs:
        return (_words_of(self.form[0].removeprefix(_JOINED)),)


@cache
def _words_of(form: str) -> frozenset[Term]:
    return frozenset(Term(word, "exact") for word in first_words(form))
