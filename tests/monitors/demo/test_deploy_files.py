"""The files of deploy/ name commands, options, variables and paths that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from configparser import ConfigParser
from pathlib import Path, PurePosixPath
from socket import socket
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from stand_ins.program import Newsvane, clean_environment

from monitors.cli import newsvane
from monitors.cli.opening import open_database
from monitors.watchlist_file import config_path

if TYPE_CHECKING:
    from collections.abc import Sequence

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


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
UNITS = ["newsvane.service", "newsvane-backup.service", "newsvane-backup.timer"]


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_the_units(repository: Path, tmp_path: Path, name: str) -> None:
    for unit in UNITS:
        text = (repository / "deploy" / unit).read_text(encoding="utf-8")
        text = text.replace(PROGRAM, "/bin/true").replace("/opt/newsvane/backup.sh", "/bin/true")
        (tmp_path / unit).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "newsvane" not in done.stderr
    assert done.returncode == 0


@needs_systemd
@pytest.mark.parametrize("name", UNITS[:2])
def test_systemd_finds_little_that_the_services_could_do_to_others(repository: Path, name: str) -> None:
    analyse = [
        "systemd-analyze",
        "security",
        "--no-pager",
        "--offline=yes",
        "--threshold=20",
    ]  # tenths; 100 is the worst
    done = subprocess.run(
        [*analyse, repository / "deploy" / name], capture_output=True, text=True, timeout=60, check=False
    )
    if "offline" in done.stderr:
        pytest.skip("this systemd looks at running services only")
    assert done.returncode == 0, done.stdout


def test_the_nightly_copy_is_made_of_the_database_of_the_service(service: ConfigParser, repository: Path) -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[method-assign, assignment]  # the way configparser documents
    unit.read(repository / "deploy" / "newsvane-backup.service", encoding="utf-8")
    for key in ("User", "Environment", "EnvironmentFile", "StateDirectoryMode"):
        assert unit["Service"][key] == service["Service"][key]
    assert unit["Service"]["ExecStart"].split()[1].startswith(str(DATA))


# -- the container ----------------------------------------------------------------------------------------------------


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


def test_the_dockerfile_builds_with_a_python_and_the_extras_that_the_project_has(
    repository: Path, dockerfile: list[list[str]], compose: dict[str, Any]
) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = {re.search(r"python:(\d+\.\d+)", words[1])[1] for words in dockerfile if words[0] == "FROM"}  # type: ignore[index]
    assert len(versions) == 1
    assert all(f">={version}" in project["requires-python"] for version in versions)
    extras = compose["services"]["newsvane"]["build"]["args"]["EXTRAS"].strip("[]").split(",")
    assert set(extras) <= set(project["optional-dependencies"])
    arguments = {words[1].partition("=")[0] for words in dockerfile if words[0] == "ARG"}
    assert set(compose["services"]["newsvane"]["build"]["args"]) <= arguments


@pytest.fixture(scope="module")
def compose(repository: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((repository / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_compose_names_files_volumes_and_secrets_that_are_there(repository: Path, compose: dict[str, Any]) -> None:
    build = compose["services"]["newsvane"]["build"]
    assert (repository / "deploy" / build["context"] / build["dockerfile"]).is_file()
    for service in compose["services"].values():
        assert set(service["secrets"]) <= set(compose["secrets"])
        assert set(service["networks"]) <= set(compose["networks"])
        named = [volume.partition(":")[0] for volume in service["volumes"]]
        assert {name for name in named if not name.startswith(".")} <= set(compose["volumes"])
    secrets = [value for value in compose["services"]["newsvane"]["environment"].values() if value]
    assert secrets == ["/run/secrets/database_url"]


def test_compose_gives_the_service_the_time_it_needs_to_stop(compose: dict[str, Any]) -> None:
    assert int(compose["services"]["newsvane"]["stop_grace_period"].rstrip("s")) > LONGEST_STOP_S


def test_compose_asks_for_the_health_by_a_command_that_says_it(compose: dict[str, Any], tmp_path: Path) -> None:
    kind, program, *arguments = compose["services"]["newsvane"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    arguments = [argument.replace("9630", port) for argument in arguments]
    assert port in arguments[-1]
    (tmp_path / "newsvane.yaml").write_text(
        f"settings: {{contact: me@example.org}}\nhealth: {{listen: '127.0.0.1:{port}'}}"
    )

    def healthy() -> bool:
        asked = [sys.executable, *arguments]
        return subprocess.run(asked, env=clean_environment(), stderr=subprocess.DEVNULL, timeout=60).returncode == 0  # noqa: PLW1510 -- its failing is an answer

    assert not healthy()
    with Newsvane(tmp_path).service() as service:
        deadline = time.monotonic() + 120
        while not healthy():
            assert service.poll() is None, (tmp_path / "service.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.5)


# -- copies -----------------------------------------------------------------------------------------------------------


def run_script(script: Path, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    program = {"NEWSVANE": str(Path(sys.executable).with_name("newsvane")), DATABASE_VARIABLE: url}
    return subprocess.run(
        [script, *arguments],
        env=clean_environment() | program,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_scripts_copy_while_the_service_runs_and_restore(
    repository: Path, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "newsvane.yaml").write_text("settings: {contact: me@example.org}")
    copies = tmp_path / "copies"
    with Newsvane(folder).service(**{DATABASE_VARIABLE: database_url}) as service:
        for _ in range(2):
            done = run_script(repository / "deploy" / "backup.sh", str(copies), "1", url=database_url)
            assert done.returncode == 0, done.stderr
        assert service.poll() is None
    (newest,) = map(str, copies.iterdir())
    if database_url.startswith("sqlite"):
        again = run_script(repository / "deploy" / "restore.sh", newest, url=database_url)
        assert again.returncode == 0, again.stderr
        assert "the database before is now" in again.stdout
        assert len(list(tmp_path.glob("news.db.before-*Z"))) == 1
    else:
        refused = run_script(repository / "deploy" / "restore.sh", newest, url=database_url)
        assert (refused.returncode, "restore to a new, empty one" in refused.stderr) == (1, True)
        server = request.getfixturevalue("postgres")
        fresh = server.create_empty()
        again = run_script(repository / "deploy" / "restore.sh", newest, url=fresh)
        assert again.returncode == 0, again.stderr
        server.drop(fresh)
    assert "restored, at revision" in again.stdout


def test_a_copy_that_is_broken_leaves_the_database_in_its_place(
    repository: Path, sqlite_url: str, tmp_path: Path
) -> None:
    before = (tmp_path / "news.db").read_bytes()
    (tmp_path / "copy").write_bytes(before[:5_000])
    done = run_script(repository / "deploy" / "restore.sh", str(tmp_path / "copy"), url=sqlite_url)
    assert done.returncode == 1
    assert (tmp_path / "news.db").read_bytes() == before
    assert list(tmp_path.glob("*.before-*")) == []


def test_the_scripts_are_programs_of_a_plain_shell(repository: Path) -> None:
    for script in (repository / "deploy").glob("*.sh"):
        assert script.stat().st_mode & 0o111
        assert subprocess.run(["sh", "-n", script], timeout=30, check=False).returncode == 0


# -- the instructions -------------------------------------------------------------------------------------------------


def test_the_instructions_name_commands_and_files_that_exist(repository: Path) -> None:
    text = (repository / "deploy" / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    commands = re.findall(r"(?:bin/|exec newsvane )newsvane ([^#\n]*)", shell)
    assert len(commands) >= 4
    assert [command for command in commands if not understands(shlex.split(command))] == []
    assert [
        name for name in re.findall(r"\bdeploy/(?!etc\b|secrets\b)[\w.-]+", shell) if not (repository / name).exists()
    ] == []
