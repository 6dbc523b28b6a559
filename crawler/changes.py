"""What of an article was changed, in substance: pure comparison of folded paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from crawler.identity import folded

if TYPE_CHECKING:
    from crawler.domain import Article

MOST_PARAGRAPHS = 2_000
"""So many are compared with one another; the rest of a longer text only as a whole."""
LONGEST_NOTE = 160
"""Characters of what may be a counter, a time or a pointer to another article."""
EXCERPT = 300
WORTH_A_TEASER = 600
"""Characters of a text of which a page may show only the beginning."""

_QUOTES = str.maketrans(dict.fromkeys("'\"’‘‚‛“”„‟«»‹›`´′″", None) | dict.fromkeys("‐‑‒–—−", "-"))
_NUMBER = r"\d[\d.,]*\s*[km]?"
_AGO = re.compile(
    rf"\b(?:{_NUMBER}|an?|one)\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s+ago\b|\bjust now\b"
    rf"|\bvor\s+(?:{_NUMBER}|einer|einem)\s*(?:sekunden?|minuten?|min\.?|stunden?|std\.?|tage?n?)\b"
    rf"|\bil y a\s+(?:{_NUMBER}|une?)\s*(?:secondes?|minutes?|min|heures?|h|jours?)\b"
    rf"|\b(?:hace|há|fa)\s+(?:{_NUMBER}|una?)\s*(?:segundos?|minutos?|min|horas?|h|d[ií]as?)\b"
    rf"|\b{_NUMBER}\s*(?:secondi|minut[oi]|or[ae]|giorn[oi])\s+fa\b"
    rf"|{_NUMBER}\s*(?:秒|分钟|分鐘|分|小时|小時|時間|天|日)(?:之)?前|{_NUMBER}\s*(?:초|분|시간|일)\s*전"
)
_UPDATED = re.compile(
    r"^\W*(?:last\s+)?(?:updated?|modified|published|posted)\b|^\W*(?:zuletzt\s+)?(?:aktualisiert|veröffentlicht|stand)\b"
    r"|^\W*(?:mise? à jour|mis à jour|publiée?|modifiée?)\b"
    r"|^\W*(?:actualizado|publicado|atualizado|aggiornat[oa]|pubblicat[oa])\b"
    r"|^\W*(?:bijgewerkt|uppdaterad|opdateret|oppdatert|обновлено|опубликовано)\b|^\W*(?:更新|发布|發布|公開|업데이트|입력|수정)"
)
_COUNTER = re.compile(
    rf"^\W*{_NUMBER}\s*(?:comments?|shares?|views?|likes?|reads?|reactions?|replies|min(?:ute)?s?\s+read|kommentare?"
    r"|aufrufe|commentaires?|partages?|vues?|comentarios?|comentários?|commenti|reacties|评论|評論|阅读|閱讀|次|댓글)\b"
    rf"|^\W*(?:comments?|shares?|views?|likes?|kommentare?|commentaires?|comentarios?|阅读|评论)\W*{_NUMBER}\W*$"
)
_POINTER = re.compile(
    r"^\W*(?:advertisement|advertising|sponsored|promoted|read (?:more|also|next)|also read|see also|related\b"
    r"|more on this|most read|sign up|subscribe|follow us|anzeige|werbung|lesen sie (?:auch|mehr)"
    r"|mehr zum thema|auch interessant"
    r"|publicité|(?:à )?lire aussi|publicidad|le[ae] también|te puede interesar|leia (?:também|mais)|pubblicità"
    r"|leggi anche|lees ook|advertentie|læs også|les også|läs också|annons\b|реклама|читайте также"
    r"|广告|廣告|相关阅读|延伸閱讀|関連記事|광고)"
)
_CORRECTION_HEAD = re.compile(
    r"^\W*(?:corrections?|corrected|clarifications?|erratum|errata|editors? note|korrekturen|korrektur|berichtigung"
    r"|richtigstellung|klarstellung|rectificatifs?|correctif|fe de erratas|fe de errores|correcci[oó]n|rectificaci[oó]n"
    r"|errata corrige|rettifica|correzione|correção|retificação|correctie|rectificatie|rättelse|rettelse|oikaisu"
    r"|sprostowanie|korekta|oprava|исправление|поправка|уточнение|düzeltme|תיקון|تصحيح)\b[^:]{0,40}(?::| - )"
    r"|^\W*(?:更正|订正|訂正|勘误|勘誤|정정|바로잡습니다|바로잡습니다)"
)
_CORRECTION = re.compile(
    r"\b(?:earlier|previous) version of this\b"
    r"|\bthis (?:article|story|report|post) (?:has been|was) (?:corrected|amended)\b"
    r"|\bin einer (?:früheren|ersten|vorherigen) (?:version|fassung)\b"
    r"|\bwurde (?:nachträglich )?(?:korrigiert|berichtigt)\b"
    r"|\bune (?:première )?version (?:antérieure|précédente|de cet article)\b"
    r"|\bcet article a été (?:corrigé|rectifié)\b"
    r"|\b(?:una|em uma|uma) vers(?:ión|ão) anterior\b|\bin una versione precedente\b|\been eerdere versie\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was changed in an article; of a body the number of paragraphs."""

    title: tuple[str, str] | None = None
    """From and to."""
    lead: tuple[str, str] | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0
    correction: str = ""
    """The beginning of a new paragraph that calls itself a correction."""


