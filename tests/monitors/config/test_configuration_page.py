"""docs/configuration.md tells every key, no other, their true defaults, and nothing but YAML that loads."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from pydantic import BaseModel

from crawler.poll_entry import ExpectEntry, PollEntry
from crawler.settings import Archive, Politeness, Settings
from crawler.source_file import SourceEntry
from monitors.concept_entry import ConceptEntry
from monitors.deliver.channels import channels
from monitors.deliver.smtp import Smtp
from monitors.delivery_entry import EVERY_DAY, DeliveryEntry
from monitors.entity_entry import AliasEntry, EntityEntry, NeverNearEntry
from monitors.health_entry import HealthEntry
from monitors.watchlist_entry import KeywordEntry, SourceFilterEntry, StoriesEntry, TrialEntry, WatchlistEntry
from monitors.watchlist_file import ChannelEntry, File, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic.fields import FieldInfo

SECTIONS: dict[str, type[BaseModel]] = {
    "The sections": File,
    "settings": Settings,
    "settings.politeness": Politeness,
    "settings.archive": Archive,
    "sources": SourceEntry,
    "sources.poll": PollEntry,
    "sources.expect": ExpectEntry,
    "entities": EntityEntry,
    "entities.aliases": AliasEntry,
    "entities.never_near": NeverNearEntry,
    "concepts": ConceptEntry,
    "watchlists": WatchlistEntry,
    "watchlists.keywords": KeywordEntry,
    "watchlists.sources": SourceFilterEntry,
    "watchlists.tests": TrialEntry,
    "watchlists.stories": StoriesEntry,
    "watchlists.deliver": DeliveryEntry,
    "channels": ChannelEntry,
    "smtp": Smtp,
    "health": HealthEntry,
} | {f"channels: {kind}": channel.Options for kind, channel in channels().items()}


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "configuration.md").read_text(encoding="utf-8")


def documented(page: str, heading: str) -> dict[str, str]:
    """Return each key that the table under a heading tells, with its default."""
    section = re.split(r"^#+ ", page.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", section, re.MULTILINE)
    return {key: default.strip().strip("`") for key, default in rows}


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default == EVERY_DAY:
        return "every day"
    match field.default:
        case bool():
            return str(field.default).lower()
        case timedelta():
            return f"{field.default.total_seconds():g}s"
        case str() | int() | frozenset():
            several = field.default if isinstance(field.default, frozenset) else [field.default]
            return ", ".join(sorted(map(str, several))) or "none"
    return "none"


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_documented_with_its_default(page: str, heading: str) -> None:
    fields = {field.alias or name: field for name, field in SECTIONS[heading].model_fields.items()}
    assert documented(page, heading) == {key: default_of(field) for key, field in fields.items()}


def models_in(annotation: object) -> set[type[BaseModel]]:
    """Return every model that a type is made of, however deep."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return set().union(*map(models_in, get_args(annotation)))
    return {annotation}.union(*(models_in(field.annotation) for field in annotation.model_fields.values()))


def test_every_model_of_the_file_has_its_table() -> None:
    assert models_in(File) <= set(SECTIONS.values())


def snippets(page: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_every_snippet_loads(page: str, write: Callable[[str], Path]) -> None:
    environ = {"LEGAL_SLACK_WEBHOOK": "https://hooks.slack.com/services/T0/B0/x"}
    assert len(snippets(page)) == page.count("```yaml") > 5
    for snippet in snippets(page):
        load(write(snippet), environ=environ)
