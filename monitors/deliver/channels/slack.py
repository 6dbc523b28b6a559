"""Slack, through an incoming webhook.

Posted by the standard library: slack_sdk's client encodes the payload anew at every try, follows redirects with it and
logs the secret URL.
"""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Annotated
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from crawler.errors import DeliveryError
from monitors.digest.inert import shorten
from monitors.digest.render import render_slack

if TYPE_CHECKING:
    from monitors.deliver.channels import Envelope, Facilities
    from monitors.domain import Delivery, Message

kind = "slack"

_TIMEOUT_S = 30
_MOST_OF_AN_ANSWER = 4_096
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors
_FINAL_STATUSES = {400, 404, 410, 413}
_FINAL_ERRORS = {
    "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_blocks", "invalid_payload",
    "invalid_token", "no_service", "no_service_id", "no_team", "no_text", "posting_to_general_channel_denied",
    "team_disabled", "too_many_attachments", "user_not_found",
}  # fmt: skip


def _a_web_address(secret: SecretStr) -> SecretStr:
    url = secret.get_secret_value()
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url:
        raise ValueError("needs to be an http or https URL")
    return secret


class Options(BaseModel):
    # Whoever has the URL can post: it stays out of error messages too.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhook_url: Annotated[SecretStr, AfterValidator(_a_web_address)]


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return (channel_id,)


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    return tuple(json.dumps(payload, ensure_ascii=False).encode() for payload in render_slack(message))


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    request = Request(  # noqa: S310 -- Options admit http and https only
        options.webhook_url.get_secret_value(),
        data=delivery.payload,
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    try:
        with build_opener(_AsItComes).open(request, timeout=_TIMEOUT_S) as response:
            return _receipt(response.status, response.read(_MOST_OF_AN_ANSWER), response.headers.get("Retry-After", ""))
    except URLError as error:
        raise DeliveryError(f"Slack could not be reached: {shorten(str(error.reason), 200)}") from None
    except (OSError, HTTPException) as error:  # its text may hold the URL
        raise DeliveryError(f"Slack could not be reached: {type(error).__name__}") from None


class _AsItComes(HTTPErrorProcessor):
    """Hands every answer over. Redirects above all: neither the secret nor the news go where somebody else points."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002 -- urllib's way
        return response

    https_response = http_response


def _receipt(status: int, body: bytes, retry_after: str) -> str:
    """Return Slack's `ok`; what else answers 200 (a proxy's login page, `{"ok": false}`) has not taken the message."""
    answer = _answer(body)
    if status == HTTPStatus.OK and answer == "ok":
        return "200 ok"
    raise DeliveryError(
        f"Slack answered {status} {shorten(answer, 100)}".rstrip(),
        permanent=status in _FINAL_STATUSES or answer in _FINAL_ERRORS,
        retry_after=_seconds(retry_after),
    )


def _answer(body: bytes) -> str:
    """Return the word that Slack answered with: bare, or in `{"ok": …, "error": …}`."""
    text = body.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except ValueError:
        return text
    if not isinstance(answer, dict):
        return text
    return "ok" if answer.get("ok") is True else str(answer.get("error", text))


def _seconds(text: str) -> timedelta | None:
    seconds = text.strip()
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 8 else None  # noqa: PLR2004 -- half a year is more than anybody waits
