"""docs/channels.md tells of every channel, and its examples are right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from monitors.deliver.channels import channels
from monitors.deliver.smtp import Smtp

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/channels.md").read_text(encoding="utf-8")


def examples(text: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


@pytest.mark.parametrize("kind", sorted(channels()))
def test_every_channel_has_a_part_with_its_keys_and_an_example(page: str, kind: str) -> None:
    parts = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert kind in parts
    for key in channels()[kind].Options.model_fields:
        assert f"| `{key}` |" in parts[kind]
    assert any(entry["type"] == kind for example in examples(parts[kind]) for entry in example["channels"])


def test_every_example_is_accepted(page: str) -> None:
    for example in examples(page):
        for entry in example["channels"]:
            kind = channels()[entry["type"]]
            kind.Options.model_validate(
                {key: value for key, value in entry.items() if key not in {"id", "type"}} | web(entry)
            )
        Smtp.model_validate(example.get("smtp", {}))


def web(entry: dict[str, Any]) -> dict[str, str]:
    """What the environment would put in place of `${…}`."""
    address = "ntfy://ntfy.example/x" if entry["type"] == "apprise" else "https://hooks.example/x"
    return {key: address for key, value in entry.items() if str(value).startswith("${")}
