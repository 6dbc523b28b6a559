"""Prints what loading many watchlists costs: `python tests/benchmarks/load_watchlists.py [10000]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from crawler.yaml_tree import read
from monitors.watchlist_file import load

HEAD = "settings: {contact: me@example.org, languages: [en, zh]}\nsources:\n"
SOURCE = "  - {{url: 'https://s{i}.example.org/feed', groups: [g{group}]}}\n"
WATCHLIST = """\
  - name: Watchlist {i}
    owner: reader-{i}@example.org
    sources: {{groups: [g{group}]}}
    languages: [en, zh]
    keywords:
      - China cybersecurity law {i}
      - (China|Chinese|Beijing) (cyber*|internet|data) (law|rule|regulation|legislation)
      - {{text: PIPL, case_sensitive: true}}
    deliver:
      - {{to: [reader-{i}@example.org], at: "07:00", days: mon-fri, empty: send}}
"""


def measure(count: int, folder: Path) -> None:
    sources = "".join(SOURCE.format(i=i, group=i % 100) for i in range(1_000))
    watchlists = "".join(WATCHLIST.format(i=i, group=i % 100) for i in range(count))
    path = folder / "newsvane.yaml"
    path.write_text(f"{HEAD}{sources}watchlists:\n{watchlists}", encoding="utf-8")
    started = time.process_time()
    read(path, {})
    parsed = time.process_time()
    load(path, environ={})
    loaded = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} watchlists, {path.stat().st_size / 1e6:.1f} MB: YAML alone {parsed - started:.1f} s of CPU,")
    print(f"all of it (YAML, validation, keywords) {loaded - parsed:.1f} s of CPU, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, Path(folder))
