"""The README and the pages of docs/ keep their word: commands are run, YAML is loaded, links are followed."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from crawler.errors import ConfigError
from monitors.cli import COMMANDS, newsvane
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.docs.conftest import Desk

REPOSITORY = Path(__file__).parents[2]
TYPED = ("README.md", "docs/quickstart.md", "docs/operation.md")
SECRETS = {
    "MAIL_PASSWORD": "secret",
    "LEGAL_SLACK_WEBHOOK": "https://hooks.slack.com/services/T0/B0/x",
    "SLACK_TOKEN": "xoxb-1-2-abcdefgh",
    "DEALS_HMAC": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "TEAM_CHAT": "ntfys://ntfy.example.org/abcdefgh",
    "CRM_TOKEN": "Bearer abcdefgh",
}

# Commands that cannot be run in here: what they are, why, and the test that holds them to their word instead.
ELSEWHERE = {
    "make demo": ("all it does once installed is `newsvane demo`", "tests/monitors/demo/test_demo.py"),
    "make test": ("would run this test in this test", ".ci/run"),
    "python3 -m venv *": ("makes the environment that pip fills", "tests/e2e/test_wheel.py"),
    "pip install *": ("needs a package index; the test installs the wheel", "tests/e2e/test_wheel.py"),
    "sudo -u postgres *": ("needs a server that is set up", "tests/stand_ins/postgres.py"),
    "newsvane db copy *": ("needs a server of PostgreSQL", "tests/e2e/test_postgresql.py"),
    "newsvane run": ("works until it is stopped", "tests/e2e/test_service.py"),
}


def text_of(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def every_page() -> list[str]:
    pages = [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *REPOSITORY.glob("docs/**/*.md")]
    return [str(page.relative_to(REPOSITORY)) for page in (*pages, *REPOSITORY.glob("deploy/*.md"))]


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


# -- commands ---------------------------------------------------------------------------------------------------------


@dataclass
class Step:
    """A command of a page, and what the page shows of its output."""

    command: str
    shown: str = ""


def steps(page: str) -> list[Step]:
    """Return the commands of a page, in its order: lines of `sh` blocks, and those with a `$` in `console` blocks."""
    found: list[Step] = []
    for kind, block in re.findall(r"^```(sh|console)\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if kind == "sh" and line.strip():
                found.append(Step(line))
            elif line.startswith("$ "):
                found.append(Step(line[2:]))
            elif kind == "console":
                found[-1].shown += f"{line}\n"
    return found


def covered(command: str) -> str | None:
    """Return the pattern of the commands that are tested elsewhere, if this is one."""
    words = shlex.join(shlex.split(command, comments=True))
    return next((pattern for pattern in ELSEWHERE if fnmatch(words, pattern)), None)


def plain(text: str) -> str:
    """Return text without what another day, another machine or another width changes."""
    text = re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b", "Day", text)
    text = re.sub(r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b", "Month", text)
    return " ".join(re.sub(r"\d+", "0", text).split())


def shows(output: str, shown: str) -> bool:
    """Whether all that a page shows stands in the output, in this order; `…` is whatever the page left out."""
    at, text = 0, plain(output)
    for piece in map(str.strip, plain(shown).split("…")):
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def test_output_that_is_not_what_the_page_shows_is_noticed() -> None:
    assert shows("read 12 sources\non Monday, 3 new", "read 1 sources … 5 new")
    assert not shows("read 12 sources, 3 new", "3 new … read")
    assert not shows("nothing", "something")


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_every_command_runs_and_shows_what_the_page_shows(page: str, desk: Desk) -> None:
    for step in steps(page):
        if covered(step.command):
            continue
        output = desk.type(step.command)
        assert shows(output, step.shown), f"{step.command}\n{output}"
        if step.command.startswith("newsvane init"):
            desk.configure()


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the sqlite3 command")
def test_every_command_of_the_operator_runs_and_gives_a_dead_message_another_try(desk: Desk) -> None:
    desk.configure()
    desk.mail.answers["me@example.org"] = ["550 no such user"]
    desk.type("newsvane run --once && newsvane digest data-breaches")
    assert not desk.mail.messages
    for step in steps("docs/operation.md"):
        if not covered(step.command):
            desk.type(step.command)
    assert [mail.recipients for mail in desk.mail.messages] == [("me@example.org",)]
    assert (desk.folder / "newsvane-copy.db").stat().st_size > 0


def test_commands_that_are_not_run_here_stand_on_a_page_and_are_tested_elsewhere() -> None:
    named = {covered(step.command) for page in TYPED for step in steps(page)}
    assert named - {None} == set(ELSEWHERE)
    assert [test for _, test in ELSEWHERE.values() if not (REPOSITORY / test).is_file()] == []


# -- the table of commands --------------------------------------------------------------------------------------------


def rows() -> Iterator[tuple[list[str], str]]:
    """Return the words of each command in the README's table, and the row."""
    for row in re.findall(r"^\| `newsvane .*$", text_of("README.md"), re.MULTILINE):
        yield row.split("`")[1].split()[1:], row


def test_the_readme_lists_exactly_the_commands_there_are() -> None:
    assert list(dict.fromkeys(words[0] for words, _ in rows())) == list(COMMANDS)


def test_the_readme_names_options_that_exist() -> None:
    for words, row in rows():
        command = [word for word in words if re.fullmatch("[a-z][a-z-]*", word)]
        told = CliRunner().invoke(newsvane, [*command, "--help"])
        assert told.exit_code == 0
        assert [option for option in re.findall(r"--[a-z]+", row) if option not in told.output] == []


# -- YAML and links ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", every_page())
def test_every_snippet_of_yaml_loads_and_those_of_the_first_pages_could_run(page: str, tmp_path: Path) -> None:
    for snippet in blocks(page, "yaml"):
        file = tmp_path / "newsvane.yaml"
        file.write_text(snippet, encoding="utf-8")
        assert load(file, environ=SECRETS, to_run=page in TYPED)


def test_the_quickstart_shows_the_mistake_as_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (snippet,), (mistake,) = blocks("docs/quickstart.md", "yaml"), blocks("docs/quickstart.md", "text")
    Path("newsvane.yaml").write_text(snippet.replace("keywords:", "keyword:"), encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load(Path("newsvane.yaml"), environ=SECRETS)
    assert mistake.strip() in str(told.value).splitlines()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", every_page())
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_names_every_page() -> None:
    for folder, index in (("docs", "docs/README.md"), ("docs/adr", "docs/adr/README.md")):
        there = {page.name for page in (REPOSITORY / folder).glob("*.md")} - {"README.md"}
        assert there <= set(re.findall(r"\]\(([^)#/]+)\)", text_of(index)))
