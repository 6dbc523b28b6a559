"""The command line: one file a group of commands, imported when the command is asked for."""

from __future__ import annotations

import importlib
import sys

import click

from crawler.errors import ConfigError, NewsvaneError
from crawler.masking import masked
from monitors.cli.output import tell

COMMANDS = {
    "init": "init",
    "check": "check",
    "run": "run",
    "crawl": "run",
    "preview": "preview",
    "digest": "digest",
    "send-test": "digest",
    "mute": "mute",
    "unmute": "mute",
    "status": "status",
    "outbox": "outbox",
    "ledger": "ledger",
    "replay": "replay",
    "sources": "sources",
    "articles": "articles",
    "extract": "extract",
    "match": "match",
    "group": "group",
    "explain": "explain",
    "calibrate": "calibrate",
    "feedback": "feedback",
    "db": "db",
    "demo": "demo",
}
"""Where each command lives. In the order in which a newcomer meets them, which is how `--help` lists them."""


class Commands(click.Group):
    """Imports a command's module when it is asked for: trafilatura and Scrapy take a second to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        command: click.Command = next(
            value for value in vars(module).values() if isinstance(value, click.Command) and value.name == cmd_name
        )
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="newsvane", message="newsvane %(version)s")
def newsvane() -> None:
    """A self-hosted news monitor: sources and watchlists in YAML, digests and alerts by e-mail and Slack.

    \b
    newsvane init      writes a starter newsvane.yaml
    newsvane check     says what is wrong with it
    newsvane run       works until it is stopped
    """


def main() -> None:
    """Run the command line: exit code 0 it did its work, 1 it could not, 2 usage or configuration."""
    try:
        newsvane(prog_name="newsvane")
    except ConfigError as error:
        tell(masked(str(error)), err=True)
        sys.exit(2)
    except NewsvaneError as error:
        tell(masked(f"newsvane: {error}"), err=True)
        sys.exit(1)
