"""What of a configuration is secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from monitors.deliver.secret_files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.watchlist_file import Configuration


def secrets_of(configuration: Configuration) -> frozenset[str]:
    """Return the values of all that is marked as secret, of what came from the environment, and of secret files."""
    sections = (configuration.settings, configuration.smtp, configuration.health)
    found = {*configuration.variables}
    for section in (*sections, *(channel.options for channel in configuration.channels.values())):
        found.update(_in(section))
    for source in configuration.sources:
        found.update(_in(source.headers))
    return frozenset(found)


def _in(value: Any, name: str = "") -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case Path() if name.endswith("_file"):
            yield text_of(value)
        case BaseModel():
            for field in type(value).model_fields:
                yield from _in(getattr(value, field), field)
        case Mapping():
            for key, one in value.items():
                yield from _in(one, str(key))
        case tuple() | list():
            for one in value:
                yield from _in(one, name)
