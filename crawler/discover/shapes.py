"""Tells from an address alone how much it looks like that of an article."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

STOP_SEGMENTS = frozenset(
    """
    abo abonnement abonnes abonnieren about aboutus account accounts ads advertise advertising agb aide all alle
    anmelden app apps archiv archives au-sujet auteur auteurs authentication author authors autor autoren autores
    autori aviso-legal barrierefreiheit by calendar careers cart cat categoria categorias categorie categories
    category checkout columnist columnists comments conditions connexion contact contact-us contacto contacts
    contatti contributor contributors cookie cookie-policy cookies corporate correspondents cuenta datenschutz
    donate editions editorial-guidelines einloggen email emploi emplois epaper etiqueta etiquetas etiquette faq feed
    feeds gdpr giftcards help hilfe home impressum imprint index info jobs journalist kategorie kategorien keyword
    kontakt konto label labels legal licensing log-in login logout mailto masthead mediadaten members membership
    mentions-legales my newsletter newsletters page plus podcasts preferences premium press-office pressreader print
    privacidad privacy privacy-policy privacybeleid profil profile profiles puzzles recherche redaktion register
    registration registrieren ressort rss rubrik rubrique rubriques search section sections seite servicios settings
    share shop sign-in sign-up signin signup sitemap sitemaps staff statuten stellen store subscribe subscription
    subscriptions suche suscripcion tag tags tema temas term terms terms-of-service terms-of-use thema themen topic
    topics tos transparency unsubscribe user users utilisateur werbung whatsapp writer writers
    """.split()  # noqa: SIM905  (a list of a hundred lines says no more)
)
"""Segments of a path below which there are lists, people and forms; a few words of each larger language of the web."""
_STOP_STARTS = re.compile(
    r"(?:about|search|contact|terms|privacy|cookies?|subscribe|sign-?(?:in|up)|log-?in|register|advertis\w*|newsletters?|"
    r"how-to-(?:contact|subscribe)|datenschutz\w*|impressum|kontakt|mentions|politique-de|aviso|politica-de|work-(?:with|for)-us|"
    r"code-of-(?:ethics|conduct|practice)|editorial-(?:standards|guidelines|policy|policies))(?:[-_.].*)?",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|mp[34g]|m4[av]|webm|ogg|wav|avi|mov|zip|gz|rar|exe|dmg|apk|css|js|json|xml|rss|atom|"
    r"ics|vcf|woff2?)$",
    re.IGNORECASE,
)
_PAGE_SUFFIX = re.compile(r"\.(?:s?html?|xhtml|php\d?|aspx?|jsp|do|cms|ece|story)$", re.IGNORECASE)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-/_.]?(?:[01]?\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[-/_.]?[0-3]?\d)?(?=[-/_.a-z]|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{5,}")
_SHORT_NUMBER = re.compile(r"\d{3,}")
_HEX = re.compile(r"(?:^|[-_/=.])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?=$|[-_.])", re.IGNORECASE)
_TOKEN = re.compile(r"(?:^|[-_/=~])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{7,14}(?=$|[.])", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2,}|(?<=[-_])\d{1,2}(?=[-_])")
_OF_LISTS = frozenset(
    """
    page paged start offset sort order month year week day date filter q s search view tab lang hl cat tag author
    """.split()  # noqa: SIM905  (as above)
)
"""Parameters that choose what a list shows."""
_PAGE_NUMBER = re.compile(r"/(?:page|p|seite|pagina)[/-]?\d{1,5}/?$", re.IGNORECASE)
_INDEX = re.compile(r"(?:[a-z]{0,2}\d*)?index(?:[-_]?\d+)?|default|home|main|startseite|accueil", re.IGNORECASE)

_FOUR_WORDS, _THREE_WORDS, _DEEP = 4, 3, 3


class Shape(NamedTuple):
    """What an address looks like."""

    points: int
    """The more, the more like an article's."""
    family: str
    """What it has in common with addresses of the same make: `/news/9/slug`."""
    is_listing: bool
    """Whether it cannot be an article: the start, a picture, the page of a list."""


def shape_of(url: str) -> Shape:
    """Judge a canonical URL."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and _INDEX.fullmatch(_name(segments[-1])) and not parts.query:
        segments.pop()
    last = _name(segments[-1]) if segments else ""
    points = _points(path, segments, last, parts.query)
    is_listing = (
        (not segments and not parts.query)
        or bool(_MEDIA.search(path) or _PAGE_NUMBER.search(path))
        or _is_of_a_list(parts.query)
        or bool(_INDEX.fullmatch(last) and not parts.query)
    )
    return Shape(points, f"{parts.netloc}/{_family(segments, last, parts.query)}", is_listing)


def _is_of_a_list(query: str) -> bool:
    names = {pair.partition("=")[0].lower() for pair in query.split("&") if pair}
    return bool(names) and names <= _OF_LISTS


def _name(segment: str) -> str:
    return _PAGE_SUFFIX.sub("", segment)


def _points(path: str, segments: list[str], last: str, query: str) -> int:
    # an id, a language or the number of a part may follow what is the name of the article
    words = max((len(_WORDS.findall(segment)) for segment in (last, *segments[-2:-1])), default=0)
    points = 3 if words >= _FOUR_WORDS else 2 if words >= _THREE_WORDS else 0
    points += 3 if _DATE.search(path) else 0
    points += _id_points(path, last, query)
    points += 1 if segments and last != segments[-1] else 0
    points += 1 if len(segments) >= _DEEP else 0
    lowered = [segment.lower() for segment in (*segments[:-1], last)]
    if any(segment in STOP_SEGMENTS for segment in lowered) or any(map(_STOP_STARTS.fullmatch, lowered)):
        points -= 2 if words > _FOUR_WORDS else 4
    return points


def _id_points(path: str, last: str, query: str) -> int:
    tail = "/".join(path.rstrip("/").rsplit("/", 2)[-2:])
    if _NUMBER.search(tail) or _NUMBER.search(query) or _HEX.search(tail) or _HEX.search(query):
        return 2
    return 1 if _SHORT_NUMBER.search(last) or _SHORT_NUMBER.search(query) or _TOKEN.search(tail) else 0


def _family(segments: list[str], last: str, query: str) -> str:
    kinds = [_kind(segment) for segment in segments[:-1]]
    if segments:
        kinds.append(_last_kind(last) + segments[-1].removeprefix(last))
    names = sorted(pair.partition("=")[0] for pair in query.split("&") if pair)
    return "/".join(kinds)[:120] + (f"?{'&'.join(names)[:80]}" if names else "")


def _kind(segment: str) -> str:
    return re.sub(r"\d+", "9", segment.lower()) if len(_WORDS.findall(segment)) < _THREE_WORDS else "slug"


def _last_kind(last: str) -> str:
    if len(_WORDS.findall(last)) >= _THREE_WORDS:
        return "slug"
    return "9" if any(char.isdigit() for char in last) else "word"
