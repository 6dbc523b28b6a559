"""A reader at a desk: types the commands of a page in a folder, with a small news site and a mail server."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stand_ins.program import clean_environment
from stand_ins.site import NewsSite
from stand_ins.smtp import MailCatcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.loaded import Loaded

ADDRESS = "https://www.theregister.com"
HEADLINES = (
    "Hospital group pays after ransomware attack",
    "Thieves leaked data of 40,000 pupils",
    "Ferry line tries batteries",
)

# The pages' own configuration but for the addresses: what their readers write after `newsvane init`.
CONFIGURATION = """
settings:
  contact: me@example.org
  timezone: Europe/Zurich
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{url: "{site.url}/feed", id: theregister.com, name: theregister.com}}]
watchlists:
  - name: Data breaches
    keywords: [ransomware, data breach, (steal|stolen|leak) data]
    first_run: deliver
    deliver: [{{to: me@example.org, at: "07:00", days: mon-fri}}]
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a page is tried out."""

    folder: Path
    site: NewsSite
    mail: MailCatcher
    loaded: Loaded

    def configure(self) -> None:
        text = CONFIGURATION.format(site=self.site, mail=self.mail)
        (self.folder / "newsvane.yaml").write_text(text, encoding="utf-8")

    def type(self, command: str) -> str:
        """Run a command as a shell does and return what it shows, with the address of the page's site."""
        done = self._by_itself(command) if _is_one_command(command) else self._in_a_shell(command)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout[-3000:]}"
        return done.stdout.replace(self.site.url, ADDRESS)

    def _by_itself(self, command: str) -> subprocess.CompletedProcess[str]:
        arguments = shlex.split(command, comments=True)[1:]
        environment = clean_environment() | {"TZ": "UTC"}
        return self.loaded.run(arguments, folder=self.folder, environment=environment, together=True)

    def _in_a_shell(self, command: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=clean_environment() | {"PATH": path, "TZ": "UTC"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


def _is_one_command(command: str) -> bool:
    return command.startswith("newsvane ") and not set(command) & set("|&;<>$`*?~\n")


@pytest.fixture
def desk(tmp_path: Path, loaded: Loaded) -> Iterator[Desk]:
    with NewsSite() as site, MailCatcher() as mail:
        for title in HEADLINES:
            site.publish(title)
        yield Desk(tmp_path, site, mail, loaded)
