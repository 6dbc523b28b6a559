"""The settings section."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.settings import AllowedAddress, Settings


def test_everything_has_a_default() -> None:
    settings = Settings()
    assert settings.timezone == "UTC"
    assert settings.languages == ()
    assert settings.contact is None
    assert settings.politeness.delay == timedelta(seconds=1)
    assert settings.allow_private == ()
    assert settings.semantic == "auto"


@pytest.mark.parametrize(
    ("written", "delay"),
    [
        ("0s", timedelta()),
        ("0.1s", timedelta(milliseconds=100)),
        ("10m", timedelta(minutes=10)),
        ("6h", timedelta(hours=6)),
        ("7d", timedelta(days=7)),
    ],
)
def test_durations_name_their_unit(written: str, delay: timedelta) -> None:
    assert Settings.model_validate({"politeness": {"delay": written}}).politeness.delay == delay


@pytest.mark.parametrize(
    "written", ["1", 1, "-1s", "1 s", "s", "1w", "1S", "", "9999999999s", None, True, "1s1s", "١s"]
)
def test_other_durations_are_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"politeness": {"delay": written}})


@pytest.mark.parametrize("zone", ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"])
def test_zones_of_the_iana_database_are_known(zone: str) -> None:
    assert Settings(timezone=zone).timezone == zone


@pytest.mark.parametrize("zone", ["", "Zurich", "europe/zurich", "UTC+1", "../../etc/passwd", "Europe"])
def test_other_zones_are_not(zone: str) -> None:
    with pytest.raises(ValidationError, match="not a time zone"):
        Settings(timezone=zone)


@pytest.mark.parametrize("language", ["eng", "EN", "zh-CN", "xx", "", "en de"])
def test_languages_are_iso_639_1(language: str) -> None:
    assert Settings(languages=("en", "zh", "no")).languages == ("en", "zh", "no")
    with pytest.raises(ValidationError, match="two letters"):
        Settings(languages=(language,))


@pytest.mark.parametrize("contact", ["me@example.org", "https://example.org/bot", "presse@zürich.example"])
def test_a_contact_is_an_address(contact: str) -> None:
    assert Settings(contact=contact).contact == contact


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "me",
        "me@",
        "@example.org",
        "example.org",
        "a@b\r\nX-Evil: 1",
        "a@b@c",
        "a..b@c",
        "=?utf-8?q?a?=@b",
        "<a@b>",
        "a b@c",
        "ftp://x.org",
        "a\x7f@b",
    ],
)
def test_what_could_not_be_written_to_is_no_contact(contact: str) -> None:
    with pytest.raises(ValidationError, match="can be reached"):
        Settings(contact=contact)


@pytest.mark.parametrize(
    ("written", "address", "port", "admitted"),
    [
        ("10.0.0.5:8080", "10.0.0.5", 8080, True),
        ("10.0.0.5:8080", "10.0.0.5", 80, False),
        ("10.0.0.5:8080", "10.0.0.6", 8080, False),
        ("127.0.0.0/8:8800", "127.9.9.9", 8800, True),
        ("127.0.0.0/8:8800", "128.0.0.1", 8800, False),
        ("[::1]:80", "::1", 80, True),
        ("[fd00::/8]:80", "fd12::7", 80, True),
        ("[fd00::/8]:80", "fe80::7", 80, False),
        ("127.0.0.0/8:80", "::1", 80, False),
        ("127.0.0.0/8:80", "::ffff:127.0.0.1", 80, False),
    ],
)
def test_an_allowed_address_admits_itself_and_nothing_else(
    written: str,
    address: str,
    port: int,
    admitted: bool,  # noqa: FBT001  (a column of the table)
) -> None:
    (allowed,) = Settings.model_validate({"allow_private": [written]}).allow_private
    assert allowed.admits(ip_address(address), port) is admitted


@pytest.mark.parametrize(
    "written",
    ["10.0.0.5", "10.0.0.5:", ":80", "::1:80", "[::1]", "[10.0.0.5]:80", "10.0.0.1/8:80", "intranet:80", "10.0.0.5:0",
     "10.0.0.5:65536", "10.0.0.5:٨٠", "10.0.0.0/33:80", "[::1:80", "[[::1]]:80", 80, ""],
)  # fmt: skip
def test_other_spellings_of_an_allowed_address_are_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="needs an"):
        Settings.model_validate({"allow_private": [written]})


networks = st.ip_addresses().map(str) | st.ip_addresses(v=4).map(lambda address: f"{address}/32")


@given(network=networks, port=st.integers(1, 65_535))
def test_an_allowed_address_is_written_as_it_is_read(network: str, port: int) -> None:
    written = f"[{network}]:{port}" if ":" in network else f"{network}:{port}"
    allowed = AllowedAddress.parse(written)
    assert AllowedAddress.parse(str(allowed)) == allowed


@pytest.mark.parametrize(
    ("written", "folder"),
    [("auto", "auto"), ("off", "off"), ("models/e5", Path("/etc/newsvane/models/e5")), ("/srv/e5", Path("/srv/e5"))],
)
def test_a_model_is_of_the_extra_or_none_or_in_a_folder_beside_the_file(written: str, folder: str | Path) -> None:
    context = SimpleNamespace(folder=Path("/etc/newsvane"))
    assert Settings.model_validate({"semantic": written}, context=context).semantic == folder


@pytest.mark.parametrize("written", ["", " ", True, False, None, 1, ["auto"], "a\nb", "a\0b"])
def test_what_is_no_folder_is_no_model(written: object) -> None:
    with pytest.raises(ValidationError, match="needs auto, off, or the folder of a model"):
        Settings.model_validate({"semantic": written})
