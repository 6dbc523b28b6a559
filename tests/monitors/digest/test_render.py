"""Digests and alerts as people see them: saved forms to look at, and laws that no text from the web may break."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from rich.cells import cell_len
from stand_ins import digests
from stand_ins.messages import (
    ALERT,
    ALREADY_THERE,
    COVERAGE,
    DIGEST,
    EMPTY_DIGEST,
    FIRST_ALERT,
    FIRST_DIGEST,
    HITS,
    LONG_DIGEST,
    WATCHLIST,
    hit,
    one,
    told,
)
from stand_ins.slack import controls, problem_of, texts

from crawler.domain import Article, StoredArticle
from monitors.digest.as_html import DARK, LIGHT
from monitors.digest.as_slack import escaped
from monitors.digest.inert import on_its_own, plain, shorten, web_link
from monitors.digest.render import render_html, render_slack, render_text, subject
from monitors.domain import Coverage, Digest, FailingSource, Hit, Match, Message, Passage, Resemblance, RoundUp, Span

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from pytest_regressions.file_regression import FileRegressionFixture

ROUND_UP = RoundUp(
    watchlist=digests.RICH.watchlist,
    at=digests.RICH.slot,
    stories=digests.RICH.stories[:4],
    why="quiet",
    since=digests.RICH.slot - timedelta(hours=11),
    already_there=FIRST_ALERT.already_there,
    max_items=3,
)
EXAMPLES: dict[str, Message] = {
    "digest": digests.RICH,
    "digest_with_updates": digests.UPDATES,
    "digest_of_possible_and_related": digests.POSSIBLE,
    "digest_with_related": digests.MEANT,
    "digest_of_related": digests.ONLY_RELATED,
    "digest_in_several_scripts": digests.SCRIPTS,
    "digest_at_its_limits": digests.LIMITS,
    "first_digest": FIRST_DIGEST,
    "empty_digest": digests.EMPTY,
    "empty_digest_with_failures": digests.EMPTY_WITH_FAILURES,
    "alert": digests.ALERT_OF_A_STORY,
    "alert_again": digests.AGAIN,
    "first_alert": FIRST_ALERT,
    "round_up": ROUND_UP,
}


# -- to look at: `pytest --force-regen` writes the files anew ---------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_as_html(name: str, file_regression: FileRegressionFixture) -> None:
    file_regression.check(render_html(EXAMPLES[name]), extension=".html", basename=name, encoding="utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_as_text(name: str, file_regression: FileRegressionFixture) -> None:
    saved = f"Subject: {subject(EXAMPLES[name])}\n\n{render_text(EXAMPLES[name])}"
    file_regression.check(saved, extension=".txt", basename=name, encoding="utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_as_slack(name: str, file_regression: FileRegressionFixture) -> None:
    saved = json.dumps(render_slack(EXAMPLES[name]), ensure_ascii=False, indent=1)
    file_regression.check(saved, extension=".json", basename=name, encoding="utf-8")


# -- what is shown ----------------------------------------------------------------------------------------------------


def forms(message: Message) -> dict[str, str]:
    """Every form as the text that a reader sees, white space made even."""
    slack = "\n".join(text for payload in render_slack(message) for text in texts(payload))
    page = html.document_fromstring(render_html(message)).text_content()
    shown = {"text": render_text(message), "html": page, "slack": slack}
    return {form: " ".join(text.split()) for form, text in shown.items()}


@pytest.mark.parametrize("form", ["text", "html", "slack"])
def test_every_form_says_what_there_is_to_say(form: str) -> None:
    shown = forms(replace(DIGEST, already_there=ALREADY_THERE, max_items=5))[form]
    for said in (
        "China cybersecurity law",
        "Monday 23 November 2026, 07:00 (Europe/Zurich)",
        "Asia Business Daily · Mon 23 Nov, 06:12",
        "found Mon 23 Nov, 06:20",
        "Why: “China cybersecurity law” in title and text; the entity amazon in text",
        "and 1 more: newsvane preview china-cyber-law --all",
        "34 matches were there before Newsvane started watching. All of them: newsvane preview china-cyber-law --all.",
        "China opens its draft cybersecurity law for comment",
        "From Fri 20 Nov, 07:00 to Mon 23 Nov, 07:00: 58 of 60 sources answered, 1,204 articles came in.",
        "37 of them came without a readable body",
        "since Sat 21 Nov, 18:04: HTTP 403",
        "never read so far: no feed found at https://amt.example/",
        "Sent by Newsvane for the watchlist china-cyber-law, owned by compliance@example.org.",
    ):
        assert said in shown


@pytest.mark.parametrize("form", ["text", "html", "slack"])
def test_an_empty_digest_shows_that_the_sources_were_read(form: str) -> None:
    shown = forms(EMPTY_DIGEST)[form]
    assert "Nothing new" in shown
    assert "All 60 sources were read, 1,204 articles came in, and none of them matched." in shown
    assert "ailing" not in shown


def test_hits_are_marked_in_every_form() -> None:
    page = html.document_fromstring(render_html(ALERT))
    assert [mark.text for mark in page.iter("mark")] == [
        "cybersecurity law that China",
        "Amazon",
    ]
    assert "the *cybersecurity law that China*" in render_text(ALERT)
    assert "\u200b*cybersecurity law that China*\u200b" in render_slack(ALERT)[0]["blocks"][2]["text"]["text"]


def test_where_the_title_is_the_sentence_it_is_marked_itself() -> None:
    message = replace(ALERT, story=one(HITS[4]))
    assert "*cyber law in China*" in render_text(message)
    assert "\u200b*cyber law in China*\u200b" in render_slack(message)[0]["blocks"][2]["text"]["text"]


def test_times_are_told_in_the_zone_of_the_schedule() -> None:
    elsewhere = replace(DIGEST, slot=DIGEST.slot.astimezone(UTC))
    assert "Monday 23 November 2026, 06:00 (UTC)" in render_text(elsewhere)
    assert "Asia Business Daily · Mon 23 Nov, 05:12" in render_text(elsewhere)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (replace(DIGEST, stories=told(hit("Law adopted"), hit("b"), hit("c", kind="possible"))),
         "China cybersecurity law: 2 stories, Law adopted"),
        (replace(DIGEST, stories=told(hit("Pilots ask", kind="possible"), hit("c", kind="related"))),
         "China cybersecurity law: 1 possible story, Pilots ask"),
        (EMPTY_DIGEST, "China cybersecurity law: nothing new, Mon 23 Nov, 07:00"),
        (replace(EMPTY_DIGEST, already_there=ALREADY_THERE),
         "China cybersecurity law: 34 matches were there before Newsvane started watching"),
        (digests.ONLY_RELATED, "China cybersecurity law: nothing new, 3 related stories"),
        (replace(digests.ONLY_RELATED, stories=told(digests.RELATED)),
         "China cybersecurity law: nothing new, 1 related story"),
        (replace(digests.ONLY_RELATED, already_there=ALREADY_THERE),
         "China cybersecurity law: 34 matches were there before Newsvane started watching"),
        (replace(DIGEST, stories=told(hit("Law adopted"), hit("b", kind="related"))),
         "China cybersecurity law: 1 story, Law adopted"),
        (ALERT, "China cybersecurity law: Retailer sells its server halls as Chinese cybersecurity law bites"),
        (FIRST_ALERT, "China cybersecurity law: 34 matches were there before Newsvane started watching"),
    ],
)  # fmt: skip
def test_subjects(message: Message, expected: str) -> None:
    assert subject(message) == expected


def test_a_long_sentence_is_cut_around_its_hit() -> None:
    message = replace(ALERT, story=one(hit("A title", "word " * 300 + "{law|the law} " + "word " * 300)))
    assert re.search(r"…word.* \*the law\* .*word…", " ".join(render_text(message).split()))
    assert len(render_text(message)) < 1_000


def test_many_failing_sources_are_counted_and_none_is_forgotten() -> None:
    failing = tuple(FailingSource(name=f"source {n}", since=None, reason="gone") for n in range(31))
    for shown in forms(replace(DIGEST, coverage=replace(COVERAGE, failing=failing))).values():
        assert "31 failing" in shown
        assert "and 11 more: newsvane status" in shown


def test_text_has_72_columns_even_in_chinese_and_links_in_one_piece() -> None:
    lines = render_text(replace(DIGEST, already_there=ALREADY_THERE)).splitlines()
    assert max(cell_len(line) for line in lines if "https://" not in line) <= 72
    assert f"   {HITS[0].article.article.url}" in lines


def test_the_page_stays_under_what_mail_programs_clip_and_says_what_is_missing() -> None:
    page = render_html(LONG_DIGEST)
    assert 80_000 < len(page.encode()) < 100_000
    shown = html.document_fromstring(page)
    titles = [title for title in shown.iter("h2") if title.find(".//a") is not None]
    assert f"and {200 - len(titles)} more: newsvane preview china-cyber-law --all" in shown.text_content()
    assert "What was read" in shown.text_content()


# -- for everybody ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_headings_come_in_order_below_one_title(name: str) -> None:
    page = html.document_fromstring(render_html(EXAMPLES[name]))
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))


def test_a_screen_reader_finds_languages_directions_and_tables_that_are_none() -> None:
    page = html.document_fromstring(render_html(DIGEST))
    assert page.get("lang") == "en"
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    languages = [heading.get("lang") for heading in page.iter("h2", "h3") if heading.get("dir")]
    assert languages == ["en", "zh", "de", "ar", "en", "en"]
    assert not list(page.iter("img", "script", "link", "iframe", "form", "object"))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [("ink", "card"), ("ink", "panel"), ("soft", "card"), ("soft", "panel"), ("soft", "page"), ("accent", "card"),
     ("accent", "panel"), ("warn", "panel"), ("on_mark", "mark"), ("gone", "card"), ("come", "card")],
)  # fmt: skip
def test_text_can_be_read_on_its_ground(palette: dict[str, str], text: str, ground: str) -> None:
    darker, lighter = sorted((luminance(palette[text]), luminance(palette[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG AA


# -- against everybody ------------------------------------------------------------------------------------------------

NASTY = (
    *(
        "<script>alert(1)</script>",
        "<!channel>",
        "<@U1>",
        "<!subteam^S1>",
        "<https://evil.example|bank.example>",
        "&amp;lt;",
    ),
    *('" onmouseover="x', "'><img src=x onerror=x>", "]]>", "<!--", "{{ 7*7 }}", "{% raw %}", "</title>", "</style>"),
    *(
        "\r\nBcc: x@evil.example",
        "\u2028",
        "\u202egnp.exe",
        "\x00",
        "\ud800",
        "=?utf-8?q?x=0D=0ABcc:_e=40e?=",
        "```",
        "*",
        "_",
    ),
)
nasty = st.one_of(
    st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join),
    st.text(max_size=60),
    st.text("<>&|\"'*_~`", max_size=30),
)
BAD_URLS = (
    *("javascript:alert(1)", "java\nscript:alert(1)", "//evil.example", "https://bank.example@evil.example/"),
    *("https://a.example\\@evil.example", "https://a.example/<!channel>|x", 'https://a.example/"onclick="x'),
    "https://a.example/a?b&c",
)
urls = st.one_of(
    st.sampled_from(BAD_URLS),
    nasty.map("https://a.example/".__add__),
    nasty,
)


@st.composite
def hostile_hits(draw: st.DrawFn) -> Hit:
    title, sentence, clause = draw(nasty), draw(nasty), draw(nasty)
    start = draw(st.integers(0, len(sentence)))
    end = draw(st.integers(start, len(sentence)))
    spans = (
        Span("title", 0, min(3, len(title)), title[:3], clause),
        Span("text", 5 + start, 5 + end, sentence[start:end], f"entity:{clause}"),
    )
    near = Resemblance(score=0.5, similarity=0.4, terms=(draw(nasty), draw(nasty)), tier="core")
    match = Match(
        watchlist_id="w", kind=draw(st.sampled_from(["match", "possible", "related"])), score=0.5, spans=spans,
        sentence=Passage(field="text", start=5, end=5 + len(sentence), text=sentence),
        resemblance=draw(st.sampled_from([None, near])),
    )  # fmt: skip
    article = Article(url=draw(urls), title=title, text="12345" + sentence, language=draw(nasty))
    stored = StoredArticle(id=1, article=article, source_id="s", stored_at=datetime(2026, 11, 23, 5, tzinfo=UTC))
    return Hit(match=match, article=stored, source_name=draw(nasty))


@st.composite
def hostile_digests(draw: st.DrawFn) -> Digest:
    watchlist = replace(WATCHLIST, name=draw(nasty), owner=draw(nasty), id=draw(nasty))
    failing = (FailingSource(name=draw(nasty), since=None, reason=draw(nasty)),)
    coverage: Coverage = replace(COVERAGE, failing=failing)
    hits = tuple(draw(st.lists(hostile_hits(), max_size=3)))
    return replace(DIGEST, watchlist=watchlist, coverage=coverage, stories=told(*hits))


def links(message: Digest) -> set[str | None]:
    return {web_link(story.hit.article.article.url) for story in message.stories}


def vocabulary(page: HtmlElement) -> tuple[set[str], set[str]]:
    """The elements with their attributes' names; and the values of all attributes that only the template may write."""
    elements = {f"{element.tag} {sorted(set(element.keys()) - {'lang'})}" for element in page.iter()}
    values = {value for element in page.iter() for name, value in element.items() if name not in {"href", "lang"}}
    return elements, values


