"""Finds the day that a page shows: in its title, behind "Published", in its address, beside its heading."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

# the months in the languages of Europe, as they stand in dates; a line a month
_MONTHS = """
    january jan januar janvier janv enero ene janeiro gennaio gen januari stycznia ledna января січня ocak
    february feb februar février févr fev febrero fevereiro febbraio febr februari lutego února февраля лютого şubat
    march mar märz mars marzo março maart marca března марта березня mart
    april apr avril avr abril abr aprile kwietnia dubna апреля квітня nisan
    may mai mayo maio maggio mag mei maj maja května мая травня mayıs
    june jun juni juin junio junho giugno giu czerwca června июня червня haziran
    july jul juli juillet juil julio julho luglio lug lipca července июля липня temmuz
    august aug août agosto ago augustus augusti sierpnia srpna августа серпня ağustos
    september sep sept septembre septiembre setembro settembre set września září сентября вересня eylül
    october oct oktober okt octobre octubre outubro ottobre ott października října октября жовтня ekim
    november nov novembre noviembre novembro listopada listopadu ноября листопада kasım
    december dec dezember dez décembre déc diciembre dic dezembro dicembre grudnia prosince декабря грудня aralık
""".strip().splitlines()
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<!\d)(?:({_YEAR})[-/.年] ?(\d\d?)[-/.月] ?(\d\d?)(?!\d)"  # 2026-05-31, 2026年5月31日
    rf"|(\d\d?)\. ?(\d\d?)\. ?({_YEAR})(?!\d)"  # 31.05.2026
    rf"|(\d\d?)(?:st|nd|rd|th|er|\.|º)?,? (?:de |of )?({_NAMES})\.?,? (?:de |del )?({_YEAR})(?!\d)"  # 31 May 2026
    rf"|(?<!\w)({_NAMES})\.? (\d\d?)(?:st|nd|rd|th)?,? ({_YEAR})(?!\d)"  # May 31, 2026
    rf"|(\d\d?)([-/])(\d\d?)[-/]({_YEAR})(?!\d))",  # 5/31/2026, if one of them is no month
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:datum|date|veröffentlicht|publiziert|erschienen|erstellt|stand|published|posted|publiée?|publicad[oa]"
    r"|pubblicato|geplaatst|gepubliceerd|opublikowan\w|data publikacji|publicat|publicerad|publisert|опубликовано"
    r"|дата)\b"
    r"(?: (?:on|am|vom|le|el|em|il|op|den|data))?[\s:|–-]{0,6}$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"(?<!\d)({_YEAR})[/_-]?(\d\d)[/_-]?(\d\d)(?!\d)")
_NO_TEXT = frozenset({"script", "style", "noscript", "title", "template", "option"})
_LONGEST_LABEL = 40
_SHORT = 120
_MOST_MONTHS = 12
_BEFORE, _AFTER = 15, 40
"""How many pieces of text before and behind the heading its date stands in."""
_MOST_TEXTS = 2000
_LONGEST_PATH = 500


def shown_day(root: HtmlElement, *, titles: Iterable[str], url: str) -> date | None:
    """Return the day that a page shows as its own, None if it shows none or one that two ways of writing read apart."""
    texts = list(islice(_texts(root), _MOST_TEXTS))
    candidates = (_in_titles(titles), _labelled(texts), _in_address(url), _beside_heading(texts))
    return next(filter(None, candidates), None)


def _in_titles(titles: Iterable[str]) -> date | None:
    """Return the day that a title ends with: "Title | Site | 28.04.2023"."""
    for title in titles:
        for found in _DATE.finditer(title := title[-_SHORT:]):
            if not title[found.end() :].strip(" )|"):
                return _day(found)
    return None


def _labelled(texts: Sequence[tuple[str, bool]]) -> date | None:
    before = ""
    for text, _ in texts:
        for found in _dates_in(text):
            if _LABEL.search((before + " " + text[: found.start()])[-_LONGEST_LABEL:]) and (day := _day(found)):
                return day
        before = text[-_LONGEST_LABEL:]
    return None


def _in_address(url: str) -> date | None:
    found = _ADDRESS.search(urlsplit(url).path[:_LONGEST_PATH])
    return _checked(found[1], found[2], found[3]) if found else None


def _beside_heading(texts: Sequence[tuple[str, bool]]) -> date | None:
    heading = next((number for number, (_, is_heading) in enumerate(texts) if is_heading), None)
    if heading is None:
        return None
    behind = texts[heading : heading + _AFTER]
    before = reversed(texts[max(0, heading - _BEFORE) : heading])
    days = (_day(found) for text, _ in (*behind, *before) for found in _dates_in(text))
    return next(filter(None, days), None)


def _dates_in(text: str) -> Iterator[re.Match[str]]:
    """Yield the dates in a short piece of text; in a longer one, they are of what it tells."""
    if len(text) <= _SHORT and ("20" in text or "19" in text):
        yield from _DATE.finditer(text)


def _texts(root: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of text of a page, and whether they stand in its first heading of the first rank."""
    heading = next(root.iter("h1"), None)
    for element in root.iter():
        if element.tag not in _NO_TEXT and element.text and (text := element.text.strip()):
            yield " ".join(text.split()), element is heading
        elif element is heading:
            yield "", True
        if element.tail and (text := element.tail.strip()):
            yield " ".join(text.split()), False


def _day(found: re.Match[str]) -> date | None:
    groups = found.groups()
    match next(number for number, group in enumerate(groups) if group):
        case 0:
            return _checked(*groups[0:3])
        case 3:
            return _checked(groups[5], groups[4], groups[3])
        case 6:
            return _checked(groups[8], _MONTH[groups[7].lower()], groups[6])
        case 9:
            return _checked(groups[11], _MONTH[groups[9].lower()], groups[10])
    month, day = sorted((int(groups[12]), int(groups[14])))
    return _checked(groups[15], month, day) if day > _MOST_MONTHS or month == day else None


def _checked(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
