"""`newsvane check` and `newsvane init`, as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from stand_ins.loaded import LOADED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Newsvane = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def newsvane(tmp_path: Path) -> Newsvane:
    """Run the program in an empty folder and an empty environment."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return LOADED.run(arguments, folder=tmp_path, environment=environ)

    return run


@pytest.mark.parametrize("command", ["init", "check"])
def test_no_library_warns_of_anything(newsvane: Newsvane, tmp_path: Path, command: str) -> None:
    if command == "check":
        newsvane("init")
    code = "from monitors.cli import main; main()"
    strict = [sys.executable, "-W", "error", "-c", code, command]
    done = subprocess.run(strict, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_init_writes_passes_check(newsvane: Newsvane, tmp_path: Path) -> None:
    written = newsvane("init")
    assert written.returncode == 0, written.stderr
    assert "newsvane check" in written.stdout
    assert (tmp_path / "newsvane.yaml").is_file()
    checked = newsvane("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "newsvane.yaml: good. 1 source, 1 watchlist, 1 channel\n"


def test_what_init_has_in_comments_passes_check_too(newsvane: Newsvane, tmp_path: Path) -> None:
    newsvane("init")
    path = tmp_path / "newsvane.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    # A commented key or entry begins with a small letter or a dash; a remark with a capital, an ellipsis or a quote.
    keys = [
        line.replace("# ", "", 1) if line.lstrip().startswith(("# -", "#   -")) or is_key(line) else line
        for line in lines
    ]
    path.write_text("\n".join(keys).replace("/run/secrets/smtp", "secret"), encoding="utf-8")
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "secret").chmod(0o600)
    checked = newsvane("check", SLACK_WEBHOOK="https://hooks.slack.com/services/T0/B0/x")
    assert checked.stderr == ""
    assert "2 sources, 1 watchlist, 2 channels" in checked.stdout


def is_key(line: str) -> bool:
    words = line.strip().removeprefix("#").split()
    return line.strip().startswith("#") and bool(words) and words[0].islower() and words[0].endswith(":")


def test_init_leaves_what_is_there_alone_unless_forced(newsvane: Newsvane, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("mine")
    refused = newsvane("init", "mine.yaml")
    assert refused.returncode == 1
    assert "mine.yaml is there already; --force overwrites it" in refused.stderr
    assert mine.read_text() == "mine"
    forced = newsvane("init", "mine.yaml", "--force")
    assert forced.returncode == 0
    assert "newsvane check --config mine.yaml" in forced.stdout
    assert newsvane("check", "--config", "mine.yaml").returncode == 0


def test_init_says_where_it_cannot_write(newsvane: Newsvane) -> None:
    refused = newsvane("init", "no/such/folder.yaml")
    assert refused.returncode == 1
    assert "no/such/folder.yaml: cannot be written" in refused.stderr


def test_check_prints_every_mistake_on_a_line_of_its_own(newsvane: Newsvane, tmp_path: Path) -> None:
    (tmp_path / "newsvane.yaml").write_text("settings: {timezone: Nowhere}\nwatchlists: [{name: A}]\nsmtp: {hots: x}\n")
    checked = newsvane("check")
    assert checked.returncode == 2
    assert checked.stdout == ""
    assert [line.rpartition(": ")[0] for line in checked.stderr.splitlines()] == [
        "newsvane.yaml:1: settings.timezone",
        "newsvane.yaml:2: watchlists.0.keywords",
        "newsvane.yaml:3: smtp.hots",
    ]


def test_check_speaks_json(newsvane: Newsvane, tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text("watchlists: [{name: A, keywords: [a], tests: [{match: a}, {no_match: b}]}]\n")
    good = newsvane("check", "--json", NEWSVANE_CONFIG="other.yaml")
    assert good.returncode == 0
    assert json.loads(good.stdout) == {
        "ok": True,
        "file": "other.yaml",
        "sources": 0,
        "watchlists": 1,
        "channels": 0,
        "tests": 2,
        "warnings": [
            {
                "file": "other.yaml",
                "line": 1,
                "key": "watchlists.0.deliver",
                "message": "is missing: nobody is told of what is found",
                "column": None,
                "excerpt": "",
            }
        ],
    }
    path.write_text("watchlists: [{name: A, query: law rule}]\n")
    bad = newsvane("check", "--json", "--config", "other.yaml")
    assert bad.returncode == 2
    (problem,) = json.loads(bad.stdout)["problems"]
    assert problem.pop("message").startswith("`law` and `rule` stand side by side")
    assert problem == {
        "file": "other.yaml",
        "line": 1,
        "key": "watchlists.0.query",
        "column": 35,
        "excerpt": "law rule\n    ^",
    }


def test_check_points_at_the_place_in_a_query(newsvane: Newsvane, tmp_path: Path) -> None:
    (tmp_path / "newsvane.yaml").write_text("""\
watchlists:
  - name: A
    query: >
      China AND
      (law rule)
""")
    checked = newsvane("check")
    assert checked.returncode == 2
    first, *excerpt = checked.stderr.splitlines()
    assert first.startswith("newsvane.yaml:5:12: watchlists.0.query: `law` and `rule` stand side by side")
    assert excerpt == ["    (law rule)", "         ^"]


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1), (("--strict", "--json"), 1)])
def test_warnings_do_not_fail_unless_strict(
    newsvane: Newsvane, tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    (tmp_path / "newsvane.yaml").write_text("watchlists:\n  - {name: A, keywords: [US], tests: [{match: US}]}\n")
    checked = newsvane("check", *options)
    assert checked.returncode == code
    if "--json" in options:
        assert [warning["line"] for warning in json.loads(checked.stdout)["warnings"]] == [2, 2]
        return
    assert checked.stdout == "newsvane.yaml: good. 0 sources, 1 watchlist, 0 channels, 1 test, 2 warnings\n"
    assert (
        checked.stderr
        == """\
newsvane.yaml:2: watchlists.0.deliver: warning: is missing: nobody is told of what is found
newsvane.yaml:2:26: watchlists.0.keywords.0: warning: `US` also finds `us`, which is a word in `en`; \
`case_sensitive: true` does not
    US
    ^
"""
    )


def test_strict_is_content_without_warnings(newsvane: Newsvane) -> None:
    newsvane("init")
    assert newsvane("check", "--strict").returncode == 0


def test_check_runs_the_tests_of_the_watchlists(newsvane: Newsvane, tmp_path: Path) -> None:
    (tmp_path / "newsvane.yaml").write_text("watchlists:\n- name: A\n  keywords: [a]\n  tests:\n  - {match: b}\n")
    checked = newsvane("check")
    assert (checked.returncode, checked.stdout) == (2, "")
    assert checked.stderr.startswith("newsvane.yaml:5: watchlists.0.tests.0: does not match: ")


def test_without_a_file_check_names_init(newsvane: Newsvane) -> None:
    checked = newsvane("check")
    assert checked.returncode == 2
    assert checked.stderr == "newsvane.yaml: no such file; `newsvane init` writes one\n"
