"""Slack over real HTTP: what is posted, and what becomes of a refusal."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_DIGEST, LONG_DIGEST
from stand_ins.slack import Answer, SlackStandIn

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels
from monitors.deliver.channels.slack import Options, deliver, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.domain import Delivery

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACILITIES = Facilities(smtp=Smtp())
ANYWHERE = "https://hooks.slack.example/services/T000/B000/s3cr3t"


def options(url: str = ANYWHERE) -> Options:
    return Options.model_validate({"webhook_url": url})


def frozen(message: Any = DIGEST) -> tuple[bytes, ...]:
    return render(message, Envelope(message_id="d1@news.example", date=NOW, recipient="team"), options(), FACILITIES)


def delivery(payload: bytes) -> Delivery:
    return Delivery(id=1, channel="team", recipient="team", message_id="d1@x", payload=payload, queued_at=NOW)


def post(slack: SlackStandIn, payload: bytes | None = None) -> str:
    return deliver(delivery(payload or frozen()[0]), options(slack.url), FACILITIES)


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


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        pytest.param(Answer(429, "rate_limited", {"Retry-After": "30"}), False, 30, id="too fast"),
        pytest.param(Answer(200, '{"ok": false, "error": "x"}', {"Retry-After": "30"}), False, 30, id="200, but no"),
        pytest.param(Answer(429, "", {"Retry-After": "soon"}), False, None, id="garbage"),
        pytest.param(Answer(429, "", {"Retry-After": "-5"}), False, None, id="negative"),
        pytest.param(Answer(429, "", {"Retry-After": "9" * 400}), False, None, id="endless"),
        pytest.param(Answer(503, "", {"Retry-After": "120"}), False, 120, id="down for maintenance"),
        pytest.param(Answer(500, "rollup_error"), False, None, id="server error"),
        pytest.param(Answer(200, "<html>Please log in"), False, None, id="a login page"),
        pytest.param(Answer(407, "proxy authentication required"), False, None, id="a proxy"),
        pytest.param(Answer(400, "invalid_payload"), True, None, id="invalid payload"),
        pytest.param(Answer(404, "no_service"), True, None, id="deleted webhook"),
        pytest.param(Answer(410, "channel_is_archived"), True, None, id="archived channel"),
        pytest.param(Answer(403, "action_prohibited"), True, None, id="prohibited"),
        pytest.param(Answer(403, "<html>blocked"), False, None, id="a firewall"),
        pytest.param(Answer(200, '{"ok": false, "error": "no_service"}'), True, None, id="200 and deleted"),
    ],
)  # fmt: skip
def test_a_refusal(answer: Answer, permanent: bool, retry_after: int | None) -> None:  # noqa: FBT001 -- a column of the table
    with SlackStandIn() as slack:
        slack.answers = [answer]
        with pytest.raises(DeliveryError) as refused:
            post(slack)
    assert refused.value.permanent is permanent
    assert refused.value.retry_after == (timedelta(seconds=retry_after) if retry_after else None)
    assert str(refused.value).startswith(f"Slack answered {answer.status}")


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
