"""`newsvane run` as it is, but in a hurry: a source may be read every second, and a process starts in a moment.

Run as a program, it loads everything once. For each line on its standard input it then forks a process that runs the
service and logs to the file that the line names; it tells the number of the process, and at its end how it ended.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import timedelta
from importlib import import_module
from multiprocessing import forkserver, get_context
from typing import IO


def serve(log: str) -> None:
    """Become the service; does not return."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.argv = ["newsvane", "run"]
    status = 1
    try:
        main()
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def fork_for_each(lines: IO[str]) -> None:
    for line in lines:
        process = os.fork()
        if not process:
            serve(line.rstrip("\n"))
        print(process, flush=True)  # noqa: T201
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    from crawler import poll_entry, workshop_loaded
    from monitors.cli import main
    from monitors.deliver.channels import channels

    poll_entry.SHORTEST = timedelta(seconds=1)
    channels()
    for module in ("monitors.cli.run", "crawler.run", "crawler.fetch.scrapy", "scrapy.crawler"):
        import_module(module)
    # The processes that read pages come from one that all services share; it is not their child, as they would check.
    context = get_context("forkserver")
    context.set_forkserver_preload([workshop_loaded.__name__])
    forkserver.ensure_running()
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[attr-defined]
    context.set_forkserver_preload = lambda _modules: None  # type: ignore[method-assign]
    fork_for_each(sys.stdin)
