"""The sources section."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.domain import Source
from crawler.errors import ConfigError
from crawler.polling import Polling
from crawler.source_file import SourceEntry, made_id, source_id
from crawler.yaml_types import MOST_ID
from monitors.watchlist_file import load

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_alone_is_a_source() -> None:
    assert SourceEntry.model_validate("https://www.theregister.com").source() == Source(
        id="theregister.com", url="https://www.theregister.com", name="theregister.com", type="auto"
    )


def test_everything_that_can_be_said_of_a_source_is_kept() -> None:
    written = {
        "id": "scmp-tech",
        "name": "South China Morning Post, Tech",
        "url": "https://www.scmp.com/rss/36/feed",
        "type": "feed",
        "tier": 1,
        "country": "HK",
        "language": "en",
        "groups": ["china", "tier-1"],
    }
    source = SourceEntry.model_validate(written).source()
    assert source == Source(**{**written, "groups": frozenset(written["groups"])})


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("https://www.example.org", "example.org"),
        ("https://www.example.org/", "example.org"),
        ("http://Example.org", "example.org"),
        ("https://www.example.org/rss/36/feed", "example.org-rss-36-feed"),
        ("https://example.org/?outputType=xml", "example.org-outputtype-xml"),
        ("http://127.0.0.5:8800/", "127.0.0.5-8800"),
        ("https://example.org/feed.xml", "example.org-feed.xml"),
        ("https://[::1]:80/", "1-80"),
    ],
)
def test_an_id_is_made_of_the_address(url: str, identifier: str) -> None:
    assert made_id(url) == identifier


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "example.org",
        "https://",
        "https:///path",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://example.org/a b",
        "https://example.org/\u202e",
        "",
    ],
)
def test_only_web_addresses_can_be_read(url: str) -> None:
    with pytest.raises(ValidationError, match="needs an address such as"):
        SourceEntry(url=url)


def test_a_password_in_an_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="must not hold a user name or a password"):
        SourceEntry(url="https://me:secret@example.org/feed")


@pytest.mark.parametrize("mistake", [{"tier": 0}, {"tier": True}, {"country": "hk"}, {"id": "a b"}, {"name": "a\nb"}])
def test_bad_values_are_refused(mistake: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SourceEntry.model_validate({"url": "https://example.org"} | mistake)


def test_a_link_pattern_is_kept() -> None:
    entry = SourceEntry(url="https://example.org", type="section", link_pattern=r"/c_\d+\.htm")
    assert entry.source().link_pattern == r"/c_\d+\.htm"


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        (
            "sources:\n  - url: https://example.org\n    type: section\n    link_pattern: '/c_(\\d+\\.htm'",
            (
                ":4:20: sources.0.link_pattern: not a regular expression in RE2 syntax: missing ): /c_(\\d+\\.htm\n"
                "    '/c_(\\d+\\.htm'\n"
                "     ^"
            ),
        ),
        (
            "sources:\n  - url: https://example.org\n    type: section\n    link_pattern: 'a(?=b)'",
            (":4:21: sources.0.link_pattern: RE2 knows no backreferences and no lookaround\n    'a(?=b)'\n      ^"),
        ),
        (
            "sources:\n  - url: https://example.org\n    link_pattern: /c_",
            (
                ":3: sources.0.link_pattern: chooses among the links of a section page, and this is of type auto: "
                "add `type: section`"
            ),
        ),
    ],
    ids=["unclosed", "beyond RE2", "no section"],
)
def test_a_link_pattern_that_cannot_be_used_is_refused_at_its_place(tmp_path: Path, yaml: str, told: str) -> None:
    path = tmp_path / "newsvane.yaml"
    path.write_text(yaml)
    with pytest.raises(ConfigError) as error:
        load(path, environ={})
    assert str(error.value).removeprefix(str(path)) == told


@pytest.mark.parametrize("junk", [5, None, [], ["https://example.org"], {}, {"id": 5}, {"url": 5}, "", "https://[x"])
def test_what_is_no_source_has_no_id(junk: object) -> None:
    assert source_id(junk) is None


addresses = st.text(st.characters(exclude_categories=["Cs"])).map("https://example.org/".__add__)


@given(url=addresses)
def test_a_made_id_is_a_valid_id(url: str) -> None:
    entry = SourceEntry(url="https://example.org", id=made_id(url))
    assert 0 < len(entry.source().id) <= MOST_ID


@pytest.mark.parametrize(
    ("written", "polling"),
    [
        ("adaptive", Polling()),
        ("15m", Polling(every=timedelta(minutes=15))),
        ("{min: 10m, max: 2h}", Polling(at_least=timedelta(minutes=10), at_most=timedelta(hours=2))),
        ("{every: adaptive, max: 1d}", Polling(at_most=timedelta(days=1))),
        ("{every: 2d}", Polling(every=timedelta(days=2))),
    ],
)
def test_poll_says_how_often_a_source_is_read(written: str, polling: Polling) -> None:
    entry = SourceEntry.model_validate({"url": "https://a.example", "poll": yaml.safe_load(written)})
    assert entry.source().poll == polling


@pytest.mark.parametrize(
    ("key", "written", "told"),
    [
        ("poll", "often", "needs `adaptive` or a duration such as 15m or 6h, at least 1m and at most 7d"),
        ("poll", "1s", "needs `adaptive` or a duration such as 15m or 6h, at least 1m and at most 7d"),
        ("poll", "10", "needs `adaptive`, a duration such as 15m or 6h, or a mapping"),
        ("poll", "{min: 5s}", "must be at least 1m and at most 7d"),
        ("poll", "{min: 7h}", "must not be longer than `max`, which is 6h where it is left out"),
        ("poll", "{max: 2m}", "must not be shorter than `min`"),
        ("poll", "{min: 2h, max: 1h}", "must not be longer than `max` "),
        ("poll", "{every: 1h, max: 2h}", "goes with `every: adaptive` only"),
        ("type", "rss", "'auto', 'feed', 'sitemap' or 'section'"),
        ("expect", "{articles: 0, per: 1d}", "greater than or equal to 1"),
        ("expect", "{per: 91d}", "must be at least 1h and at most 90d"),
        ("expect", "{articles: 1}", "Field required"),
    ],
)
def test_what_cannot_be_meant_is_refused(key: str, written: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SourceEntry.model_validate({"url": "https://a.example", key: yaml.safe_load(written)})
