"""Says that Newsvane lives, to a service that raises the alarm when it hears nothing any more."""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from crawler.errors import DeliveryError
from monitors.digest.inert import shorten

if TYPE_CHECKING:
    from pydantic import SecretStr

_TIMEOUT_S = 10
_MOST_OF_AN_ANSWER = 4_096


def is_heartbeat(url: str) -> bool:
    """Tell whether a heartbeat can be sent there."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url


def beat(url: SecretStr) -> None:
    """Ask for the address, and leave what it answers. Blocks.

    Raises:
        DeliveryError: it was not heard. The text never holds the address.
    """
    if not is_heartbeat(url.get_secret_value()):
        raise DeliveryError("the heartbeat has no address to be sent to: it needs http or https")
    request = Request(url.get_secret_value(), headers={"User-Agent": "Newsvane"})  # noqa: S310 -- see is_heartbeat
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
            response.read(_MOST_OF_AN_ANSWER)
    except HTTPError as error:
        raise DeliveryError(f"the heartbeat was answered {error.code}") from None
    except URLError as error:
        raise DeliveryError(f"the heartbeat was not heard: {shorten(str(error.reason), 200)}") from None
    except (OSError, HTTPException) as error:  # its text may hold the address
        raise DeliveryError(f"the heartbeat was not heard: {type(error).__name__}") from None
