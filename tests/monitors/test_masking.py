"""Secrets appear nowhere: not in the log, not in an error, not in a stored reason, however they are spelled."""

from __future__ import annotations

import base64
import io
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from crawler import masking
from crawler.masking import keep_secret, masked, masked_value
from monitors.cli import logs
from monitors.secrets import secrets_of
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRETS = st.text(min_size=12, max_size=30).map(str.strip).filter(lambda text: len(text) >= 12 and "•" not in text)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_KNOWN", masking._Known())


def nested(secret: str) -> st.SearchStrategy[Any]:
    leaves = st.sampled_from([secret, f"x{secret}y", ValueError(f"refused {secret}"), 7, None])
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", secret]), inner)
    )


@given(data=st.data(), secret=SECRETS)
def test_a_secret_is_masked_wherever_it_stands(data: st.DataObject, secret: str) -> None:
    keep_secret([secret])
    value = data.draw(nested(secret))
    told = json.dumps(masked_value(value), ensure_ascii=False)
    assert secret not in told
    assert json.dumps(secret)[1:-1] not in told


@pytest.mark.parametrize(
    "spelled",
    [
        lambda secret: secret,
        quote,
        lambda secret: quote(secret, safe=""),
        lambda secret: base64.b64encode(secret.encode()).decode(),
        json.dumps,
        repr,
        lambda secret: repr(secret.encode()),
    ],
)
def test_a_secret_is_masked_however_it_is_spelled(spelled: Any) -> None:
    secret = 'pä"ss/wo rd\\1+2'
    keep_secret([secret])
    told = masked(f"the server said {spelled(secret)}!")
    assert "ss" not in told.partition("said")[2]
    assert told.endswith("!")


def test_parts_of_a_secret_address_are_secret_and_its_host_is_not() -> None:
    keep_secret(["https://user:hunter22@hooks.example.org/services/T0/B0/abcdef"])
    assert (
        masked("POST /services/T0/B0/abcdef to hooks.example.org as hunter22") == "POST ••• to hooks.example.org as •••"
    )


def test_short_secrets_mask_no_words() -> None:
    keep_secret(["", "de"])
    assert masked("the desk decided") == "the desk decided"


def test_all_secrets_of_a_configuration_are_known(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from-a-file-7\n")
    file = tmp_path / "newsvane.yaml"
    file.write_text(
        """
settings: {proxy: "http://me:of-the-proxy-1@proxy.example.org:3128"}
sources: [{id: one, url: "https://one.example/feed", headers: {Cookie: "session=of-a-header-2"}}]
channels:
  - {id: chat, type: slack, webhook_url: "https://hooks.example.org/of-a-webhook-3"}
  - {id: hook, type: webhook, url: "https://hooks.example.org/of-a-hook-4", secret: "of-a-signature-5"}
smtp: {username: "${MAIL_USER}", password_file: password}
health: {heartbeat: "https://hc.example.org/of-a-heartbeat-8"}
"""
    )
    found = "\n".join(secrets_of(load(file, environ={"MAIL_USER": "of-the-environment-6"})))
    assert [number for number in range(1, 9) if f"-{number}" not in found] == []


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure_logging()
    yield stream
    logging.basicConfig(force=True, handlers=[logging.NullHandler()])


def fail(secret: str) -> None:
    raise ValueError(f"535 {secret} is no password")


def test_no_line_of_the_log_holds_a_secret(stderr: io.StringIO) -> None:
    secret = 'pä"ss\\word'
    keep_secret([secret])
    log = structlog.get_logger()
    try:
        fail(secret)
    except ValueError as error:
        log.exception("broke", url=f"https://x/{quote(secret)}", error=error, deep={"list": [secret]})
        logging.getLogger("library").exception("it said %s", secret)
    written = stderr.getvalue()
    assert written.count("•••") >= 5
    for spelled in (secret, json.dumps(secret)[1:-1], quote(secret), "ss\\"):
        assert spelled not in written
    assert all(json.loads(line) for line in written.splitlines())


def test_a_log_that_nobody_takes_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stderr", Broken())
    logs.configure_logging()
    structlog.get_logger().error("nobody_listens")
    logging.getLogger("library").error("nobody listens")
    logging.basicConfig(force=True, handlers=[logging.NullHandler()])
