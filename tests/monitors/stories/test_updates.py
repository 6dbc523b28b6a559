"""What an edit changes of a match, for every way in which both may change, and which passages show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest

from crawler.changes import change_between
from crawler.domain import Article, StoredArticle
from monitors.domain import Match, Passage, Span
from monitors.stories.updates import Changed, Edit, surest, update_kinds

if TYPE_CHECKING:
    from crawler.changes import Change
    from monitors.domain import Diff, MatchKind

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
FILL = "The council met until long after midnight, and those who came out had little to say to the reporters."
WAS = Article(
    url="https://harbour.example/1", title="Port stays open", text=f"{FILL}\nThe crane stands.\n{FILL} It ended."
)


def match(word: str = "crane", kind: MatchKind = "match") -> Match:
    return Match(
        watchlist_id="cranes",
        kind=kind,
        score=0.5,
        sentence=Passage(field="text", start=0, end=len(word), text=word),
        spans=(Span("text", 0, len(word), word, word), Span("author", 0, 0, "council", "author:council")),
    )


MATCHES = {"none": None, "related": match(kind="related"), "possible": match(kind="possible"), "sure": match()}
SURENESS = {"none": 0, "related": 0, "possible": 1, "sure": 2}
HEADLINE, CORRECTION = "Port is shut", "Correction: it was not the crane."


def edited(title: str = WAS.title, text: str = WAS.text) -> Article:
    return replace(WAS, title=title, text=text)


CHANGES: dict[str, Change | None] = {
    "none": None,
    "text": change_between(WAS, edited(text=f"{WAS.text}\nNobody was hurt.")),
    "headline": change_between(WAS, edited(title=HEADLINE)),
    "correction": change_between(WAS, edited(text=f"{WAS.text}\n{CORRECTION}")),
    "both": change_between(WAS, edited(title=HEADLINE, text=f"{WAS.text}\n{CORRECTION}")),
}


@pytest.mark.parametrize(("before", "known", "after"), list(product(MATCHES, MATCHES, MATCHES)))
@pytest.mark.parametrize("change", CHANGES)
def test_every_way_a_match_may_change(before: str, known: str, after: str, change: str) -> None:
    kinds = update_kinds(before=MATCHES[before], known=MATCHES[known], after=MATCHES[after], change=CHANGES[change])
    is_more = SURENESS[after] > max(SURENESS[before], SURENESS[known])
    assert ("gained" in kinds) == is_more, "by the edit, and news to readers"
    was_there = bool(SURENESS[before] and SURENESS[known])
    assert ("lost" in kinds) == (not SURENESS[after] and was_there), "by the edit, and known to readers"
    still_known = SURENESS[after] > 0 and SURENESS[after] <= SURENESS[known]
    assert ("headline" in kinds) == (still_known and change in {"headline", "both"})
    assert ("correction" in kinds) == (still_known and change in {"correction", "both"})


def told(diffs: tuple[Diff, ...]) -> list[str]:
    marks = {"same": "{}", "gone": "[-{}-]", "come": "{{+{}+}}"}
    return ["".join(marks[what].format(text) for text, what in diff) for diff in diffs]


def changed(after: Article, before: Article = WAS) -> Changed:
    stored = StoredArticle(id=1, article=after, source_id="harbour", stored_at=NOW)
    edit = Edit(article=stored, before=before, at=NOW, version=1, sources=("harbour",))
    return Changed.of(edit, change_between(before, after))


def test_what_was_gained_shows_the_headline_and_the_passage_with_the_word_first() -> None:
    after = edited(HEADLINE, f"{FILL} One.\nThe crane stands.\n{FILL} It ended.\nThe lock is shut.\nA bridge fell.")
    diffs = changed(after).diffs(None, match("bridge"))["gained"]
    assert told(diffs)[:2] == ["Port [-stays open-]{+is shut+}", "{+A bridge fell.+}"]
    assert len(diffs) == 4


def test_what_was_lost_shows_what_is_gone() -> None:
    after = edited(text=f"{FILL} One.\nThe truck stands.\n{FILL} It ended.")
    diffs = changed(after).diffs(match(), None)
    assert list(diffs) == ["lost"]
    assert told(diffs["lost"])[0] == "The [-crane-]{+truck+} stands."


def test_what_becomes_related_was_lost_and_what_was_related_is_gained() -> None:
    after = edited(text=f"{FILL} One.\nThe truck stands.\n{FILL} It ended.")
    assert list(changed(after).diffs(match(), match("truck", "related"))) == ["lost"]
    gained = changed(after).diffs(match("crane", "related"), match("truck"))
    assert told(gained["gained"])[0] == "The [-crane-]{+truck+} stands."
    assert changed(edited(HEADLINE)).diffs(match(kind="related"), match(kind="related")) == {}


@pytest.mark.parametrize(
    ("kinds", "preferred", "expected"),
    [
        ({}, "wire", None),
        ({"harbour": "related", "wire": "match"}, "harbour", "wire"),
        ({"harbour": "possible", "wire": "match"}, None, "wire"),
        ({"harbour": "match", "wire": "match"}, "wire", "wire"),
        ({"harbour": "match", "wire": "match"}, "gone", "harbour"),
        ({"harbour": "related"}, None, "harbour"),
    ],
)
def test_of_several_sources_the_surest_counts(
    kinds: dict[str, MatchKind], preferred: str | None, expected: str | None
) -> None:
    assert surest({source: match(kind=kind) for source, kind in kinds.items()}, preferred) == expected


def test_a_correction_shows_its_note_first_and_the_headline_is_told_beside_it() -> None:
    after = edited(HEADLINE, f"{FILL} One.\nThe crane stood.\n{FILL} It ended.\n{CORRECTION}")
    diffs = changed(after).diffs(match(), match())
    assert told(diffs["headline"]) == ["Port [-stays open-]{+is shut+}"]
    assert told(diffs["correction"])[0] == f"{{+{CORRECTION}+}}"
    assert len(diffs["correction"]) == 3


def test_a_new_headline_alone_shows_what_else_was_changed() -> None:
    after = edited(HEADLINE, f"{FILL} One.\nThe crane stood.\n{FILL} It ended.")
    shown = told(changed(after).diffs(match(), match())["headline"])
    assert shown[0] == "Port [-stays open-]{+is shut+}"
    assert len(shown) == 3


def test_what_changes_by_itself_is_not_shown() -> None:
    before = replace(WAS, text=f"12 comments\n{WAS.text}\nUpdated 5 minutes ago")
    after = replace(before, text=f"14 comments\n{WAS.text}\nNobody was hurt.\nUpdated 9 minutes ago")
    assert told(changed(after, before).diffs(None, match("hurt"))["gained"]) == ["{+Nobody was hurt.+}"]


def test_a_lead_that_was_only_taken_for_text_is_no_change() -> None:
    before = replace(WAS, lead="Ships wait.", text=WAS.text)
    after = replace(WAS, text=f"Ships wait.\n{WAS.text}\nNobody was hurt.")
    assert told(changed(after, before).diffs(None, match("hurt"))["gained"]) == ["{+Nobody was hurt.+}"]
