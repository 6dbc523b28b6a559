"""`newsvane send-test` tries a channel as it is, and says precisely what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from stand_ins.slack import CHANNEL, TOKEN, Answer, SlackStandIn
from stand_ins.smtp import MailCatcher

from monitors.cli import newsvane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

    Try = Callable[..., Result]


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture
def try_(tmp_path: Path, mail: MailCatcher, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.delenv("NEWSVANE_DATABASE_URL", raising=False)
    (tmp_path / "newsvane.yaml").write_text(f"""
channels:
  - {{id: desk, type: email, to: [ann@example.org, bob@example.org, cyd@example.org]}}
  - {{id: hook, type: slack, webhook_url: "{slack.url}"}}
  - {{id: bot, type: slack, token: "{TOKEN}", channel: {CHANNEL}, api: "{slack.api}"}}
smtp: {{host: {mail.host}, port: {mail.port}, from: newsvane@example.org}}
""")

    def tried(*arguments: str) -> Result:
        return CliRunner().invoke(newsvane, ["send-test", "--config", str(tmp_path / "newsvane.yaml"), *arguments])

    return tried


@pytest.mark.parametrize("channel", ["hook", "bot"])
def test_a_message_arrives_in_slack(try_: Try, slack: SlackStandIn, channel: str) -> None:
    assert try_(channel).output == f"sent to {channel}\n"
    assert len(slack.messages) == 1


def test_a_refused_recipient_is_said_and_the_others_get_theirs(try_: Try, mail: MailCatcher) -> None:
    mail.answers["bob@example.org"] = ["550 5.1.1 no such user"]
    done = try_("desk")
    assert done.exit_code == 1
    assert done.output == "sent to ann@example.org\nsent to cyd@example.org\n"
    assert str(done.exception) == (
        "not sent to bob@example.org: RCPT answered 550 5.1.1 no such user\n"
        "  whatever is sent to this recipient is refused until somebody mends it"
    )


def test_a_channel_in_trouble_is_tried_once(try_: Try, mail: MailCatcher) -> None:
    mail.at["greeting"] = ["421 4.3.2 busy"] * 3
    done = try_("desk")
    assert mail.connections == 1
    assert str(done.exception) == (
        "not sent to ann@example.org: the mail server answered 421 4.3.2 busy\n"
        "  whatever is sent through this channel is refused for now"
    )


def test_what_slack_refuses_is_said_with_what_mends_it(try_: Try, slack: SlackStandIn) -> None:
    slack.archived.add(CHANNEL)
    done = try_("bot")
    assert str(done.exception) == (
        "not sent to bot: Slack answered 200 is_archived (the channel is archived: name another, or bring it back)\n"
        "  whatever is sent through this channel is refused until somebody mends it"
    )


def test_programs_are_told_too(try_: Try, slack: SlackStandIn) -> None:
    slack.answers = [Answer(200, '{"ok": false, "error": "invalid_blocks"}')]
    done = try_("bot", "--json")
    told = json.loads(done.stdout)
    assert (told["sent"], told["scope"], told["permanent"]) == (False, "message", True)
    assert done.exit_code == 1
