"""A changed file comes into force if the tests of its watchlists hold; else what was in force stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from monitors.app import ConfigurationFile
from monitors.store.notes import notes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stand_ins.newsroom import Newsroom


def configuration(keyword: str, test: str) -> str:
    return f"watchlists: [{{name: Watched, keywords: [{keyword}], tests: [{test}]}}]\n"


def test_a_failing_test_keeps_the_configuration_in_force(newsroom: Callable[[str], Newsroom], tmp_path: Path) -> None:
    app = newsroom(configuration("cloud", "{match: a cloud}")).app
    before = app.in_force
    path = tmp_path / "newsvane.yaml"
    file = ConfigurationFile(path)

    path.write_text(configuration("pilot strike", "{match: a cloud}"))
    asyncio.run(file.reload(app))
    assert app.in_force is before
    refused, _ = asyncio.run(app.database.run(notes))["configuration_refused"]
    assert "newsvane.yaml:1: watchlists.0.tests.0: does not match: " in refused["problems"]

    path.write_text(configuration("pilot strike", "{match: pilots strike, lang: en}"))
    asyncio.run(file.reload(app))
    assert [keyword.text for keyword in app.in_force.configuration.watchlists[0].keywords] == ["pilot strike"]
