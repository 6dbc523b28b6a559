"""The `smtp:` section: the mail server of the operator. And what counts as an e-mail address."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

import idna
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

# What RFC 5321 allows without quotes, letters of any script included (RFC 6531).
_ATOM = r'[^\s@<>()\[\],;:\\".]+'
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")


def _an_address(text: str) -> str:
    hidden = any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in text)
    if hidden or "=?" in text or not _ADDRESS.fullmatch(text):
        raise ValueError("needs to be an e-mail address like name@example.org")
    try:
        ascii_host(text.rpartition("@")[2])
    except UnicodeError:
        raise ValueError("has a host that no name server can know") from None
    return text


def ascii_host(host: str) -> str:
    """Spell a host as name servers know it.

    Raises:
        UnicodeError: it cannot be spelled so.
    """
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


MailAddress = Annotated[str, AfterValidator(_an_address)]


class Smtp(BaseModel):
    """How mail leaves. The host is the operator's word and may be private."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    """Read when a mail is sent, so that a rotated password needs no restart."""
    sender: MailAddress | None = Field(default=None, alias="from")
    """The address mail comes from; the loader puts `settings.contact` where it is missing."""
