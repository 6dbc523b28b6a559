"""The sources section."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.domain import Source
from crawler.source_file import SourceEntry, made_id, source_id
from crawler.yaml_types import MOST_ID


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


@pytest.mark.parametrize("junk", [5, None, [], ["https://example.org"], {}, {"id": 5}, {"url": 5}, "", "https://[x"])
def test_what_is_no_source_has_no_id(junk: object) -> None:
    assert source_id(junk) is None


addresses = st.text(st.characters(exclude_categories=["Cs"])).map("https://example.org/".__add__)


@given(url=addresses)
def test_a_made_id_is_a_valid_id(url: str) -> None:
    entry = SourceEntry(url="https://example.org", id=made_id(url))
    assert 0 < len(entry.source().id) <= MOST_ID
