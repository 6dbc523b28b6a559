"""The `health:` section: who is told when something breaks, who that Newsvane itself lives, and where to ask it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo, model_validator

from crawler.settings import MOST_PORTS
from crawler.yaml_file import Section, nearest
from crawler.yaml_types import Line
from monitors.deliver.heartbeat import is_heartbeat
from monitors.deliver.secret_files import SecretFile, at_most_one
from monitors.known import known


def _channel(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).channels):
        raise ValueError(f"there is no channel `{identifier}`{nearest(identifier, there)}")
    return identifier


def _address(secret: SecretStr) -> SecretStr:
    if not is_heartbeat(secret.get_secret_value()):
        raise ValueError("needs an address such as https://hc.example.org/ping/abc")
    return secret


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to answer whether the service works."""

    host: IPv4Address | IPv6Address
    port: int

    @property
    def everywhere(self) -> bool:
        """Whether others than this machine can ask."""
        return not self.host.is_loopback

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.host.version == 6 else self.host  # noqa: PLR2004  (IPv6)
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `127.0.0.1:9630`, `localhost:9630` or `[::1]:9630`."""
        host, _, port = str(text).rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        try:
            address = ip_address("127.0.0.1" if bare == "localhost" else bare)
            fits = port.isascii() and port.isdigit() and 1 <= int(port) <= MOST_PORTS
        except ValueError:
            fits = False
        if not fits or (host == f"[{bare}]") != (":" in bare):
            raise ValueError('needs an address of this machine and a port, such as "127.0.0.1:9630"')
        return cls(address, int(port))


class HealthEntry(Section):
    """Whoever looks after the service."""

    channel: Annotated[Line, AfterValidator(_channel)] | None = None
    heartbeat: Annotated[SecretStr, AfterValidator(_address)] | None = None
    """Whoever has the address can pretend that we live: it stays out of logs and messages."""
    heartbeat_file: SecretFile | None = None
    listen: Annotated[Listen, BeforeValidator(Listen.parse)] | None = None
    """Where /healthz, /readyz and /metrics are answered."""

    @model_validator(mode="after")
    def _one_heartbeat(self) -> Self:
        at_most_one(self, "heartbeat")
        return self
