"""The full example of the format loads, its tests hold, and hardly anything in it is warned of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from crawler.yaml_tree import read
from monitors.cli import newsvane
from monitors.domain import NeverNear
from monitors.lint import lint
from monitors.match.query.tree import Meaning
from monitors.watchlist_file import configuration_of, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENVIRON = {
    "REUTERS_COOKIE": "session=abcdefgh",
    "LEGAL_SLACK_WEBHOOK": "https://hooks.slack.com/services/T00000000/B00000000/abcdefgh",
    "DEALS_HMAC": "abcdefgh",
    "TEAMS_URL": "ntfys://ntfy.example.org/abcdefgh",
}


@pytest.fixture
def example(shared: Path) -> Path:
    return shared / "newsvane.example.yaml"


@pytest.fixture
def in_place(example: Path, write: Callable[[str], Path], tmp_path: Path) -> Path:
    """Put the example where the file that it names exists: the password of a mail server."""
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "secret").chmod(0o600)
    return write(example.read_text(encoding="utf-8").replace("/run/secrets/smtp", "secret"))


def test_all_of_the_example_is_read(example: Path) -> None:
    configuration = load(example, environ=ENVIRON)
    assert [source.id for source in configuration.sources] == ["theregister.com", "scmp-tech", "cac", "reuters"]
    assert [entity.id for entity in configuration.entities] == ["amazon"]
    assert [len(watchlist.deliver) for watchlist in configuration.watchlists] == [2, 3]
    assert set(configuration.channels) == {
        "legal-slack", "legal-mail", "deals-hook", "ops", "feed", "team", "email:research@example.org",
    }  # fmt: skip
    assert configuration.smtp.host == "mail.example.org"
    assert set(configuration.queries) == {"cloud-unit", "routine"}
    assert configuration.entities[0].never_near == NeverNear(any=("rainforest", "river", "basin", "deforestation"))


def test_its_concept_is_asked_for_by_its_query(example: Path) -> None:
    configuration = load(example, environ=ENVIRON)
    (concept,) = configuration.concepts
    assert (concept.id, concept.per_week) == ("data-localization", 5)
    assert (len(concept.examples), len(concept.counterexamples)) == (1, 1)
    law, _ = configuration.watchlists
    assert law.query is not None
    assert [leaf.concept for leaf in law.query.walk() if isinstance(leaf, Meaning)] == ["data-localization"]
    assert all(watchlist.related for watchlist in configuration.watchlists)


def test_its_tests_hold_and_only_what_it_does_not_use_is_warned_of(in_place: Path) -> None:
    document = read(in_place, ENVIRON)
    configuration = configuration_of(document, in_place, to_run=True)
    assert sum(map(len, configuration.trials.values())) == 3
    assert [problem.key for problem in lint(document, configuration)] == ["queries.cloud-unit"]


def test_check_passes_it(in_place: Path) -> None:
    checked = CliRunner().invoke(newsvane, ["check", "--config", str(in_place)], env=ENVIRON)
    assert checked.exit_code == 0, checked.output
    assert checked.stdout.endswith("good. 4 sources, 2 watchlists, 7 channels, 3 tests, 1 warning\n")
