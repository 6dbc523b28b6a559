"""Secrets that stand in a file: read whenever they are used, so that a rotated one needs no restart."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, SecretStr

from crawler.errors import DeliveryError
from crawler.masking import keep_secret
from crawler.yaml_file import refuse
from crawler.yaml_tree import YamlMap
from crawler.yaml_types import beside_the_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from crawler.yaml_tree import Document, Place, Value

_MOST_BYTES = 65_536


SecretFile = Annotated[Path, AfterValidator(beside_the_configuration)]
"""The type of a key such as `token_file`. A relative path begins at the configuration file."""


def secret(options: BaseModel, name: str) -> SecretStr | None:
    """Return what `name` says, or the file that `<name>_file` names; None where neither is given.

    Raises:
        DeliveryError: the file cannot be read, or is empty. What is in it is never told.
    """
    file: Path | None = getattr(options, f"{name}_file")
    if file is None:
        given: SecretStr | None = getattr(options, name)
        return given
    if problem := problem_of(file):
        raise DeliveryError(f"{name}_file: {file} {problem}", permanent=True)
    value = _read(file)
    keep_secret([value])  # it may be another than when the configuration was loaded
    return SecretStr(value)


def text_of(file: Path) -> str:
    """Return the secret that a file holds; empty if it cannot be read."""
    return "" if problem_of(file) else _read(file)


def at_most_one(options: BaseModel, *names: str) -> None:
    """Refuse, within a validator, more than one of these secrets, given by itself or by its file."""
    given = [key for name in names for key in (name, f"{name}_file") if getattr(options, key) is not None]
    if given[1:]:
        refuse({(key,): f"needs to be left out, or `{given[0]}` does" for key in given[1:]})


def problem_of(file: Path) -> str:
    """Return what keeps a secret from being read, or nothing."""
    try:
        return "" if _read(file) else "is empty"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except UnicodeError:
        return "is not text"


def read_by_others(file: Path) -> bool:
    """Tell whether every user of this machine can read it."""
    return os.name == "posix" and file.is_file() and bool(file.stat().st_mode & stat.S_IROTH)


def secret_files(document: Document) -> Iterator[tuple[Place, Value]]:
    """Walk over the places of a configuration that name such a file."""
    root = document.root
    channels = root.get("channels")
    sections: list[tuple[Place, Value]] = [((name,), root.get(name)) for name in ("smtp", "health")]
    sections += [(("channels", n), entry) for n, entry in enumerate(channels if isinstance(channels, list) else ())]
    for place, section in sections:
        if isinstance(section, YamlMap):
            yield from (((*place, key), value) for key, value in section.items() if key.endswith("_file"))


def _read(file: Path) -> str:
    with file.open(encoding="utf-8") as opened:
        return opened.read(_MOST_BYTES).rstrip("\r\n")