WRITTEN = (
    *(*EXAMPLES.values(), digests.LIMITS, digests.EMPTY_WITH_FAILURES),
    replace(
        digests.RICH, already_there=ALREADY_THERE, stories=told(hit("bank.example"), hit("x", "y", kind="related"))
    ),
)
VOCABULARIES = [vocabulary(html.document_fromstring(render_html(message))) for message in WRITTEN]
ELEMENTS = {element for elements, _ in VOCABULARIES for element in elements}
VALUES = {value for _, values in VOCABULARIES for value in values}


@settings(max_examples=150)
@given(hostile_digests())
def test_a_page_has_no_element_attribute_or_address_that_its_template_did_not_write(message: Digest) -> None:
    page = html.document_fromstring(render_html(message))
    elements, values = vocabulary(page)
    assert elements <= ELEMENTS
    assert values <= VALUES
    assert {link.get("href") for link in page.iter("a")} <= links(message)
    assert all(re.fullmatch(r"[a-zA-Z-]+[a-zA-Z0-9-]*", e.get("lang")) for e in page.iter() if e.get("lang"))


@settings(max_examples=100)
@given(hostile_digests())
def test_a_page_shows_every_title_letter_by_letter(message: Digest) -> None:
    shown = " ".join(html.document_fromstring(render_html(message)).text_content().split())
    for story in message.stories:
        title = " ".join(on_its_own(plain(story.hit.article.article.title)).split())
        assert title in shown, "but for a mark at its start, which would join what stands in front of it"


