"""The `health:` section: who is told when a source breaks, and who that Newsvane itself lives."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr, ValidationInfo

from crawler.yaml_file import Section, nearest
from crawler.yaml_types import Line
from monitors.deliver.heartbeat import is_heartbeat
from monitors.known import known


def _channel(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).channels):
        raise ValueError(f"there is no channel `{identifier}`{nearest(identifier, there)}")
    return identifier


def _address(secret: SecretStr) -> SecretStr:
    if not is_heartbeat(secret.get_secret_value()):
        raise ValueError("needs an address such as https://hc.example.org/ping/abc")
    return secret


class HealthEntry(Section):
    """Whoever looks after the service."""

    channel: Annotated[Line, AfterValidator(_channel)] | None = None
    heartbeat: Annotated[SecretStr, AfterValidator(_address)] | None = None
    """Whoever has the address can pretend that we live: it stays out of logs and messages."""
