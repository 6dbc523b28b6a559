"""The `smtp:` section: the mail server of the operator. And what counts as an e-mail address."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Literal, Self

import idna
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitors.deliver.secret_files import SecretFile, at_most_one

# What RFC 5321 allows without quotes, letters of any script included (RFC 6531).
_ATOM = r'[^\s@<>()\[\],;:\\".]+'
_LONGEST = 254  # RFC 5321, 4.5.3.1.3
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")

_LABEL = "[a-z0-9]([a-z0-9_-]*[a-z0-9])?"  # with the underscore that some networks allow themselves
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE | re.ASCII)


def _an_address(text: str) -> str:
    hidden = any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in text)
    if hidden or "=?" in text or len(text) > _LONGEST or not _ADDRESS.fullmatch(text):
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
    if not host.isascii():
        return idna.encode(host, uts46=True).decode("ascii")
    if not _HOST.fullmatch(host):
        raise UnicodeError(f"{host!r} is no name of a host")
    return host


MailAddress = Annotated[str, AfterValidator(_an_address)]


class Smtp(BaseModel):
    """How mail leaves. The host is the operator's word and may be private."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    password_file: SecretFile | None = None
    sender: MailAddress | None = Field(default=None, alias="from")
    """The address mail comes from; the loader puts `settings.contact` where it is missing."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        at_most_one(self, "password")
        return self
