"""The legal forms of companies (Inc., S.A., 株式会社) in their spellings, by the words that an article shows first."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from monitors.text.folding import as_cased, without_diacritics
from monitors.text.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# One legal form a line, in all its spellings; the first is what we call it. A capital has to be one in the article too
# ("Shell Limited", but not "the shell limited the damage"), a small letter may be either. A full stop at the end may
# follow in the article and then belongs to the name.
_FORMS = """
inc. | Incorporated
corp. | Corporation
Co. | Company
ltd. | Limited | Ltée | Limitée
Pty Ltd. | Pty. Ltd. | Pty Limited | Proprietary Limited
Pvt Ltd. | Pvt. Ltd. | Pvt Limited | Private Limited
Pte Ltd. | Pte. Ltd. | Pte Limited | Pte. Limited
PCL | P.C.L. | Public Company Limited
WLL | W.L.L.
llc | L.L.C. | Limited Liability Company
LLP | L.L.P. | Limited Liability Partnership
LP | L.P. | Limited Partnership
plc | P.L.C. | Public Limited Company
PLLC | P.L.L.C.
PBC
N.A.
AG | A.G. | Aktiengesellschaft
SE | S.E. | Societas Europaea
SA | S.A. | S/A | Société Anonyme | Sociedad Anónima | Sociedade Anônima
SA/NV | S.A./N.V.
SAS | S.A.S.
SASU
SCA | S.C.A.
SNC | S.N.C.
SAU | S.A.U.
SL | S.L.
SLU | S.L.U.
SAB de CV | S.A.B. de C.V.
SA de CV | S.A. de C.V.
SpA | S.p.A. | Società per Azioni
srl | S.r.l.
sarl | S.a.r.l. | S.à r.l.
ltda. | Limitada
lda.
gmbh | Gesellschaft mit beschränkter Haftung
gmbh & Co. KG
KGaA
KG
OHG
UG
e.V.
NV | N.V. | Naamloze Vennootschap
BV | B.V.
AB | Aktiebolag
(publ)
ASA
AS | A.S. | a.s. | A/S | Aktieselskab | Aksjeselskap
ApS
Oyj | Abp
Oy
kft. | Korlátolt Felelősségű Társaság
zrt.
nyrt.
sp. z o.o. | Sp. z oo | Spółka z o.o.
s.r.o. | spol. s r.o.
d.o.o.
d.d.
OÜ
UAB
Sdn Bhd | Sdn. Bhd.
Berhad | Bhd.
Tbk
KK | K.K. | Kabushiki Kaisha | 株式会社 | 株式會社 | (株)
有限会社 | YK | Y.K. | (有)
合同会社
股份有限公司
有限责任公司 | 有限責任公司
有限公司
주식회사 | (주)
유한회사
ОАО | OAO | OJSC
ПАО | PAO | PJSC | P.J.S.C.
АО | JSC
ЗАО | ZAO | CJSC
ООО | OOO
"""
_MAY_COME_FIRST = {"KK", "有限会社", "合同会社", "주식회사", "유한회사", "ОАО", "ПАО", "АО", "ЗАО", "ООО", "UAB", "OÜ"}
_WITHIN_FORM = re.compile(r"[\s.,/&-]*")
_WITHIN_LETTERS = re.compile(r"\s*[./]\s*")
"""In "S.A.", or else "a s" would be one wherever an apostrophe stood between words."""


class Spelling(NamedTuple):
    form: str
    keys: tuple[str, ...]
    cased: tuple[str, ...]
    gaps: tuple[re.Pattern[str], ...]
    """What may stand between its words."""
    brackets: bool
    full_stop: bool


def _spelling(form: str, text: str) -> Spelling:
    tokens = Tokens(text)
    cased = tuple(as_cased(tokens.original(index)) for index in range(len(tokens)))
    keys = tuple(map(without_diacritics, tokens.words))
    between = (tokens.between(index) for index in range(1, len(tokens)))
    gaps = tuple(_WITHIN_LETTERS if gap in {".", "/"} else _WITHIN_FORM for gap in between)
    return Spelling(form, keys, cased, gaps, brackets=text.startswith("("), full_stop=text.endswith("."))


def _spellings() -> Iterator[Spelling]:
    for line in _FORMS.strip().splitlines():
        texts = line.split(" | ")
        yield from (_spelling(texts[0], text) for text in texts)


def _by_word(spellings: Iterator[Spelling], end: int) -> Mapping[str, Sequence[Spelling]]:
    """Index spellings by their first (0) or last (-1) word, the longest first."""
    index: dict[str, list[Spelling]] = defaultdict(list)
    for spelling in sorted(spellings, key=lambda spelling: -len(spelling.keys)):
        index[spelling.keys[end]].append(spelling)
    return index


AFTER: Mapping[str, Sequence[Spelling]] = _by_word(_spellings(), 0)
BEFORE: Mapping[str, Sequence[Spelling]] = _by_word(
    (spelling for spelling in _spellings() if spelling.form in _MAY_COME_FIRST), -1
)
LONGEST = max(len(spelling.keys) for spelling in _spellings())
"""How many words the longest spelling has."""


def first_words(form: str) -> frozenset[str]:
    """Return the words with which the spellings of a form begin, folded."""
    return frozenset(spelling.keys[0] for spelling in _spellings() if spelling.form == form)
