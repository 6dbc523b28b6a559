"""Warns of secrets that others can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.deliver.secret_files import read_by_others, secret_files
from monitors.lint.subject import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.yaml_tree import Document


def exposed_secrets(document: Document, folder: Path) -> Iterator[Remark]:
    for place, file in secret_files(document):
        if read_by_others(folder / str(file)):
            yield Remark(place, f"every user of this machine can read {folder / str(file)}; `chmod o-r` mends it")
