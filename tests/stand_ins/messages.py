"""Example digests and alerts, told the way people write them: hits stand in braces, `{clause|the words}`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crawler.domain import Article, StoredArticle
from monitors.domain import (
    Alert,
    AlreadyThere,
    Coverage,
    Digest,
    FailingSource,
    FieldName,
    Hit,
    Match,
    MatchKind,
    Passage,
    Resemblance,
    Span,
    Story,
    Watchlist,
)

ZURICH = ZoneInfo("Europe/Zurich")
SLOT = datetime(2026, 11, 23, 7, 0, tzinfo=ZURICH)
_BRACES = re.compile(r"\{([^|{}]+)\|([^{}]*)\}")


def hit(  # noqa: PLR0913 -- an article has that many sides
    title: str,
    sentence: str = "",
    *,
    before: str = "",
    url: str = "https://news.example/a",
    source: str = "The Example",
    published: str | None = "2026-11-23T05:12",
    language: str | None = "en",
    kind: MatchKind = "match",
    score: float = 0.8,
    tier: int | None = None,
    near: Resemblance | None = None,
) -> Hit:
    """Build a hit; its sentence stands in the text after `before`, or is the title."""
    title_text, title_spans = _spans(title, "title", 0)
    sentence_text, text_spans = _spans(sentence, "text", len(before))
    passage = (
        Passage(field="text", start=len(before), end=len(before) + len(sentence_text), text=sentence_text)
        if sentence
        else Passage(field="title", start=0, end=len(title_text), text=title_text)
    )
    article = Article(
        url=url,
        title=title_text,
        text=before + sentence_text,
        published=datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None,
        language=language,
    )
    stored = StoredArticle(id=1, article=article, source_id="s", stored_at=datetime(2026, 11, 23, 5, 20, tzinfo=UTC))
    match = Match(
        watchlist_id="china-cyber-law",
        kind=kind,
        score=score,
        sentence=passage,
        spans=(*title_spans, *text_spans),
        resemblance=near,
    )
    return Hit(match=match, article=stored, source_name=source, tier=tier)


def told(*hits: Hit) -> tuple[Story, ...]:
    """Return hits as stories of one article each."""
    return tuple(Story(id=number, hit=shown) for number, shown in enumerate(hits, 1))


def one(hit: Hit) -> Story:
    return told(hit)[0]


def _spans(marked: str, field: FieldName, offset: int) -> tuple[str, tuple[Span, ...]]:
    text, spans, at = "", [], 0
    for found in _BRACES.finditer(marked):
        text += marked[at : found.start()]
        start = offset + len(text)
        clause, words = found.groups()
        spans.append(Span(field, start, start + len(words), words, clause))
        text, at = text + words, found.end()
    return text + marked[at:], tuple(spans)


WATCHLIST = Watchlist(id="china-cyber-law", name="China cybersecurity law", owner="compliance@example.org")
COVERAGE = Coverage(
    since=datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
    until=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
    sources=60,
    sources_due=60,
    sources_read=58,
    failing=(
        FailingSource(name="Harbour Wire", since=datetime(2026, 11, 21, 17, 4, tzinfo=UTC), reason="HTTP 403"),
        FailingSource(name="Amt für Datenschutz", since=None, reason="no feed found at https://amt.example/"),
    ),
    articles=1204,
    bodies_missing=37,
)
LAW = "China cybersecurity law"

HITS = (
    hit(
        f"Retailer sells its server halls as {{{LAW}|Chinese cybersecurity law}} bites",
        f"People close to the talks said the {{{LAW}|cybersecurity law that China}} passed in autumn left "
        "{entity:amazon|Amazon} with no way to run the halls itself, and that the buyer, a state-owned operator, "
        "would take over the leases in spring.",
        before="The sale was agreed on Sunday. ",
        url="https://asia.example/business/server-halls?edition=asia&page=1",
        source="Asia Business Daily",
        score=0.97,
        tier=1,
    ),
    hit(
        "全国人大常委会通过关于修改{网络安全法|网络安全法}的决定",
        "修改后的{网络安全法|网络安全法}自明年一月一日起施行，要求关键信息基础设施的运营者在境内存储个人信息和重要数据，"
        "并在向境外提供数据之前通过安全评估。",
        url="https://news.example.cn/2026-11/22/c_1.htm",
        source="法治时报",
        published="2026-11-22T22:40",
        language="zh",
        score=0.93,
        tier=1,
    ),
    hit(
        "Pekings neues {Datengesetz|Datengesetz} trifft auch Schweizer Maschinenbauer",
        "Wer Wartungsdaten aus China abzieht, braucht nach dem {Datengesetz|Datengesetz} künftig eine Bewilligung; "
        "der Branchenverband rechnet mit Wartezeiten von „mindestens sechs Monaten“.",
        url="https://zeitung.example/wirtschaft/datengesetz",
        source="Neue Beispiel-Zeitung",
        published="2026-11-22T16:05",
        language="de",
        score=0.81,
    ),
    hit(
        "الصين تشدد {قانون الأمن السيبراني|قانون الأمن السيبراني} على شركات الحوسبة السحابية",
        "قالت الهيئة إن {قانون الأمن السيبراني|قانون الأمن السيبراني} الجديد يلزم الشركات الأجنبية "
        "بحفظ بيانات المستخدمين داخل البلاد.",
        url="https://akhbar.example/tech/8812",
        source="أخبار المثال",
        published=None,
        language="ar",
        score=0.74,
    ),
    hit(
        f"Morning notes: {{{LAW}|cyber law in China}}, chip quotas & a quiet bond market",
        url="https://notes.example/2026/11/23",
        source="Market Notes",
        published="2026-11-23T04:55",
        score=0.7,
    ),
    hit(
        "River pilots ask for a data law of their own",
        "“The {entity:amazon|Amazon} is not a company to us”, said one of the pilots in Beijing for the signing.",
        url="https://rivers.example/pilots",
        source="River & Port",
        published="2025-12-30T09:00",
        kind="possible",
        score=0.41,
    ),
)

ALREADY_THERE = AlreadyThere(
    count=34,
    newest=(
        hit(f"China opens its draft {{{LAW}|cybersecurity law}} for comment", url="https://asia.example/draft"),
        hit("{网络安全法|网络安全法}修正草案公开征求意见", url="https://news.example.cn/c_0.htm", language="zh"),
    ),
)

DIGEST = Digest(watchlist=WATCHLIST, slot=SLOT, stories=told(*HITS), coverage=COVERAGE)
FIRST_DIGEST = replace(DIGEST, stories=told(*HITS[:1]), already_there=ALREADY_THERE)
EMPTY_DIGEST = replace(DIGEST, stories=(), coverage=replace(COVERAGE, sources_read=60, failing=(), bodies_missing=0))
LONG_DIGEST = replace(DIGEST, stories=told(*(HITS[:5] * 40)), max_items=150)
ALERT = Alert(watchlist=WATCHLIST, at=datetime(2026, 11, 23, 6, 21, tzinfo=ZURICH), story=one(HITS[0]))
FIRST_ALERT = Alert(watchlist=WATCHLIST, at=ALERT.at, already_there=ALREADY_THERE)
