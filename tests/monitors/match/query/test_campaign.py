"""Whatever is given to the query parser becomes a tree or a QueryError, soon: random bytes, sentences, near-queries."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from stand_ins.queries import Vocabulary, random_text

from monitors.collector import without_collector
from monitors.match.query import QueryError, parse, read_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_S = 1.0
QUERIES = {
    "cloud": parse('cloud OR "data center"'),
    "routine": parse('title:newsletter OR url:"/sponsored/"'),
    "loop": parse("@pool"),
    "pool": parse("x OR @loop"),
}
NEWS = """
The Commission (which meets on Monday) said: "We will not merge AND we will not sell", Mr. O'Neill's aide told
AT&T's C++ team. S&P 500 futures fell 3.5% [sic] at 9:30 a.m.; U.S.-listed $TSLA rose ~2% - or so - and not near
its high! Why? See https://example.org/a?b=c#d
全国人大常委会通过了《关于修改〈中华人民共和国网络安全法〉的决定》，
自2026年1月1日起施行。
Что это — „новости“? نعم، هذا خبر. कानून Die «Häuser» brennen; l’Élysée n'a pas commenté… “São Paulo”: R$ 5 bi NEAR
the port, W or NOT, re/max reported title: none | both || all
"""
PIECES = r"""
AND OR NOT NEAR NEAR/3 NEAR/0 NEAR/99999 ONEAR/8 W/8 W SENTENCE PARAGRAPH and or not near ( ) ( ) " " “ ” « （ ） ^ ^5
^0 ^1.5 ~ ~8 [ ] : title: lead: hlead: body: author: url: tier: lang: words: published: entity: about: concept: tittle:
>300 <=2 exact( cs( atleast3( atleast( first50( first0( foo( re/ re/a+/ re/(a+)+$/ re/(a)\1/ re/(?=a)/ re/[/ / \
@cloud @routine @loop @nobody @ -law +law ! | || & && law law rule C++ AT&T .NET 5G div* d* * ? organi?ation 网络 安全法
café … 🚀 "a"~8 "" x>0.7
""".split()  # noqa: SIM905  # a list of them would fill the page
PIECES += [
    "NOT NEAR/3",
    "[2026-01-01 TO 2026-06-30]",
    "[2026-06-30 TO 2026-01-01]",
    "[* TO *]",
    '"spin off"',
    '"a b c"~8',
]
PIECES += ["\u200b", "\u202e", "\xa0", "\u3000", "\n", "\t", "\x00", "\ud800", "\u0301"]
VOCABULARY = Vocabulary(
    words=["law", "data", "China", "rule", "C++", "网络", "café", "US"],
    entities=["amazon"],
    concepts=["data-localization"],
    queries={name: QUERIES[name] for name in ("cloud", "routine")},
)


def random_bytes(rng: random.Random) -> str:
    data = rng.randbytes(rng.choice([3, 10, 40, 200]))
    return data.decode(errors=rng.choice(["replace", "surrogateescape", "ignore"]))


def characters(rng: random.Random) -> str:
    """Bytes that are mostly text, so that more of them get past the first character."""
    signs = "abc AND OR NOT()\"“”:^~[]/*?@|&-+'.,;0123456789\n" + "法é\u200b"
    return "".join(rng.choices(signs, k=rng.randint(1, 60)))


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(NEWS.split(), k=rng.randint(1, 12)))


def grammar_shaped(rng: random.Random) -> str:
    return "".join(piece + rng.choice([" ", " ", " ", ""]) for piece in rng.choices(PIECES, k=rng.randint(1, 25)))


def broken_query(rng: random.Random) -> str:
    """A query that makes sense, with a few characters or pieces put in, left out or doubled."""
    query = random_text(rng, VOCABULARY, leaves=8)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        at, length = rng.randrange(len(query) + 1), rng.randint(0, 4)
        query = query[:at] + rng.choice(["", rng.choice(PIECES), query[at : at + length] * 2]) + query[at + length :]
    return query


def long_query(rng: random.Random) -> str:
    """The same few pieces again and again, up to the longest query and beyond."""
    piece = "".join(rng.choices([*PIECES, " ", " ", "a ", "(a OR "], k=rng.randint(1, 4)))
    query = piece * (rng.choice([300, 3_000, 19_999, 30_000]) // len(piece))
    return query + rng.choice(["", "a", " a", ")" * query.count("(")])


KINDS: list[tuple[Callable[[random.Random], str], int]] = [
    (random_bytes, 20),
    (characters, 15),
    (sentence, 20),
    (grammar_shaped, 25),
    (broken_query, 19),
    (long_query, 1),
]


@dataclass
class Report:
    parsed: int = 0
    refused: int = 0
    slowest_s: float = 0
    slowest: str = ""
    by_kind: dict[str, list[int]] = field(default_factory=dict)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {parsed}/{parsed + refused}" for kind, (parsed, refused) in self.by_kind.items())
        slowest = f"slowest {self.slowest_s * 1000:.0f} ms ({self.slowest[:60]!r}…, {len(self.slowest)} characters)"
        return f"{self.parsed} parsed, {self.refused} refused ({kinds}); {slowest}"


def cases(seed: int, count: int) -> Iterator[tuple[str, str]]:
    rng = random.Random(seed)  # noqa: S311  # a seed makes them reproducible
    kinds, weights = zip(*KINDS, strict=True)
    for kind in rng.choices(kinds, weights, k=count):
        yield kind.__name__, kind(rng)


def run(seed: int, count: int) -> Report:
    report = Report()
    for kind, text in cases(seed, count):
        started = time.thread_time()
        try:
            read_query(text, QUERIES)
        except QueryError as error:
            fits_a_terminal(error, text)
            parsed = False
        else:
            parsed = True
        took = time.thread_time() - started
        report.parsed += parsed
        report.refused += not parsed
        report.by_kind.setdefault(kind, [0, 0])[0 if parsed else 1] += 1
        if took > report.slowest_s:
            report.slowest_s, report.slowest = took, text
    return report


def fits_a_terminal(error: QueryError, text: str) -> None:
    message, line, caret = str(error).split("\n")
    assert message == error.message
    assert message
    assert error.text == text
    assert 0 <= error.at <= len(text)
    assert error.line >= 1
    assert error.column >= 1
    assert caret.strip() == "^"
    assert len(line) <= 110
    assert len(message) <= 400
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", message + line)
    str(error).encode()


def show(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n  query parser: {report}")  # noqa: T201  # the figures are the purpose of the campaign


def test_what_is_no_query_is_refused_and_nothing_else_happens(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(seed=3, count=4_000)
    show(report, capsys)
    assert report.slowest_s < LONGEST_S
    assert report.parsed > 400
    assert report.refused > 2_000


@pytest.mark.slow
def test_a_hundred_thousand_texts_are_queries_or_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(seed=100_000, count=100_000)
    show(report, capsys)
    assert report.slowest_s < LONGEST_S
    assert report.parsed + report.refused == 100_000


HOSTILE = {
    "parentheses": "(" * 9_999 + "a" + ")" * 9_999,
    "parentheses, open": "(" * 20_000,
    "parentheses, closed": ")" * 20_000,
    "fields": "title:" * 3_300 + "a",
    "NOT": "NOT " * 4_999 + "a",
    "a NOT": "a" + " NOT a" * 3_300,
    "weights": "a" + "^5" * 9_999,
    "OR": " OR ".join(["a"] * 3_999),
    "AND": " AND ".join(f"w{i}" for i in range(1_900)),
    "many facts": " AND ".join(["words:>3"] * 1_500),
    "forbidden groups": "x NOT (" + " OR ".join(f"w{i}" for i in range(1_900)) + ")",
    "NEAR": " NEAR ".join(["a"] * 2_800),
    "functions": "atleast3(" * 2_000 + "a" + ")" * 2_000,
    "values": "author:" + "(" * 9_900 + "a" + ")" * 9_900,
    "choice of values": "author:(" + " OR ".join(["a"] * 3_999) + ")",
    "one word": "a" * 20_000,
    "one word with a colon": "a" * 19_999 + ":",
    "accents": "a" + "\u0301" * 19_999,
    "wildcards": "abc" + "*?" * 9_990,
    "quotes": '"' * 20_000,
    "quoted signs": '"' + "?! " * 6_600 + '"',
    "phrase": '"' + "a " * 9_990 + '"~8',
    "carets": "^" * 20_000,
    "slashes": "re/" * 6_666,
    "regex of groups": "re/" + "(" * 9_000 + "a" + ")" * 9_000 + "/",
    "regex of repetitions": "re/" + r"((\pL|\pN){100}){10}" * 900 + "/",
    "regex of classes": "re/" + r"[^\pL]{900}" * 1_700 + "/",
    "regex, nested": "re/" + "(" * 900 + "a" + ")+" * 900 + "/",
    "spaces": "a" + " " * 19_998 + "b",
    "line breaks": "a" + "\n" * 19_998 + "b",
    "Chinese": "法" * 20_000,
    "Hangul": "\u1100\u1161" * 10_000,
    "ligatures": "\ufdfa" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_costs_less_than_a_second(text: str) -> None:
    started = time.thread_time()
    with without_collector():  # as a configuration is read; what there is to look through is of all tests before
        try:
            read_query(text)
        except QueryError as error:
            fits_a_terminal(error, text)
    assert time.thread_time() - started < LONGEST_S


def test_hostile_regular_expressions_are_searched_in_linear_time() -> None:
    import re2

    query = read_query("re/(a+)+$/")
    started = time.thread_time()
    assert not re2.compile(query.pattern).search("a" * 100_000 + "!")
    assert time.thread_time() - started < 0.05
