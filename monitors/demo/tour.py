"""The demo itself: starts newspapers and a mail catcher, then does what a user would do, with the user's commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from jinja2 import Environment, StrictUndefined

from crawler.errors import NewsvaneError
from monitors.demo.mail_catcher import catch_mail
from monitors.demo.newspaper import newspapers
from monitors.demo.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from monitors.demo.mail_catcher import Mail, MailCatcher
    from monitors.demo.server import NewspaperServer

TEMPLATE = Path(__file__).parent / "newsvane.yaml"
WRITTEN_BY_US = "# Written by `newsvane demo`"
CONFIG, DATABASE, LOG = "newsvane.yaml", "newsvane.db", "demo.log"
COMMAND_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on: a folder with a configuration, newspapers to read and a mail server to send through."""

    folder: Path
    papers: tuple[NewspaperServer, ...]
    catcher: MailCatcher

    @property
    def digest_watchlists(self) -> tuple[str, ...]:
        """The ids of the watchlists that are told by digest."""
        config = yaml.safe_load((self.folder / CONFIG).read_text(encoding="utf-8"))
        return tuple(each["id"] for each in config["watchlists"] if any("at" in rule for rule in each["deliver"]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    alerts: tuple[Mail, ...]
    digests: Mapping[str, Mail]
    """By watchlist."""
    took_s: float
    """From the start of the crawl to the last digest in the inbox."""


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Prepare the folder and run everything that is not Newsvane, for as long as the context lasts.

    Raises:
        NewsvaneError: the folder holds a configuration that is not the demo's.
    """
    _clear(folder)
    with ExitStack() as stack:
        now = datetime.now(UTC)
        papers = tuple(stack.enter_context(serve(paper, now=now)) for paper in newspapers())
        catcher = stack.enter_context(catch_mail())
        (folder / CONFIG).write_text(_configuration(papers, catcher), encoding="utf-8")
        yield Stage(folder, papers, catcher)


def play(on: Stage, say: Callable[[str], None]) -> Outcome:
    """Check, crawl, match and send; `say` is told each command (`$ newsvane …`) before it runs, and what it answered.

    Raises:
        NewsvaneError: a command failed, or a digest did not arrive.
    """

    def newsvane(*arguments: str) -> tuple[Mail, ...]:
        """Run a command and return the mail that it sent."""
        before = len(on.catcher.mails)
        command = [*arguments, "--config", str(on.folder / CONFIG)]
        say(f"$ newsvane {shlex.join(command)}")
        say(_run(command, on.folder / LOG))
        return tuple(on.catcher.mails[before:])

    newsvane("check")
    started = time.monotonic()
    alerts = newsvane("run", "--once")
    for paper in on.papers:
        if paper.edits:
            paper.edit()
            say(f"{paper.paper.name} adds a correction to an article that is stored already")
            newsvane("crawl", "--source", paper.paper.id, "--again")
    sent = {mail.watchlist: mail for mail in newsvane("digest", *on.digest_watchlists)}
    took_s = time.monotonic() - started
    missing = [watchlist for watchlist in on.digest_watchlists if watchlist not in sent]
    missing += [] if alerts else ["the alerts"]
    if missing:
        raise NewsvaneError(f"no mail came for {', '.join(missing)}; what was done is told in {on.folder / LOG}")
    return Outcome(alerts, {watchlist: sent[watchlist] for watchlist in on.digest_watchlists}, took_s)


def keep_html(outcome: Outcome, folder: Path) -> Mapping[str, Path]:
    """Write the HTML of every digest to its file, and of the first also to digest.html; return them by watchlist."""
    files = {watchlist: folder / f"digest-{watchlist}.html" for watchlist in outcome.digests}
    for watchlist, file in files.items():
        file.write_text(outcome.digests[watchlist].html, encoding="utf-8")
    first = next(iter(outcome.digests.values()))
    (folder / "digest.html").write_text(first.html, encoding="utf-8")
    return files


def _clear(folder: Path) -> None:
    """Make the folder, and remove the database of an earlier demo; nobody else's is touched."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG
    if config.exists() and not config.read_text(encoding="utf-8").startswith(WRITTEN_BY_US):
        raise NewsvaneError(f"{config} is not the demo's: choose another folder with --out")
    if not config.exists() and (folder / DATABASE).exists():
        raise NewsvaneError(f"{folder / DATABASE} is not the demo's: choose another folder with --out")
    for file in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOG):
        (folder / file).unlink(missing_ok=True)


def _configuration(papers: tuple[NewspaperServer, ...], catcher: MailCatcher) -> str:
    template = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False, keep_trailing_newline=True)  # noqa: S701 - YAML of our own values
    listed = [
        {"id": each.paper.id, "name": each.paper.name, "url": each.url, "port": each.server_port, "edits": each.edits}
        for each in papers
    ]
    return template.from_string(TEMPLATE.read_text(encoding="utf-8")).render(papers=listed, smtp=catcher)


def _run(arguments: Sequence[str], log: Path) -> str:
    """Run a command of Newsvane and return what it said; the log keeps all of it."""
    # What the user has set for a Newsvane of their own, its database above all, is not for the demo.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSVANE_")}
    command = f"newsvane {shlex.join(arguments)}"
    try:
        done = subprocess.run(  # noqa: S603 - our own program with our own arguments
            [sys.executable, "-m", "monitors.cli", *arguments],
            env=environment,
            capture_output=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NewsvaneError(f"`{command}` took over {COMMAND_TIMEOUT_S} s") from error
    with log.open("ab") as file:
        file.write(f"$ {command}\n".encode() + done.stdout + done.stderr)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NewsvaneError(f"`{command}` ended with {done.returncode}: {reason} (all that was said is in {log})")
    return done.stdout.decode(errors="replace").strip()
