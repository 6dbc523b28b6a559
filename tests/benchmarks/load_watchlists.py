"""Prints what many watchlists cost to load, compile and check: `python tests/benchmarks/load_watchlists.py [10000]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from crawler.yaml_tree import read
from monitors.lint import lint
from monitors.match.matcher import Matcher
from monitors.trials import failures
from monitors.watchlist_file import configuration_of

HEAD = "settings: {contact: me@example.org, languages: [en, zh]}\nsources:\n"
QUERIES = """\
queries:
  routine: 'title:("morning briefing" OR newsletter OR horoscope) OR url:"/sponsored/"'
  cloud-unit: '"cloud unit" OR "cloud business" OR "data center"'
"""
ENTITY = """\
  - id: company-{i}
    name: Company {i} Inc.
    aliases: [Company{i}, {{text: C{i}X, case_sensitive: true, ambiguous: true}}]
    context: [cloud, retailer]
"""
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
    query: >
      ((sell OR sale OR divest* OR "spin off") NEAR/8 (product{i} OR @cloud-unit))
      AND entity:company-{entity} NOT @routine
    none: ["law firm of the year {i}"]
    tests:
      - {{match: "China's legislature amended cybersecurity law {i} on Tuesday.", lang: en}}
      - {{no_match: "The CAC {i} rose 1% in Paris as cybersecurity shares gained.", lang: en}}
    deliver:
      - {{to: [reader-{i}@example.org], at: "07:00", days: mon-fri, empty: send}}
"""


def measure(count: int, folder: Path) -> None:
    sources = "".join(SOURCE.format(i=i, group=i % 100) for i in range(1_000))
    entities = "".join(ENTITY.format(i=i) for i in range(1_000))
    watchlists = "".join(WATCHLIST.format(i=i, group=i % 100, entity=i % 1_000) for i in range(count))
    path = folder / "newsvane.yaml"
    text = f"{HEAD}{sources}{QUERIES}entities:\n{entities}watchlists:\n{watchlists}"
    path.write_text(text, encoding="utf-8")
    took = {}
    started = time.process_time()

    def stop(step: str) -> None:
        took[step] = time.process_time() - started - sum(took.values())

    document = read(path, {})
    stop("YAML")
    configuration = configuration_of(document, path)
    stop("validation, keywords, queries")
    Matcher(configuration.watchlists, configuration.entities)
    stop("compiling")
    failed = list(failures(configuration.watchlists, configuration.trials, configuration.entities, ("en", "zh")))
    stop("tests")
    warnings = lint(document, configuration)
    stop("warnings")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(f"{count} watchlists, {size:.1f} MB: {sum(took.values()):.1f} s of CPU, {peak:.0f} MB at most")
    for step, seconds in took.items():
        print(f"{seconds:6.1f} s  {step}")
    print(f"{2 * count} tests, {len(failed)} fail; {len(warnings)} warnings")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, Path(folder))
