from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.guard import BlockedAddressError, check, is_public
from crawler.settings import AllowedAddress

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::5efe:8.8.8.8",
    "ff02::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
    "fec0::1",
    "100::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.254",
    "2606:4700::1111",
    "2a00:1450:4001:80e::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
    "2606:4700::5efe:808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_for_the_public_is_blocked(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(BlockedAddressError, match="not a public address"):
        check(address, 80, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    assert is_public(ip_address(address))
    check(address, 80, ())


@pytest.mark.parametrize("host", ["localhost", "example.org", "127.1", "0x7f.1", "", "8.8.8.8.nip.io"])
def test_what_is_no_literal_address_is_blocked(host: str) -> None:
    with pytest.raises(BlockedAddressError, match="not a literal address"):
        check(host, 80, ())


def test_a05_a_private_address_passes_where_the_operator_allowed_it() -> None:
    allowed = (AllowedAddress.parse("10.0.0.5:8080"), AllowedAddress.parse("[fd00::/8]:80"))
    check("10.0.0.5", 8080, allowed)
    check("fd00::7%eth0", 80, allowed)
    for address, port in (("10.0.0.5", 22), ("10.0.0.6", 8080), ("fd00::7", 81), ("::ffff:10.0.0.6", 8080)):
        with pytest.raises(BlockedAddressError):
            check(address, port, allowed)


@given(st.ip_addresses(v=4))
def test_however_an_address_is_wrapped_it_is_judged_by_what_is_inside(address: str) -> None:
    number = int(address)
    wrapped = [0xFFFF << 32 | number, int(ip_address("64:ff9b::")) | number, 0x2002 << 112 | number << 80, number]
    for one in wrapped:
        assert is_public(ip_address(one.to_bytes(16, "big"))) in {is_public(address), False}
        if not is_public(address):
            assert not is_public(ip_address(one.to_bytes(16, "big")))
