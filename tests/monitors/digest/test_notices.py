"""Notices about the sources, in all forms of a message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from stand_ins.messages import ZURICH

from monitors.digest.render import render_html, render_slack, render_text, subject
from monitors.domain import Notice, Outage, SourceNews

AT = datetime(2026, 11, 23, 7, 0, tzinfo=ZURICH)
BROKEN = SourceNews(
    id="harbour",
    name="The Harbour Ledger",
    url="https://harbour.example/feed",
    state="failing",
    since=AT - timedelta(hours=9),
    why="HTTP 404",
    kind="http-404",
)
MENDED = replace(BROKEN, id="wire", name="Wire", state="ok", why="")
HOSTILE = replace(BROKEN, name="<!channel> <b>Free</b>\r\nBcc: x@example.org", why="<script>alert(1)</script> *bold*")


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        (Notice(at=AT, broken=(BROKEN,)), "Newsvane: The Harbour Ledger cannot be read"),
        (Notice(at=AT, recovered=(MENDED,)), "Newsvane: Wire is well again"),
        (
            Notice(at=AT, broken=(BROKEN, BROKEN), recovered=(MENDED,)),
            "Newsvane: 2 sources in trouble, 1 source well again",
        ),
        (Notice(at=AT, outage=Outage(since=AT, until=None, sources=9)), "Newsvane: no source can be reached"),
        (Notice(at=AT, outage=Outage(since=AT, until=AT, sources=9)), "Newsvane: the sources can be reached again"),
    ],
    ids=["broken", "recovered", "many", "outage", "over"],
)
def test_the_subject_says_what_happened(notice: Notice, told: str) -> None:
    assert subject(notice) == told


@pytest.mark.parametrize("render", [render_text, render_html, lambda one: json.dumps(render_slack(one))])
def test_every_form_says_what_since_when_and_what_to_do(render: object) -> None:
    told = render(Notice(at=AT, broken=(BROKEN,)))  # type: ignore[operator]
    for words in ("The Harbour Ledger cannot be read", "Since Sun 22 Nov, 22:00: HTTP 404", "To do: look for its new"):
        assert words in told


def test_what_a_site_sends_stays_text() -> None:
    notice = Notice(at=AT, broken=(HOSTILE,))
    assert "\n" not in subject(notice)
    assert "<script>" not in render_html(notice)
    assert "<!channel>" not in json.dumps(render_slack(notice))


def test_very_many_sources_are_counted() -> None:
    notice = Notice(at=AT, broken=(BROKEN,) * 2_000)
    assert "and 1,950 more: newsvane sources" in render_text(notice)
    assert len(render_html(notice).encode()) < 98_000


def test_an_outage_says_how_long_it_lasted() -> None:
    over = Outage(since=AT - timedelta(hours=3), until=AT, sources=700)
    told = " ".join(render_text(Notice(at=AT, outage=over)).split())
    assert "Since Mon 23 Nov, 04:00 and until Mon 23 Nov, 07:00 (3 hours) no source could be reached." in told
