"""The receiver in docs/channels.md takes what Newsvane sends, once, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from socket import create_connection, socket
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from stand_ins.messages import ALERT, DIGEST
from stand_ins.program import clean_environment

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, Facilities
from monitors.deliver.channels.webhook import Options, deliver, render, signed
from monitors.deliver.http import post
from monitors.deliver.smtp import Smtp
from monitors.domain import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitors.domain import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.now(UTC)
FACILITIES = Facilities(smtp=Smtp())


@contextmanager
def receiver(repository: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the page's program on a free port until the context ends."""
    page = (repository / "docs" / "channels.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = subprocess.Popen(
        [sys.executable, "-c", code, str(port)],
        env=clean_environment() | {"DEALS_HMAC": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for _ in range(200):
            try:
                create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/", program
    finally:
        program.kill()
        program.communicate()


def delivery(message: Message, message_id: str) -> Delivery:
    envelope = Envelope(message_id=message_id, date=NOW, recipient="deals")
    options = Options.model_validate({"url": "https://hooks.example/x"})
    (payload,) = render(message, envelope, options, FACILITIES)
    return Delivery(id=1, channel="deals", recipient="deals", message_id=message_id, payload=payload, queued_at=NOW)


def test_the_receiver_of_the_page_takes_what_is_ours_once_and_refuses_the_rest(repository: Path) -> None:
    with receiver(repository) as (url, program):
        ours = Options.model_validate({"url": url, "secret": SECRET})
        somebody = Options.model_validate({"url": url, "secret": "whsec_" + "A" * 32})
        unsigned = Options.model_validate({"url": url})
        for refused in (somebody, unsigned):
            with pytest.raises(DeliveryError, match="401"):
                deliver(delivery(ALERT, "a"), refused, FACILITIES)
        late = dict(signed(delivery(ALERT, "a"), SecretStr(SECRET), at=NOW - timedelta(minutes=10)))
        assert post(SecretStr(url), delivery(ALERT, "a").payload, late, who="it").status == 401
        now = dict(signed(delivery(ALERT, "a"), SecretStr(SECRET), at=datetime.now(UTC)))
        assert post(SecretStr(url), delivery(ALERT, "a").payload + b" ", now, who="it").status == 401
        for message, message_id in ((ALERT, "a"), (ALERT, "a"), (DIGEST, "b")):
            assert deliver(delivery(message, message_id), ours, FACILITIES) == "200"
        program.terminate()
        told = program.communicate(timeout=30)[0].splitlines()
    assert [line.split()[0] for line in told] == ["alert", "digest"]
