"""The feed channel on a real disk: valid Atom whatever the web sends, whole at every moment, one entry for a story."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import feedparser
import pytest
from hypothesis import given
from lxml import etree
from pydantic import ValidationError
from stand_ins.digests import EDITED, FOLLOWED, LEAD, MEANT, RICH
from stand_ins.hostile import FAST, messages
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_ALERT, FIRST_DIGEST, HITS, WATCHLIST, one

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels, feed
from monitors.deliver.channels.feed import Options, deliver, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.digest.as_atom import ATOM, as_atom, file_of, merged
from monitors.digest.inert import plain, web_link
from monitors.domain import Alert, Delivery, Notice, RoundUp, SourceNews, Story
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from monitors.domain import Message

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NOTICE = Notice(
    at=ALERT.at,
    broken=(SourceNews(id="w", name="Wire", url="https://w.example/f", state="failing", since=NOW, why="HTTP 500"),),
)
ROUND_UP = RoundUp(watchlist=WATCHLIST, at=ALERT.at, stories=(LEAD, FOLLOWED), why="quiet", since=ALERT.at)
MESSAGES = [ALERT, FIRST_ALERT, ROUND_UP, DIGEST, FIRST_DIGEST, EMPTY_DIGEST, RICH, MEANT, NOTICE]
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
FILE = "china-cyber-law.atom"


def alert(number: int = 1, *, minutes: int = 0, **others: Any) -> Alert:
    """Return the alert for a story, told so many minutes after the first."""
    story = Story(id=number, hit=HITS[number % 5], **others)
    return Alert(watchlist=WATCHLIST, at=ALERT.at + timedelta(minutes=minutes), story=story)


def send(folder: Path, message: Message, message_id: str = "d1@news.example", **options: Any) -> str:
    chosen = Options.model_validate({"dir": "feeds", **options}, context=SimpleNamespace(folder=folder))
    facilities = Facilities(smtp=Smtp())
    envelope = Envelope(message_id=message_id, date=NOW, recipient="feed")
    (payload,) = render(message, envelope, chosen, facilities)
    delivery = Delivery(
        id=1, channel="feed", recipient="feed", message_id=message_id, payload=payload, queued_at=NOW
    )  # fmt: skip
    return deliver(delivery, chosen, facilities)


def read(folder: Path, name: str = FILE) -> Any:
    """Read a feed as its readers do, after making sure that it is valid."""
    body = (folder / "feeds" / name).read_bytes()
    assert_valid(body)
    return feedparser.parse(body)


def assert_valid(body: bytes) -> None:
    """Hold a feed to RFC 4287: its schema, and what the schema cannot say."""
    tree = etree.fromstring(body)
    SCHEMA.assertValid(tree)
    entries = tree.findall(f"{{{ATOM}}}entry")
    assert entries
    assert tree.find(f"{{{ATOM}}}author") is not None
    assert len({entry.findtext(f"{{{ATOM}}}id") for entry in entries}) == len(entries)
    assert all(entry.find(f"{{{ATOM}}}content") is not None for entry in entries)
    assert feedparser.parse(body).bozo == 0


# -- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_makes_a_valid_feed(tmp_path: Path, message: Message) -> None:
    name = "newsvane-health.atom" if isinstance(message, Notice) else FILE
    assert send(tmp_path, message) == name
    assert read(tmp_path, name).entries


def test_an_entry_tells_a_story_with_its_link_its_sentence_and_why(tmp_path: Path) -> None:
    send(tmp_path, Alert(watchlist=WATCHLIST, at=ALERT.at, story=LEAD))
    found = read(tmp_path)
    (entry,) = found.entries
    assert found.feed.title == "China cybersecurity law"
    assert entry.title == "Legislature adopts stricter Chinese cybersecurity law; fines rise tenfold"
    assert entry.link == "https://asia.example/politics/cyber-law-adopted?edition=asia&page=1"
    assert entry.author == "Asia Business Daily"
    assert entry.summary.startswith("The amended cybersecurity law")
    assert [tag.term for tag in entry.tags] == ["China cybersecurity law", "entity:amazon"]
    assert (entry.published, entry.updated) == ("2026-11-23T05:31:00Z", "2026-11-23T05:21:00Z")
    content = etree.parse(tmp_path / "feeds" / FILE).findtext(f"{{{ATOM}}}entry/{{{ATOM}}}content")
    assert "<mark>cybersecurity law, which China</mark>" in content
    assert "+14 copies" in content
    assert "What the new" in content


def test_an_edited_story_shows_what_went_and_what_came(tmp_path: Path) -> None:
    send(tmp_path, Alert(watchlist=WATCHLIST, at=ALERT.at, story=EDITED))
    content = read(tmp_path).entries[0].content[0].value
    assert "<del>" in content
    assert "<ins>" in content


def test_a_digest_is_one_entry_with_its_receipt(tmp_path: Path) -> None:
    send(tmp_path, RICH)
    (entry,) = read(tmp_path).entries
    assert entry.title.startswith("China cybersecurity law: ")
    assert "What was read" in entry.content[0].value


def test_the_address_of_the_folder_makes_the_feed_name_itself(tmp_path: Path) -> None:
    send(tmp_path, ALERT, url="https://news.example/feeds/")
    links = read(tmp_path).feed.links
    assert [(link.rel, link.href) for link in links] == [("self", "https://news.example/feeds/china-cyber-law.atom")]
    send(tmp_path, alert(2))
    assert "links" not in read(tmp_path).feed


# -- one entry for a story, and the newest ones -----------------------------------------------------------------------


def test_a_story_that_is_told_again_is_the_same_entry_updated(tmp_path: Path) -> None:
    send(tmp_path, alert(1), "a")
    send(tmp_path, alert(2, minutes=1), "b")
    before = read(tmp_path).entries
    send(tmp_path, alert(1, minutes=9, again="correction"), "c")
    after = read(tmp_path).entries
    assert [entry.id for entry in after] == [before[1].id, before[0].id]
    assert after[0].updated > before[1].updated
    assert after[0].published == before[1].published
    assert "Told again: it was corrected" in after[0].content[0].value


def test_a_retry_changes_nothing_and_says_so(tmp_path: Path) -> None:
    send(tmp_path, alert(1))
    send(tmp_path, alert(2, minutes=1))
    file = tmp_path / "feeds" / FILE
    before = file.read_bytes(), file.stat().st_ino
    assert send(tmp_path, alert(1)) == f"{FILE} has it already"
    assert (file.read_bytes(), file.stat().st_ino) == before


def test_a_late_retry_does_not_take_an_update_back(tmp_path: Path) -> None:
    send(tmp_path, alert(1, minutes=5, again="correction"))
    send(tmp_path, alert(1))
    assert "Told again" in read(tmp_path).entries[0].content[0].value


def test_the_newest_are_kept_and_come_first(tmp_path: Path) -> None:
    for number in range(1, 8):
        send(tmp_path, alert(number, minutes=number), f"{number}", max_entries=5)
    entries = read(tmp_path).entries
    assert [entry.updated[14:16] for entry in entries] == ["28", "27", "26", "25", "24"]
    assert read(tmp_path).feed.updated == entries[0].updated


def test_every_watchlist_has_a_file_of_its_own(tmp_path: Path) -> None:
    send(tmp_path, ALERT)
    send(tmp_path, replace(ALERT, watchlist=replace(WATCHLIST, id="网络安全", name="网络安全")))
    assert {file.name for file in (tmp_path / "feeds").glob("*.atom")} == {FILE, "网络安全.atom"}
    assert read(tmp_path, "网络安全.atom").feed.title == "网络安全"


@pytest.mark.parametrize(
    "identity", ["../../etc/passwd", "a/b", "..", ".hidden", "\x00", "a\nb", "CON", "𠀀" * 100, "a" * 300, "a b"]
)
def test_whatever_an_id_is_its_file_lies_in_the_folder(tmp_path: Path, identity: str) -> None:
    name = send(tmp_path, replace(ALERT, watchlist=replace(WATCHLIST, id=identity)))
    assert Path(name).name == name
    assert len(name.encode()) < 250
    assert {file.name for file in (tmp_path / "feeds").iterdir()} == {name, ".newsvane.lock"}
    assert [file.name for file in tmp_path.iterdir()] == ["feeds"]


def test_ids_that_differ_have_files_that_differ() -> None:
    ids = ["a/b", "a_b", "a b", "𠀀" * 100, "𠀀" * 99 + "𠀁"]
    files = {file_of(as_atom(replace(ALERT, watchlist=replace(WATCHLIST, id=one)), message_id="x")) for one in ids}
    assert len(files) == len(ids)


# -- whatever the web sends -------------------------------------------------------------------------------------------


@FAST
@given(messages())
def test_whatever_the_web_sends_the_feed_is_valid_and_acts_on_nobody(message: Message) -> None:
    new = as_atom(message, message_id="d1@news.example")
    body = merged(merged(None, new, address=None, max_entries=100), new, address=None, max_entries=100)
    assert body == merged(None, new, address=None, max_entries=100)
    tree = etree.fromstring(body)
    SCHEMA.assertValid(tree)
    for text in tree.xpath("//a:title/text() | //a:summary/text() | //a:name/text()", namespaces={"a": ATOM}):
        assert text == plain(text)
    for href in tree.xpath("//a:link/@href", namespaces={"a": ATOM}):
        assert href == web_link(href) or (href.endswith(".atom") and "/" not in href)
    for content in tree.xpath("//a:content/text()", namespaces={"a": ATOM}):
        reader = Strict()
        reader.feed(content)
        reader.close()
        assert reader.seen


class Strict(HTMLParser):
    """Refuses every element, attribute and address that a template did not put there."""

    ELEMENTS = frozenset(
        ["p", "b", "a", "bdi", "mark", "del", "ins", "blockquote", "ul", "li", "h2", "h3", "span", "small"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += 1
        assert tag in self.ELEMENTS
        for name, value in attrs:
            assert name in {"href", "lang", "dir"}
            assert name != "href" or (value and value == web_link(value))
            assert name != "lang" or re.fullmatch(r"[A-Za-z0-9-]+", value or "")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def test_a_title_of_markup_and_control_characters_is_shown_and_does_nothing(tmp_path: Path) -> None:
    nasty = "]]>\x00\x1b[31m<script>alert(1)</script>&amp;\ud800\ufffe\u202e end"
    shown = replace(HITS[0], article=replace(HITS[0].article, article=replace(HITS[0].article.article, title=nasty)))
    send(tmp_path, replace(ALERT, story=one(shown)))
    body = (tmp_path / "feeds" / FILE).read_text(encoding="utf-8")
    assert_valid(body.encode())
    assert "<script" not in body
    title = etree.fromstring(body.encode()).find(f"{{{ATOM}}}entry/{{{ATOM}}}title")
    assert title.text == "]]> [31m<script>alert(1)</script>&amp; end"


# -- the disk ---------------------------------------------------------------------------------------------------------


def test_others_may_read_the_files_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        send(tmp_path, ALERT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "feeds").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "feeds" / FILE).stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (b"", "it is no XML"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id></feed>", "it is no feed of this watchlist"),
        (b"<html><body>mine</body></html>", "it is no feed of this watchlist"),
        (b"\x00\xff" * 100, "it is no XML"),
        (
            b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><feed xmlns='http://www.w3.org/2005/Atom'>&b;</feed>",
            "it is no feed of this watchlist",
        ),
    ],
)
def test_a_broken_or_foreign_file_is_set_aside_and_that_is_said(tmp_path: Path, there: bytes, why: str) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / FILE).write_bytes(there)
    receipt = send(tmp_path, alert(1), "a")
    assert receipt.startswith(f"{FILE}, anew: what was there is now {FILE}.aside-1, for {why}")
    assert len(read(tmp_path).entries) == 1
    (tmp_path / "feeds" / FILE).write_bytes(there)
    assert "aside-2" in send(tmp_path, alert(2, minutes=1), "b")
    assert [(tmp_path / "feeds" / f"{FILE}.aside-{n}").read_bytes() for n in (1, 2)] == [there, there]


def test_a_feed_that_was_cut_off_is_set_aside(tmp_path: Path) -> None:
    send(tmp_path, alert(1), "a")
    file = tmp_path / "feeds" / FILE
    file.write_bytes(file.read_bytes()[:-200])
    assert "aside-1" in send(tmp_path, alert(2), "b")
    assert len(read(tmp_path).entries) == 1


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / f".{FILE}.new").write_bytes(b"half a feed")
    send(tmp_path, ALERT)
    assert {file.name for file in (tmp_path / "feeds").iterdir()} == {FILE, ".newsvane.lock"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")])
def test_a_disk_that_cannot_be_written_is_worth_another_try_and_the_old_feed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    send(tmp_path, alert(1), "a")

    def full(_handle: int) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(feed.os, "fsync", full)
        with pytest.raises(DeliveryError, match=f"{FILE} could not be written: {error.strerror}") as failed:
            send(tmp_path, alert(2, minutes=1), "b")
    assert (failed.value.permanent, failed.value.scope) == (False, "channel")
    assert len(read(tmp_path).entries) == 1
    send(tmp_path, alert(2, minutes=1), "b")
    assert len(read(tmp_path).entries) == 2


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "feeds").touch()
    with pytest.raises(DeliveryError, match=r"could not be written: (File exists|Not a directory)"):
        send(tmp_path, ALERT)


def test_a_link_in_the_place_of_our_new_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "feeds" / f".{FILE}.new").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeliveryError, match="could not be written"):
        send(tmp_path, ALERT)
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_who_holds_the_folder_for_long_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_LONGEST_WAIT_S", 0.05)
    send(tmp_path, ALERT)
    with (tmp_path / "feeds" / ".newsvane.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(DeliveryError, match="another process holds"):
            send(tmp_path, alert(2))
    send(tmp_path, alert(2))


def test_two_services_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    def some(numbers: range) -> None:
        for number in numbers:
            send(tmp_path, alert(number, minutes=number), f"{number}")

    threads = [Thread(target=some, args=(numbers,)) for numbers in (range(1, 11), range(11, 21), range(21, 31))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(tmp_path).entries) == 30


# -- the options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [{}, {"dir": ""}, {"dir": "a\x00b"}, {"dir": "x", "url": "ftp://x"}, {"dir": "x", "max_entries": 0}]
)
def test_options_that_cannot_be_right_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_an_absolute_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    send(tmp_path / "etc", ALERT, dir=str(tmp_path / "feeds"))
    assert read(tmp_path).entries


def test_a_rule_of_the_channel_needs_neither_when_nor_at(tmp_path: Path) -> None:
    file = tmp_path / "newsvane.yaml"
    file.write_text("""
channels: [{id: feed, type: feed, dir: feeds}]
watchlists: [{name: A, keywords: [a], deliver: [{channel: feed}, {channel: feed, at: "07:00"}]}]
""")
    configuration = load(file, environ={})
    assert [rule.key for rule in configuration.watchlists[0].deliver] == ["alert:feed", "digest:feed"]
    options: Any = configuration.channels["feed"].options
    assert options.dir == tmp_path / "feeds"


def test_the_channel_is_its_own_recipient_found_by_its_kind_and_tells_at_once() -> None:
    assert recipients("feed", Options(dir="feeds")) == ("feed",)
    assert channels()["feed"].Options is Options
    assert feed.at_once
