"""What of an article counts as a change, and what of a page is no article any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.changes import Change, change_between, doubt
from crawler.domain import Article

BODY = """\
The port of Rotterdam was shut on Monday after a crane fell into the harbour.
Nobody was hurt, its operator said, and ships were sent to Antwerp.
It is to open again on Wednesday, when divers have looked at the quay."""
BEFORE = Article(
    url="https://harbour.example/a", title="Port of Rotterdam shut", lead="A crane fell.", text=BODY, language="en"
)

NO_CHANGE = {
    "nothing": BODY,
    "spaces": BODY.replace(" ", "  ").replace("\n", "\n\n"),
    "quotes and dashes": BODY.replace("Nobody was hurt, its", "“Nobody was hurt”, its"),
    "a time that runs": f"Updated 5 minutes ago\n{BODY}",
    "a time of update": f"Last updated: 24 November 2026, 10:15\n{BODY}",
    "a German one": f"Aktualisiert am 24.11.2026\n{BODY}",
    "a counter": f"{BODY}\n128 comments",
    "an advertisement": BODY.replace("\n", "\nAdvertisement\n", 1),
    "another article": f"{BODY}\nRead more: Ten harbours to see before you die",
    "a Chinese time": f"3分钟前更新\n{BODY}",
}


@pytest.mark.parametrize("text", NO_CHANGE.values(), ids=NO_CHANGE.keys())
def test_this_is_no_change(text: str) -> None:
    assert change_between(BEFORE, replace(BEFORE, text=text)) is None
    assert change_between(replace(BEFORE, text=text), BEFORE) is None


def test_paragraphs_are_counted_as_added_removed_and_changed() -> None:
    first, second, third = BODY.split("\n")
    text = "\n".join((first.replace("Monday", "Tuesday"), third, "Two more cranes are to be looked at."))
    assert change_between(BEFORE, replace(BEFORE, text=text)) == Change(added=1, removed=1, changed=1)
    assert second not in text


def test_a_number_in_a_sentence_is_a_change() -> None:
    one = replace(BEFORE, text="At least 12 people died in the fire, the police said.")
    assert change_between(one, replace(one, text="At least 15 people died in the fire, the police said.")) == Change(
        changed=1
    )


def test_a_headline_is_told_from_and_to() -> None:
    change = change_between(BEFORE, replace(BEFORE, title="Port of Rotterdam to open on Wednesday"))
    assert change == Change(title=("Port of Rotterdam shut", "Port of Rotterdam to open on Wednesday"))


def test_a_first_paragraph_taken_for_the_lead_is_no_change() -> None:
    first, rest = BODY.split("\n", 1)
    bare = replace(BEFORE, lead="")
    assert change_between(bare, replace(bare, lead=first, text=rest)) is None
    assert change_between(replace(bare, lead=first, text=rest), bare) is None


CORRECTIONS = {
    "English": "Correction: an earlier version of this article named the wrong port.",
    "English, dated": "Correction, November 24: The crane belonged to the city.",
    "English, in a sentence": "This article has been corrected to say that the crane belonged to the city.",
    "editor's note": "Editor’s note: the second paragraph was changed.",
    "German": "Korrektur vom 24. November: Der Kran gehörte der Stadt.",
    "German, other": "In einer früheren Version hieß es, der Kran gehöre der Stadt.",
    "German, third": "Berichtigung: Der Kran gehörte der Stadt.",
    "French": "Rectificatif : la grue appartenait à la ville.",
    "Spanish": "Fe de errores: la grúa pertenecía a la ciudad.",
    "Italian": "Errata corrige: la gru apparteneva alla città.",
    "Chinese": "更正：起重机属于该市。",
    "Japanese": "訂正：クレーンは市のものでした。",
}


@pytest.mark.parametrize("words", CORRECTIONS.values(), ids=CORRECTIONS.keys())
def test_this_calls_itself_a_correction(words: str) -> None:
    change = change_between(BEFORE, replace(BEFORE, text=f"{BODY}\n{words}"))
    assert change is not None
    assert change.correction
    again = change_between(replace(BEFORE, text=f"{BODY}\n{words}"), replace(BEFORE, text=f"{BODY} So.\n{words}"))
    assert again is not None
    assert not again.correction, "it was there before"


def test_a_correction_of_the_market_is_none() -> None:
    change = change_between(BEFORE, replace(BEFORE, text=f"{BODY}\nCorrections in the market deepened all week long."))
    assert change == Change(added=1)


WALL = "We value your privacy. Please accept our cookies to read on."

DOUBTS = {
    "a wall": (replace(BEFORE, text=BODY, flags=frozenset({"consent-wall"})), "flagged consent-wall"),
    "an empty page": (replace(BEFORE, text=""), "no text"),
    "a wall that nobody recognised": (replace(BEFORE, text=WALL), "not a paragraph of the article"),
    "a teaser": (replace(BEFORE, text=BODY.split("\n", maxsplit=1)[0]), "less than a third"),
    "the front page": (
        replace(BEFORE, url="https://harbour.example/", text=f"{WALL}\n" * 20),
        "leads to https://harbour.example/",
    ),
}


@pytest.mark.parametrize(("after", "why"), DOUBTS.values(), ids=DOUBTS.keys())
def test_this_is_not_the_article_any_more(after: Article, why: str) -> None:
    long = replace(BEFORE, text=BODY + "\n" + "The quay is a hundred years old. " * 20)
    assert why in doubt(long, after)


def test_an_edited_article_is_believed_and_so_is_one_whose_page_is_there_at_last() -> None:
    assert not doubt(BEFORE, replace(BEFORE, text=f"{BODY}\nMore."))
    assert not doubt(replace(BEFORE, text="", flags=frozenset({"no-body"})), BEFORE)
    assert not doubt(BEFORE, replace(BEFORE, text="All was different. " * 30)), "longer, and written anew"
