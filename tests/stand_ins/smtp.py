"""A mail server on loopback: real SMTP, keeps what it gets, answers as a test tells it to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from email import message_from_bytes, policy
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one envelope, as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    user: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        return str(self.message["message-id"])


class MailCatcher:
    """Runs while the context lasts.

    `answers` holds, for each recipient, what RCPT is answered, one after the other ("451 later"); then it is "250 OK".
    `data_answers` is the same for the end of DATA, whatever the recipient; the answer "lost" keeps the mail and hangs
    up without a word.
    """

    host = "localhost"

    def __init__(
        self,
        *,
        tls: Literal["none", "starttls", "tls"] = "none",
        context: ssl.SSLContext | None = None,
        users: dict[str, str] | None = None,
        smtputf8: bool = True,
    ) -> None:
        self.messages: list[Mail] = []
        self.answers: dict[str, list[str]] = defaultdict(list)
        self.data_answers: list[str] = []
        self.connections = 0
        self.port = 0
        self._tls, self._context, self._users, self._smtputf8 = tls, context, users, smtputf8

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ssl_context = self._context if self._tls == "tls" else None
        listening = self._loop.create_server(self._conversation, "127.0.0.1", self.port, ssl=ssl_context)
        self._server = self._loop.run_until_complete(listening)
        self.port = self._server.sockets[0].getsockname()[1]  # the same one if it is started again
        self._thread = Thread(target=self._loop.run_forever, name="mail-catcher", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close

    def _conversation(self) -> SMTP:
        self.connections += 1
        conversation = SMTP(
            self,
            enable_SMTPUTF8=self._smtputf8,
            hostname="mail.example",
            tls_context=self._context if self._tls == "starttls" else None,
            require_starttls=self._tls == "starttls",
            auth_required=self._users is not None,
            authenticator=self._authenticate,
            loop=self._loop,
        )
        # Said afterwards, since aiosmtpd warns of it; and it does not know of TLS from the first byte.
        conversation._auth_require_tls = self._tls == "starttls"
        return conversation

    def _authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        name, password = login.login.decode(), login.password.decode()
        good = (self._users or {}).get(name) == password
        return AuthResult(success=good, handled=False, auth_data=name)

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 -- aiosmtpd's name
        answer = self.answers[address].pop(0) if self.answers[address] else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        answer = self.data_answers.pop(0) if self.data_answers else "250 queued as 1"
        if answer.startswith(("250", "lost")):
            mail = Mail(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                raw=envelope.original_content,
                user=session.auth_data,
                encrypted=server.transport.get_extra_info("sslcontext") is not None,
            )
            self.messages.append(mail)
        if answer == "lost":
            server.transport.abort()
        return answer
