"""The webhook over real HTTP: what is posted, how it is signed, and what becomes of a refusal."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from pydantic import SecretStr, TypeAdapter, ValidationError
from stand_ins.digests import EDITED, FOLLOWED, LEAD, MEANT, RICH
from stand_ins.hostile import FAST, messages
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_ALERT, FIRST_DIGEST, LONG_DIGEST, WATCHLIST
from stand_ins.receiver import Answer, Receiver

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels
from monitors.deliver.channels.webhook import Options, deliver, recipients, render, signed
from monitors.deliver.http import post, retry_after
from monitors.deliver.smtp import Smtp
from monitors.digest.as_json import AnyBody
from monitors.digest.inert import plain, web_link
from monitors.domain import Alert, Delivery, Notice, RoundUp, SourceNews

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.domain import Message

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
FACILITIES = Facilities(smtp=Smtp())
ANYWHERE = "https://hooks.example/s3cr3t-path"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROUND_UP = RoundUp(watchlist=WATCHLIST, at=ALERT.at, stories=(LEAD, FOLLOWED), why="quiet", since=ALERT.at)
NOTICE = Notice(
    at=ALERT.at,
    broken=(
        SourceNews(id="w", name="Wire", url="https://w.example/f", state="failing", since=NOW, why="HTTP 500"),
    ),
)  # fmt: skip
MESSAGES = [DIGEST, FIRST_DIGEST, EMPTY_DIGEST, LONG_DIGEST, RICH, MEANT, ALERT, FIRST_ALERT, ROUND_UP, NOTICE]


def options(url: str = ANYWHERE, **others: object) -> Options:
    return Options.model_validate({"url": url, **others})


def frozen(message: Any = DIGEST) -> bytes:
    envelope = Envelope(message_id="d1@news.example", date=NOW, recipient="deals")
    (payload,) = render(message, envelope, options(), FACILITIES)
    return payload


def delivery(payload: bytes | None = None) -> Delivery:
    return Delivery(
        id=1,
        channel="deals",
        recipient="deals",
        message_id="d1@news.example",
        payload=payload or frozen(),
        queued_at=NOW,
    )


def send(receiver: Receiver, payload: bytes | None = None, **others: object) -> str:
    return deliver(delivery(payload), options(receiver.url, **others), FACILITIES)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


# -- the body ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_is_json_of_its_schema_and_the_same_whenever_it_is_frozen(message: Any) -> None:
    body = TypeAdapter(AnyBody).validate_json(frozen(message))
    assert body.version == 1
    assert body.subject
    assert frozen(message) == frozen(message)
    assert len(frozen(message)) < 1_000_000


def test_an_alert_tells_the_story_the_sentence_and_why() -> None:
    body = json.loads(frozen(ALERT))
    article = body["story"]["article"]
    assert (body["type"], body["watchlist"]["id"]) == ("alert", "china-cyber-law")
    assert article["url"] == "https://asia.example/business/server-halls?edition=asia&page=1"
    assert (article["score"], article["kind"], article["tier"]) == (0.97, "match", 1)
    assert article["clauses"] == ["China cybersecurity law", "entity:amazon"]
    hits = [piece["text"] for piece in article["sentence"] if piece["mark"] == "hit"]
    assert hits == ["cybersecurity law that China", "Amazon"]
    assert [span["text"] for span in article["spans"]][1:] == hits
    assert body["timestamp"] == "2026-11-23T05:21:00Z"


def test_a_digest_tells_copies_edits_and_what_was_read() -> None:
    body = json.loads(frozen(RICH))
    lead = body["stories"][0]
    assert lead["copies_count"] == len(lead["copies"]) == 14
    assert lead["first"]["source"] == "The Ledger"
    assert lead["others"][0]["title"].startswith("What the new cyber law of China")
    assert body["receipt"]["sources"] == 60
    assert {trouble["state"] for trouble in body["receipt"]["troubles"]} >= {"failing", "silent"}
    edited = json.loads(frozen(Alert(watchlist=WATCHLIST, at=ALERT.at, story=EDITED)))["story"]
    assert {piece["mark"] for update in edited["updates"] for diff in update["diffs"] for piece in diff} >= {
        "gone",
        "come",
    }


def test_a_digest_tells_why_a_story_is_related_and_how_many_are_left_out() -> None:
    body = json.loads(frozen(MEANT))
    articles = [story["article"] for story in body["stories"]]
    assert [one["kind"] for one in articles] == ["match", "match", "possible", "related", "related", "related"]
    assert (body["stories_count"], body["related_left_out"]) == (6, 2)
    assert [one["resemblance"] is None for one in articles] == [True, True, True, False, False, False]
    assert articles[4]["resemblance"] == {
        "score": 0.61,
        "similarity": 0.387,
        "terms": ["互联网", "数据"],
        "tier": "core",
    }
    assert "related" not in body["subject"]


@FAST
@given(messages())
def test_whatever_the_web_sends_is_text_on_one_line_and_an_address_is_safe_or_none(message: Message) -> None:
    body = json.loads(frozen(message))
    TypeAdapter(AnyBody).validate_python(body)
    for key, text in strings(body):
        assert text == plain(text)
        assert key != "url" or text == web_link(text)


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a body, with its key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, key)
    elif isinstance(value, str):
        yield key, value


def test_the_schema_on_the_page_is_that_of_the_code(repository: Any) -> None:
    """Written anew by: python -c "import json; from pydantic import TypeAdapter; …", see the failure."""
    schema = json.dumps(TypeAdapter(AnyBody).json_schema(mode="serialization"), indent=1) + "\n"
    assert (repository / "docs" / "webhook.schema.json").read_text(encoding="utf-8") == schema


# -- the request ------------------------------------------------------------------------------------------------------


def test_the_very_bytes_are_posted_that_were_frozen_with_who_they_are() -> None:
    with Receiver() as receiver:
        receiver.answers = [Answer(202, "queued")]
        assert send(receiver, headers={"Authorization": "Bearer t0k3n"}) == "202 queued"
    (posted,) = receiver.posted
    assert posted.body == frozen()
    assert posted.headers["Content-Type"] == "application/json"
    assert posted.headers["Authorization"] == "Bearer t0k3n"
    assert posted.headers["Idempotency-Key"] == posted.headers["webhook-id"] == posted.json["id"]
    assert "webhook-signature" not in posted.headers


def test_every_try_has_the_same_identity_and_body_and_a_timestamp_of_its_own() -> None:
    with Receiver() as receiver:
        receiver.answers = [Answer(503)]
        with pytest.raises(DeliveryError):
            send(receiver, secret=SECRET)
        send(receiver, secret=SECRET)
    first, second = receiver.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert abs(int(second.headers["webhook-timestamp"]) - time.time()) < 60


def test_the_signature_is_that_of_standard_webhooks() -> None:
    at = datetime(2021, 2, 25, 18, 16, tzinfo=UTC)
    headers = signed(delivery(b'{"test": 2432232314}'), SecretStr(SECRET), at=at)
    content = f"{headers['Webhook-Id']}.{int(at.timestamp())}.".encode() + b'{"test": 2432232314}'
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    assert headers["Webhook-Signature"] == "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    assert "." not in headers["Webhook-Id"]


def test_a_secret_without_the_prefix_is_taken_letter_by_letter() -> None:
    headers = signed(delivery(b"{}"), SecretStr("correct horse battery"), at=NOW)
    content = f"{headers['Webhook-Id']}.{int(NOW.timestamp())}.".encode() + b"{}"
    expected = base64.b64encode(hmac.digest(b"correct horse battery", content, "sha256")).decode()
    assert headers["Webhook-Signature"] == f"v1,{expected}"


# -- refusals ---------------------------------------------------------------------------------------------------------

SOON = format_datetime(datetime(2026, 11, 23, 6, 2, tzinfo=UTC), usegmt=True)
NOW_THERE = format_datetime(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "scope", "wait"),
    [
        pytest.param(429, {"Retry-After": "30"}, False, "channel", 30, id="too fast"),
        pytest.param(429, {}, False, "channel", None, id="too fast, and no word for how long"),
        pytest.param(503, {"Retry-After": "7200"}, False, "channel", 7200, id="down for maintenance"),
        pytest.param(503, {"Retry-After": "soon"}, False, "channel", None, id="garbage"),
        pytest.param(503, {"Retry-After": "-5"}, False, "channel", None, id="negative"),
        pytest.param(503, {"Retry-After": "9" * 400}, False, "channel", None, id="endless"),
        pytest.param(500, {}, False, "channel", None, id="server error"),
        pytest.param(408, {}, False, "channel", None, id="request timeout"),
        pytest.param(425, {}, False, "channel", None, id="too early"),
        pytest.param(407, {}, False, "channel", None, id="a proxy"),
        pytest.param(302, {"Location": "/login"}, False, "channel", None, id="a login page"),
        pytest.param(409, {"Retry-After": "5"}, False, "message", 5, id="being worked on"),
        pytest.param(400, {}, True, "message", None, id="not understood"),
        pytest.param(413, {"Retry-After": "5"}, True, "message", None, id="too large"),
        pytest.param(422, {}, True, "message", None, id="not acceptable"),
        pytest.param(401, {}, True, "channel", None, id="unauthorized"),
        pytest.param(403, {}, True, "channel", None, id="forbidden"),
        pytest.param(404, {}, True, "channel", None, id="deleted"),
        pytest.param(405, {}, True, "channel", None, id="no place to post to"),
        pytest.param(410, {}, True, "channel", None, id="gone"),
    ],
)
def test_a_refusal(status: int, headers: dict[str, str], permanent: bool, scope: str, wait: int | None) -> None:  # noqa: FBT001 -- a column of the table
    with Receiver() as receiver:
        receiver.answers = [Answer(status, "no", headers)]
        with pytest.raises(DeliveryError, match=f"^the webhook answered {status} no$") as refused:
            send(receiver)
    assert (refused.value.permanent, refused.value.scope) == (permanent, scope)
    assert refused.value.retry_after == (timedelta(seconds=wait) if wait else None)


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        (SOON, NOW_THERE, 120),
        ("Mon, 23 Nov 2026 06:02:00 -0000", NOW_THERE, 120),
        (NOW_THERE, SOON, None),
        ("0", None, None),
        ("Mon, 99 Nov 2026 06:02:00 GMT", NOW_THERE, None),
        ("Mon, 23 Nov 2026 06:02:00 +9999", NOW_THERE, None),
        (None, None, None),
    ],
)
def test_a_date_to_wait_for_is_read_by_the_clock_of_the_server(
    header: str | None, date: str | None, seconds: int | None
) -> None:
    assert retry_after(header, date) == (timedelta(seconds=seconds) if seconds else None)


def test_nothing_goes_where_a_redirect_points() -> None:
    with Receiver() as receiver, Receiver() as elsewhere:
        receiver.answers = [Answer(307, "", {"Location": elsewhere.url})]
        with pytest.raises(DeliveryError, match="307"):
            send(receiver, secret=SECRET)
    assert elsewhere.posted == []


def test_nobody_listening_is_worth_another_try_and_no_secret_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Receiver() as receiver:
        gone = receiver.url
    with pytest.raises(DeliveryError, match=r"the webhook could not be reached: .*refused") as refused:
        deliver(delivery(), options(gone, secret=SECRET), FACILITIES)
    assert not refused.value.permanent
    assert refused.value.scope == "channel"
    assert refused.value.__cause__ is None
    assert "s3cr3t" not in str(refused.value) + caplog.text


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(200, "so far ", drips=True)], ids=["hangs", "drips"])
def test_an_answer_that_never_ends_costs_its_deadline(answer: Answer) -> None:
    with Receiver() as receiver:
        receiver.answers = [answer]
        began = time.monotonic()
        if answer.hangs:
            with pytest.raises(DeliveryError, match=r"did not answer within 0.3 seconds|timed out"):
                post(SecretStr(receiver.url), b"{}", {}, who="it", deadline_s=0.3)
        else:
            assert post(SecretStr(receiver.url), b"{}", {}, who="it", deadline_s=2).told.startswith("200 so far")
    assert time.monotonic() - began < 20  # of the thousands that it would take


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    with Receiver() as receiver:
        receiver.answers = [Answer(500, "x" * 100_000)]
        answer = post(SecretStr(receiver.url), b"{}", {}, who="it")
    assert len(answer.text) == 4_096
    assert len(answer.told) < 110


def test_a_server_that_repeats_what_it_was_asked_tells_no_secret() -> None:
    with Receiver() as receiver:
        echo = "Cannot POST /hooks/s3cr3t-path?token=t0k3n-in-query for Bearer b34r3r, also s3cr3t&#45;path"
        receiver.answers = [Answer(404, echo)]
        with pytest.raises(DeliveryError, match="404 Cannot POST") as refused:
            send(receiver, headers={"Authorization": "Bearer b34r3r"})
    assert not any(secret in str(refused.value) for secret in ("s3cr3t", "t0k3n", "b34r3r"))


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        monkeypatch.setenv("no_proxy", "")
        deliver(delivery(), options("http://hooks.example/x"), FACILITIES)
    assert [posted.path for posted in proxy.posted] == ["http://hooks.example/x"]


# -- the options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://hooks.example/s3cr3t"},
        {"url": "hooks.example/s3cr3t"},
        {"url": "https://a b/s3cr3t"},
        {"url": "https://hooks.example:99999/s3cr3t"},
        {"secret": "s3cr3t"},
        {"secret": "whsec_s3cr3t!"},
        {"headers": {"Webhook-Signature": "s3cr3t"}},
        {"headers": {"Content-Type": "s3cr3t"}},
        {"headers": {"X-Key": "s3cr3t\r\nX: y"}},
        {"headers": {f"X-{number}": "s3cr3t" for number in range(21)}},
        {"no_such_key": "s3cr3t"},
    ],
)
def test_what_cannot_be_right_is_refused_without_telling_the_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        options(**({"url": ANYWHERE} | wrong))
    assert "s3cr3t" not in str(refused.value)


def test_a_private_address_is_the_operators_word() -> None:
    assert options("http://10.0.0.5:8080/x")


def test_the_secrets_do_not_show_in_the_options() -> None:
    shown = repr(options(secret=SECRET, headers={"Authorization": "Bearer b34r3r"}))
    assert not any(secret in shown for secret in ("s3cr3t", SECRET, "b34r3r"))


def test_the_channel_is_its_own_recipient_and_is_found_by_its_kind() -> None:
    assert recipients("deals", options()) == ("deals",)
    assert channels()["webhook"].Options is Options
