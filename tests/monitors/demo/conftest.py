"""The demo's newspapers, served for a test."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitors.demo.newspaper import newspapers
from monitors.demo.server import NewspaperServer, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture(scope="module")
def started() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def papers(started: datetime) -> Iterator[Mapping[str, NewspaperServer]]:
    """The four newspapers by id, each on its port."""
    with ExitStack() as stack:
        yield {paper.id: stack.enter_context(serve(paper, now=started)) for paper in newspapers()}
