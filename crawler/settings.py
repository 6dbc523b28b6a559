"""The `settings:` section."""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from crawler.yaml_file import Section
from crawler.yaml_types import Contact, Duration, Language, Zone, beside_the_configuration

MOST_PORTS = 65_535
LONGEST_KEPT = timedelta(days=36_500)
"""A hundred years: much more, and the day before which articles go would be before any calendar."""
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class AllowedAddress:
    """Addresses of the operator's own network that may be crawled, on one port."""

    network: IPv4Network | IPv6Network
    port: int

    def admits(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        return port == self.port and address in self.network

    def __str__(self) -> str:
        network = f"[{self.network}]" if self.network.version == 6 else self.network  # noqa: PLR2004  (IPv6)
        return f"{network}:{self.port}"

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `10.0.0.5:8080`, `127.0.0.0/8:8800` or `[fd00::/8]:80`."""
        host, _, port = str(text).rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        bracketed = host == f"[{bare}]"
        if not _PORT.fullmatch(port) or not 1 <= int(port) <= MOST_PORTS or bracketed != (":" in bare):
            raise ValueError('needs an address or a network, and a port, such as "10.0.0.5:8080" or "[fd00::/8]:80"')
        try:
            return cls(ip_network(bare), int(port))
        except ValueError:
            raise ValueError("needs an IP address or a network such as 10.0.0.0/8 before the port") from None


def _proxy(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    try:
        parts = urlsplit(text)
        fits = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if (
        not fits
        or not text.isprintable()
        or " " in text
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise ValueError("needs the address of a proxy such as http://proxy.example.org:3128")
    if parts.scheme != "http":
        raise ValueError("needs a proxy that is spoken to by http:// (pages by https go through it as well)")
    return secret


ProxyAddress = Annotated[SecretStr, AfterValidator(_proxy)]


class Politeness(Section):
    """How to behave on other people's servers."""

    delay: Duration = timedelta(seconds=1)


def _at_least_a_week(keep: timedelta) -> timedelta:
    if keep < timedelta(days=7):
        raise ValueError("must be at least 7d: what is older is deleted")
    if keep > LONGEST_KEPT:
        raise ValueError("must be at most 36500d; leave it out to keep everything")
    return keep


def _at_least_an_hour(age: timedelta) -> timedelta:
    if age < timedelta(hours=1):
        raise ValueError("must be at least 1h")
    return age


class Archive(Section):
    """What is kept of the articles, and for how long."""

    text: Literal["full", "excerpt"] = "full"
    keep: Annotated[Duration, AfterValidator(_at_least_a_week)] | None = None


def _model(written: object, info: ValidationInfo) -> str | Path:
    if isinstance(written, Path):
        return written
    if not isinstance(written, str) or not written.strip() or not written.isprintable():
        raise ValueError("needs auto, off, or the folder of a model")
    return written if written in {"auto", "off"} else beside_the_configuration(Path(written), info)


class Settings(Section):
    """What holds for the whole installation."""

    timezone: Zone = "UTC"
    languages: tuple[Language, ...] = Field(default=(), min_length=1)
    contact: Contact | None = None
    politeness: Politeness = Politeness()
    max_age: Annotated[Duration, AfterValidator(_at_least_an_hour)] | None = None
    archive: Archive = Archive()
    semantic: Annotated[Literal["auto", "off"] | Path, BeforeValidator(_model)] = "auto"
    """The transformer that compares articles with concepts: the extra's if that is installed, none, or a folder's."""
    related: bool = True
    """What holds for watchlists that do not say it: whether their keywords are read as a concept, too."""
    proxy: ProxyAddress | None = None
    allow_private: tuple[Annotated[AllowedAddress, BeforeValidator(AllowedAddress.parse)], ...] = ()
