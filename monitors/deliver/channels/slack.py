"""Slack, through an incoming webhook, or as a bot with a token, which puts the parts of a message into one thread.

Posted without slack_sdk: its client encodes the payload anew at every try, follows redirects with it and logs the
secret URL.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from crawler.errors import DeliveryError
from crawler.yaml_types import WebAddress
from monitors.deliver.http import a_web_address, post
from monitors.deliver.secret_files import SecretFile, at_most_one, secret
from monitors.digest.inert import shorten
from monitors.digest.render import render_slack

if TYPE_CHECKING:
    from monitors.deliver.channels import Envelope, Facilities
    from monitors.deliver.http import Answer
    from monitors.domain import Delivery, Message

kind = "slack"

_MOST_OF_AN_ANSWER = 262_144  # a message that was taken is told back in full, every letter as \uXXXX
_SHORTEST_WAIT = timedelta(seconds=30)  # where Slack says "too fast" and not for how long
_ATTEMPTS = 3  # after so many, what goes wrong inside Slack with a message is held to be of that message
_RECEIPT = re.compile(r"([A-Z0-9]+) ([0-9]+\.[0-9]+)")

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors
_OF_THE_MESSAGE = {
    "invalid_arguments", "invalid_blocks", "invalid_blocks_format", "invalid_payload", "msg_blocks_too_long",
    "msg_too_long", "no_text", "too_many_attachments",
}  # fmt: skip
_TOO_FAST = {"rate_limited", "ratelimited"}
_INSIDE_SLACK = {"fatal_error", "internal_error", "request_timeout", "rollup_error"}
_NO_THREAD = {
    "cannot_reply_to_message", "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
    "thread_not_found",
}  # fmt: skip
_FINAL_STATUSES = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}

_NO_SCOPE = "the app needs the scope chat:write and a bot's token (xoxb-): install it again"
_NO_TOKEN = "the token does not count any more: install the app again and take its new token"  # noqa: S105 -- words
_NO_WEBHOOK = "the webhook was deleted: make a new one"
_RESTRICTED = "the administrators of this Slack do not let the app post there"
_MENDING = {
    "access_denied": _RESTRICTED,
    "accesslimited": "Slack lets this network not in",
    "account_inactive": _NO_TOKEN,
    "action_prohibited": _RESTRICTED,
    "channel_is_archived": "the channel is archived: name another, or bring it back",
    "channel_not_found": "there is no such channel, or it is private and the app is not in it: /invite it there",
    "deprecated_endpoint": "the address is out of use: look at `api`",
    "ekm_access_denied": _RESTRICTED,
    "enterprise_is_restricted": _RESTRICTED,
    "invalid_auth": "Slack does not know the token",
    "invalid_token": _NO_WEBHOOK,
    "is_archived": "the channel is archived: name another, or bring it back",
    "messages_tab_disabled": "the app takes no messages: name a channel, not the app",
    "method_deprecated": "the address is out of use: look at `api`",
    "missing_scope": _NO_SCOPE,
    "no_permission": _NO_SCOPE,
    "no_service": _NO_WEBHOOK,
    "no_service_id": _NO_WEBHOOK,
    "no_team": _NO_WEBHOOK,
    "not_allowed_token_type": _NO_SCOPE,
    "not_authed": "no token came through: is a proxy between?",
    "not_in_channel": "the app is not in the channel: /invite it there",
    "org_login_required": _RESTRICTED,
    "posting_to_general_channel_denied": _RESTRICTED,
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_thread_only_channel": "the channel takes threads only: name another",
    "team_access_not_granted": _RESTRICTED,
    "team_disabled": "this Slack was closed",
    "team_not_found": "this Slack is not there any more",
    "token_expired": _NO_TOKEN,
    "token_revoked": _NO_TOKEN,
    "two_factor_setup_required": _RESTRICTED,
    "user_not_found": "whom the webhook leads to is not there any more: make a new one",
}
"""What whoever runs Newsvane can do where nothing gets through."""


def _a_token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]{8,1000}", token.get_secret_value()):
        raise ValueError("needs to be a token of Slack, such as xoxb-…")
    return token


def _a_channel(text: str) -> str:
    if not re.fullmatch(r"[CDGU][A-Z0-9]{2,30}|#[^\s,<>#@]{1,80}", text) or not text.isprintable():
        raise ValueError('needs the id of a channel, such as C0123456789, or its name, such as "#legal"')
    return text


class Options(BaseModel):
    # Whoever has the address or the token can post: they stay out of error messages too.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhook_url: Annotated[SecretStr, AfterValidator(a_web_address)] | None = None
    webhook_url_file: SecretFile | None = None
    token: Annotated[SecretStr, AfterValidator(_a_token)] | None = None
    token_file: SecretFile | None = None
    channel: Annotated[str, AfterValidator(_a_channel)] | None = None
    api: WebAddress = "https://slack.com/api"

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        at_most_one(self, "webhook_url", "token")
        if not (self.has_token or self.webhook_url or self.webhook_url_file):
            raise ValueError("needs `webhook_url`, or `token` and `channel`")
        if self.has_token and not self.channel:
            raise ValueError("needs `channel` beside the token")
        if self.channel and not self.has_token:
            raise ValueError("needs `channel` to be left out: a webhook leads to one channel by itself")
        if "api" in self.model_fields_set and not self.has_token:
            raise ValueError("needs `api` to be left out: a webhook is an address by itself")
        return self

    @property
    def has_token(self) -> bool:
        return self.token is not None or self.token_file is not None


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return (channel_id,)


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    return tuple(json.dumps(payload, ensure_ascii=False).encode() for payload in render_slack(message))


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    if not options.has_token:
        url = _usable(secret(options, "webhook_url"), a_web_address, "webhook_url_file")
        return _receipt(delivery, _post(url, delivery.payload))
    token = _usable(secret(options, "token"), _a_token, "token_file")
    thread = _RECEIPT.fullmatch(delivery.thread or "")
    answer = _say(delivery, options, token, thread)
    if thread and _word(_read(answer), answer.text) in _NO_THREAD:  # somebody deleted the first part, or locked it
        answer = _say(delivery, options, token, None)
    return _receipt(delivery, answer)


def _usable(found: SecretStr | None, check: Any, name: str) -> SecretStr:
    """Look at a secret as the configuration does, now that it was read from its file."""
    try:
        checked: SecretStr = check(found or SecretStr(""))
    except ValueError as error:
        raise DeliveryError(f"{name}: {error}", permanent=True) from None
    return checked


def _say(delivery: Delivery, options: Options, token: SecretStr, thread: re.Match[str] | None) -> Answer:
    """Post as a bot. Where it goes is put before the frozen payload, of which no byte changes."""
    where = {"channel": thread[1], "thread_ts": thread[2]} if thread else {"channel": options.channel}
    body = json.dumps(where).encode().removesuffix(b"}") + b", " + delivery.payload.removeprefix(b"{")
    url = SecretStr(f"{options.api.rstrip('/')}/chat.postMessage")
    return _post(url, body, {"Authorization": f"Bearer {token.get_secret_value()}"})


def _post(url: SecretStr, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"} | (headers or {})
    return post(url, body, headers, who="Slack", most_bytes=_MOST_OF_AN_ANSWER)


# -- what Slack answers -----------------------------------------------------------------------------------------------


def _receipt(delivery: Delivery, answer: Answer) -> str:
    """Return `200 ok`, or of a bot's message its channel and `ts`.

    What else answers 200 (a proxy's login page, `{"ok": false}`) has not taken the message.
    """
    said = _read(answer)
    word = _word(said, answer.text)
    if answer.status == HTTPStatus.OK and word == "ok":
        kept = f"{said.get('channel')} {said.get('ts')}"
        return kept if _RECEIPT.fullmatch(kept) else "200 ok"
    raise _refusal(delivery, answer, word)


def _refusal(delivery: Delivery, answer: Answer, word: str) -> DeliveryError:
    hint = _MENDING.get(word, "")
    wait = answer.retry_after
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or word in _TOO_FAST:
        wait = wait or _SHORTEST_WAIT
    of_message = word in _OF_THE_MESSAGE or answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    chokes = word in _INSIDE_SLACK and delivery.attempts >= _ATTEMPTS
    known = f"{answer.status} {shorten(word, 100)}".rstrip() if re.fullmatch(r"[a-z_]+", word) else answer.told
    return DeliveryError(
        f"Slack answered {known}" + (f" ({hint})" if hint else ""),
        permanent=of_message or bool(hint) or answer.status in _FINAL_STATUSES,
        retry_after=wait,
        scope="message" if of_message or chokes else "channel",
    )


def _read(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _word(said: dict[str, Any], text: str) -> str:
    """Return the word that Slack answered with: bare, or in `{"ok": …, "error": …}`."""
    if not said:
        return text
    return "ok" if said.get("ok") is True else str(said.get("error", text))