@settings(max_examples=100)
@given(hostile_digests())
def test_slack_acts_on_nothing_but_our_links(message: Digest) -> None:
    for payload in render_slack(message):
        assert problem_of(json.dumps(payload).encode()) == ""
        for control in (control for text in texts(payload) for control in controls(text)):
            link, _, label = control.partition("|")
            assert link.replace("&amp;", "&") in links(message)
            assert label
        for text in texts(payload):
            assert re.fullmatch(r"([^&]|&amp;|&lt;|&gt;)*", text)


@settings(max_examples=100)
@given(hostile_digests())
def test_plain_text_has_no_control_characters_and_keeps_to_its_columns(message: Digest) -> None:
    text = render_text(message)
    assert all(unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"} for char in text.replace("\n", ""))
    assert all(cell_len(line) <= 72 or line.strip() in links(message) for line in text.splitlines())


def test_the_worst_of_everything_stays_within_slacks_limits() -> None:
    words = ("&" * 7 + " ") * 2_000
    worst = hit("{" + words + "|" + words + "}", "{&|&}<" * 300, url="https://a.example/?" + "&" * 1_900, source=words)
    message = replace(DIGEST, stories=told(*((worst,) * 30)), watchlist=replace(WATCHLIST, name=words, owner=words))
    for payload in render_slack(message):
        assert problem_of(json.dumps(payload).encode()) == ""
        assert len(json.dumps(payload, ensure_ascii=False)) <= 10_000
    shown = "".join(text for payload in render_slack(message) for text in texts(payload))
    assert shown.count("its address is too long for Slack") == 30


@pytest.mark.parametrize(
    ("published", "zone"),
    [("0001-01-01T00:00+00:00", "America/New_York"), ("9999-12-31T23:00+00:00", "Asia/Tokyo")],
)
def test_a_page_of_an_impossible_year_is_told_with_the_rest(published: str, zone: str) -> None:
    strange = replace(HITS[0].article.article, published=datetime.fromisoformat(published))
    hits = (replace(HITS[0], article=replace(HITS[0].article, article=strange)), *HITS[1:])
    message = replace(DIGEST, stories=told(*hits), slot=DIGEST.slot.astimezone(ZoneInfo(zone)))
    assert f" {strange.published:%b} {int(published[:4])}, " in render_text(message)


def test_a_long_title_without_a_hit_is_cut_at_its_end() -> None:
    assert "1. The first words" in render_text(
        replace(ALERT, story=one(hit("The first words " + "and more " * 100, "{law|law}")))
    )


@given(nasty, nasty)
def test_a_subject_is_one_line(name: str, title: str) -> None:
    message = replace(ALERT, watchlist=replace(WATCHLIST, name=name), story=one(hit(title.replace("{", "("))))
    assert subject(message) == plain(subject(message))


def test_a_link_that_is_none_is_said_and_not_linked() -> None:
    message = replace(ALERT, story=one(hit("A title", url="javascript:alert(1)")))
    for shown in forms(message).values():
        assert "its address is not a plain web link and was left out" in shown
        assert "javascript" not in shown


def test_a_title_that_names_another_host_is_not_the_label_of_the_link() -> None:
    message = replace(ALERT, story=one(hit("https://bank.example/login", url="https://news.example/a")))
    (link,) = html.document_fromstring(render_html(message)).iter("a")
    assert (link.text, link.get("href")) == ("Read on news.example", "https://news.example/a")
    assert "<https://news.example/a|Read on news.example>" in render_slack(message)[0]["blocks"][2]["text"]["text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("R&D <!channel> >", "R&amp;D &lt;!channel&gt; &gt;"), ("*bold* snake_case ~x~ `y`", "∗bold∗ snake_case ∼x∼ ˋyˋ")],
)
def test_slacks_escapes(text: str, expected: str) -> None:
    assert escaped(text, 3_000) == expected


@given(st.text("<>&ab", max_size=60), st.integers(1, 50))
def test_slack_texts_are_cut_between_escapes(text: str, at_most: int) -> None:
    cut = escaped(text, at_most)
    assert len(cut) <= at_most
    assert re.fullmatch(r"([^&]|&amp;|&lt;|&gt;)*", cut)
    assert cut == escaped(text) or cut.endswith("…")


def test_a_digest_of_one_more_than_it_shows_says_so() -> None:
    assert "and 5 more: newsvane preview china-cyber-law --all" in render_text(replace(DIGEST, max_items=1))
    assert shorten(DIGEST.watchlist.name, 120) in render_text(replace(DIGEST, max_items=1))
