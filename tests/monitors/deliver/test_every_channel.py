"""What every channel promises, whatever its kind: one that is added is held to it by itself."""

from __future__ import annotations

import json
import logging
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from socket import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from pydantic import ValidationError
from stand_ins.digests import MEANT, RICH
from stand_ins.hostile import FAST, messages
from stand_ins.messages import ALERT, DIGEST, EMPTY_DIGEST, FIRST_ALERT, HITS, LONG_DIGEST, WATCHLIST, told
from stand_ins.receiver import Receiver
from stand_ins.slack import SlackStandIn
from stand_ins.smtp import MailCatcher

from crawler.errors import DeliveryError
from monitors.cli import newsvane
from monitors.deliver.channels import Channel, Envelope, Facilities, channels
from monitors.deliver.smtp import Smtp
from monitors.domain import Delivery, Notice, RoundUp, SourceNews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitors.domain import Message

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECRET = "s3cr3t"
NOTICE = Notice(
    at=ALERT.at,
    broken=(SourceNews(id="w", name="Wire", url="https://w.example/f", state="failing", since=NOW, why="HTTP 500"),),
)
ROUND_UP = RoundUp(watchlist=WATCHLIST, at=ALERT.at, stories=told(*HITS[:2]), why="quiet", since=ALERT.at)
MESSAGES = [DIGEST, EMPTY_DIGEST, LONG_DIGEST, RICH, MEANT, ALERT, FIRST_ALERT, ROUND_UP, NOTICE]


@dataclass(frozen=True)
class Place:
    """A service that takes what a channel sends, and the configuration that leads to it."""

    options: dict[str, Any]
    arrived: Callable[[], int]
    """How many messages, or parts of one, have come."""
    smtp: dict[str, Any]


@contextmanager
def place(kind: str, folder: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        match kind:
            case "email":
                mail = stack.enter_context(MailCatcher())
                smtp = {"host": mail.host, "port": mail.port, "from": "newsvane@news.example"}
                yield Place({"to": ["a@example.org"]}, lambda: len(mail.messages), smtp)
            case "slack":
                slack = stack.enter_context(SlackStandIn())
                yield Place({"webhook_url": slack.url}, lambda: len(slack.messages), {})
            case "webhook":
                hook = stack.enter_context(Receiver())
                yield Place({"url": hook.url, "secret": SECRET * 4}, lambda: len(hook.posted), {})
            case "feed":
                feeds = folder / "feeds"
                yield Place({"dir": str(feeds)}, lambda: len(list(feeds.glob("*.atom"))), {})
            case "apprise":
                chat = stack.enter_context(Receiver())
                yield Place({"url": f"json://user:{SECRET}@{chat.address}/x"}, lambda: len(chat.posted), {})
            case _:
                pytest.fail(f"say here where messages of {kind} arrive")


EVERY_KIND = pytest.mark.parametrize("kind", sorted(channels()))


def frozen(kind: str, place: Place, message: Message) -> list[Delivery]:
    channel, options, facilities = configured(kind, place)
    deliveries = []
    for recipient in channel.recipients("team", options):
        envelope = Envelope(message_id="d1@news.example", date=NOW, recipient=recipient)
        for payload in channel.render(message, envelope, options, facilities):
            one = {"id": 1, "channel": "team", "recipient": recipient, "message_id": "d1@news.example"}
            deliveries.append(Delivery(**one, payload=payload, queued_at=NOW))  # type: ignore[arg-type]
    return deliveries


def configured(kind: str, place: Place) -> tuple[Channel, Any, Facilities]:
    channel = channels()[kind]
    facilities = Facilities(smtp=Smtp.model_validate(place.smtp or {"from": "newsvane@news.example"}))
    return channel, channel.Options.model_validate(place.options), facilities


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@EVERY_KIND
def test_every_message_arrives_and_the_receipt_is_a_line(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:
        channel, options, facilities = configured(kind, there)
        for message in MESSAGES:
            deliveries = frozen(kind, there, message)
            assert deliveries
            for delivery in deliveries:
                receipt = channel.deliver(delivery, options, facilities)
                assert receipt
                assert receipt.isprintable()
                assert SECRET not in receipt
        assert there.arrived()


@EVERY_KIND
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_frozen_to_the_same_bytes_whenever_it_is_rendered(
    kind: str, message: Message, tmp_path: Path
) -> None:
    with place(kind, tmp_path) as there:
        assert frozen(kind, there, message) == frozen(kind, there, message)
        assert there.arrived() == 0


@EVERY_KIND
def test_the_whole_receipt_or_at_least_its_sum_is_in_an_empty_digest(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:
        whole = b"".join(delivery.payload for delivery in frozen(kind, there, EMPTY_DIGEST)).decode()
        assert re.search(r"60 of 60|all 60|60 sources|\"sources_read\":60", whole)


@EVERY_KIND
def test_a_service_that_is_not_there_is_worth_another_try_and_no_secret_is_told(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with place(kind, tmp_path) as there:
        pass
    (tmp_path / "feeds").touch()
    with socket() as nobody:
        nobody.bind(("localhost", 0))
        channel, options, facilities = configured(kind, there)
        with pytest.raises(DeliveryError) as failed:
            channel.deliver(frozen(kind, there, ALERT)[0], options, facilities)
    assert not failed.value.permanent
    assert failed.value.scope == "channel"
    shown = str(failed.value) + "".join(capfd.readouterr()) + "".join(map(logging.LogRecord.getMessage, caplog.records))
    assert str(failed.value)
    assert SECRET not in shown


@EVERY_KIND
def test_the_options_refuse_what_they_do_not_know_and_show_no_secret(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:
        channel, options, _ = configured(kind, there)
        assert SECRET not in repr(options)
        with pytest.raises(ValidationError, match="no_such_key"):
            channel.Options.model_validate({**there.options, "no_such_key": 1})
        with pytest.raises(ValidationError, match="frozen"):
            setattr(options, next(iter(there.options)), None)


@EVERY_KIND
def test_whom_it_is_for_is_said_by_the_configuration_alone(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:
        channel, options, _ = configured(kind, there)
        assert channel.recipients("team", options) == channel.recipients("team", options) != ()
        assert all(SECRET not in recipient for recipient in channel.recipients("team", options))


@EVERY_KIND
def test_send_test_arrives(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSVANE_DATABASE_URL", raising=False)
    with place(kind, tmp_path) as there:
        file = tmp_path / "newsvane.yaml"
        smtp = there.smtp or {"from": "newsvane@news.example"}
        file.write_text(json.dumps({"channels": [{"id": "team", "type": kind, **there.options}], "smtp": smtp}))
        done = CliRunner().invoke(newsvane, ["send-test", "--config", str(file), "team"])
        assert done.exit_code == 0, done.output
        assert done.output.startswith("sent to ")
        assert there.arrived() == 1


@pytest.mark.parametrize("kind", sorted(channels()))
def test_whatever_the_web_sends_it_can_be_frozen(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:

        @FAST
        @given(messages())
        def can_be_frozen(message: Message) -> None:
            assert all(delivery.payload for delivery in frozen(kind, there, message))

        can_be_frozen()


@EVERY_KIND
def test_an_id_of_any_letters_can_be_sent(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as there:
        channel, options, facilities = configured(kind, there)
        watchlist = replace(WATCHLIST, id="网络安全", name="网络安全法")
        for delivery in frozen(kind, there, replace(ALERT, watchlist=watchlist)):
            channel.deliver(delivery, options, facilities)
        assert there.arrived() == 1
