"""CSV as a program and a spreadsheet read it: every article, and nothing that would run (D06)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from stand_ins.hostile import FAST, digests, texts
from stand_ins.messages import DIGEST, hit, one
from stand_ins.messages import told as stories_of

from monitors.digest.as_csv import COLUMNS, as_csv, cell
from monitors.digest.inert import plain, web_link
from monitors.domain import Carrier, Digest, Resemblance

DANGEROUS = "=+-@|%\t\r\n＝＋－＠﹦﹢﹣﹫⁺⁻−"


def read(written: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))


def is_sign(char: str) -> bool:
    return unicodedata.normalize("NFKC", char)[:1] in {*"=+-@|%−"}


def as_before(text: str) -> str:
    """Take the disarming quotes out again: each stands before a sign, behind the start or a semicolon, and quotes."""
    armed = re.compile(r"((?:\A|;)[\s\"'“”‘’]*)'([^\w\s;])")
    return armed.sub(lambda found: found[1] + found[2] if is_sign(found[2]) else found.group(), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=HYPERLINK("https://evil.example","x")', '\'=HYPERLINK("https://evil.example","x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", " '=1"),
        ("\r\n=1", " '=1"),
        ("\u200b=1", "'=1"),
        ("＝1", "'＝1"),
        ("－1", "'－1"),
        ("﹫x", "'﹫x"),
        ("−1", "'−1"),
        ('"=1', "\"'=1"),
        ("|calc", "'|calc"),
        ("a;=1", "a;'=1"),
        (";;=1;-;+", ";;'=1;'-;'+"),
        ('a; "+1"', 'a; "\'+1"'),
        ("a = b, c-d; e", "a = b, c-d; e"),
        ("“Quoted”; then", "“Quoted”; then"),
        ("", ""),
    ],
)
def test_a_cell_that_would_be_a_formula_is_text(text: str, expected: str) -> None:
    assert cell(text) == expected


def test_a_line_an_article_with_what_the_spreadsheet_is_for() -> None:
    copy = Carrier(
        source_name="Wire", title="The same", url="https://wire.example/1", at=datetime(2026, 11, 23, 4, tzinfo=UTC)
    )
    shown = hit("A {law|law} is passed", "It is a {law|law}.", url="https://news.example/a")
    other = hit("=1+1", url="javascript:alert(1)", published=None, kind="possible")
    story = replace(one(shown), id=7, copies=(copy,), others=(other,))
    written = as_csv(replace(DIGEST, stories=(story,)))
    assert written.startswith('\ufeff"story","copy_of"')
    assert [list(row.values()) for row in read(written)] == [
        ["7", "", "match", "0.800", "2026-11-23 06:12+01:00", "The Example", "A law is passed", "https://news.example/a",
         "It is a law.", "law", "china-cyber-law", "", ""],
        ["7", "https://news.example/a", "copy", "", "2026-11-23 05:00+01:00", "Wire", "The same",
         "https://wire.example/1", "", "", "china-cyber-law", "", ""],
        ["7", "", "possible", "0.800", "", "The Example", "'=1+1", "", "'=1+1", "", "china-cyber-law", "", ""],
    ]  # fmt: skip


def test_all_that_is_related_is_there_with_what_it_is_related_by() -> None:
    near = Resemblance(score=0.7, similarity=0.4, terms=("=1+1", "law"), tier="core")
    stories = stories_of(*(hit(f"Story {number}", kind="related", near=near) for number in range(5)))
    rows = read(as_csv(replace(DIGEST, stories=stories, max_related=3)))
    assert [row["title"] for row in rows] == [f"Story {number}" for number in range(5)]
    assert {(row["kind"], row["similarity"], row["words"]) for row in rows} == {("related", "0.400", "'=1+1 | law")}


@FAST
@given(digests())
def test_every_article_is_read_back_and_no_cell_is_a_formula(digest: Digest) -> None:
    written = as_csv(digest)
    rows = read(written)
    assert written.count("\r\n") == len(rows) + 1
    assert "\n" not in written.replace("\r\n", "")
    carriers = [(story, told) for story in digest.stories for told in (story.hit, *story.copies, *story.others)]
    assert len(rows) == len(carriers)
    for row, (story, told) in zip(rows, carriers, strict=True):
        assert list(row) == list(COLUMNS)
        title, url = (told.title, told.url) if isinstance(told, Carrier) else (
            told.article.article.title, told.article.article.url,
        )  # fmt: skip
        assert (row["story"], row["url"]) == (str(story.id), web_link(url) or "")
        assert as_before(row["title"]) == plain(title)
        assert as_before(row["source"]) == plain(told.source_name)


@settings(max_examples=300)
@given(texts())
def test_no_cell_begins_with_what_a_spreadsheet_runs(text: str) -> None:
    done = cell(text)
    for part in done.split(";"):
        start = part.strip().lstrip('"“”‘’ ')
        assert not start.startswith(tuple(DANGEROUS))
        assert not is_sign(start[:1])
    assert as_before(done) == plain(text)
