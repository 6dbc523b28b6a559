"""Keeps the crawl away from addresses that are not public, at the last moment: when a connection is opened.

A name may resolve to one address for whoever checks it and to another for whoever connects, so only the literal address
that the reactor is about to connect to counts.
"""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Protocol

from crawler.errors import ForbiddenFetchError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Not for the public either, though `is_global` of Python 3.11 lets (parts of) them through, after IANA's registries of
# special-purpose addresses: IETF protocol assignments, 6to4 relays; Teredo, ORCHID and their like; documentation.
_NOT_PUBLIC = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is handed out to anybody; the rest is for special purposes, or for nobody yet."""
_OTHER_WAYS_OUT = ("connectUNIX", "connectUNIXDatagram", "listenUDP", "listenMulticast")
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


class BlockedAddressError(ForbiddenFetchError):
    """The address is not public, and the operator did not allow it."""

    kind = "blocked"


class Allowed(Protocol):
    """Addresses of the operator's own network that may be crawled."""

    def admits(self, address: IPv4Address | IPv6Address, port: int) -> bool: ...


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address, and the IPv4 address that may be wrapped in it, belongs to the public internet."""
    if isinstance(address, IPv6Address) and (inner := _embedded(address)) is not None:
        return is_public(inner)
    if any(address in network for network in _NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not _is_private_isatap(address)


def check(host: str, port: int, allowed: Sequence[Allowed]) -> None:
    """Let a connection to an address pass, or raise BlockedAddressError."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        raise BlockedAddressError(f"{host}:{port} is blocked: not a literal address") from None
    if not is_public(address) and not any(one.admits(address, port) for one in allowed):
        raise BlockedAddressError(f"{host}:{port} is blocked: not a public address (see settings.allow_private)")


def install(reactor: Any, allowed: Sequence[Allowed]) -> None:
    """Let the reactor open TCP connections to public and to allowed addresses only, from now on, and nothing else."""
    connect = type(reactor).connectTCP

    def guarded(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        check(host, port, allowed)
        return connect(reactor, host, port, *args, **kwargs)

    reactor.connectTCP = guarded  # connectSSL ends here too
    for name in _OTHER_WAYS_OUT:
        setattr(reactor, name, partial(_refuse, name))


def _refuse(way: str, *_: Any, **__: Any) -> Any:
    raise BlockedAddressError(f"{way} is blocked: the crawl speaks HTTP over TCP only")


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to by mapping, translation or tunnel."""
    if address.sixtofour is not None:
        return address.sixtofour
    if address.ipv4_mapped is not None or address in _NAT64 or address in _COMPATIBLE:
        return _last_32_bits(address)
    return None


def _is_private_isatap(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether the interface identifier names an IPv4 address that is not public (RFC 5214)."""
    return (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and not is_public(_last_32_bits(address))


def _last_32_bits(address: IPv4Address | IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
