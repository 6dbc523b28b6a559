"""Whole messages made of the worst that the web sends, in every field that holds text: strategies for hypothesis.

The sample is `shared/adversarial.md` D, the big list of naughty strings and the address cases beside the project (where
they are), and their neighbours, alone, joined, and put around ordinary words.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from crawler.domain import Article, StoredArticle
from crawler.health import State
from monitors.domain import (
    Again,
    Alert,
    AlreadyThere,
    Carrier,
    Coverage,
    Digest,
    FailingSource,
    FieldName,
    Hit,
    Match,
    MatchKind,
    Message,
    Notice,
    Outage,
    Passage,
    Pause,
    Resemblance,
    SilentSource,
    SourceNews,
    Span,
    Story,
    Tier,
    Trend,
    Update,
    UpdateKind,
    Watchlist,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.domain import Diff

M = TypeVar("M")

FAST = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=set(Phase) - {Phase.explain},  # which takes minutes for values as large as these
)

# -- texts ------------------------------------------------------------------------------------------------------------

HEADERS = (
    "=?utf-8?q?x=0D=0ABcc:_e=40e?=", "=?utf-8?b?eA0KQmNjOiBlQGU=?=", "=?utf-8?q?x=0D=0A?= =?utf-8?q?Bcc:_e?=",
    "=?utf-8?q?x=0D=0A", "Bcc:_e=40e?=", "=", "?utf-8?q?x?=", "=?undefined?q?x=0A?=", "=?utf-7?q?+AA0ACg-Bcc:?=",
    "=?iso-2022-kr?b?Gw==?=", "=?utf-8*en?q?x=0Ay?=", "=?us-ascii?q?=FF=00?=", "=?=", "=?utf-8?x?y?=",
    "one\r\nBcc: x@evil.example", "one\r\n\r\n<html>", "\n.\n", "\r\n.\r\nMAIL FROM:<x@evil.example>",
    "From evil Mon", "--==_boundary--", "Content-Type: text/html", "begin 644 x",
    "a\u2028Bcc: b\u2029c\x85d\x0be\x0cf\x1cg",
)  # fmt: skip
MENTIONS = (
    "<!channel>", "<!here|here>", "<@U1>", "<#C1>", "<!subteam^S1>",
    "<!date^1392734382^{date}^https://evil.example|x>", "<https://evil.example|bank.example>",
    "<mailto:x@evil.example|x>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "*bold* _it_ ~gone~ `code`",
    "a*b*c", "汉*字*汉", "```pre```", "a```b```c", "*", "_", "~", "`", "**", ">quoted", "&gt;", ":rotating_light:",
    ":+1::skin-tone-2:", "10:30:45", "@channel", "#general", "|", "<|>", "<!", "!>",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</title><script>", "</style><style>*{}", "<!--",
    "-->", "<!--[if mso]><b>", "<![endif]-->", "<![CDATA[x]]>", "]]>", "<?php", "<!DOCTYPE html>",
    '" onmouseover="x', "' x='", "'><svg/onload=x>", "`><", "</p></div></body></html>",
    "<base href=//evil.example>", "&#60;b&#62;", "&lt;b&gt;", "&amp;lt;", "&copy", "&", "<", ">", '"', "'",
    "{{ 7*7 }}", "{% raw %}", "{# x #}", "${7*7}", "<%= 7 %>", "expression(alert(1))",
    "background:url(javascript:x)", "<mark>", "</mark>", '<a href="https://evil.example">x</a>',
)  # fmt: skip
LETTERS = (
    "safe \u202egnp.exe\u202c", "\u2066isolated\u2069", "\u2067\u202e", "\u200b\u200d\ufeff", "soft\xadhyphen",
    "\x00nul", "\ud800lone", "\udfff\ud800", "\ufffe\uffff\ufdd0\U0010ffff", "tag\U000e0001\U000e0065\U000e007f",
    "vs\ufe0f\ufe0f\U000e0101", "z" + "\u0301" * 1_000 + "algo", "\u0338\u20dd", "\u3164", "\u2800", "\u034f",
    "ﷺ" * 9, "\x1b[2J\x1b]8;;x\x07", "\x9b31m", "👩🏽\u200d🚒 👨\u200d👩\u200d👧\u200d👦 🏴\u200d☠\ufe0f",
    "می\u200cخواهم", "ന്\u200d", "网络安全法", "ｆｕｌｌ．ｅｘａｍｐｌｅ", "שלום", "İı\u0130ﬁ", "\U0001f468" * 40,
    "\t", " ", "", "\xa0\u3000",
)  # fmt: skip
FORGERIES = (
    "What was read", "Failing:", "-" * 72, "\n" + "-" * 72 + "\nWhat was read\n", "2. Another article", "-- ", ".",
    "> ", "Why: “bank” in title", "Read on bank.example", "Sent by Newsvane for the watchlist x.", "…",
    "Possible: x", "From Fri 20 Nov, 07:00 to Mon 23 Nov, 07:00: 60 of 60 sources answered", "x " * 35 + "-" * 72,
    "— " * 40,
)  # fmt: skip
HOSTS = (
    "bank.example", "https://bank.example/login", "bаnk.example", "bank。example", "ba\u200dnk.example",
    "bank.\u0301example", "www.bank.example", "http://192.0.2.7/", "//evil.example", "\\\\evil.example\\x",
    "xn--bnk-7cd.example",
)  # fmt: skip
FORMULAS = (
    '=HYPERLINK("https://evil.example","x")', "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1",
    "－1", "＠x", "'=1", '"=1', '"",=1', ";=1", " =1", "\u200b=1", "=cmd|' /C calc'!A0", "%0A=1", "−1", "﹦1", "|x",
    "\xa0=1",
)  # fmt: skip
SAMPLE = (*HEADERS, *MENTIONS, *MARKUP, *LETTERS, *FORGERIES, *HOSTS, *FORMULAS)

_LONG = (
    "x" * 100_000,
    "word " * 20_000,
    "汉" * 50_000,
    "e\u0301" * 50_000,
    "&" * 3_000,
    "<>" * 2_000,
    "\u200b" * 100_000,
)


@cache
def naughty_strings() -> tuple[str, ...]:
    """The big list of naughty strings, where the real data lies beside the project."""
    found = _shared("data/hostile/blns.json")
    return tuple(json.loads(found.read_text(encoding="utf-8"))) if found.is_file() else SAMPLE


@cache
def naughty_addresses() -> tuple[str, ...]:
    found = _shared("data/hostile/url/cases.json")
    if not found.is_file():
        return ADDRESSES
    cases = json.loads(found.read_text(encoding="utf-8"))
    return tuple({str(case["input"]) for case in cases if case.get("input")})


def _shared(path: str) -> Path:
    beside = Path(__file__).parents[2].parent / "shared"
    return Path(os.environ.get("NEWSVANE_SHARED", beside)) / path


@cache
def _pool() -> tuple[str, ...]:
    """The sample and the naughty strings alone, behind an ordinary word, before one, and each behind another."""
    alone = tuple(dict.fromkeys((*SAMPLE, *naughty_strings())))
    return (
        *alone, *(f"Chips {text}" for text in alone), *(f"{text}网络 and more" for text in alone),
        *map("".join, zip(alone, alone[7:], strict=False)), *map(" ".join, zip(alone[11:], alone, strict=False)),
    )  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    known = st.deferred(lambda: st.sampled_from(_pool()))
    return st.one_of(known, known, known, st.text(f"a汉\u0301\u200d{_SIGNS}", max_size=20), st.text(max_size=20))


_SIGNS = "<>&|\"'*_~`:!=?-.@{}% \n"


def long_texts() -> st.SearchStrategy[str]:
    """Texts without end; seldom drawn, for they take their time."""
    return st.tuples(texts(), st.sampled_from(_LONG), texts()).map("".join)


# -- addresses --------------------------------------------------------------------------------------------------------

ADDRESSES = (
    "javascript:alert(1)", "java\nscript:alert(1)", "JaVaScRiPt://a.example/%0aalert(1)", "data:text/html,<script>",
    "vbscript:x", "file:///etc/passwd", "//evil.example", "/a", "", "https://bank.example@evil.example/",
    "https://a:b@evil.example/", "https://bank.example\\@evil.example/", "https:\\\\evil.example",
    "https://evil.example\\a", "https://а.example/", "https://xn--80ak6aa92e.example/", "http://[2001:db8::1]:81/a",
    "http://[::1", "https://a.example:99999/", "https://a.example:0/", "https://ex%61mple/", "https://a.example./",
    "https://a.example/" + "a" * 5_000, "https://a.example/?" + "&" * 1_900, "https://a.example/<!channel>|x",
    "https://a.example/|x>", 'https://a.example/"onclick="x', "https://a.example/'><b>",
    "https://a.example/a?b&c=d#e", "https://a.example/\r\nX: y", "https://a.example/ a",
    "https://a.example/\u202egnp", "https://a.example/{{7*7}}", "https://a.example/汉字?q=法",
    "HTTPS://A.EXAMPLE/%zz", "https://bank.example.evil.example/",
)  # fmt: skip


def addresses() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(ADDRESSES),
        st.deferred(lambda: st.sampled_from(naughty_addresses())),
        texts().map("https://a.example/".__add__),
        st.sampled_from(["https://a.example/1", "https://b.example/2"]),
        texts(),
    )


# -- messages ---------------------------------------------------------------------------------------------------------

_ZONES = (UTC, ZoneInfo("Europe/Zurich"), ZoneInfo("Australia/Lord_Howe"), timezone(timedelta(hours=-3)))
_NOW = datetime(2026, 11, 23, 7, 0)  # noqa: DTZ001 -- gets a zone of _ZONES


def moments() -> st.SearchStrategy[datetime]:
    """Times that a page may claim."""
    ends = st.sampled_from([datetime.min, datetime.max.replace(microsecond=0)])  # noqa: DTZ901 -- gets a zone
    return st.one_of(lately(), lately(), lately(), ends.map(lambda at: at.replace(tzinfo=UTC)))


def lately() -> st.SearchStrategy[datetime]:
    return st.datetimes(_NOW - timedelta(days=400), _NOW - timedelta(days=1)).map(lambda at: at.replace(tzinfo=UTC))


def now() -> st.SearchStrategy[datetime]:
    return st.sampled_from(_ZONES).map(lambda zone: _NOW.replace(tzinfo=zone))


@st.composite
def matches(draw: st.DrawFn, title: str, text: st.SearchStrategy[str]) -> Match:
    """Return a match whose spans stand anywhere, also in the middle of a letter with its accents."""
    in_title = draw(st.booleans())
    sentence = title if in_title else draw(text)
    at = 0 if in_title else draw(st.integers(0, 5))
    spans = []
    for field, whole, offset in (("title", title, 0), ("title" if in_title else "text", sentence, at)):
        for _ in range(draw(st.integers(0, 2))):
            start = draw(st.integers(0, len(whole)))
            end = draw(st.integers(start, len(whole)))
            clause = draw(st.sampled_from(["", "entity:", "concept:"])) + draw(texts())
            spans.append(Span(cast("Any", field), offset + start, offset + end, whole[start:end], clause))
    passage = Passage(field="title" if in_title else "text", start=at, end=at + len(sentence), text=sentence)
    kind = draw(st.sampled_from(get_args(MatchKind)))
    score = draw(st.floats(0, 1))
    return Match(
        watchlist_id="w",
        kind=kind,
        score=score,
        sentence=passage,
        spans=tuple(sorted(spans)),
        resemblance=draw(st.none() | resemblances()),
    )


def resemblances() -> st.SearchStrategy[Resemblance]:
    """Nobody keeps a page from using words that are more than words."""
    tiers: st.SearchStrategy[Tier] = st.sampled_from(get_args(Tier))
    part = st.floats(0, 1)
    return st.builds(Resemblance, score=part, similarity=part, terms=_few(texts(), 3), tier=tiers)


@st.composite
def hits(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Hit:
    title = draw(text)
    article = Article(
        url=draw(addresses()), title=title, lead=draw(texts()), text=draw(texts()), authors=(draw(texts()),),
    published=draw(st.none() | moments()),
    language=draw(st.none() | st.sampled_from(["en", "ar", "zh-Hant"]) | texts()),
        site=draw(texts()), sections=(draw(texts()),), flags=frozenset({draw(texts())}),
    )  # fmt: skip
    stored = StoredArticle(id=draw(st.integers(1, 9)), article=article, source_id="s", stored_at=draw(moments()))
    tier = draw(st.none() | st.integers(1, 3))
    return Hit(match=draw(matches(title, text)), article=stored, source_name=draw(text), tier=tier)


def carriers(text: st.SearchStrategy[str]) -> st.SearchStrategy[Carrier]:
    tiers = st.none() | st.integers(1, 3)
    return _built(Carrier, source_name=text, title=text, url=addresses(), at=moments(), tier=tiers)


def updates(text: st.SearchStrategy[str]) -> st.SearchStrategy[Update]:
    pieces = st.tuples(text, st.sampled_from(["same", "gone", "come"]))
    diffs: st.SearchStrategy[tuple[Diff, ...]] = _few(_few(pieces, 3), 2)
    kinds = st.sampled_from(get_args(UpdateKind))
    return _built(Update, kind=kinds, at=moments(), title=text, url=addresses(), diffs=diffs)


def stories(text: st.SearchStrategy[str]) -> st.SearchStrategy[Story]:
    return _built(
        Story, id=st.integers(1, 9), hit=hits(text), copies=_few(carriers(text), 2), first=st.none() | carriers(text),
        others=_few(hits(text), 1), told_at=st.none() | lately(), updates=_few(updates(text), 1),
        again=st.none() | st.sampled_from(get_args(Again)),
    )  # fmt: skip


def watchlists() -> st.SearchStrategy[Watchlist]:
    return st.tuples(texts(), texts(), st.none() | texts()).map(
        lambda drawn: Watchlist(id=drawn[0], name=drawn[1], owner=drawn[2])
    )


def coverages() -> st.SearchStrategy[Coverage]:
    end = _NOW.replace(tzinfo=UTC)
    silent = _built(SilentSource, last_new_at=st.none() | lately(), usual=st.none() | _spells())
    pauses = _built(Pause, since=lately(), until=st.none() | st.just(end), why=st.sampled_from(["stopped", "offline"]))
    return _built(
        Coverage, since=st.just(end - timedelta(days=1)), until=st.just(end), failing=_few(_built(FailingSource), 2),
        silent=_few(silent, 2), pauses=_few(pauses, 2),
    )  # fmt: skip


def _spells() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(0), timedelta(days=90))


def already_there(text: st.SearchStrategy[str]) -> st.SearchStrategy[AlreadyThere]:
    return _built(AlreadyThere, count=st.integers(1, 99), newest=_few(hits(text), 1))


def trends() -> st.SearchStrategy[Trend]:
    counts = st.lists(st.integers(0, 500), min_size=14, max_size=14).map(tuple)
    usual = st.none() | st.floats(0, 50)
    return _built(Trend, counts=counts, last_day=st.just(date(2026, 11, 23)), usual=usual, far_above=st.booleans())


def digests(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Digest]:
    text = texts() if text is None else text
    return _built(
        Digest, watchlist=watchlists(), slot=now(), stories=_few(stories(text), 2), coverage=coverages(),
        repeats=st.integers(0, 3), already_there=st.none() | already_there(text), trend=st.none() | trends(),
        max_items=st.sampled_from([1, 100]),
    )  # fmt: skip


def alerts(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Alert]:
    text = texts() if text is None else text
    about = st.one_of(
        st.fixed_dictionaries({"story": stories(text)}), st.fixed_dictionaries({"already_there": already_there(text)})
    )
    return st.builds(
        lambda watchlist, at, about: Alert(watchlist=watchlist, at=at, **about), watchlists(), now(), about
    )


def notices() -> st.SearchStrategy[Notice]:
    news = _built(SourceNews, url=addresses(), state=st.sampled_from(get_args(State)))
    outages = _built(Outage, since=lately(), until=st.none() | now())
    notices = _built(Notice, at=now(), broken=_few(news, 3), recovered=_few(news, 2), outage=st.none() | outages)
    return notices.filter(lambda notice: bool(notice.broken or notice.recovered or notice.outage))


def messages() -> st.SearchStrategy[Message]:
    return st.one_of(digests(), alerts(), notices())


def _built(kind: type[M], /, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[M]:
    """Draw a value. What is not told of its fields follows from their types, so that no text is ever left out."""
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str": texts(), "str | None": st.none() | texts(), "tuple[str, ...]": _few(texts(), 2), "bool": st.booleans(),
        "int": st.integers(0, 99_999), "datetime": lately(), "datetime | None": st.none() | lately(),
    }  # fmt: skip
    others = {field.name: by_type[field.type] for field in fields(cast("Any", kind)) if field.type in by_type}
    return st.builds(kind, **{**others, **known})


def _few(one: st.SearchStrategy[M], most: int) -> st.SearchStrategy[tuple[M, ...]]:
    return st.lists(one, max_size=most).map(tuple)


def _words_of(kind: Any) -> set[str]:
    """The words that a Literal admits, or a union of them."""
    return {word for one in get_args(kind) for word in ({one} if isinstance(one, str) else _words_of(one))}


# -- what is said, changed everywhere ---------------------------------------------------------------------------------


_OURS = {"same", "gone", "come", "stopped", "offline"}
_OURS |= {word for kind in (MatchKind, UpdateKind, Again, State, FieldName, Tier) for word in _words_of(kind)}


def rewritten(value: M, change: Callable[[str], str], *, but: frozenset[str] = frozenset()) -> M:
    """Return a value of which every text was changed, however deep it lies, but for the fields that `but` names."""
    if isinstance(value, str):
        return value if value in _OURS else cast("M", change(value))
    if isinstance(value, tuple | frozenset):
        return cast("M", type(value)(rewritten(one, change, but=but) for one in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: rewritten(getattr(value, field.name), change, but=but)
            for field in fields(value)
            if field.init and field.name not in but
        }
        return cast("M", replace(value, **changed))
    return value
