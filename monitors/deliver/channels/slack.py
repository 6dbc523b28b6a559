"""Slack, through an incoming webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

if TYPE_CHECKING:
    from collections.abc import Sequence

kind = "slack"


def _a_web_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if parts.scheme not in {"http", "https"} or not parts.hostname or not secret.get_secret_value().isprintable():
        raise ValueError("needs to be an http or https URL")
    return secret


class Options(BaseModel):
    # The URL is a secret: whoever has it can post. It stays out of error messages too.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhook_url: Annotated[SecretStr, AfterValidator(_a_web_address)]


def recipients(channel_id: str, options: Options) -> Sequence[str]:  # noqa: ARG001 -- one webhook is one recipient
    return (channel_id,)
