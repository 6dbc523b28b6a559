"""`render: true` is taken only where there is a browser."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from crawler.fetch import browser
from crawler.source_file import SourceEntry


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find_spec", lambda _: object())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ValidationError, match="apt install chromium"):
        SourceEntry.model_validate({"url": "https://example.org/news", "render": True})


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find_spec", lambda _: None)
    with pytest.raises(ValidationError, match=r"newsvane\[render\]"):
        SourceEntry.model_validate({"url": "https://example.org/news", "render": True})
