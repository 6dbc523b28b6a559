"""What every form of a digest or an alert tells of stories: copies, other articles, edits, and whether they are new."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree, html
from stand_ins import digests
from stand_ins.digests import EDITED, FAR_ABOVE, FOLLOWED, LEAD, LOST, QUIET, RICH, TREND, carrier, numbered
from stand_ins.messages import HITS, hit, one, told
from stand_ins.slack import texts

from monitors.digest.as_atom import ATOM, as_atom
from monitors.digest.as_chat import as_chat
from monitors.digest.pieces import of_diff, unmarked
from monitors.digest.render import render_html, render_slack, render_text, subject
from monitors.digest.trend_view import trend_view
from monitors.digest.words import far_above, today
from monitors.domain import Again, Alert, Coverage, Diff, Digest, Message, Pause, Resemblance, Story, Tier

FORMS = ("text", "html", "slack")
ALL_FORMS = (*FORMS, "chat", "atom")


def form(message: Message, name: str) -> str:
    """Return what a reader sees of a form, on one line, links by their labels."""
    match name:
        case "text":
            shown = render_text(message)
        case "html":
            shown = html.document_fromstring(render_html(message)).find("body").text_content()
        case "chat":
            shown = "\n".join(part.body for part in as_chat(message, "text", most_in_body=3_000, most_in_title=200))
        case "atom":
            content = etree.fromstring(as_atom(message, message_id="1")).findtext(f".//{{{ATOM}}}content")
            shown = html.fromstring(f"<div>{content}</div>").text_content()
        case _:
            slack = "\n".join(text for payload in render_slack(message) for text in texts(payload))
            shown = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", slack).replace("\u200b", "")
    return " ".join(shown.split())


def digest(*stories: Story, **others: object) -> Digest:
    return replace(RICH, **({"stories": numbered(*stories), "repeats": 0, "trend": None} | others))  # type: ignore[arg-type]


# -- copies and other articles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_copies_are_counted_and_who_had_it_first_is_said(name: str) -> None:
    shown = form(digest(LEAD), name)
    assert "+14 copies: The Ledger (first, 06:12), Kurier, Nordwire, Harbour Post, Tagblatt am See and 9 more" in shown
    assert "1 story, from 18 articles" in shown


@pytest.mark.parametrize("name", FORMS)
def test_where_the_article_shown_was_first_that_is_said(name: str) -> None:
    assert "+1 copy: Nordwire; Asia Business Daily had it first" in form(digest(FOLLOWED), name)


@pytest.mark.parametrize("name", FORMS)
def test_who_carried_it_twice_is_named_once(name: str) -> None:
    copies = tuple(carrier("Kurier", number, path=f"{number}") for number in range(3))
    assert "+3 copies: Kurier; " in form(digest(replace(FOLLOWED, copies=copies)), name)


@pytest.mark.parametrize("name", FORMS)
def test_a_day_stands_beside_the_first_where_it_is_another(name: str) -> None:
    first = replace(carrier("Kurier", 0), at=datetime(2026, 11, 21, 9, 15, tzinfo=UTC))
    shown = form(digest(replace(LEAD, copies=(first,), first=first)), name)
    assert "+1 copy: Kurier (first, Sat 21 Nov, 10:15)" in shown


@pytest.mark.parametrize("name", FORMS)
def test_other_articles_stand_under_the_story_in_the_language_they_are_in(name: str) -> None:
    assert "What the new cyber law of China means for foreign clouds" in form(digest(LEAD), name)
    page = html.document_fromstring(render_html(digest(LEAD)))
    (chinese,) = page.xpath("//p[@lang='zh']")
    assert chinese.text_content() == HITS[1].article.article.title


@pytest.mark.parametrize("name", FORMS)
def test_one_that_is_only_possible_says_so_among_others_too(name: str) -> None:
    shown = form(digest(replace(LEAD, others=(HITS[5], HITS[1]))), name)
    assert "Tue 30 Dec 2025, 10:00 · a possible mention" in shown
    assert shown.count("possible mention") == 1


def test_plain_text_has_all_of_them_and_the_page_says_how_many_are_left_out() -> None:
    many = digest(replace(LEAD, others=tuple(HITS[n % 5] for n in range(40))))
    assert render_text(many).count("   - ") == 40
    assert "and 34 more articles on it" in form(many, "html")
    assert "and 34 more articles on it" in form(many, "slack")


@pytest.mark.parametrize("name", FORMS)
def test_copies_of_what_was_told_are_counted(name: str) -> None:
    assert "12 more copies of stories you were told before." in form(RICH, name)
    assert "1 more copy of stories you were told before." in form(replace(digests.EMPTY, repeats=1), name)


# -- what is only related ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL_FORMS)
def test_what_is_related_stands_below_with_its_sentence_and_by_what_it_is_related(name: str) -> None:
    shown = form(digests.MEANT, name)
    assert shown.index("Dredgers wait") < shown.index("Related") < shown.index("Hyperscalers weigh leaving")
    assert re.search(r"storing all \*{0,2}customer data\*{0,2} inside the country", shown)
    assert "Related: similarity .43; words: mainland, operators, rules, data · story 4" in shown
    assert "Related: similarity .39; words: 互联网, 数据 · story 5" in shown
    assert "2 more related stories left out." in shown
    assert "2 stories, 1 possible story and 3 related stories" in shown
    assert shown.count("What is related is sought by words and word vectors (concepts: core).") == 1


@pytest.mark.parametrize("name", ALL_FORMS)
def test_where_there_is_nothing_else_that_is_said_first(name: str) -> None:
    shown = form(digests.ONLY_RELATED, name)
    first = shown.rindex("Hyperscalers weigh")  # a mail program shows it beside the subject as well
    assert shown.index("Nothing new") < shown.index("none of them matched.") < first
    assert shown.index("Foreign firms") < shown.index("1 more related story left out.")
    assert "3 related stories" in shown


@pytest.mark.parametrize("name", FORMS)
def test_an_article_of_a_story_that_is_only_related_says_so(name: str) -> None:
    shown = form(digest(replace(LEAD, others=(digests.RELATED,))), name)
    assert "Sun 22 Nov, 20:30 · related" in shown
    assert "Related:" not in shown
    assert "(concepts: core)" in shown


@pytest.mark.parametrize(
    ("near", "said"),
    [
        (Resemblance(score=0.6, similarity=0, terms=("law", "data"), tier="terms"), "Related: words: law, data"),
        (Resemblance(score=0.6, similarity=1, terms=(), tier="semantic"), "Related: similarity 1.00 ·"),
        (Resemblance(score=0.6, similarity=0, terms=(), tier="terms"), "Related: score .60 ·"),
        (
            Resemblance(score=0.6, similarity=0.5, terms=(*"abcdefg", "h" * 90), tier="core"),
            "Related: similarity .50; words: a, b, c, d, e, f ·",
        ),
    ],
    ids=["by words alone", "by vectors alone", "by nothing that could be told", "by many words"],
)
def test_by_what_it_is_related(near: Resemblance, said: str) -> None:
    shown = form(digest(one(hit("Title", kind="related", near=near))), "text")
    assert said in shown
    assert f"(concepts: {near.tier})" in shown


@pytest.mark.parametrize(("tier", "said"), [("core", 1), (None, 0)])
def test_a_digest_without_anything_related_says_by_what_it_would_have_been_found(tier: Tier | None, said: int) -> None:
    assert form(replace(digest(LEAD), tier=tier), "text").count("concepts") == said


# -- new or not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_what_was_told_before_says_on_which_day(name: str) -> None:
    assert "told before on fri 20 nov" in form(digest(FOLLOWED), name).lower()
    this_morning = replace(FOLLOWED, told_at=RICH.slot - timedelta(minutes=39))
    assert "told before today at 06:21" in form(digest(this_morning), name).lower()
    assert "told before" not in form(digest(LEAD), name).lower()


@pytest.mark.parametrize(
    ("again", "in_subject", "in_message"),
    [
        ("correction", ", corrected: ", "Told again: it was corrected"),
        ("headline", ", new headline: ", "Told again: it has a new headline"),
        ("new_entity", ", again: ", "Told again: somebody or something else that you watch is named"),
        ("better_tier", ", again: ", "Told again: a source of a better tier has it"),
    ],
)
def test_an_alert_that_comes_again_says_why(again: Again, in_subject: str, in_message: str) -> None:
    alert = Alert(watchlist=RICH.watchlist, at=RICH.slot, story=replace(FOLLOWED, again=again))
    assert subject(alert) == f"China cybersecurity law{in_subject}{FOLLOWED.hit.article.article.title}"
    for name in FORMS:
        assert in_message in form(alert, name)


# -- edits ------------------------------------------------------------------------------------------------------------


def test_what_went_and_what_came_is_told_without_colour_too() -> None:
    edited = digest(EDITED)
    assert "until [-2027-] {+2028+} to pass the audit[-, the regulator said-]." in form(edited, "text")
    assert "until ~2027~ *2028* to pass the audit~, the regulator said~." in form(edited, "slack")
    page = html.document_fromstring(render_html(edited))
    assert "2027" in [gone.text for gone in page.iter("del")]
    assert "2028" in [come.text for come in page.iter("ins")]
    assert {style for gone in page.iter("del") for style in gone.get("style").split(";")} >= {
        "text-decoration:line-through"
    }


@pytest.mark.parametrize("name", FORMS)
def test_an_edit_says_what_it_did_and_when_it_was_seen(name: str) -> None:
    shown = form(digests.UPDATES, name)
    for said in (
        "New headline, seen Sun 22 Nov, 14:05",
        "Corrected, seen Sun 22 Nov, 18:40",
        "Matches since an edit, seen Mon 23 Nov, 05:58",
        "Does not match any more since an edit, seen Sun 22 Nov, 09:01",
    ):
        assert said in shown


def test_what_does_not_match_any_more_is_not_explained_as_if_it_did() -> None:
    for name in FORMS:
        shown = form(digest(LOST), name)
        assert "It matched: “China cybersecurity law”" in shown
        assert "Why:" not in shown


@pytest.mark.parametrize("name", FORMS)
def test_the_latest_edits_are_shown_and_those_before_are_counted(name: str) -> None:
    shown = form(digest(replace(EDITED, updates=EDITED.updates * 4)), name)
    assert "and 5 earlier edits" in shown


def test_of_a_long_passage_the_changes_are_shown_with_what_is_around_them() -> None:
    diff: Diff = (
        ("far " * 500 + "before ", "same"),
        ("old " * 500, "gone"),
        ("new " * 500, "come"),
        (" after", "same"),
    )
    shown = of_diff(diff)
    assert len(unmarked(shown)) <= 701
    assert [mark for text, mark in shown if text.strip("… ")] == ["same", "gone", "come", "same"]
    assert "before" in shown[0][0]
    assert "after" in unmarked(shown)


# -- how much ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_a_day_far_above_the_usual_is_told_at_the_top(name: str) -> None:
    shown = form(digest(LEAD, trend=FAR_ABOVE), name)
    alarm = "Far more than usual: 9 stories today; usual is 2 a day"
    assert shown.index(alarm) < shown.index("The amended")
    assert alarm not in form(digest(LEAD, trend=TREND), name)


def test_in_the_morning_yesterday_is_told_of() -> None:
    busy = replace(TREND, counts=(*TREND.counts[:-2], 11, 1), usual=1.5, yesterday_far_above=True)
    assert far_above(busy) == "Far more than usual yesterday: 11 stories; usual is 1 or 2 a day"


def test_what_is_usual_is_said_as_people_say_it() -> None:
    assert today(TREND) == "3 stories today; usual is 2 a day"
    assert today(QUIET) == "No story today; usually there is none"
    assert today(replace(TREND, counts=(1,), usual=0.5)) == "1 story today; usual is 0 or 1 a day"
    assert today(replace(TREND, usual=None)) == "3 stories today"


@pytest.mark.parametrize("name", ["text", "slack"])
def test_the_days_are_a_sparkline_between_its_ends_with_its_numbers(name: str) -> None:
    shown = form(digest(LEAD, trend=FAR_ABOVE), name)
    assert "10 Nov ▃▂▁▃▃▃▂▄▃▁▂▃▃█ 23 Nov" in shown
    assert "2, 1, 0, 3, 2, 2, 1, 4, 2, 0, 1, 3, 2, 9" in shown


def test_the_bars_carry_their_numbers_as_text() -> None:
    page = html.document_fromstring(render_html(digest(LEAD, trend=FAR_ABOVE)))
    (chart,) = page.find_class("chart")
    numbers = [cell.text_content().strip() for cell in chart.iter("td")]
    assert numbers == [*map(str, FAR_ABOVE.counts), "10 Nov", "23 Nov"]


def test_one_story_among_hundreds_is_still_to_be_seen() -> None:
    view = trend_view(replace(TREND, counts=(0, 1, 900)))
    assert view.sparkline == "▁▂█"
    assert [bar.height > 0 for bar in view.bars] == [False, True, True]


def test_without_any_story_in_two_weeks_there_is_no_chart() -> None:
    assert "Stories a day" not in form(replace(digests.EMPTY, trend=replace(TREND, counts=(0,) * 14)), "text")


# -- nothing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Nothing new. All 60 sources were read, 1,204 articles came in, and none of them matched."),
        ({"articles": 0}, "Nothing new. All 60 sources were read, no new article came in."),
        ({"sources": 1, "sources_due": 1, "sources_read": 1, "articles": 1},
         "Nothing new. The source was read, 1 article came in, and none of them matched."),
        ({"sources_due": 0, "sources_read": 0, "articles": 0}, "Nothing new. No source was due in this time."),
        ({"sources_read": 58}, "Nothing new in what could be read. 58 of 60 sources were read, 1,204 articles came in"),
        ({"pauses": (Pause(since=RICH.slot, until=RICH.slot, why="stopped"),)},
         "1,204 articles came in, and none of them matched. What could not be read stands below."),
    ],
    ids=["all", "quiet", "one", "none due", "not all", "a pause"],
)  # fmt: skip
def test_silence_says_how_sure_it_is(changed: dict[str, object], said: str) -> None:
    coverage: Coverage = replace(digests.EMPTY.coverage, **changed)  # type: ignore[arg-type]
    assert said in form(replace(digests.EMPTY, coverage=coverage), "text")


# -- as messages ------------------------------------------------------------------------------------------------------


def test_beside_the_subject_stand_the_next_headlines() -> None:
    page = html.document_fromstring(render_html(RICH))
    ahead = page.find("body")[0]
    assert "display:none" in ahead.get("style")
    shown = ahead.text_content()
    assert shown.startswith("Far more than usual: 9 stories today")
    assert "Retailer sells its server halls" in shown
    assert "Legislature adopts" not in shown
    assert "Legislature adopts" in subject(RICH)


def test_a_message_to_slack_parts_between_stories() -> None:
    for payload in render_slack(digest(*told(*(HITS[:5] * 20)), max_items=100)):
        kinds = [block["type"] for block in payload["blocks"]]
        sections = [at for at, kind in enumerate(kinds) if kind == "section"]
        assert all(kinds[at + 1] == "context" for at in sections), "a story and its reasons were parted"
        assert len(json.dumps(payload, ensure_ascii=False)) <= 10_000
