"""What grammar alone cannot say: only-negative queries, parts that do not fit, and clauses that can never match."""

from __future__ import annotations

import pytest

from monitors.match.query import QueryError, check, parse, read_query

# The query, with » before the place that the caret points at; and what the message says, or a part of it.
NEGATIVE = {
    "a query": ("»NOT a", "only forbids, so it would match nearly everything: say what to look for"),
    "a query in parentheses": ("(»NOT a)", "only forbids"),
    "a query of several": ("»NOT a AND NOT b", "only forbids"),
    "a query of groups": ("»(NOT a) AND (NOT b NOT c)", "only forbids"),
    "NOT of NOT": ("»NOT NOT a", "NOT of what only forbids"),
    "NOT of NOT among others": ("a »NOT NOT b", "NOT of what only forbids: say what is wanted instead"),
    "NOT of a negative group": ("a »NOT (NOT b AND NOT c)", "NOT of what only forbids"),
    "an alternative": ("a OR »NOT b", "as an alternative, what only forbids would match nearly everything: use AND"),
    "an alternative in parentheses": ("a OR (»NOT b)", "as an alternative"),
    "the first alternative": ("»NOT a OR b", "as an alternative"),
    "an alternative of several": ("x AND (a OR (»NOT b NOT c))", "as an alternative"),
    "a field": (
        "x AND title:(»NOT a)",
        "`title:(NOT a)` only forbids: say what to look for, or put NOT before all of it",
    ),
    "a function": ("x AND first50(»NOT a)", "`first50(NOT a)` only forbids"),
    "a counting function": ("x AND atleast3(»NOT a)", "`atleast3` counts mentions, and NOT has none"),
    "a weight": ("x AND (»NOT a)^5", "`(NOT a)^5` only forbids"),
}
MISFITS = {
    "AND in NEAR": (
        "a NEAR/8 (»b AND c)",
        "NEAR takes words, phrases and groups of OR, and no AND: put it behind the pair",
    ),
    "AND in a group in NEAR": (
        "a ONEAR/8 (b OR (»c AND d))",
        "ONEAR takes words, phrases and groups of OR, and no AND",
    ),
    "NOT in NEAR": ("(»a NOT b) SENTENCE c", "SENTENCE takes words, phrases and groups of OR, and no AND"),
    "only NOT in NEAR": ("a NEAR (»NOT b)", "NEAR takes words, phrases and groups of OR, and no NOT"),
    "AND in a field in NEAR": ("title:(»a AND b) NEAR c", "no AND"),
    "a pair in a pair": (
        "(»a NEAR b) NEAR c",
        "NEAR cannot stand inside of NEAR: join pairs with AND, as in a NEAR b AND",
    ),
    "a pair on the right": ("a NOT NEAR (»b SENTENCE c)", "SENTENCE cannot stand inside of NOT NEAR"),
    "a pair in a group": ("a PARAGRAPH (x OR (»b NEAR c))", "NEAR cannot stand inside of PARAGRAPH"),
    "a phrase with a distance": ('a NEAR »"b c"~8', "NEAR cannot stand inside of NEAR"),
    "a long phrase with a distance": ('a NEAR »"b c d"~8', '"a b c"~8 cannot stand inside of NEAR'),
    "atleast in NEAR": ("a NEAR »atleast3(b)", "`atleast3` cannot stand inside of `NEAR`: put the pair into it"),
    "first in NEAR": ("»first50(a) NEAR b", "put the pair into it, as in first50(a NEAR b)"),
    "a fact in NEAR": ("a NEAR »author:x", "`author:` has no place in the text, so nothing can be NEAR it: use AND"),
    "a fact among others in NEAR": ("a NEAR (b OR »words:>300)", "`words:` has no place in the text"),
    "about in NEAR": ("a NEAR »about:amazon", "`about:` has no place in the text"),
    "a concept in NEAR": ("a NEAR »concept:x", "`concept:` has no place in the text"),
    "AND in atleast": (
        "atleast3(»a AND b)",
        "`atleast3` counts mentions, and AND has none: put it behind, as in atleast3(a) AND b",
    ),
    "NOT in atleast": ("atleast3(»a NOT b)", "`atleast3` counts mentions"),
    "a fact in atleast": ("atleast3(»url:x)", "`atleast3` counts mentions in the text, and `url:` has none: use AND"),
    "about in atleast": ("atleast3(»about:x)", "`about:` has none"),
    "first in atleast": ("atleast3(»first50(a))", "turn them round, first50(atleast3(x))"),
    "atleast in atleast": ("atleast3(»atleast2(a))", "leave one of them out"),
    "a fact in a field": (
        "title:»author:x",
        "`author:` is said of the whole article and cannot stand inside of `title:`: use AND",
    ),
    "a fact in a field among others": ("hlead:(a AND »lang:en)", "`lang:` is said of the whole article"),
    "about in a field": ("lead:»about:x", "`about:` is said of the whole article"),
    "a fact in first": ("first50(a NOT »url:x)", "cannot stand inside of `first50`"),
}
NEVER = {
    "the body in the title": (
        "title:(»body:x)",
        "`body:` inside of `title:` can never match: they have no text in common",
    ),
    "the title in the lead": ("lead:(a OR »title:x)", "`title:` inside of `lead:` can never match"),
    "the title in the first words": ("first50(»title:x)", "`title:` inside of `first50` can never match"),
    "the first words of the title": ("title:»first50(x)", "`first50` inside of `title:` can never match"),
    "a pair across fields": (
        "»title:a NEAR body:b",
        "NEAR does not reach from one field into another, so this can never match",
    ),
    "a sentence across fields": ("x AND (»title:a SENTENCE lead:(b OR c))", "SENTENCE does not reach from one field"),
    "wanted and forbidden": ("»a NOT a", "can never match: `a` is wanted and forbidden"),
    "wanted and forbidden with AND": ("b AND »a AND NOT a", "`a` is wanted and forbidden"),
    "in another case": ("»Law NOT LAW", "`Law` is wanted and forbidden"),
    "in another order": ("(»a OR b) NOT (b OR a)", "`a OR b` is wanted and forbidden"),
    "all alternatives forbidden": ("(»a OR b) NOT a NOT b", "`a OR b` is wanted and forbidden"),
    "one of those forbidden": ("»a NOT (b OR (c OR a))", "`a` is wanted and forbidden"),
    "in a group of AND": ("b AND (c AND »a) NOT a", "`a` is wanted and forbidden"),
    "forbidden inside a group": ("»a AND (b NOT a)", "`a` is wanted and forbidden"),
    "in a field": ("»title:a NOT a", "`title:a` is wanted and forbidden"),
    "in a pair": ("»a NEAR b NOT b", "`a NEAR b` is wanted and forbidden"),
    "left of NOT NEAR": ("»a NOT NEAR b NOT a", "is wanted and forbidden"),
    "near itself": ("»a NOT NEAR/3 a", "can never match: `a` is always near itself"),
    "one of those near": ("x AND »title:a^2 NOT NEAR (b OR (c OR A))", "`title:a^2` is always near itself"),
    "exactly, near itself": ("»cs(US) NOT NEAR exact(us)", "`cs(US)` is always near itself"),
    "all alternatives near themselves": ("(»a OR b) NOT NEAR (b OR a)", "`a OR b` is always near itself"),
    "in a phrase with a distance": ('»"a b c"~8 NOT "b"', "is wanted and forbidden"),
    "in a function": ("»atleast3(a) NOT a", "`atleast3(a)` is wanted and forbidden"),
    "under a weight": ("»a^5 NOT a", "`a` is wanted and forbidden"),
    "exactly": ("»exact(a) NOT a", "`exact(a)` is wanted and forbidden"),
    "in capitals": ('»cs(US) NOT "us"', "`cs(US)` is wanted and forbidden"),
    "about what is not mentioned": ("»about:x NOT entity:x", "`about:x` is wanted and forbidden"),
    "a fact": ("a AND »lang:en NOT lang:en", "`lang:en` is wanted and forbidden"),
    "together": ("b AND a AND c »NOT (a AND b)", "`NOT (a AND b)` forbids what is wanted"),
    "a group": ("(a NEAR b AND (c AND d)) »NOT (d AND c AND a NEAR b)", "forbids what is wanted"),
    "inside an alternative": ("x OR (»a NOT a)", "`a` is wanted and forbidden"),
    "inside a field": ("title:(»a NOT a)", "`a` is wanted and forbidden"),
    "lengths apart": ("words:>300 AND »words:<200", "no article is `words:<200` and what stands before it"),
    "lengths that touch": ("words:>300 AND a AND »words:<=300", "no article is `words:<=300`"),
    "lengths in groups": ("words:>300 AND (a AND »words:=5)", "no article is `words:=5`"),
    "tiers apart": ("tier:1 AND »tier:>1", "no article is `tier:>1`"),
    "days apart": (
        "published:[* TO 2026-01-31] AND a AND »published:[2026-02-01 TO *]",
        "no article is `published:[2026-02-01 TO *]`",
    ),
    "two languages": ("lang:en AND »lang:de", "no article is `lang:de` and what stands before it"),
    "two choices of languages": ("lang:(en OR fr) AND »lang:(de OR zh)", "no article is `lang:(de OR zh)`"),
    "two countries": ("a AND country:CH AND »country:HK", "no article is `country:HK`"),
    "two sources": ("source:x AND »source:y", "no article is `source:y`"),
}
SENSIBLE = [
    "NOT a AND b",
    "a AND (NOT b)",
    "a AND (NOT b AND NOT c)",
    "(a OR (b OR c)) NEAR d",
    "title:(a NOT b)",
    "first50(a NOT b)",
    "(a NEAR b) AND NOT (a NEAR c)",
    "(a OR b) NOT NEAR a",
    "a NOT NEAR title:a",
    "entity:x NOT NEAR entity:x",
    '(a OR "b c" OR def* OR (e OR entity:x)) NEAR (re/x/ OR cs(US)^5)',
    "title:(a OR b)^2 SENTENCE c",
    "atleast3(a OR b)",
    "atleast3(a NEAR b)",
    "atleast3(title:a)",
    "first50(atleast3(a))",
    "first50(a AND b)",
    "hlead:(title:a)",
    "lead:body:a",
    "body:(lead:a)",
    "first50(body:a NEAR lead:b)",
    "title:a NEAR hlead:b",
    "lead:a NEAR body:b",
    "title:a AND body:b",
    "title:a NOT NEAR b",
    "title:a NOT body:a",
    "a NOT title:a",
    "a NOT exact(a)",
    '"us" NOT cs(US)',
    "cs(US) NOT cs(us)",
    "entity:x NOT about:x",
    "(a OR b) NOT a",
    "a NOT (a NEAR b)",
    "a NOT (a AND b)",
    "a AND b NOT (a NOT b)",
    "a NOT NEAR b NOT b",
    "(a AND x) OR (b NOT a)",
    "words:>300 AND words:<302",
    "words:>300 AND (a OR words:<200)",
    "words:>300 NOT words:>500",
    "tier:<=2 AND tier:>1",
    "lang:(en OR de) AND lang:de",
    "lang:en OR lang:de",
    "group:a AND group:b",
    "site:example.org AND site:news.example.org",
    "author:a AND author:b",
    "published:[2026-01-01 TO 2026-01-31] AND published:[2026-01-31 TO *]",
    "lang:en",
    "concept:x AND a",
]


@pytest.mark.parametrize(
    ("marked", "said"),
    [*NEGATIVE.values(), *MISFITS.values(), *NEVER.values()],
    ids=[*NEGATIVE, *MISFITS, *NEVER],
)
def test_what_makes_no_sense_is_told_with_its_place(marked: str, said: str) -> None:
    before, _, after = marked.partition("»")
    with pytest.raises(QueryError) as caught:
        read_query(before + after)
    assert said in caught.value.message
    assert (caught.value.at, caught.value.text) == (len(before), before + after)


@pytest.mark.parametrize("query", SENSIBLE)
def test_what_makes_sense_passes(query: str) -> None:
    assert read_query(query) == parse(query)


def test_without_the_text_the_query_of_the_tree_is_shown() -> None:
    with pytest.raises(QueryError) as caught:
        check(parse("a NOT a"))
    assert caught.value.text == "a NOT a"


def test_a_check_looks_at_a_big_query_once() -> None:
    query = " AND ".join(f"(w{i} OR x{i}) NOT y{i}" for i in range(600))
    assert read_query(query)
