"""Secrets in files: what is read, when, and what is said of a file that is of no use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crawler.errors import DeliveryError
from monitors.deliver.secret_files import secret
from monitors.deliver.smtp import Smtp

if TYPE_CHECKING:
    from pathlib import Path


def password(smtp: Smtp) -> str:
    found = secret(smtp, "password")
    return found.get_secret_value() if found else "none"


def test_a_secret_is_what_is_given_or_what_stands_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_text("  pa ss \r\n")
    assert password(Smtp.model_validate({"password": "x"})) == "x"
    assert password(Smtp.model_validate({"password_file": str(file)})) == "  pa ss "
    assert password(Smtp()) == "none"


def test_a_secret_is_read_whenever_it_is_used(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    smtp = Smtp.model_validate({"password_file": str(file)})
    for word in ("old", "new"):
        file.write_text(word)
        assert password(smtp) == word


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read: No such file or directory"), (b"\n", "is empty"), (b"\xff\xfes\x00", "is not text")],
    ids=["missing", "empty", "binary"],
)
def test_a_file_of_no_use_holds_back_whatever_needs_the_secret(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "smtp"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DeliveryError, match=f"password_file: {file} {told}") as refused:
        password(Smtp.model_validate({"password_file": str(file)}))
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_we_may_not_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.touch(mode=0)
    with pytest.raises(DeliveryError, match="Permission denied"):
        password(Smtp.model_validate({"password_file": str(file)}))
