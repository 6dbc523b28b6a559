"""Judges what a link says: a headline, little, or "read more"."""

from __future__ import annotations

import re

_LONG, _SHORT = 26, 14  # letters
_MANY_WORDS, _SOME_WORDS = 5, 3
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SAYS_NOTHING = re.compile(
    r"(?:(?:read|learn|see|show|view|continue|find out|load)(?: (?:more|on|all|full|the|this|article|story|reading))*|"
    r"(?:more|all|full|next|previous|older|newer|latest)(?: (?:stories|story|articles?|news|posts?|page))?|"
    r"(?:\d[\d.,]* )?(?:comments?|shares?|replies|kommentare?|commentaires?|comentarios?)|share|reply|details?|here|"
    r"weiter(?:lesen)?|mehr(?: (?:lesen|dazu|erfahren|anzeigen))?|zum artikel|lire (?:la suite|plus|l.article)|"
    r"voir (?:plus|tout)|la suite|en savoir plus|leer más|ver (?:más|todo|mais)|l(?:eia|er) mais|saiba mais|"
    r"leggi (?:tutto|di più|l.articolo)|continua(?: a leggere)?|lees (?:meer|verder)|meer lezen|"
    r"もっと見る|続きを読む|一覧|阅读全文|閱讀全文|更多|查看更多|详细|더보기)?[\W\d_]*",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"(?:(?:next|older|more)(?: (?:page|posts|entries|articles|stories|news))?|weiter|nächste(?: seite)?|"
    r"ältere(?: beiträge)?|(?:page )?suivante?|plus anciens?|siguiente|(?:entradas )?anteriores|próxim[ao]|"
    r"successiv[oa]|volgende|następna|далее|следующая|下一页|下页|下一頁|次へ|다음)[\W_]*|[»›>→]+",
    re.IGNORECASE,
)


def says_nothing(text: str) -> bool:
    """Tell what stands on any link from what names an article."""
    return bool(_SAYS_NOTHING.fullmatch(text))


def says_next(text: str) -> bool:
    """Tell what stands on links to where a list goes on."""
    return bool(_NEXT.fullmatch(text))


def text_points(text: str) -> int:
    """Return how much a text looks like a headline: from -1, nothing, to 2."""
    if says_nothing(text):
        return -1
    wide = len(_WIDE.findall(text))
    length = len(text) + 2 * wide  # a Chinese character says as much as three letters
    words = len(text.split()) + wide // 2
    if length >= _LONG and words >= _MANY_WORDS:
        return 2
    return 1 if length >= _SHORT and words >= _SOME_WORDS else 0
