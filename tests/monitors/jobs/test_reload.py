"""A changed file comes into force if the tests of its watchlists hold; else what was in force stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from monitors.configuration_file import SETTLES_S, ConfigurationFile
from monitors.store.notes import notes
from monitors.store.status import status

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


WITH_OPS = """
channels: [{id: ops, type: email, to: ops@example.org}]
smtp: {from: newsvane@example.org}
health: {channel: ops}
"""


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"watchlists: [{name: Watched, keywords: [", id="truncated"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00broken", id="no text"),
        pytest.param(b"watchlists: [{name: Watched, keyword: [cloud]}]\n", id="unknown key"),
        pytest.param(None, id="vanished"),
    ],
)
def test_a_broken_file_leaves_the_last_good_one_in_force_and_is_told_once(
    newsroom: Callable[[str], Newsroom], tmp_path: Path, broken: bytes | None
) -> None:
    good = configuration("cloud", "{match: a cloud}") + WITH_OPS
    room = newsroom(good)
    app, path = room.app, tmp_path / "newsvane.yaml"
    before = app.in_force
    file = ConfigurationFile(path)

    for attempt in (broken, b"version: 7\n"):
        if attempt is None:
            path.unlink()
        else:
            path.write_bytes(attempt)
        asyncio.run(file.reload(app))
        asyncio.run(file.reload(app))
    assert app.in_force is before
    assert [one.subject for one in room.outbox()] == ["Newsvane: the changed configuration is refused"]
    found = app.database.write(status, now=app.clock())
    assert found.refused
    assert "newsvane.yaml" in found.refused["problems"]

    path.write_text(good)
    asyncio.run(file.reload(app))
    assert app.in_force is not before
    assert [one.subject for one in room.outbox()][1:] == ["Newsvane: the configuration is in force again"]
    found = app.database.write(status, now=app.clock())
    assert found.refused is None
    assert found.refused_before
    assert "version" in found.refused_before["problems"]


def test_a_file_that_is_being_written_is_left_until_it_is_whole(
    newsroom: Callable[[str], Newsroom], tmp_path: Path
) -> None:
    app = newsroom(configuration("cloud", "{match: a cloud}")).app
    path, file = tmp_path / "newsvane.yaml", ConfigurationFile(tmp_path / "newsvane.yaml")
    before = app.in_force
    half = "watchlists:\n- {name: One, keywords: [one]}\n"

    async def write_slowly() -> None:
        path.write_text(half)
        reload = asyncio.ensure_future(file.reload(app))
        await asyncio.sleep(SETTLES_S / 2)
        path.write_text(half + "- {name: Two, keywords: [two]}\n")
        await reload

    asyncio.run(write_slowly())
    assert app.in_force is before, "half of the watchlists are no configuration"
    asyncio.run(file.reload(app))
    assert set(app.in_force.watchlists) == {"one", "two"}
