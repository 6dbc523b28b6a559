"""Writes and loads configurations for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import ConfigError
from monitors.watchlist_file import Configuration, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "newsvane.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def configured(write: Callable[[str], Path]) -> Callable[..., Configuration]:
    """Load a text as a configuration."""

    def loaded(text: str, environ: Mapping[str, str] | None = None, *, to_run: bool = False) -> Configuration:
        return load(write(text), environ=environ or {}, to_run=to_run)

    return loaded


@pytest.fixture
def told(configured: Callable[..., Configuration]) -> Callable[..., list[str]]:
    """Load a text that has mistakes and return each as `line key: message`."""

    def problems(text: str, environ: Mapping[str, str] | None = None, *, to_run: bool = False) -> list[str]:
        with pytest.raises(ConfigError) as error:
            configured(text, environ, to_run=to_run)
        return [f"{problem.line} {problem.key}: {problem.message}" for problem in error.value.problems]

    return problems
