"""`newsvane` as it is, but loaded before: each command is a process forked from one that has imported everything.

To import it takes two seconds, a command of a test often less than that. Run as a program, it loads everything once;
for each line on its standard input it forks a process that runs the command, and tells its number and how it ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from functools import cache
from importlib import import_module
from multiprocessing import forkserver, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODULES = ("crawler.run", "crawler.fetch.scrapy", "scrapy.crawler")


class Loaded:
    """The process that has everything loaded; it starts with the first command, and ends with whoever started it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        given: bytes = b"",
        together: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; what it says on stderr is put in between what it says on stdout, if `together`.

        `given` is what it reads from its standard input.
        """
        if self._process is None:
            program = [sys.executable, "-P", __file__]
            self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin
        assert self._process.stdout
        order = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        with TemporaryDirectory() as said:
            files = {name: str(Path(said, "stdout" if together else name)) for name in ("stdout", "stderr")}
            files["stdin"] = str(Path(said, "stdin"))
            Path(files["stdin"]).write_bytes(given)
            self._process.stdin.write(json.dumps(order | files) + "\n")
            self._process.stdin.flush()
            self._process.stdout.readline()
            code = int(self._process.stdout.readline())
            out, err = (Path(files[name]).read_bytes().decode() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(list(arguments), code, out, "" if together else err)

    def close(self) -> None:
        if self._process:
            self._process.communicate(timeout=30)


LOADED = Loaded()
"""The one of this process."""


# -- in the process that is loaded ------------------------------------------------------------------------------------


def load() -> None:
    """Import everything, and start the process from which those that read pages come: all commands share it."""
    from crawler import workshop_loaded
    from monitors.cli import COMMANDS
    from monitors.deliver.channels import channels
    from monitors.match.concepts import panel

    channels()
    for module in (*(f"monitors.cli.{file}" for file, _ in COMMANDS.values()), *MODULES):
        import_module(module)
    panel.bundled = cache(panel.bundled)
    panel.bundled()
    context = get_context("forkserver")
    context.set_forkserver_preload([workshop_loaded.__name__])
    forkserver.ensure_running()
    # it is not the child of those that use it, as they would check
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[attr-defined]
    context.set_forkserver_preload = lambda _modules: None  # type: ignore[method-assign]


def fork_for_each(lines: IO[str]) -> None:
    for line in lines:
        process = os.fork()
        if not process:
            become(**json.loads(line))
        print(process, flush=True)  # noqa: T201
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def become(
    *, arguments: Sequence[str], folder: str, environment: dict[str, str], stdin: str, stdout: str, stderr: str
) -> None:
    """Become the command; does not return."""
    os.dup2(os.open(stdout, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 1)
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["newsvane", *arguments]
    code: Any = 1
    try:
        from monitors.cli import main

        main()
        code = 0
    except SystemExit as error:
        code = error.code or 0
    except BaseException:  # noqa: BLE001  (as Python does by itself)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    load()
    fork_for_each(sys.stdin)
