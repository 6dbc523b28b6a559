"""A mail server on loopback: real SMTP, keeps what it gets, answers as a test tells it to."""

from __future__ import annotations

import asyncio
import socket
import weakref
from collections import defaultdict
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable
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
    """Runs while the context lasts; started again, it listens at the same port.

    What it answers is scripted by lists, used up one after the other; then it answers that all is well:

    - `answers[recipient]`: to RCPT.
    - `data_answers_to[recipient]`: at the end of the DATA for this recipient; then `data_answers`, whoever it is.
    - `at[step]`: to the "greeting" of a connection, to "EHLO" (and HELO), "STARTTLS", "AUTH", "MAIL", "RCPT", or to
      "DATA" before the mail is sent.

    An answer is a line of SMTP (`450 4.2.0 try later`; after 421 it hangs up), or one of
    `drop` (hang up without a word), `hang` (never answer), and at the end of DATA also `lost` (keep the mail, then hang
    up without a word). With `slowly 0.2 ` before it, it comes after 0.2 seconds.
    """

    host = "localhost"

    def __init__(
        self,
        *,
        tls: Literal["none", "starttls", "tls"] = "none",
        context: ssl.SSLContext | None = None,
        users: dict[str, str] | None = None,
        smtputf8: bool = True,
        most_bytes: int | None = 33_554_432,
    ) -> None:
        self.messages: list[Mail] = []
        self.answers: dict[str, list[str]] = defaultdict(list)
        self.data_answers_to: dict[str, list[str]] = defaultdict(list)
        self.data_answers: list[str] = []
        self.at: dict[str, list[str]] = defaultdict(list)
        self.heard: list[str] = []
        """Every command, as `RCPT TO:<a@example.org>`."""
        self.connections = 0
        # bound and not listening: what comes to it is refused, and nobody else gets the port while the server is down
        place = socket.socket()
        weakref.finalize(self, place.close)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        place.bind(("127.0.0.1", 0))
        self.port: int = place.getsockname()[1]
        self._tls, self._context, self._users, self._smtputf8 = tls, context, users, smtputf8
        self._most_bytes = most_bytes

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ssl_context = self._context if self._tls == "tls" else None
        where = {"host": "127.0.0.1", "port": self.port, "reuse_port": True}
        listening = self._loop.create_server(self._conversation, **where, ssl=ssl_context)
        self._server = self._loop.run_until_complete(listening)
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
        conversation = _Conversation(
            self,
            enable_SMTPUTF8=self._smtputf8,
            data_size_limit=self._most_bytes,
            hostname="mail.example",
            tls_context=self._context if self._tls == "starttls" else None,
            require_starttls=self._tls == "starttls",
            auth_required=self._users is not None,
            authenticator=self._authenticate,
            loop=self._loop,
        )
        # Said afterwards, since aiosmtpd warns of it; and it does not know of TLS from the first byte.
        conversation._auth_require_tls = self._tls == "starttls" or self._users is None
        return conversation

    def _authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        name, password = login.login.decode(), login.password.decode()
        good = (self._users or {}).get(name) == password
        return AuthResult(success=good, handled=False, auth_data=name)

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 -- aiosmtpd's name
        answer = await server.scripted(self.answers[address])
        if answer is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        mail = Mail(
            sender=envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            raw=envelope.original_content,
            user=session.auth_data,
            encrypted=server.transport.get_extra_info("sslcontext") is not None,
        )
        to_one = (self.data_answers_to[recipient] for recipient in mail.recipients)
        script = next((answers for answers in to_one if answers), self.data_answers)
        answer = await server.scripted(script, lost=lambda: self.messages.append(mail))
        if answer is None:
            self.messages.append(mail)
        return answer or "250 queued as 1"


class _Conversation(SMTP):
    """Asks the script before it answers by itself."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._smtp_methods = {name: partial(self._asked, name, method) for name, method in self._smtp_methods.items()}

    async def scripted(self, script: list[str], lost: Callable[[], None] = lambda: None) -> str | None:
        """Return the next answer of a script, or None: all is well. Does not return where it hangs up or hangs."""
        answer = script.pop(0) if script else None
        if answer and answer.startswith("slowly "):
            _, seconds, answer = answer.split(" ", 2)
            await asyncio.sleep(float(seconds))
        if answer == "lost":
            lost()
        if answer in {"lost", "drop"}:
            self.transport.abort()
            raise asyncio.CancelledError
        if answer == "hang":
            try:
                await asyncio.Event().wait()
            finally:
                self.transport.abort()
        return None if answer is None or answer.startswith("250") else answer

    async def push(self, status: str | bytes) -> None:
        status = status if isinstance(status, str) else status.decode()
        if self.session.host_name is None and status.startswith(f"220 {self.hostname} "):
            status = await self.scripted(self.event_handler.at["greeting"]) or status
        await super().push(status)
        if status.startswith("421"):
            self.transport.close()
            raise asyncio.CancelledError

    async def _asked(self, command: str, answer_by_itself: Callable[[Any], Awaitable[None]], argument: Any) -> None:
        secret = command == "AUTH"
        self.event_handler.heard.append(command if secret or not argument else f"{command} {argument}")
        answer = await self.scripted(self.event_handler.at["EHLO" if command == "HELO" else command])
        await (self.push(answer) if answer else answer_by_itself(argument))
