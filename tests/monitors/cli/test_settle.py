"""The service's loop is not halted by looking through all that was loaded at its start."""

from __future__ import annotations

import subprocess
import sys

LOOK_THROUGH_ALL = """
import gc, time
import crawler.fetch.client, crawler.fetch.scrapy, monitors.demo.tour
from monitors.cli.run import settle

def cpu_s():
    started = time.process_time()
    gc.collect()
    return time.process_time() - started

gc.collect()
before = min(cpu_s() for _ in range(3))
settle()
after = min(cpu_s() for _ in range(3))
assert after < before / 5, (before, after)
"""


def test_what_is_loaded_at_the_start_is_not_looked_through_again() -> None:
    subprocess.run([sys.executable, "-c", LOOK_THROUGH_ALL], check=True, timeout=60)
