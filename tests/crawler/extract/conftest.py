"""Small pages, written here, that look like a newspaper's."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest

from crawler.domain import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.domain import Entry

TITLE = "Harbour town votes for a new tram line"
PROSE = (
    "The council of Lindhaven decided on Tuesday night to build a tram line from the station to the old harbour.",
    "Fourteen of twenty-five members voted for the plan, which is to cost 41 million crowns and to open in four years.",
    "Opponents had asked for a ferry instead, and said after the vote that they would ask a court to look at it.",
)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run tests that are coroutines in a loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    asyncio.run(pyfuncitem.obj(**arguments))
    return True


@pytest.fixture
def title() -> str:
    return TITLE


@pytest.fixture
def prose() -> tuple[str, ...]:
    return PROSE


@pytest.fixture
def make_page() -> Callable[..., Page]:
    """Return a maker of pages: `head` stands in the head, `above` between title and body, `body` for the paragraphs."""

    def make(
        *,
        head: str = "",
        heading: str = TITLE,
        above: str = "",
        body: str = "".join(f"<p>{text}</p>" for text in PROSE),
        url: str = "https://www.lindhaven-post.example/2026/05/tram",
        charset: str | None = None,
        encoding: str = "utf-8",
        entry: Entry | None = None,
    ) -> Page:
        html = (
            f"<!DOCTYPE html><html><head>{head}</head><body><nav><a href='/'>Home</a></nav>"
            f"<article><header><h1>{heading}</h1>{above}</header><div class='story'>{body}</div></article>"
            "</body></html>"
        )
        return Page(url=url, body=html.encode(encoding), charset=charset, entry=entry)

    return make
