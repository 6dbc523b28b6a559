"""The command line: one file a group of commands, imported when the command is asked for."""

from __future__ import annotations

import importlib
import sys

import click

from crawler.errors import ConfigError, NewsvaneError
from crawler.masking import masked
from monitors.cli.output import tell

COMMANDS = {
    "init": ("init", "write a starter newsvane.yaml"),
    "check": ("check", "say what is wrong with the configuration, all of it at once"),
    "run": ("run", "work until it is stopped: read, match, send"),
    "crawl": ("run", "read the sources that are due and store what is new"),
    "preview": ("preview", "show a watchlist's digest as it would be now"),
    "digest": ("digest", "compose digests and send them now"),
    "send-test": ("digest", "send an empty digest, to see that it arrives"),
    "mute": ("mute", "hear nothing of a watchlist or a story for a while"),
    "unmute": ("mute", "hear of it again"),
    "status": ("status", "tell what is healthy, late, broken and queued"),
    "outbox": ("outbox", "show what waits to be sent, try it again or drop it"),
    "ledger": ("ledger", "list what was sent to whom and when"),
    "replay": ("replay", "send once more what a watchlist matched"),
    "sources": ("sources", "list the sources, find feeds, import and export OPML"),
    "articles": ("articles", "list what is stored"),
    "extract": ("extract", "turn saved pages into articles"),
    "match": ("match", "match articles of a file against the watchlists"),
    "group": ("group", "tell copies and stories among articles of a file"),
    "explain": ("explain", "tell why an article matches, or why not"),
    "calibrate": ("calibrate", "show how many articles a week a concept would flag"),
    "feedback": ("feedback", "say that an article is what a watchlist means, or is not"),
    "db": ("db", "look after the database"),
    "demo": ("demo", "show the whole job with bundled newspapers"),
}
"""Where each command lives, and what it does. In the order in which a newcomer meets them."""


class Commands(click.Group):
    """Imports a command's module when it is asked for, not to list it: trafilatura and Scrapy take a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = next(
            value for value in vars(module).values() if isinstance(value, click.Command) and value.name == cmd_name
        )
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="newsvane", message="newsvane %(version)s")
def newsvane() -> None:
    """A self-hosted news monitor: sources and watchlists in YAML, digests and alerts by e-mail and Slack."""


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