def change_between(before: Article, after: Article) -> Change | None:
    """Return what a reader would call changed; None for another layout, other counters, other advertisements."""
    title = (before.title, after.title) if _told(before.title) != _told(after.title) else None
    lead = (before.lead, after.lead) if _told(before.lead) != _told(after.lead) else None
    old, new = paragraphs(before), paragraphs(after)
    if lead and (_is_in(after.lead, old) or not after.lead) and (_is_in(before.lead, new) or not before.lead):
        lead = None  # it was only taken for a part of the text, or no longer is
        old, new = [one for one in old if one != _told(after.lead)], [one for one in new if one != _told(before.lead)]
    added = removed = changed = 0
    fresh: list[str] = []
    for gone, come in _differences(old, new):
        pairs = min(len(gone), len(come))
        changed, removed, added = changed + pairs, removed + len(gone) - pairs, added + len(come) - pairs
        fresh += come
    if not (title or lead or added or removed or changed):
        return None
    fresh += [_told(after.lead)] if lead else []
    return Change(
        title=title, lead=lead, added=added, removed=removed, changed=changed, correction=_correction(fresh, old)
    )


def doubt(before: Article, after: Article) -> str:
    """Return why what the page shows now is not the article any more: a wall, an error, another page; else nothing."""
    if unusual := sorted(after.flags - before.flags):
        return f"the page is flagged {', '.join(unusual)}"
    if before.text and not after.text:
        return "the page has no text any more"
    old, new = paragraphs(before), paragraphs(after)
    common = not set(old).isdisjoint(new)
    if before.text and not common and before.url != after.url:
        return f"the page leads to {after.url}"
    if before.text and not common and len(after.text) < len(before.text) / 2:
        return "the page has not a paragraph of the article any more, and is half as long"
    if len(before.text) >= WORTH_A_TEASER and len(after.text) < len(before.text) / 3:
        return "the page has less than a third of the text left"
    return ""


def paragraphs(article: Article) -> list[str]:
    """Return the paragraphs of a text as they are compared, without what changes by itself."""
    told = (substance(line) for line in article.text.split("\n", MOST_PARAGRAPHS))
    return [one for one in told if one]


def substance(paragraph: str) -> str:
    """Return a paragraph as it is compared; nothing of one that changes by itself."""
    told = _told(paragraph)
    return "" if _is_note(told) else told


def is_same(before: str, after: str) -> bool:
    """Tell whether a reader would call two wordings the same."""
    return _told(before) == _told(after)


def _told(text: str) -> str:
    return folded(_AGO.sub(" ", folded(text).translate(_QUOTES)))


def _is_note(paragraph: str) -> bool:
    if len(paragraph) > LONGEST_NOTE:
        return False
    return any(pattern.search(paragraph) for pattern in (_UPDATED, _COUNTER, _POINTER))


def _is_in(text: str, among: list[str]) -> bool:
    return bool(text) and _told(text) in among


def _differences(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(old[a:b], new[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _correction(fresh: list[str], old: list[str]) -> str:
    known = set(old)
    for paragraph in fresh:
        if paragraph not in known and (_CORRECTION_HEAD.search(paragraph) or _CORRECTION.search(paragraph)):
            return paragraph[:EXCERPT]
    return ""
