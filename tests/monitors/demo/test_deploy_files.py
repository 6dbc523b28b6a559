"""The files of deploy/ name commands, options, variables and paths that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from monitors.cli import newsvane
from monitors.cli.opening import open_database
from monitors.watchlist_file import config_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PROGRAM = "/opt/newsvane/venv/bin/newsvane"
DATA = PurePosixPath("/var/lib/newsvane")
CONFIG_VARIABLE, DATABASE_VARIABLE = "NEWSVANE_CONFIG", "NEWSVANE_DATABASE_URL"
LONGEST_STOP_S = 30


@pytest.fixture(scope="module")
def service(repository: Path) -> ConfigParser:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[method-assign, assignment]  # the way configparser documents
    unit.read(repository / "deploy" / "newsvane.service", encoding="utf-8")
    return unit


@pytest.fixture(scope="module")
def dockerfile(repository: Path) -> list[list[str]]:
    """The instructions, each in words."""
    text = (repository / "deploy" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def understands(arguments: Sequence[str]) -> bool:
    """Whether the command line knows this command and its options: a wrong one is refused before the help is shown."""
    return CliRunner().invoke(newsvane, [*arguments, "--help"]).exit_code == 0


def test_the_question_itself_can_be_answered_with_no() -> None:
    assert not understands(["run", "--no-such-option"])
    assert not understands(["no-such-command"])


def test_the_service_starts_a_command_that_exists(service: ConfigParser) -> None:
    program, *arguments = shlex.split(service["Service"]["ExecStart"])
    assert program == PROGRAM
    assert understands(arguments)


def test_the_variables_that_the_files_set_are_those_that_newsvane_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path}/elsewhere.db")
    with open_database(None):
        assert (tmp_path / "elsewhere.db").exists()
    assert config_path(None, {CONFIG_VARIABLE: str(tmp_path / "elsewhere.db")}) == tmp_path / "elsewhere.db"


def test_the_service_keeps_its_database_where_it_may_write(service: ConfigParser) -> None:
    variable, _, url = service["Service"]["Environment"].partition("=")
    assert variable == DATABASE_VARIABLE
    assert PurePosixPath(url.removeprefix("sqlite:///")).parent == DATA
    assert service["Service"]["WorkingDirectory"] == str(DATA)
    assert service["Service"]["StateDirectory"] == DATA.name


def test_the_service_has_longer_to_stop_than_it_ever_needs(service: ConfigParser) -> None:
    assert int(service["Service"]["TimeoutStopSec"]) > LONGEST_STOP_S
    assert service["Service"]["KillSignal"] == "SIGTERM"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(repository: Path, tmp_path: Path) -> None:
    unit = tmp_path / "newsvane.service"
    text = (repository / "deploy" / "newsvane.service").read_text(encoding="utf-8")
    unit.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60, check=False
    )
    assert "newsvane.service" not in done.stderr
    assert done.returncode == 0


def test_the_dockerfile_copies_what_exists(repository: Path, dockerfile: list[list[str]]) -> None:
    copied = [words[1:-1] for words in dockerfile if words[0] == "COPY" and not words[1].startswith("--from")]
    sources = [name for names in copied for name in names]
    assert {"pyproject.toml", "constraints.txt", "crawler", "monitors", "alembic"} <= set(sources)
    assert [name for name in sources if not (repository / name).exists()] == []


def test_the_container_runs_a_command_and_sets_variables_that_exist(dockerfile: list[list[str]]) -> None:
    said = {words[0]: " ".join(words[1:]) for words in dockerfile}
    variables = dict(words[1].split("=", 1) for words in dockerfile if words[0] == "ENV")
    assert said["ENTRYPOINT"] == '["newsvane"]'
    assert understands(re.findall(r'"([^"]+)"', said["CMD"]))
    assert variables[CONFIG_VARIABLE] == "/etc/newsvane/newsvane.yaml"
    assert variables[DATABASE_VARIABLE] == f"sqlite:///{DATA}/newsvane.db"
    assert said["USER"] == "newsvane"
    assert said["VOLUME"] == said["WORKDIR"] == str(DATA)


def test_the_instructions_name_commands_and_files_that_exist(repository: Path) -> None:
    text = (repository / "deploy" / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    commands = re.findall(r"(?:bin/|exec newsvane )newsvane ([^#\n]*)", shell)
    assert len(commands) >= 4
    assert [command for command in commands if not understands(shlex.split(command))] == []
    assert [name for name in re.findall(r"\bdeploy/[\w.]+", shell) if not (repository / name).exists()] == []
