"""`newsvane --help` is there at once, and says what each command does on one line."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from monitors.cli import COMMANDS, newsvane

HEAVY = {"scrapy", "trafilatura", "sqlalchemy", "numpy", "pydantic", "jinja2"}
TELLS_WHAT_IS_LOADED = f"""
import sys
from monitors.cli import newsvane
newsvane(["--help"], standalone_mode=False)
print(sorted({HEAVY} & sys.modules.keys()))
"""


def test_it_lists_every_command_on_a_line_and_loads_none_of_them() -> None:
    done = subprocess.run([sys.executable, "-c", TELLS_WHAT_IS_LOADED], capture_output=True, text=True, check=True)
    *told, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    listed = told[told.index("Commands:") + 1 :]
    assert [tuple(line.split(maxsplit=1)) for line in listed] == [(name, does) for name, (_, does) in COMMANDS.items()]
    assert max(map(len, told)) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    command = newsvane.get_command(click.Context(newsvane), name)
    assert command
    assert command.help
