"""What is in the example but not built is refused, and all the rest of the example loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import ConfigError
from crawler.yaml_tree import read
from monitors.domain import NeverNear
from monitors.lint import lint
from monitors.not_yet import NOT_YET, not_yet
from monitors.watchlist_file import configuration_of, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.yaml_tree import Document

ENVIRON = {
    "REUTERS_COOKIE": "session=abcdefgh",
    "LEGAL_SLACK_WEBHOOK": "https://hooks.slack.com/services/T00000000/B00000000/abcdefgh",
    "DEALS_HMAC": "abcdefgh",
    "TEAMS_URL": "msteams://abcdefgh",
}


@pytest.fixture
def example(shared: Path) -> Path:
    return shared / "newsvane.example.yaml"


def test_the_full_example_is_refused_for_what_is_not_built_and_for_nothing_else(example: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(example, environ=ENVIRON)
    assert {problem.key for problem in error.value.problems} == {
        "concepts",
        "watchlists.0.deliver.0.if",
        "watchlists.0.deliver.0.quiet",
        "watchlists.0.query",
        "watchlists.0.related",
        "watchlists.1.deliver.1.max_per_hour",
        "channels.2.type",
        "channels.4.type",
        "channels.5.type",
    }
    assert all(problem.message.endswith("not supported yet") for problem in error.value.problems)
    lines = example.read_text(encoding="utf-8").splitlines()
    for problem in error.value.problems:
        assert problem.key.rpartition(".")[2] in lines[problem.line - 1]
    (concept,) = (problem for problem in error.value.problems if problem.column)
    assert lines[concept.line - 1][concept.column - 1 :].startswith("concept:data-localization")


def test_without_what_is_not_built_the_example_loads(example: Path, write: Callable[[str], Path]) -> None:
    configuration = load(built(example, write), environ={})
    assert [source.id for source in configuration.sources] == ["theregister.com", "scmp-tech", "cac", "reuters"]
    assert [entity.id for entity in configuration.entities] == ["amazon"]
    assert [len(watchlist.deliver) for watchlist in configuration.watchlists] == [2, 1]
    assert set(configuration.channels) == {"legal-slack", "legal-mail", "ops", "email:research@example.org"}
    assert configuration.smtp.host == "mail.example.org"
    assert set(configuration.queries) == {"cloud-unit", "routine"}
    assert all(watchlist.query for watchlist in configuration.watchlists)
    assert configuration.entities[0].never_near == NeverNear(any=("rainforest", "river", "basin", "deforestation"))


def test_its_tests_hold_and_only_what_it_does_not_use_is_warned_of(
    example: Path, write: Callable[[str], Path], tmp_path: Path
) -> None:
    path = built(example, write)
    path.write_text(path.read_text().replace("/run/secrets/smtp", "secret"))
    (tmp_path / "secret").touch()
    document = read(path, {})
    configuration = configuration_of(document, path, to_run=True)
    assert sum(map(len, configuration.trials.values())) == 3
    assert [problem.key for problem in lint(document, configuration)] == [
        "queries.cloud-unit",
        "watchlists.1.stories",  # its alerts go through a channel that is not built
    ]


def built(example: Path, write: Callable[[str], Path]) -> Path:
    """Write down what of the example is built."""
    text = example.read_text(encoding="utf-8").replace("concept:data-localization", "localization")
    return write(json.dumps(without_what_is_not_built(read(write(text), ENVIRON))))


def without_what_is_not_built(document: Document) -> dict[str, Any]:
    """Take out the keys that are refused, and channels of a refused kind with what is sent to them."""
    built: Any = document.root
    refused_channels = []
    for place, _ in not_yet(document):
        holder = built
        for step in place[:-1]:
            holder = holder[step]
        if place[0] == "channels":
            refused_channels.append(holder["id"])
        else:
            del holder[place[-1]]
    built["channels"] = [channel for channel in built["channels"] if channel["id"] not in refused_channels]
    for watchlist in built["watchlists"]:
        watchlist["deliver"] = [rule for rule in watchlist["deliver"] if rule.get("channel") not in refused_channels]
    return dict(built)


@pytest.mark.parametrize("row", NOT_YET)
def test_every_row_of_the_table_refuses(write: Callable[[str], Path], row: str) -> None:
    pattern, _, value = row.partition("=")
    content: Any = value or "anything"
    for step in reversed(pattern.split(".")):
        content = [content] if step == "*" else {step: content}
    found = list(not_yet(read(write(json.dumps(content)), {})))
    assert [(".".join(map(str, place)), message) for place, message in found] == [
        (pattern.replace("*", "0"), f"{value} is not supported yet" if value else "not supported yet")
    ]


@pytest.mark.parametrize("content", ["related: false", "type: feed"])
def test_the_values_that_mean_what_is_built_pass(write: Callable[[str], Path], content: str) -> None:
    sections = "".join(f"{section}: [{{{content}}}]\n" for section in ("sources", "entities", "watchlists"))
    assert not list(not_yet(read(write(sections), {})))


def test_a_channel_of_a_kind_to_come_still_counts_as_there(write: Callable[[str], Path]) -> None:
    path = write("""\
watchlists: [{name: A, keywords: [a], deliver: [{channel: feed}]}]
channels: [{id: feed, type: feed, dir: feeds}]
""")
    with pytest.raises(ConfigError) as error:
        load(path, environ={})
    assert [str(problem).split(":", 2)[2] for problem in error.value.problems] == [
        " channels.0.type: feed is not supported yet"
    ]
