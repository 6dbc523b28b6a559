"""Posts to an address that the operator gave: no redirects, a deadline, a limit to the answer, and no secret told.

By the standard library: the address may be private, the proxy of the environment is used, and every answer is handed
over as it comes.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from http.client import HTTPException
from socket import SHUT_RDWR
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPErrorProcessor, HTTPHandler, HTTPSHandler, Request, build_opener

from crawler.errors import DeliveryError
from monitors.digest.inert import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from http.client import HTTPConnection, HTTPResponse

    from pydantic import SecretStr

DEADLINE_S = 30.0
"""For connecting, for each pause, and from the request to the end of the answer."""
_MOST_OF_AN_ANSWER = 4_096
_SHORTEST_SECRET = 5
"""A part of an address that is shorter is none, and would take letters out of ordinary words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    text: str
    """The beginning of the body, as it came."""
    told: str
    """`503 Service is down`, on one line. What was asked with is taken out of it: many a server repeats that."""
    retry_after: timedelta | None = None
    """How long it asked to wait, from now on."""


def a_web_address(secret: SecretStr) -> SecretStr:
    """Refuse what nothing can be posted to; for `AfterValidator`."""
    url = secret.get_secret_value()
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # not a port, not an IPv6 address
        fits = False
    if not fits or not url.isprintable() or not url.isascii() or " " in url:
        raise ValueError("needs to be an http or https URL")
    return secret


def post(
    url: SecretStr,
    body: bytes,
    headers: Mapping[str, str],
    *,
    who: str,
    deadline_s: float = DEADLINE_S,
    most_bytes: int = _MOST_OF_AN_ANSWER,
) -> Answer:
    """Post the body and return what was answered, whatever the status. Blocks.

    `who` is what errors call the server; of its answer, the first `most_bytes` are read.

    Raises:
        DeliveryError: nothing was answered. The text holds neither the address nor a header.
    """
    request = Request(url.get_secret_value(), data=body, headers={"User-Agent": "Newsvane", **headers})  # noqa: S310 -- see a_web_address
    ends = time.monotonic() + deadline_s
    try:
        return _ask(request, deadline_s, ends, most_bytes)
    except URLError as error:
        raise DeliveryError(f"{who} could not be reached: {shorten(str(error.reason), 200)}") from None
    except (OSError, HTTPException) as error:  # its text may hold the address
        if time.monotonic() >= ends:
            raise DeliveryError(f"{who} did not answer within {deadline_s:g} seconds") from None
        raise DeliveryError(f"{who} could not be reached: {type(error).__name__}") from None


def _ask(request: Request, deadline_s: float, ends: float, most_bytes: int) -> Answer:
    with _opening(deadline_s) as open_, open_(request, timeout=deadline_s) as response:
        text, headers = _beginning(response, most_bytes, ends).decode("utf-8", "replace").strip(), response.headers
    told = f"{response.status} {shorten(without_secrets(text, request), 100)}".rstrip()
    wait = retry_after(headers.get("Retry-After"), headers.get("Date"))
    return Answer(status=response.status, text=text, told=told, retry_after=wait)


def _beginning(response: HTTPResponse, most_bytes: int, ends: float) -> bytes:
    """Read some of a body. Whatever happens on the way, the status was the answer."""
    body = b""
    with suppress(OSError, HTTPException):
        while len(body) < most_bytes and time.monotonic() < ends:
            piece = response.read1(most_bytes - len(body))
            if not piece:
                break
            body += piece
    return body


# -- waiting ----------------------------------------------------------------------------------------------------------


def retry_after(header: str | None, date: str | None = None) -> timedelta | None:
    """Read Retry-After: seconds, or a date by the clock of the server, which `Date` shows. None for nonsense."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < 8 and int(text) else None  # noqa: PLR2004 -- half a year is more than anybody waits
    until, at = _date(text), _date(date or "") or datetime.now(UTC)
    return until - at if until and until > at else None


def _date(text: str) -> datetime | None:
    with suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


# -- secrets ----------------------------------------------------------------------------------------------------------


def without_secrets(text: str, request: Request) -> str:
    """Take out of an answer what was asked with: many a server tells which path it does not know."""
    parts = urlsplit(request.full_url)
    pieces = [parts.path, parts.query, *parts.path.split("/"), *parts.query.replace("=", "&").split("&")]
    pieces += [parts.password or "", *(value for _, value in request.header_items())]
    pieces += [word for piece in pieces for word in piece.split()]
    whole = {form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= _SHORTEST_SECRET}
    text = unescape(text)
    for piece in sorted(whole - {"application/json", "Newsvane"}, key=len, reverse=True):
        text = text.replace(piece, "…")
    return text


# -- urllib, taught to be short ---------------------------------------------------------------------------------------


@contextmanager
def _opening(deadline_s: float) -> Iterator[Callable[..., HTTPResponse]]:
    """Give a function that asks, and cut its connections at the deadline: a timeout begins anew with every byte."""
    connections: list[HTTPConnection] = []
    alarm = Timer(deadline_s, _cut, [connections])
    alarm.daemon = True
    alarm.start()
    try:
        yield build_opener(_AsItComes, _Noting(connections)).open
    finally:
        alarm.cancel()


def _cut(connections: list[HTTPConnection]) -> None:
    for connection in connections:
        with suppress(OSError):  # it is closed already
            if connection.sock:
                connection.sock.shutdown(SHUT_RDWR)


class _AsItComes(HTTPErrorProcessor):
    """Hands every answer over. Redirects above all: neither the secret nor the news go where somebody else points."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002 -- urllib's way
        return response

    https_response = http_response


class _Noting(HTTPHandler, HTTPSHandler):
    """Notes its connections."""

    def __init__(self, connections: list[HTTPConnection]) -> None:
        HTTPSHandler.__init__(self)
        self._connections = connections

    def do_open(self, http_class: Callable[..., HTTPConnection], req: Request, **others: Any) -> HTTPResponse:
        def noted(*args: Any, **kwargs: Any) -> HTTPConnection:
            self._connections.append(http_class(*args, **kwargs))
            return self._connections[-1]

        return super().do_open(noted, req, **others)
