"""E-mail, through the operator's SMTP server."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

kind = "email"

# What RFC 5321 allows without quotes, letters of any script included (RFC 6531).
_ATOM = r'[^\s@<>()\[\],;:\\".]+'
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")


def _an_address(text: str) -> str:
    hidden = any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in text)
    if hidden or not _ADDRESS.fullmatch(text) or "=?" in text:
        raise ValueError("needs to be an e-mail address like name@example.org")
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[
        tuple[Annotated[str, AfterValidator(_an_address)], ...], BeforeValidator(_as_list), Field(min_length=1)
    ]
    """One address or a list of them; each gets a mail of their own."""


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return tuple(dict.fromkeys(options.to))
