"""Whatever the web sends, in whichever field: every form of a message keeps its structure and says the same words.

The second law of each form compares a message with its twin, in which every character that means something to the form
was replaced by a dot. What is left of both without their words must be the same: nothing of it came from the web.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from rich.cells import cell_len
from stand_ins.hostile import FAST, digests, long_texts, messages, rewritten
from stand_ins.hostile import texts as hostile_texts
from stand_ins.messages import DIGEST, WATCHLIST, hit, one
from stand_ins.slack import controls, problem_of, texts

import monitors.digest
from monitors.deliver.channels import Envelope, Facilities
from monitors.deliver.channels.email import Options, header_text
from monitors.deliver.channels.email import render as render_mail
from monitors.deliver.smtp import Smtp
from monitors.digest.inert import link_host, names_another_host, web_link
from monitors.digest.render import render_html, render_slack, render_text, subject
from monitors.domain import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message as Mail

    from monitors.domain import Message

UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
DOTS = "".join(map(chr, range(0x2801, 0x2820)))
"""Of braille: they mean nothing anywhere. One for each character, so that texts that differ still do."""


def dotted(text: str, meaningful: str) -> str:
    return text.translate(str.maketrans(meaningful, DOTS[: len(meaningful)]))


def twin(message: Message, meaningful: str, *, but: frozenset[str] = frozenset()) -> Message:
    """Return the same message with dots for the characters that mean something. Addresses stay as they are."""
    return rewritten(message, lambda text: dotted(text, meaningful), but=frozenset({"url"}) | but)


def addresses(message: Message) -> set[str]:
    """Every address of a message that may be linked."""
    found: set[str] = set()
    seen: list[Any] = [message]
    while seen:
        value = seen.pop()
        if isinstance(value, tuple):
            seen += value
        elif hasattr(value, "__dataclass_fields__"):
            seen += [getattr(value, name) for name in value.__dataclass_fields__]
            found |= {value.url} if hasattr(value, "url") else set()
    return {link for link in map(web_link, found) if link}


def is_seen(char: str) -> bool:
    return char in "\u200c\u200d" or unicodedata.category(char) not in UNSEEN_CATEGORIES


# -- mail -------------------------------------------------------------------------------------------------------------

NAMES = [
    *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"),
]
THREAD = re.compile(r"<[0-9a-f]{32}\.thread@example\.org>")
UNSUBSCRIBE = re.compile(r"<mailto:[A-Za-z0-9_.~%-]+@[a-z0-9][a-z0-9.-]*\?subject=([A-Za-z0-9_.~%-]+)>")
ENVELOPE = Envelope(
    message_id="d1.p0@news.example", date=datetime(2026, 11, 23, 6, tzinfo=UTC), recipient="compliance@example.org"
)
FACILITIES = Facilities(smtp=Smtp.model_validate({"from": "newsvane@example.org"}))


def mail_of(message: Message) -> bytes:
    (payload,) = render_mail(message, ENVELOPE, Options(to=(ENVELOPE.recipient,)), FACILITIES)
    return payload


def unfolded(mail: Mail) -> dict[str, str]:
    """Every header as one line of letters, read as older programs do."""
    return {name: str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", value)))) for name, value in mail.items()}


@FAST
@given(messages())
def test_a_mail_has_the_headers_that_the_program_wrote_and_no_other(message: Message) -> None:
    payload = mail_of(message)
    new, old = message_from_bytes(payload, policy=policy.default), message_from_bytes(payload, policy=policy.compat32)
    assert new.keys() == old.keys() == NAMES
    for read in (dict(new.items()), unfolded(old)):
        assert read["Subject"] == header_text(subject(message))
        assert read["From"] == "Newsvane <newsvane@example.org>"
        assert read["To"] == ENVELOPE.recipient
        assert read["Message-ID"] == f"<{ENVELOPE.message_id}>"
        assert all(is_seen(char) for value in read.values() for char in value)
        assert "=?" not in read["Subject"]
        assert THREAD.fullmatch(read["References"])
        assert read["In-Reply-To"] == read["References"]
        wish = UNSUBSCRIBE.fullmatch(read["List-Unsubscribe"])
        assert wish
        assert unquote(wish[1], errors="strict").startswith(f"Unsubscribe {ENVELOPE.recipient} from ")
        assert all(is_seen(char) for char in unquote(wish[1]))


@FAST
@given(messages())
def test_a_mail_says_the_text_and_the_page_and_nothing_else(message: Message) -> None:
    payload = mail_of(message)
    for read in (message_from_bytes(payload, policy=policy.default), message_from_bytes(payload)):
        whole, *parts = read.walk()
        assert whole.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
        bodies = [part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in parts]  # type: ignore[union-attr]
        assert bodies == [render_text(message), render_html(message) + "\n"]
        assert not any(part.defects for part in read.walk())
        assert not [part for part in parts if part.get_filename()]


@FAST
@given(messages())
def test_a_mail_needs_seven_bits_and_short_lines_and_is_the_same_every_time(message: Message) -> None:
    payload = mail_of(message)
    lines = payload.split(b"\r\n")
    assert payload.isascii()
    assert max(map(len, lines)) <= 998
    assert not [line for line in lines if set(line) & set(b"\r\n\0")]
    assert payload == mail_of(message)


# -- pages ------------------------------------------------------------------------------------------------------------

OF_HTML = "<>&\"'`{}%!#;="
TEMPLATES = "".join(file.read_text(encoding="utf-8") for file in Path(monitors.digest.__file__).parent.rglob("*.jinja"))
ELEMENTS = {*re.findall(r"<([a-z]\w*)", TEMPLATES), "h1", "h2", "h3", "h4"}
ATTRIBUTES = set(re.findall(r'([a-z-]+)="', TEMPLATES))


class Skeleton(HTMLParser):
    """Everything of a page but its words."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bones: list[tuple[Any, ...]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bones.append(("start", tag, *attrs))

    def handle_endtag(self, tag: str) -> None:
        self.bones.append(("end", tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bones.append(("both", tag, *attrs))

    def handle_comment(self, data: str) -> None:
        self.bones.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.bones.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.bones.append(("instruction", data))

    def unknown_decl(self, data: str) -> None:
        self.bones.append(("unknown", data))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@FAST
@given(messages())
def test_of_a_page_nothing_but_words_comes_from_the_web(message: Message) -> None:
    page, harmless = (Skeleton(render_html(one)) for one in (message, twin(message, OF_HTML)))
    assert page.bones == harmless.bones
    assert dotted("".join(page.words), OF_HTML) == dotted("".join(harmless.words), OF_HTML)


@FAST
@given(messages())
def test_a_page_holds_only_what_the_template_may_write(message: Message) -> None:
    page = render_html(message)
    links = addresses(message)
    for kind, *bone in Skeleton(page).bones:
        if kind == "declaration":
            assert bone == ["DOCTYPE html"]
        elif kind in {"start", "both"}:
            tag, *attributes = bone
            assert tag in ELEMENTS
            assert {name for name, _ in attributes} <= ATTRIBUTES
            values = dict(attributes)
            assert values.get("href") in {None, *links}
            assert re.fullmatch("[A-Za-z0-9-]+", values.get("lang", "en"))
        else:
            assert kind in {"end", "comment"}
    assert len(page.encode()) < 100_000


@FAST
@given(messages())
def test_another_parser_reads_the_same_page(message: Message) -> None:
    page = render_html(message)
    read = html.document_fromstring(page)
    elements = [element for element in read.iter() if isinstance(element.tag, str)]
    started = [
        (tag, sorted(attributes)) for kind, tag, *attributes in Skeleton(page).bones if kind in {"start", "both"}
    ]
    assert [(element.tag, sorted(element.items())) for element in elements] == started
    assert len(list(read.iter("html", "head", "body", "title"))) == 4
    assert " ".join(read.find(".//title").text.split()) == " ".join(subject(message).split())
    assert all(is_seen(char) for char in read.text_content().replace("\n", ""))


@FAST
@given(digests())
def test_a_link_is_not_called_like_another_host(message: Message) -> None:
    for link in html.document_fromstring(render_html(message)).iter("a"):
        label = link.text_content()
        assert label.strip()
        assert label == f"Read on {link_host(link.get('href'))}" or not names_another_host(label, link.get("href"))


# -- plain text -------------------------------------------------------------------------------------------------------


@FAST
@given(messages())
def test_text_has_72_columns_and_no_unseen_character(message: Message) -> None:
    text = render_text(message)
    links = addresses(message)
    assert all(is_seen(char) for char in text.replace("\n", ""))
    assert not [line for line in text.split("\n") if cell_len(line) > 72 and line.strip() not in links]
    assert text.split("\n") == [*text.splitlines(), ""]
    assert text == render_text(message)


# The names and ids of sources, and what was typed behind a command: they may begin a line.
OF_THE_OPERATOR = {"watchlist", "id", "name", "new", "not_yet", "looked_back"}


def letters_only(text: str) -> str:
    """Return a text that takes as much room and says nothing."""
    return re.sub(r"[!-9;-~]", "x", text)


@FAST
@given(messages())
def test_the_web_never_stands_at_the_start_of_a_line(message: Message) -> None:
    """What a line begins with is ours, so that nothing can pass for a rule, a heading, another entry or the receipt."""
    if not isinstance(message, Notice):
        message = replace(message, watchlist=WATCHLIST)
    harmless = rewritten(message, letters_only, but=frozenset({"url", "clause", "language"}) | OF_THE_OPERATOR)
    ours, theirs = render_text(message).split("\n"), render_text(harmless).split("\n")
    assert len(ours) == len(theirs)
    for line, other in zip(ours, theirs, strict=True):
        assert re.match(r"\s|- |\d+\.", line) or line == other


# -- Slack ------------------------------------------------------------------------------------------------------------

OF_SLACK = "<>&*_~`:"
TWINS = "∗ˍ∼ˋ›∶"
ENTITY_OR_LINK = re.compile(r"<([^<>|]*)\|([^<>]*)>|&(amp|lt|gt);")


def shown(payload: dict[str, Any]) -> Iterator[str]:
    """The texts of a payload that Slack reads as mrkdwn."""
    for block in payload["blocks"]:
        yield from (element["text"] for element in block.get("elements", ()))
        if block["type"] == "section":
            yield block["text"]["text"]


def marks(text: str) -> list[str]:
    """What Slack could act on in a text, in order: marks at the edges of words, quotes, emoji, addresses of links."""
    spoken = re.sub("&(amp|lt|gt);", "&", text)
    return re.findall(
        r"(?m)<[^|<>]*\||[|]?>|(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|:[^\s:*\u200b]*[a-z][^\s:*\u200b]*:|:[+-]1:",
        spoken,
    )


@FAST
@given(messages())
def test_slack_takes_every_payload_and_acts_on_nothing_but_our_links(message: Message) -> None:
    links = addresses(message)
    payloads = render_slack(message)
    assert payloads == render_slack(message)
    for payload in payloads:
        assert problem_of(json.dumps(payload, ensure_ascii=False).encode()) == ""
        assert not controls(payload["text"])
        for text in texts(payload):
            assert re.fullmatch(r"([^&<>]|&amp;|&lt;|&gt;|<[^<>]*>|(?<![^\n])>)*", text)
            assert all(is_seen(char) for char in re.sub("[\n\u200b]", "", text))
            for control in controls(text):
                link, _, label = control.partition("|")
                assert link.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") in links
                assert label.strip()


@FAST
@given(messages())
def test_slack_sees_no_mark_that_we_did_not_make(message: Message) -> None:
    ours, harmless = (
        [mark for payload in render_slack(one) for text in shown(payload) for mark in marks(text)]
        for one in (message, twin(message, OF_SLACK, but=frozenset({"url"})))
    )
    assert ours == harmless


# -- for hours --------------------------------------------------------------------------------------------------------

LAWS = [law for name, law in list(globals().items()) if name.startswith("test_") and hasattr(law, "hypothesis")]


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_laws_hold_in_a_long_campaign_too(law: Any) -> None:
    whole = st.one_of(messages(), digests(st.one_of(hostile_texts(), long_texts())))
    settings(FAST, max_examples=1_000)(given(whole)(law.hypothesis.inner_test))()


@pytest.mark.slow
def test_a_digest_of_500_endless_titles_stays_in_bounds() -> None:
    endless = "x" * 100_000
    shown = hit(f"{endless}{{law|law}}", "y " * 50_000 + "{law|law}", url="https://a.example/" + "a" * 1_900)
    message = replace(DIGEST, stories=tuple(replace(one(shown), id=number) for number in range(500)), max_items=500)
    page, text = render_html(message), render_text(message)
    assert len(page.encode()) < 100_000
    assert "What was read" in page
    assert text.count("https://a.example/") == 500
    assert len(text) < 500 * 4_000
    assert not any(problem_of(json.dumps(payload, ensure_ascii=False).encode()) for payload in render_slack(message))
