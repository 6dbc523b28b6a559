"""A webhook of your own: the message as JSON, signed as Standard Webhooks say.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from crawler.errors import DeliveryError
from crawler.header_entry import MOST_HEADERS, HeaderName, HeaderValue
from monitors.deliver.http import a_web_address, post
from monitors.deliver.secret_files import SecretFile, at_most_one, secret
from monitors.digest.as_json import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.deliver.channels import Envelope, Facilities
    from monitors.deliver.http import Answer
    from monitors.domain import Delivery, Message

kind = "webhook"

_PREFIX = "whsec_"
_FEWEST_BYTES = 8
"""Of a key: fewer can be guessed at once. The standard wants 24 and more of them, by chance."""
_OURS = frozenset({"idempotency-key", "webhook-id", "webhook-timestamp", "webhook-signature"})
_OF_THE_MESSAGE = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
_FOR_NOW = {
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
}  # fmt: skip


def _a_key(key: SecretStr) -> SecretStr:
    if len(_bytes_of(key)) < _FEWEST_BYTES:
        raise ValueError(f"needs {_FEWEST_BYTES} characters or more, or `whsec_` and a key in Base64")
    return key


def _not_ours(name: str) -> str:
    if name.lower() in _OURS:
        raise ValueError(f"{name} is set by Newsvane itself")
    return name


class Options(BaseModel):
    # The address, the key and the headers are secrets: they stay out of error messages too.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr, AfterValidator(a_web_address)]
    secret: Annotated[SecretStr, AfterValidator(_a_key)] | None = None
    secret_file: SecretFile | None = None
    headers: dict[Annotated[HeaderName, AfterValidator(_not_ours)], HeaderValue] = Field(
        default_factory=dict, max_length=MOST_HEADERS
    )

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        at_most_one(self, "secret")
        return self


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return (channel_id,)


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    return (as_json(message, message_id=_webhook_id(envelope.message_id)).encode(),)


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    headers = {name: value.get_secret_value() for name, value in options.headers.items()}
    key = secret(options, "secret")
    if key and len(_bytes_of(key)) < _FEWEST_BYTES:
        raise DeliveryError(f"secret_file: {options.secret_file} holds no key", permanent=True)
    headers |= {"Content-Type": "application/json", **signed(delivery, key, at=datetime.now(UTC))}
    return _receipt(post(options.url, delivery.payload, headers, who="the webhook"))


def signed(delivery: Delivery, key: SecretStr | None, *, at: datetime) -> Mapping[str, str]:
    """Return the headers that say which message it is, when it is sent, and that it is ours.

    The body is frozen, the time is not: it is that of this try by the real clock, for a receiver refuses what is
    older than a few minutes, lest a listener on the way send it again.
    """
    identity, timestamp = _webhook_id(delivery.message_id), str(int(at.timestamp()))
    headers = {"Idempotency-Key": identity, "Webhook-Id": identity, "Webhook-Timestamp": timestamp}
    if key:
        content = f"{identity}.{timestamp}.".encode() + delivery.payload
        signature = base64.b64encode(hmac.digest(_bytes_of(key), content, sha256)).decode()
        headers["Webhook-Signature"] = f"v1,{signature}"
    return headers


def _webhook_id(message_id: str) -> str:
    """Return the same for every try. It holds no dot, which separates what is signed."""
    return f"msg_{sha256(message_id.encode()).hexdigest()[:32]}"


def _bytes_of(key: SecretStr) -> bytes:
    """Return the bytes to sign with: of `whsec_…` what its Base64 stands for, else the text itself."""
    text = key.get_secret_value()
    if not text.startswith(_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return b""


def _receipt(answer: Answer) -> str:
    """Return what was answered.

    A redirect is refused for now: it may be a page to log in to. 409 is said of a message that is just being worked on.

    Raises:
        DeliveryError: the message was not taken.
    """
    status, told = answer.status, f"the webhook answered {answer.told}"
    if 200 <= status < 300:  # noqa: PLR2004 -- 2xx is "taken" (RFC 9110)
        return answer.told
    if status == HTTPStatus.CONFLICT:
        raise DeliveryError(told, retry_after=answer.retry_after, scope="message")
    if status in _OF_THE_MESSAGE:
        raise DeliveryError(told, permanent=True, scope="message")
    permanent = 400 <= status < 500 and status not in _FOR_NOW  # noqa: PLR2004 -- 4xx is "your mistake"
    raise DeliveryError(told, permanent=permanent, retry_after=None if permanent else answer.retry_after)
