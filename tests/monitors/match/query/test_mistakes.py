"""What is wrong with a query is said with its place and with what to write instead."""

from __future__ import annotations

import pytest

from monitors.match.query import QueryError, read_query

# The query, with » before the place that the caret points at; and what the message says, or a part of it.
MISTAKES = {
    # words and operators
    "two words": ("merger »law", "`merger` and `law` stand side by side: NEAR, AND or quotes?"),
    "a name with a sign": ("S&P »500", "`S&P` and `500` stand side by side: NEAR, AND or quotes?"),
    "a word and a phrase": ('law »"spin off"', "side by side"),
    "a phrase and a word": ("“spin off” »law", "side by side"),
    "a word and a field": ("law »title:x", "side by side"),
    "two groups": ("(a OR b) »(c OR d)", "an operator is missing before the parenthesis"),
    "a word behind a group": ("(a OR b) »c", "an operator is missing behind the parenthesis"),
    "lower-case and": ("law »and order", "operators are in capitals: AND; as a word, quote it"),
    "lower-case or": ("law AND (rule »or order)", "operators are in capitals: OR"),
    "lower-case not": ("law AND »not order", "operators are in capitals: NOT"),
    "lower-case near": ("law »near/5 order", "operators are in capitals: NEAR/5"),
    "lower-case w": ("law »w/5 order", "operators are in capitals: W/5"),
    "lower-case operator before a parenthesis": ("law »and(a OR b)", "operators are in capitals: AND"),
    "lower-case operator at the start": ("»not(a OR b)", "operators are in capitals: NOT"),
    "Title-case operator": ("Law »And Order", "operators are in capitals: AND"),
    "full-width operator": ("a »ＡＮＤ b", "operators are in capitals: AND"),
    "an operator with something invisible": ("a »AND\u200b b", "operators are in capitals: AND"),
    "&": ("a »& b", "`&` is no operator: use AND; as text, quote it"),
    "&&": ("a »&& b", "use AND"),
    "&& without spaces": ("a»&&b", "use AND"),
    "|": ("a »| b", "use OR"),
    "||": ("a »|| b", "use OR"),
    "| without spaces": ("a»|b", "use OR"),
    "!": ("a »! b", "use NOT"),
    "! on a word": ("a AND »!b", "use NOT"),
    "a minus": ("law »-sport", "use NOT"),
    "a minus behind AND": ("law AND »–sport", "use NOT"),
    "a minus at the start": ("»-sport", "use NOT"),
    "a plus": ("law »+sport", "use AND"),
    "a plus at the start": ("»+sport AND law", "use AND"),
    "Lexis pre/n": ("a »pre/5 b", "use ONEAR/5"),
    "Factiva adjn": ("a »adj5 b", "use ONEAR/5"),
    "Factiva nearn": ("a »near5 b", "use NEAR/5"),
    "Westlaw /s": ("a »/s b", "use SENTENCE"),
    "Lexis w/p": ("a »w/p b", "use PARAGRAPH"),
    "single quotes": ("'spin »off'", "a phrase stands in double quotes"),
    "one quote too many": ('"a" AND "b" »c" AND d', "side by side"),
    "a quote in a word": ('a»"b"', "touch: is a quote missing"),
    "nothing on the right": ("a »AND", "AND needs something on its right; as a word, quote it"),
    "nothing on the right in parentheses": ("(a »NEAR/5 ) OR b", "NEAR/5 needs something on its right"),
    "nothing on the left": ("»OR a", "OR needs something on its left; as a word, quote it"),
    "nothing on the left in parentheses": ("a AND (»NOT NEAR/3 b)", "NOT NEAR/3 needs something on its left"),
    "two operators": ("a »AND OR b", "AND needs something on its right, not OR"),
    "NOT behind NEAR": ("a »NEAR/3 NOT b", "what is near is dropped by NOT NEAR/3 alone, as in a NOT NEAR/3 b"),
    "AND before NOT NEAR": ("a »AND NOT NEAR/3 b", "what is near is dropped by NOT NEAR/3 alone, as in a NOT NEAR/3 b"),
    "AND before NEAR": ("a »AND NEAR/3 b", "AND needs something on its right, not NEAR/3"),
    "NOT behind SENTENCE": ("a »SENTENCE NOT b", "SENTENCE needs something on its right, not NOT"),
    "only an operator": ("»W", "W needs something on its left"),
    "only NOT": ("»NOT", "NOT needs something on its right"),
    "AND and OR": ("a AND b »OR c", "mixed: say which belong together, `(a AND b) OR c` or `a AND (b OR c)`"),
    "OR and AND": ("a OR b »AND c", "`(a OR b) AND c` or `a OR (b AND c)`"),
    "NOT and OR": ("a NOT b »OR c", "NOT and OR are mixed: say which belong together, `(a NOT b) OR c`"),
    "OR and NOT": ("a OR b »NOT c", "`(a OR b) NOT c` or `a OR (b NOT c)`"),
    "AND NOT and OR": ("a AND NOT (b) »OR c", "`(a AND NOT (b)) OR c` or `a AND NOT ((b) OR c)`"),
    "mixed inside": ("x AND (a OR b OR c »AND d OR e)", "`(a OR b OR c) AND d` or `a OR b OR (c AND d)`"),
    # places
    "a chain": ("a NEAR/3 b »NEAR/3 c", "NEAR/3 and NEAR/3 make a chain, and only two can be near each other: use AND"),
    "a chain of different ones": ("a SENTENCE b »NOT NEAR c", "make a chain"),
    "a distance of 0": ("a »NEAR/0 b", "NEAR needs a distance in words, as in NEAR/8: a whole number from 1 to 1,000"),
    "a distance that is too far": ("a »W/99999 b", "1 to 1,000"),
    "a distance that has no end": ("a »ONEAR/99999999999999999999 b", "1 to 1,000"),
    "a distance that is no number": ("a »NEAR/x b", "1 to 1,000"),
    "a distance in other digits": ("a »NEAR/٣ b", "1 to 1,000"),
    "a distance of none": ("a »NEAR/ b", "1 to 1,000"),
    "a sentence with a distance": ("a »SENTENCE/3 b", "SENTENCE takes no distance"),
    "NOT ONEAR": ("a »NOT ONEAR/3 b", "there is no NOT ONEAR: use NOT NEAR/8, or a AND NOT (a ONEAR b)"),
    "NOT SENTENCE": ("a »NOT SENTENCE b", "there is no NOT SENTENCE"),
    "a distance of one word": ('»"a"~8', '~8 is for two words or more: "a b"~8'),
    "a distance of a bare word": ("a»~8", '~ stands behind a phrase, as in "a b"~8'),
    "a distance of 0 in a phrase": ('"a b"»~0', "1 to 1,000"),
    "a distance without a number": ('"a b"»~', "1 to 1,000"),
    "a distance of what is no word": ('"»& b"~8', "no letter or digit in `&`"),
    # quotes, parentheses, empty things
    "an open quote": ('a AND »"spin off', 'a quote that nothing closes: add the second "'),
    "an open curly quote": ("»“spin off", "a quote that nothing closes"),
    "an open parenthesis": ("a AND »(b OR c", "a parenthesis that nothing closes: add )"),
    "an open parenthesis among others": ("(a AND »(b OR (c)", "a parenthesis that nothing closes"),
    "an open full-width parenthesis": ("»（a OR b", "a parenthesis that nothing closes"),
    "a closed parenthesis": ("a AND b»)", "a parenthesis that nothing opened"),
    "only a closed parenthesis": ("»)", "a parenthesis that nothing opened"),
    "empty parentheses": ("a AND »( )", "nothing stands between the parentheses"),
    "an empty function": ("exact»()", "nothing stands between the parentheses"),
    "empty values": ("author:»()", "nothing stands between the parentheses"),
    "empty quotes": ('a AND »""', "nothing stands between the quotes"),
    "nothing": ("»", "the query is empty: say what to look for"),
    "only spaces": ("» \n\t", "the query is empty"),
    "punctuation": ("law AND »...", "no letter or digit in `...`"),
    "quoted punctuation": ('»"?!"', "no letter or digit"),
    "an emoji": ("»🚀", "no letter or digit"),
    # wildcards
    "a wildcard of Chinese": ("law AND »网络安全*", "no * or ? is needed in `网络安全*`"),
    "a wildcard of Korean": ('»"삼성* 발표"', "what is written without spaces is found inside of longer words"),
    "a short wildcard beside Chinese": ('»"网络 di*"', "at least 3 letters must stand before the first * or ?"),
    "a short wildcard": ("»di*", "at least 3 letters must stand before the first * or ? in `di*`"),
    "a short wildcard in a phrase": ('»"a di* b"', "at least 3 letters"),
    "a star": ("»*", "at least 3 letters"),
    "a wildcard in a phrase with a distance": ('"data »d*"~8', "at least 3 letters"),
    # signs
    "a weight of 0": ("a»^0", "a weight is a number from 0.01 to 100: x^5"),
    "a weight that is too much": ("a»^101", "a weight is a number"),
    "a weight that is no number": ("a»^x", "a weight is a number"),
    "a weight that is too exact": ("a»^1.234", "a weight is a number"),
    "a negative weight": ("a»^-1", "a weight is a number"),
    "an infinite weight": ("a»^inf", "a weight is a number"),
    "two weights": ("a^2»^3", "a weight stands once"),
    "a weight of nothing": ("a AND »^3", "a weight stands once, behind what it weighs"),
    "a lone bracket": ("a AND »[sic", "[ begins what ] ends, as in published:"),
    "brackets": ("a AND »[sic]", "a range stands behind its field, published:"),
    "a closing bracket": ("sic»]", "] ends what [ begins"),
    "a lone colon": ("a AND »: b", "a colon stands right behind the name of a field"),
    # fields and functions
    "an unknown field": ("»tittle:x", "no field `tittle`; did you mean `title`?; if the colon is meant, quote it"),
    "a field in capitals": ("»TITLE:x", "did you mean `title`?"),
    "a ticker": ("»NASDAQ:AMZN", "there is no field `NASDAQ`; if the colon is meant, quote it"),
    "a time": ("law AND »10:30", "if the colon is meant, quote it"),
    "an address": ("url:»https://example.org", 'an address stands in quotes, as in url:"https://example.org/a"'),
    "a comparison without a colon": ("»words>300", "a field needs a colon, words:>300"),
    "a field without a value": ("a AND »title:", "`title:` needs a value behind it"),
    "a field without a value in parentheses": ("(a AND »author:)", "`author:` needs a value behind it"),
    "a field of an operator": ("title:»AND", "as a word, put `AND` in quotes"),
    "a fact of an operator": ("author:»OR b", "as a value, put `OR` in quotes"),
    "a fact of a reference": ("author:»@jane", "as a value, put `@jane` in quotes"),
    "a fact of a field": ("author:»title:x", "as a value, put `title:` in quotes"),
    "a fact and AND": ("author:(a »AND b)", "`author:` takes values with OR between them"),
    "a fact and AND in parentheses": ("author:((a OR b) »AND c)", "`author:` takes values with OR between them"),
    "a fact and NEAR": ("x AND (author:(a »NEAR b))", "`author:` takes values with OR between them"),
    "two words of a fact": ("author:(Jane »Doe)", "`author:` takes values with OR between them"),
    "two words of a fact without parentheses": ("author:Jane »Doe", "side by side"),
    "an unknown function": ("»atlest3(x)", "there is no function `atlest3`; did you mean `atleast`?"),
    "a word before a parenthesis": ("»law(x)", "no function `law`, or an operator is missing before the parenthesis"),
    "a function and a space": ("exact »(x)", "no space before the parenthesis of a function: exact(x)"),
    "a function without a number": ("»atleast(x)", "atleast needs how many, as in atleast3(x): a whole number"),
    "atleast0": ("»atleast0(x)", "from 1 to 1,000"),
    "atleast1001": ("»atleast1001(x)", "from 1 to 1,000"),
    "first without a number": ("»first(x)", "first needs how many words, as in first50(x)"),
    "first0": ("»first0(x)", "as in first50(x)"),
    "a function of two": ("exact(»a OR b)", "exact() takes one word or one phrase in quotes"),
    "a function of a field": ("cs(»title:x)", "cs() takes one word or one phrase in quotes"),
    "a function of two words": ("exact(a »b)", "side by side"),
    "an exact wildcard": ("exact(»divest*)", "a wildcard has no inflections: write it without exact()"),
    "a function of a minus": ("cs(»-US)", "use NOT"),
    "a reference without a name": ("a AND »@", "`@` needs a name of the configuration behind it; as a sign, quote it"),
    "an entity that is a name": ('entity:»"Amazon Inc."', "`entity:` takes an id or a name of the configuration"),
    "a threshold over 1": ("concept:»x>1.5", "a threshold from 0 to 1: concept:x>0.7"),
    "a threshold below": ("concept:»x<0.5", "a threshold from 0 to 1"),
    # values
    "a tier of 0": ("tier:»0", "can never match: tiers go from 1 to 9"),
    "a tier over 9": ("tier:»>9", "can never match: tiers go from 1 to 9"),
    "a tier in words": ("tier:»one", "tier: needs a number from 1 to 9"),
    "words without a sign": ("words:»300", "words: needs a comparison: >300, <=300 or =300"),
    "fewer than no words": ("words:»<0", "can never match"),
    "words in words": ("words:»>many", "words: needs a comparison with a whole number"),
    "a wildcard in a name": ("author:»Do*", "author: knows no wildcards: it takes whole words of a name"),
    "a wildcard in an address": ('url:»"*/sponsored/*"', "url: knows no wildcards: it looks for this text anywhere"),
    "a wildcard in a host": ("site:»*.example.org", "site: knows no wildcards: example.org takes in the hosts below"),
    "a wildcard in a section": ("section:(world OR »bus*)", "section: knows no wildcards"),
    "a path of a site": ("site:»example.org/news", "site: needs a host, such as example.org"),
    "an address of a site": ('site:»"https://example.org"', "url: looks into addresses"),
    "a language in capitals": ("lang:»EN", "lang: needs a language code of two letters"),
    "a language that is none": ("lang:»xx", "lang: needs a language code"),
    "a country in small letters": ("country:»ch", "country: needs a country code of two capital letters"),
    "one of several languages": ("lang:(en OR »deu)", "lang: needs a language code"),
    "a range that is reversed": ("published:»[2026-06-30 TO 2026-01-01]", "the range ends (2026-01-01) before"),
    "a day that is none": ("published:»[2026-02-30 TO *]", "needs days such as 2026-01-31, and '2026-02-30' is none"),
    "a range open at both ends": ("published:»[* TO *]", "open at both ends"),
    "a day without a range": ("published:»2026-01-01", "published: needs two days"),
    "a range that does not end": ("published:»[2026-01-01 TO", "[ begins what ] ends"),
    "an empty fact": ('section:»" "', "section: needs something between the quotes"),
    # regular expressions
    "an open regular expression": ("a AND »re/abc", "a regular expression that nothing closes: add / behind it"),
    "an open regular expression with a colon": ("»re/a:b", "a regular expression that nothing closes"),
    "an open regular expression with a parenthesis": ("»re/(a)", "a regular expression that nothing closes"),
    "a backreference": (r"re/(a)»\1/", "RE2 knows no backreferences"),
    "a lookahead": ("re/a»(?=b)/", "RE2 knows no backreferences and no lookaround"),
    "a lookbehind": ("re/»(?<!b)a/", "RE2 knows no backreferences and no lookaround"),
    "an unbalanced regular expression": ("re/»(a/", "not a regular expression in RE2 syntax: missing ): (a"),
    "too many repetitions": ("re/a»{2000}/", "invalid repetition size: {2000}"),
    "a regular expression of any length": ("re/»a*/", "also fits where no character stands"),
    "a regular expression of no length": (r"re/»\b/", "also fits where no character stands"),
    "an empty regular expression": ("re/»/", "also fits where no character stands"),
    "a regular expression that is too large": (r"re/»(\pL{100}){10}/", "repeats too much"),
    "a regular expression that is too long": ("re/»" + "a" * 1001 + "/", "more than 1,000 characters"),
    "flags": ("re/a/»i", "flags stand inside of a regular expression"),
    # the whole
    "a NUL": ("law »\0", "the character U+0000 has no place in a query"),
    "a lone surrogate": ("law»\udcff", "the character U+DCFF has no place in a query"),
    "too long": ("a" * 20_000 + "»a", "longer than 20,000 characters"),
    "too deep": ("(" * 60 + "»(" + "a OR b" + ")" * 61, "more than 60 parts and parentheses inside of each other"),
}  # fmt: skip


@pytest.mark.parametrize(("marked", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_a_hint(marked: str, said: str) -> None:
    before, _, after = marked.partition("»")
    with pytest.raises(QueryError) as caught:
        read_query(before + after)
    assert said in caught.value.message
    assert caught.value.at == len(before)
    assert caught.value.text == before + after
    assert caught.value.query is None


def test_the_first_of_several_mistakes_is_told() -> None:
    with pytest.raises(QueryError, match="side by side"):
        read_query("a b AND tittle:x")


@pytest.mark.parametrize("depth", [10, 25])
def test_parentheses_may_stand_in_each_other(depth: int) -> None:
    query = "a"
    for _ in range(depth):
        query = f"b OR ({query})"
    assert read_query(query)
