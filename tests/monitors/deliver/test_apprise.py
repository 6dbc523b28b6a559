"""Apprise's services over real HTTP: what they are handed, what becomes of a refusal, and that nothing acts in it."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_ins.digests import EDITED, LEAD, RICH
from stand_ins.hostile import FAST, messages
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_ALERT, FIRST_DIGEST, HITS, LONG_DIGEST, one
from stand_ins.receiver import Answer, Receiver

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels
from monitors.deliver.channels.apprise import Options, deliver, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.digest.as_chat import MOST_PARTS, as_chat, inert
from monitors.digest.inert import web_link
from monitors.domain import Alert, Delivery

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.digest.as_chat import Form
    from monitors.domain import Message

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACILITIES = Facilities(smtp=Smtp())
TOKEN = "Abcdefgh1jklmno"
FORMS: list[Form] = ["text", "markdown", "html"]


def options(url: str) -> Options:
    return Options.model_validate({"url": url})


def frozen(message: Message, chosen: Options) -> tuple[bytes, ...]:
    return render(message, Envelope(message_id="d1@news.example", date=NOW, recipient="team"), chosen, FACILITIES)


def send(chosen: Options, message: Message = ALERT) -> list[str]:
    return [
        deliver(
            Delivery(id=1, channel="team", recipient="team", message_id="d1@x", payload=payload, queued_at=NOW),
            chosen,
            FACILITIES,
        )
        for payload in frozen(message, chosen)
    ]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


# -- what the services get --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "title", "body"),
    [
        pytest.param("json://{}/x", "title", "message", id="json"),
        pytest.param("ntfy://{}/news", "title", "message", id="ntfy"),
        pytest.param("gotify://{}/" + TOKEN, "title", "message", id="gotify"),
    ],
)
def test_a_service_gets_the_headline_and_the_story(url: str, title: str, body: str) -> None:
    with Receiver() as receiver:
        (receipt,) = send(options(url.format(receiver.address)))
    (posted,) = receiver.posted
    assert receipt.endswith("took it")
    assert posted.json[title].startswith("China cybersecurity law: Retailer sells its server halls")
    assert "People close to the talks said" in posted.json[body]
    assert "https://asia.example/business/server-halls?edition=asia&page=1" in posted.json[body]
    assert "Why: “China cybersecurity law”" in posted.json[body]


def test_where_there_is_no_room_for_a_title_it_stands_in_the_body() -> None:
    with Receiver() as receiver:
        send(options(f"mmost://{receiver.address}/{'a' * 26}"))
    assert receiver.posted[0].json["text"].startswith("China cybersecurity law: Retailer sells its server halls")


def test_a_long_digest_comes_in_parts_in_order() -> None:
    with Receiver() as receiver:
        receipts = send(options(f"json://{receiver.address}/x"), RICH)
        assert len(send(options(f"mmost://{receiver.address}/{'a' * 26}"), LONG_DIGEST)) == MOST_PARTS
    assert len(receipts) == 1
    assert "56 of 58 sources" in receiver.posted[0].json["message"]
    assert "newsvane preview china-cyber-law --all" in receiver.posted[-1].json["text"]


@pytest.mark.parametrize("message", [ALERT, FIRST_ALERT, DIGEST, FIRST_DIGEST, EMPTY_DIGEST, LONG_DIGEST, RICH])
@pytest.mark.parametrize("form", FORMS)
def test_every_part_is_within_its_limits(message: Message, form: Form) -> None:
    for room, title in ((160, 0), (500, 250), (1_000, 50), (2_000, 0), (32_768, 250)):
        parts = as_chat(message, form, most_in_body=room, most_in_title=title)
        assert 1 <= len(parts) <= MOST_PARTS
        assert all(0 < len(part.body.encode()) <= room and len(part.title) <= title + 8 for part in parts)


def test_what_does_not_fit_is_counted() -> None:
    parts = as_chat(LONG_DIGEST, "text", most_in_body=2_000, most_in_title=100)
    titles = {story.hit.article.article.title for story in LONG_DIGEST.stories}
    shown = sum(part.body.count(inert(title)) for part in parts for title in titles)
    left = re.search(r"… and (\d+) more: newsvane preview china-cyber-law --all$", parts[-1].body)
    assert left
    assert 0 < shown < int(left[1]) + shown == LONG_DIGEST.max_items


def test_a_text_message_has_the_headline() -> None:
    (part,) = as_chat(ALERT, "text", most_in_body=160, most_in_title=0)
    assert "Retailer sells its server halls" in part.body


def test_an_empty_digest_proves_that_all_was_read() -> None:
    (part,) = as_chat(EMPTY_DIGEST, "text", most_in_body=2_000, most_in_title=100)
    assert "60 of 60 sources" in part.body


def test_edits_and_copies_are_told() -> None:
    (part,) = as_chat(replace(ALERT, story=EDITED), "markdown", most_in_body=4_000, most_in_title=200)
    assert re.search(r"\(-.+?-\)", part.body)
    (part,) = as_chat(replace(ALERT, story=LEAD), "html", most_in_body=4_000, most_in_title=200)
    assert "+14 copies" in part.body
    assert "<b>cybersecurity law, which China</b>" in part.body


# -- nothing acts -----------------------------------------------------------------------------------------------------

ACTS = re.compile(r"@|<|>|`|\||\\|\]\(|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|~|\*")


@given(st.text(max_size=200))
def test_inert_text_has_the_same_length_and_nothing_that_acts(text: str) -> None:
    assert len(inert(text)) == len(text)
    assert not ACTS.search(inert(text))
    assert inert(inert(text)) == inert(text)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone read", "<!channel> now", "<@U1>", "[bank.example](https://evil.example)", "**b** `c` ||s||",
        "# heading", "- list", "1. list", "> quote", "\\*", "<https://evil.example|bank>", "![x](https://evil.example/x)",
        "<script>alert(1)</script>", "```\ncode", ":rotating_light:",
    ],
)  # fmt: skip
def test_a_headline_that_would_act_does_not(text: str) -> None:
    shown = replace(HITS[0], article=replace(HITS[0].article, article=replace(HITS[0].article.article, title=text)))
    alert: Alert = replace(ALERT, story=one(shown))
    (plain,) = as_chat(alert, "text", most_in_body=4_000, most_in_title=0)
    first = plain.body.splitlines()[0]
    assert not ACTS.search(first)
    assert not re.search(r"^(#|-|\d+\.|>) |:rot", inert(text))


@FAST
@given(messages())
def test_whatever_the_web_sends_html_holds_our_elements_and_safe_addresses_only(message: Message) -> None:
    for part in as_chat(message, "html", most_in_body=4_000, most_in_title=100):
        reader = Strict()
        reader.feed(part.body)
        reader.close()
        assert not ACTS.search(re.sub(r"<[^>]*>", "", part.body).replace("--all", ""))
        assert not re.search(r"[@<>`|\\\n]", part.title)


@FAST
@given(messages())
def test_whatever_the_web_sends_markdown_links_only_where_we_say(message: Message) -> None:
    for part in as_chat(message, "markdown", most_in_body=4_000, most_in_title=100):
        assert "@" not in part.body
        for address in re.findall(r"\]\(([^)]*)\)|<([^>]*)>", part.body):
            assert web_link("".join(address)) == "".join(address)


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_an_address_of_numbers_keeps_its_brackets(form: Form) -> None:
    hit = replace(ALERT.story.hit.article.article, url="http://[2001:db8::1]:8080/a(b)")
    story = replace(ALERT.story, hit=replace(ALERT.story.hit, article=replace(ALERT.story.hit.article, article=hit)))
    (part,) = as_chat(replace(ALERT, story=story), form, most_in_body=4_000, most_in_title=100)
    assert "http://[2001:db8::1]:8080/a%28b%29" in part.body


class Strict(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "s", "u", "a", "br"}
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        assert all(value and value == web_link(value) for _, value in attrs)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "permanent", "scope"),
    [
        (401, True, "channel"),
        (403, True, "channel"),
        (404, True, "channel"),
        (410, True, "channel"),
        (400, True, "message"),
        (413, True, "message"),
        (429, False, "channel"),
        (500, False, "channel"),
        (503, False, "channel"),
        (302, False, "channel"),
    ],
)
def test_a_refusal_is_judged_by_the_status_that_apprise_tells(status: int, permanent: bool, scope: str) -> None:  # noqa: FBT001 -- a column of the table
    with Receiver() as receiver, Receiver() as elsewhere:
        receiver.answers = [Answer(status, "no", {"Location": elsewhere.url})]
        with pytest.raises(DeliveryError, match=rf"^JSON did not take it: .*{status}") as refused:
            send(options(f"json://{receiver.address}/s3cr3t-path"))
    assert (refused.value.permanent, refused.value.scope) == (permanent, scope)
    assert elsewhere.posted == []


@pytest.mark.parametrize(
    "url", ["json://us3r:p4ssw0rd@{}/s3cr3t", "ntfy://us3r:p4ssw0rd@{}/s3cr3t", "gotify://{}/" + TOKEN]
)
def test_no_secret_is_told_when_nobody_listens(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "apprise")
    with Receiver() as receiver:
        chosen = options(url.format(receiver.address))
    with pytest.raises(DeliveryError, match="did not take it") as refused:
        send(chosen)
    told = str(refused.value) + caplog.text + "".join(capfd.readouterr()) + repr(chosen)
    assert not refused.value.permanent
    assert refused.value.__cause__ is None
    assert not any(secret in told for secret in ("us3r", "p4ssw0rd", "s3cr3t", TOKEN))


def test_what_two_threads_hear_is_not_mixed() -> None:
    refusals: dict[int, str] = {}

    def ask(status: int) -> None:
        with Receiver() as receiver:
            receiver.answers = [Answer(status)] * 5
            for _ in range(5):
                try:
                    send(options(f"json://{receiver.address}/x"))
                except DeliveryError as error:
                    refusals[status] = refusals.get(status, "") + str(error)

    threads = [Thread(target=ask, args=(status,)) for status in (500, 404)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "404" not in refusals[500]
    assert "500" not in refusals[404]


# -- the options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "nosuch://s3cr3t", "https-s3cr3t", "discord://s3cr3t"])
def test_an_address_that_apprise_does_not_know_is_refused_without_telling_it(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError, match="needs a URL that Apprise knows") as refused:
        options(url)
    assert "s3cr3t" not in str(refused.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize("wrong", [{}, {"url": "json://x", "url_file": "y"}, {"url": "json://x", "urls": []}])
def test_one_address_is_needed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_an_address_may_stand_in_a_file_and_be_changed_there(tmp_path: Path) -> None:
    file = tmp_path / "team"
    chosen = Options.model_validate({"url_file": str(file)})
    (payload,) = frozen(ALERT, chosen)
    delivery = Delivery(id=1, channel="team", recipient="team", message_id="d", payload=payload, queued_at=NOW)
    with pytest.raises(DeliveryError, match="cannot be read"):
        deliver(delivery, chosen, FACILITIES)
    file.write_text("nosuch://s3cr3t")
    with pytest.raises(DeliveryError, match="holds no URL that Apprise knows") as refused:
        deliver(delivery, chosen, FACILITIES)
    assert "s3cr3t" not in str(refused.value)
    with Receiver() as receiver:
        file.write_text(f"json://{receiver.address}/x\n")
        assert deliver(delivery, chosen, FACILITIES) == "JSON took it"
    assert "Retailer sells" in receiver.posted[0].json["message"]


def test_the_frozen_bytes_are_what_was_decided_once() -> None:
    chosen = options("json://localhost:1/x")
    assert frozen(DIGEST, chosen) == frozen(DIGEST, chosen)
    assert json.loads(frozen(ALERT, chosen)[0])["format"] == "text"
    assert json.loads(frozen(ALERT, options("json://localhost:1/x?format=html"))[0])["format"] == "html"


def test_the_channel_is_its_own_recipient_and_is_found_by_its_kind() -> None:
    assert recipients("team", options("json://localhost")) == ("team",)
    assert channels()["apprise"].Options is Options
