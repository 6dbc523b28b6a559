"""Slack over real HTTP: what is posted, and what becomes of a refusal."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_DIGEST, LONG_DIGEST
from stand_ins.slack import CHANNEL, TOKEN, Answer, SlackStandIn

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels
from monitors.deliver.channels.slack import Options, deliver, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.domain import Delivery

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACILITIES = Facilities(smtp=Smtp())
ANYWHERE = "https://hooks.slack.example/services/T000/B000/s3cr3t"


def options(url: str = ANYWHERE) -> Options:
    return Options.model_validate({"webhook_url": url})


def as_bot(slack: SlackStandIn, **keys: str) -> Options:
    return Options.model_validate({"token": TOKEN, "channel": CHANNEL, "api": slack.api} | keys)


def frozen(message: Any = DIGEST) -> tuple[bytes, ...]:
    return render(message, Envelope(message_id="d1@news.example", date=NOW, recipient="team"), options(), FACILITIES)


def delivery(payload: bytes, **more: Any) -> Delivery:
    return Delivery(id=1, channel="team", recipient="team", message_id="d1@x", payload=payload, queued_at=NOW, **more)


def post(slack: SlackStandIn, payload: bytes | None = None, **more: Any) -> str:
    return deliver(delivery(payload or frozen()[0], **more), options(slack.url), FACILITIES)


def say(slack: SlackStandIn, payload: bytes | None = None, thread: str | None = None, **keys: str) -> str:
    return deliver(delivery(payload or frozen()[0], thread=thread), as_bot(slack, **keys), FACILITIES)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("message", [DIGEST, FIRST_DIGEST, EMPTY_DIGEST, LONG_DIGEST, ALERT])
def test_every_part_of_a_message_is_within_slacks_limits(message: Any) -> None:
    with SlackStandIn() as slack:
        assert [post(slack, part) for part in frozen(message)] == ["200 ok"] * len(frozen(message))
    assert slack.refusals == []


def test_the_very_bytes_are_posted_that_were_frozen() -> None:
    with SlackStandIn() as slack:
        post(slack)
    assert slack.bodies == list(frozen())
    assert slack.messages == [json.loads(frozen()[0])]


def test_a_long_digest_comes_in_parts_and_nothing_is_lost() -> None:
    message = replace(LONG_DIGEST, max_items=1_000)
    parts = [json.loads(part) for part in frozen(message)]
    sections = [block["text"]["text"] for part in parts for block in part["blocks"] if block["type"] == "section"]
    assert len(parts) > 1
    assert [part["text"].rpartition(" ")[2] for part in parts] == [
        f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)
    ]
    assert sum(section.startswith("*") for section in sections) == len(message.stories)


def no(error: str) -> str:
    return json.dumps({"ok": False, "error": error})


LATER = [
    pytest.param(Answer(429, "rate_limited", {"Retry-After": "31"}), 31, id="too fast"),
    pytest.param(Answer(429, no("ratelimited"), {"Retry-After": "1"}), 1, id="too fast for a second"),
    pytest.param(Answer(200, no("ratelimited")), 30, id="200, too fast"),
    pytest.param(Answer(200, no("ratelimited"), {"Retry-After": "45"}), 45, id="200, too fast, and for how long"),
    pytest.param(Answer(200, no("x"), {"Retry-After": "30"}), 30, id="200, but no"),
    pytest.param(Answer(429, "", {"Retry-After": "soon"}), 30, id="garbage"),
    pytest.param(Answer(429, "", {"Retry-After": "-5"}), 30, id="negative"),
    pytest.param(Answer(429, "", {"Retry-After": "9" * 400}), 30, id="endless"),
    pytest.param(Answer(503, "", {"Retry-After": "120"}), 120, id="down for maintenance"),
    pytest.param(Answer(500, "rollup_error"), None, id="server error"),
    pytest.param(Answer(200, no("service_unavailable")), None, id="unavailable"),
    pytest.param(Answer(200, no("internal_error")), None, id="inside Slack"),
    pytest.param(Answer(200, no("fatal_error")), None, id="fatal"),
    pytest.param(Answer(200, no("message_limit_exceeded")), None, id="too many messages in this Slack"),
    pytest.param(Answer(200, "<html>Please log in"), None, id="a login page"),
    pytest.param(Answer(200, "[1, 2"), None, id="half an answer"),
    pytest.param(Answer(200, '"ok"'), None, id="a text in JSON"),
    pytest.param(Answer(407, "proxy authentication required"), None, id="a proxy"),
    pytest.param(Answer(403, "<html>blocked"), None, id="a firewall"),
    pytest.param(Answer(400, "<html>bad request"), None, id="a bad proxy"),
]


@pytest.mark.parametrize("how", [post, say])
@pytest.mark.parametrize(("answer", "retry_after"), LATER)
def test_what_holds_up_all_messages_for_a_while(answer: Answer, retry_after: int | None, how: Any) -> None:
    with SlackStandIn() as slack:
        slack.answers = [answer]
        with pytest.raises(DeliveryError) as refused:
            how(slack)
    assert (refused.value.scope, refused.value.permanent) == ("channel", False)
    assert refused.value.retry_after == (timedelta(seconds=retry_after) if retry_after else None)
    assert str(refused.value).startswith(f"Slack answered {answer.status}")


MENDED = {
    "no_service": (404, "make a new one"),
    "channel_not_found": (404, "/invite"),
    "channel_is_archived": (410, "archived"),
    "action_prohibited": (403, "administrators"),
    "invalid_token": (403, "make a new one"),
    "is_archived": (200, "archived"),
    "not_in_channel": (200, "/invite"),
    "invalid_auth": (200, "token"),
    "token_revoked": (200, "install the app again"),
    "token_expired": (200, "install the app again"),
    "account_inactive": (200, "install the app again"),
    "missing_scope": (200, "chat:write"),
    "not_allowed_token_type": (200, "xoxb-"),
    "restricted_action": (200, "administrators"),
    "team_disabled": (200, "closed"),
}


@pytest.mark.parametrize("how", [post, say])
@pytest.mark.parametrize("error", MENDED)
def test_what_holds_up_all_messages_until_it_is_mended_says_how(error: str, how: Any) -> None:
    status, hint = MENDED[error]
    with SlackStandIn() as slack:
        slack.answers = [Answer(status, error if status >= 400 else no(error))]
        with pytest.raises(DeliveryError, match=rf"^Slack answered {status} {error} \(.*{hint}.*\)$") as refused:
            how(slack)
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, "invalid_payload"),
        Answer(400, "no_text"),
        Answer(413, ""),
        Answer(200, no("invalid_blocks")),
        Answer(200, no("msg_too_long")),
        Answer(200, no("msg_blocks_too_long")),
    ],
    ids=lambda answer: answer.body or str(answer.status),
)
@pytest.mark.parametrize("how", [post, say])
def test_what_is_wrong_with_one_message_holds_up_no_other(answer: Answer, how: Any) -> None:
    with SlackStandIn() as slack:
        slack.answers = [answer]
        with pytest.raises(DeliveryError) as refused:
            how(slack)
    assert (refused.value.scope, refused.value.permanent) == ("message", True)


def test_a_message_on_which_slack_chokes_again_and_again_holds_up_no_other() -> None:
    with SlackStandIn() as slack:
        slack.answers = [Answer(200, no("internal_error"))] * 4
        scopes = []
        for attempts in range(4):
            with pytest.raises(DeliveryError) as refused:
                post(slack, attempts=attempts)
            scopes.append(refused.value.scope)
    assert scopes == ["channel", "channel", "channel", "message"]


# -- as a bot ---------------------------------------------------------------------------------------------------------


def test_the_parts_of_a_message_are_one_thread() -> None:
    parts = frozen(replace(LONG_DIGEST, max_items=1_000))
    with SlackStandIn() as slack:
        first = say(slack, parts[0])
        for part in parts[1:]:
            say(slack, part, thread=first)
        (thread,) = slack.threads()
    assert first == f"{CHANNEL} {thread[0]['ts']}"
    assert [message["text"] for message in thread] == [json.loads(part)["text"] for part in parts]
    assert all(message["unfurl_links"] is False for message in thread)


def test_the_frozen_bytes_are_posted_whole_after_where_they_go() -> None:
    (part,) = frozen(ALERT)
    with SlackStandIn() as slack:
        first = say(slack, part)
        say(slack, part, thread=first)
    ts = first.split()[1]
    assert slack.bodies == [
        b'{"channel": "C0123ABCD", ' + part[1:],
        b'{"channel": "C0123ABCD", "thread_ts": "' + ts.encode() + b'", ' + part[1:],
    ]


def test_later_parts_go_where_the_first_one_is_whatever_the_configuration_says_by_then() -> None:
    with SlackStandIn() as slack:
        first = say(slack)
        slack.channels["C9999"] = "elsewhere"
        say(slack, thread=first, channel="C9999")
    assert {message["channel"] for message in slack.messages} == {CHANNEL}


@pytest.mark.parametrize("error", ["thread_not_found", "restricted_action_thread_locked"])
def test_a_part_whose_thread_is_gone_is_said_without_one(error: str) -> None:
    with SlackStandIn() as slack:
        first = say(slack)
        slack.answers = [Answer(200, no(error))]
        say(slack, thread=first)
    assert len(slack.threads()) == 2


def test_a_channel_may_be_named() -> None:
    with SlackStandIn() as slack:
        assert say(slack, channel="#legal").startswith(f"{CHANNEL} ")


def test_a_token_that_slack_does_not_know_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SlackStandIn() as slack, pytest.raises(DeliveryError, match="invalid_auth") as refused:
        say(slack, token="xoxb-other-s3cr3t")
    assert "s3cr3t" not in str(refused.value) + caplog.text


def test_a_lost_acknowledgement_is_tried_again_with_the_same_bytes() -> None:
    with SlackStandIn() as slack:
        slack.answers = [Answer(lost=True)]
        with pytest.raises(DeliveryError) as lost:
            say(slack)
        say(slack)
    assert (lost.value.scope, lost.value.permanent) == ("channel", False)
    assert slack.bodies[0] == slack.bodies[1]


def test_slack_takes_one_message_a_second_and_says_how_long_to_wait() -> None:
    with SlackStandIn(a_second=1, clock=lambda: 100.0) as slack:
        say(slack)
        with pytest.raises(DeliveryError, match="429 ratelimited") as refused:
            say(slack)
    assert refused.value.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize("message", [DIGEST, LONG_DIGEST, ALERT])
def test_an_answer_that_tells_the_whole_message_back_is_read_to_its_end(message: Any) -> None:
    with SlackStandIn() as slack:
        for part in frozen(message):
            assert say(slack, part).startswith(CHANNEL)


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_a_rotated_token_is_read_at_the_next_message(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with SlackStandIn() as slack:
        here = Options.model_validate({"token_file": str(file), "channel": CHANNEL, "api": slack.api})
        file.write_text("xoxb-old-token\n")
        with pytest.raises(DeliveryError, match="invalid_auth"):
            deliver(delivery(frozen()[0]), here, FACILITIES)
        file.write_text(f"{TOKEN}\n")
        deliver(delivery(frozen()[0]), here, FACILITIES)
    assert len(slack.messages) == 1


@pytest.mark.parametrize(("content", "told"), [("not an address s3cr3t", "http or https URL"), ("", "is empty")])
def test_a_file_that_holds_no_address_is_said_and_its_content_is_not(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "webhook"
    file.write_text(content)
    with pytest.raises(DeliveryError, match=rf"webhook_url_file.*{told}") as refused:
        deliver(delivery(b"{}"), Options.model_validate({"webhook_url_file": str(file)}), FACILITIES)
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)
    assert "s3cr3t" not in str(refused.value)


BOT = {"token": TOKEN, "channel": CHANNEL}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        pytest.param({}, "needs `webhook_url`, or `token` and `channel`", id="neither"),
        pytest.param(BOT | {"webhook_url": ANYWHERE}, "needs to be left out, or `webhook_url` does", id="both"),
        pytest.param(BOT | {"token_file": "x"}, "needs to be left out, or `token` does", id="twice"),
        pytest.param({"token": TOKEN}, "needs `channel` beside the token", id="no channel"),
        pytest.param({"webhook_url": ANYWHERE, "channel": CHANNEL}, "leads to one channel by itself", id="a channel"),
        pytest.param({"webhook_url": ANYWHERE, "api": "https://x.org"}, "an address by itself", id="an api"),
        pytest.param(BOT | {"channel": "legal team"}, "needs the id of a channel", id="no channel's id"),
        pytest.param(BOT | {"token": "xoxb s3cr3t"}, "needs to be a token of Slack", id="no token"),
        pytest.param(BOT | {"token": "xoxb-s3cr3t\r\nX: y"}, "needs to be a token of Slack", id="a header"),
    ],
)
def test_what_is_no_way_in_is_refused_without_telling_a_secret(keys: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        Options.model_validate(keys)
    assert "s3cr3t" not in str(refused.value)


def test_the_secret_goes_nowhere_else_when_slack_redirects() -> None:
    with SlackStandIn() as slack, SlackStandIn() as elsewhere:
        slack.answers = [Answer(307, "", {"Location": elsewhere.url})]
        with pytest.raises(DeliveryError, match="307") as refused:
            post(slack)
    assert not refused.value.permanent
    assert elsewhere.bodies == []


def test_nobody_listening_is_worth_another_try_and_the_url_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SlackStandIn() as slack:
        gone = slack.url
    with pytest.raises(DeliveryError, match=r"could not be reached: .*refused") as refused:
        deliver(delivery(b"{}"), options(gone), FACILITIES)
    assert not refused.value.permanent
    assert refused.value.__cause__ is None
    assert "s3cr3t" not in str(refused.value) + caplog.text


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with SlackStandIn() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.partition("/services")[0])
        monkeypatch.setenv("no_proxy", "")
        proxy.answers = [Answer(200, "ok")]
        deliver(delivery(b'{"text": "x"}'), options("http://hooks.example/services/x"), FACILITIES)
    assert proxy.bodies == [b'{"text": "x"}']


@pytest.mark.parametrize(
    "url",
    ["ftp://hooks.example/s3cr3t", "hooks.example/s3cr3t", "https:///s3cr3t", "https://a b/s3cr3t", "file:///s3cr3t"],
)
def test_what_is_no_web_address_is_refused_without_telling_the_secret(url: str) -> None:
    with pytest.raises(ValidationError, match="needs to be an http or https URL") as refused:
        options(url)
    assert "s3cr3t" not in str(refused.value)


def test_the_secret_does_not_show_in_the_options() -> None:
    assert "s3cr3t" not in repr(options())


def test_the_channel_is_its_own_recipient_and_is_found_by_its_kind() -> None:
    assert recipients("legal-slack", options()) == ("legal-slack",)
    assert channels()["slack"].Options is Options
