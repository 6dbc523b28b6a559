"""Prints what many watchlists cost to load, compile and check: `python tests/benchmarks/load_watchlists.py [10000]`.

No two of them say the same: their words are made up, so that nothing is gained by knowing a keyword or a query already.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from crawler.yaml_tree import read
from monitors.collector import without_collector
from monitors.lint import lint
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
    name: {a} {b} Inc.
    aliases: [{a} {b}, {{text: {c}{i}, case_sensitive: true, ambiguous: true}}]
    context: [{d}, {e}]
"""
SOURCE = "  - {{url: 'https://s{i}.example.org/feed', groups: [g{group}]}}\n"
WATCHLIST = """\
  - name: Watchlist {i}
    owner: reader-{i}@example.org
    sources: {{groups: [g{group}]}}
    languages: [en, zh]
    keywords:
      - {a} {b} law
      - ({c}|{d}|{e}) ({f}*|internet|{g}) (law|rule|{h})
      - {{text: {i}X, case_sensitive: true}}
    query: >
      ((sell OR {j} OR {k}* OR "{l} off") NEAR/8 ({m} OR @cloud-unit))
      AND entity:company-{entity} NOT @routine
    none: ["{n} {o} of the year"]
    tests:
      - {{match: "The {a}'s legislature amended {b} laws on Tuesday, said {p}.", lang: en}}
      - {{no_match: "The {a} of {n} rose 1% in {p} as {m} shares gained.", lang: en}}
    deliver:
      - {{to: [reader-{i}@example.org], at: "07:00", days: mon-fri, empty: send}}
"""
WORDS = 20_000
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprtv" for vowel in "aeiou"]


def vocabulary(chance: random.Random) -> list[str]:
    """Make up words of three to five syllables."""
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(3, 5))) for _ in range(WORDS)]


def file_of(count: int) -> str:
    """Write a file of so many watchlists, the same one each time."""
    chance = random.Random(7)  # noqa: S311  # no secret
    words = vocabulary(chance)

    def filled(template: str, i: int) -> str:
        some = dict(zip("abcdefghjklmnop", chance.choices(words, k=15), strict=True))
        return template.format(i=i, group=i % 100, entity=i % 1_000, **some)

    sources, entities = (("".join(filled(one, i) for i in range(1_000))) for one in (SOURCE, ENTITY))
    watchlists = "".join(filled(WATCHLIST, i) for i in range(count))
    return f"{HEAD}{sources}{QUERIES}entities:\n{entities}watchlists:\n{watchlists}"


@without_collector()  # as wherever a configuration is built
def measure(count: int, folder: Path) -> None:
    path = folder / "newsvane.yaml"
    path.write_text(file_of(count), encoding="utf-8")
    took = {}
    started = time.process_time()

    def stop(step: str) -> None:
        took[step] = time.process_time() - started - sum(took.values())

    document = read(path, {})
    stop("YAML")
    configuration = configuration_of(document, path)
    stop("validation, keywords, queries")
    assert configuration.matcher
    stop("compiling")
    failed = list(failures(configuration))
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
