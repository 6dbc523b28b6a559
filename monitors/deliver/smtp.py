"""The `smtp:` section: the mail server of the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
    sender: str | None = Field(default=None, alias="from")
    """The address mail comes from; the loader puts `settings.contact` where it is missing."""
