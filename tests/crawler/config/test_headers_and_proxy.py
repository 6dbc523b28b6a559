"""`headers:` of a source and `settings.proxy`: secrets that can neither be shown nor forge a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from crawler.errors import ConfigError
from crawler.settings import Settings
from crawler.source_file import SourceEntry
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://news.example/feed"


def test_headers_are_kept_as_secrets() -> None:
    source = SourceEntry(url=URL, headers={"Cookie": "session=hush", "X-Key": "a b"}).source()
    assert [(name, value.get_secret_value()) for name, value in source.headers] == [
        ("Cookie", "session=hush"),
        ("X-Key", "a b"),
    ]
    assert "hush" not in repr(source)


@pytest.mark.parametrize(
    "name",
    ["", "Cookie:", "X Y", "X\r\nY", "Käse", "Host", "host", "USER-AGENT", "Content-Length", "Transfer-Encoding",
     "Connection", "Proxy-Authorization", "Upgrade", "TE", "If-None-Match", "Accept-Encoding"],
)  # fmt: skip
def test_a_name_that_is_none_or_ours_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=r"needs the name of a header|is set by Newsvane itself"):
        SourceEntry(url=URL, headers={name: "x"})


@pytest.mark.parametrize(
    "value", ["", " ", "hush\r\nX: y", "hush\nX: y", "hush\0", " hush", "hush ", "Zürich", "a" * 8001]
)
def test_a_value_that_would_break_the_request_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(ValidationError) as error:
        SourceEntry(url=URL, headers={"Cookie": value})
    assert "needs printable ASCII" in str(error.value) or "is longer than" in str(error.value)


def test_a_mistake_is_told_with_its_line_and_without_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "newsvane.yaml"
    file.write_text(
        "sources:\n  - url: https://news.example/feed\n    headers:\n      Cookie: ${TOKEN}\n      Host: elsewhere\n"
        "settings:\n  proxy: https://user:${TOKEN}@proxy.example:3128\n"
    )
    with pytest.raises(ConfigError) as error:
        load(file, environ={"TOKEN": "hush\r\nX-Injected: yes"})
    told = str(error.value)
    assert {(problem.line, problem.key.split(".")[-1]) for problem in error.value.problems} >= {(7, "proxy")}
    assert {problem.line for problem in error.value.problems} >= {4, 5, 7}
    assert "hush" not in told
    assert "Injected" not in told


@pytest.mark.parametrize(
    "proxy", ["http://proxy.example:3128", "http://10.0.0.1", "http://me:p%40ss@[fd00::1]:8080/", "http://squid:3128"]
)
def test_a_proxy_is_an_http_address(proxy: str) -> None:
    settings = Settings.model_validate({"proxy": proxy})
    assert settings.proxy is not None
    assert settings.proxy.get_secret_value() == proxy
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    "proxy",
    ["", "proxy.example:3128", "socks5://proxy.example", "https://proxy.example", "http://", "http://proxy.example/path",
     "http://proxy.example:99999", "http://pro xy.example", "http://proxy.example:0", "http://proxy.example?x"],
)  # fmt: skip
def test_other_proxies_are_refused_with_a_way_out(proxy: str) -> None:
    with pytest.raises(ValidationError, match=r"needs (the address of )?a proxy"):
        Settings.model_validate({"proxy": proxy})
