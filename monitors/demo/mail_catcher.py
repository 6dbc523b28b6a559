"""Receives mail like a mail server, over a real SMTP conversation, and keeps what it gets."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from threading import Thread
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one envelope, as it came over the wire."""

    recipients: tuple[str, ...]
    raw: bytes

    @property
    def subject(self) -> str:
        return str(self._message["subject"])

    @property
    def watchlist(self) -> str:
        """The id of the watchlist it is of, which begins its List-Id."""
        return str(self._message["list-id"]).strip("<>").partition(".")[0]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def _message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def _part(self, subtype: str) -> str:
        part = self._message.get_body((subtype,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


@dataclass(frozen=True, slots=True)
class MailCatcher:
    """Where it listens, and what it has received so far."""

    host: str
    port: int
    mails: list[Mail]


class _Keep:
    def __init__(self, mails: list[Mail]) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._mails.append(Mail(tuple(envelope.rcpt_tos), envelope.content))
        return "250 caught"


@contextmanager
def catch_mail() -> Iterator[MailCatcher]:
    """Run a mail catcher on a free port of loopback, for as long as the context lasts."""
    with asyncio.Runner() as runner:
        mails: list[Mail] = []
        server = runner.run(_listen(mails))
        host, port = server.sockets[0].getsockname()
        loop = runner.get_loop()
        thread = Thread(target=loop.run_forever, name="mail-catcher")
        thread.start()
        try:
            yield MailCatcher(host, port, mails)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()


async def _listen(mails: list[Mail]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(_Keep(mails), ident="Newsvane demo", loop=loop), "127.0.0.1", 0)
