"""E-mail, through the operator's SMTP server."""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
from contextlib import contextmanager, suppress
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crawler.errors import ConfigError, DeliveryError
from crawler.yaml_types import is_email
from monitors.deliver.secret_files import secret
from monitors.deliver.smtp import MailAddress, ascii_host
from monitors.deliver.smtp_answers import judge
from monitors.digest.inert import plain, shorten
from monitors.digest.render import render_html, render_text, subject
from monitors.domain import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.errors import DeliveryScope
    from monitors.deliver.channels import Envelope, Facilities
    from monitors.deliver.smtp import Smtp
    from monitors.deliver.smtp_answers import Step
    from monitors.domain import Delivery, Message

kind = "email"
destination = "smtp"

_TIMEOUT_S = 30
# Between the last byte of a mail and the answer, servers look for spam: whoever hangs up too early sends it twice
# (RFC 1047). Much longer, and what goes out through other channels would wait for it.
_DATA_TIMEOUT_S = 120
_GOODBYE_S = 5
_DATA_ATTEMPTS = 3  # after so many, what goes wrong with a mail is held to be of that mail
_UNKNOWN_COMMAND = {500, 501, 502, 504}

_NEVER_ENCODED = {"In-Reply-To", "References", "List-Id", "List-Unsubscribe"}
_LONGEST_LINE = 900  # 998 are allowed


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[tuple[MailAddress, ...], BeforeValidator(_as_list), Field(min_length=1)]
    """One address or a list of them; each gets a mail of their own."""


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return tuple(dict.fromkeys(options.to))


# -- freezing a message -----------------------------------------------------------------------------------------------


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    sender = _sender(facilities.smtp)
    # Headers can hold letters of any script only where an address has them: the server must know SMTPUTF8 then.
    unicode = not (_on_the_wire(sender) + _on_the_wire(envelope.recipient)).isascii()
    # The bodies need seven bits: not every server on the way says that it takes eight.
    mail = EmailMessage(_MailPolicy(linesep="\r\n", utf8=unicode, cte_type="7bit"))
    mail["From"] = _address("Newsvane", sender)
    mail["To"] = _address("", envelope.recipient)
    mail["Subject"] = header_text(subject(message))
    mail["Date"] = envelope.date
    mail["Message-ID"] = f"<{envelope.message_id}>"
    mail["In-Reply-To"], mail["References"] = _thread(message, envelope, sender)
    label = "health.operator" if isinstance(message, Notice) else _list_label(message.watchlist.id)
    mail["List-Id"] = f"<{label}.newsvane.{_host(sender)}>"
    mail["List-Unsubscribe"] = _unsubscribe(message, envelope.recipient, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange looks at nothing else before it says "on holiday"
    mail.set_content(render_text(message))
    mail.add_alternative(render_html(message), subtype="html")
    # By its identity, not by chance: rendering again gives the same bytes. No encoded body can hold "=_".
    mail.set_boundary("=_" + sha256(envelope.message_id.encode()).hexdigest()[:32])
    return (mail.as_bytes(),)


def header_text(text: str) -> str:
    """Return text that a mail header takes literally.

    An encoded word (`=?utf-8?q?…?=`) in it would be decoded, line breaks and all, and forge headers (CVE-2024-6923).
    """
    return re.sub(r"=(?=\?)", "= ", plain(text).strip())


class _MailPolicy(EmailPolicy):
    """Folds some headers itself.

    Subjects are encoded by the older of the library's two ways: the newer one loses spaces between encoded words. And
    it would encode an address or an id that is longer than a line, of which nothing could be read any more.
    """

    def fold_binary(self, name: str, value: object) -> bytes:
        text = str(value)
        if name in _NEVER_ENCODED:
            return f"{name}: {text.replace(' ', f'{self.linesep} ')}{self.linesep}".encode("ascii")
        if name != "Subject":
            return super().fold_binary(name, value)  # type: ignore[arg-type] # typeshed knows only plain strings
        header = Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name)
        return f"{name}: {header.encode(splitchars=' ', linesep=self.linesep)}{self.linesep}".encode("ascii")


def _sender(smtp: Smtp) -> str:
    if smtp.sender is None:
        raise ConfigError("smtp.from: needs the address that mail comes from (or set settings.contact to one)")
    return smtp.sender


def _address(name: str, address: str) -> Address:
    local, _, host = _on_the_wire(address).rpartition("@")
    return Address(name, username=local, domain=host)


def _on_the_wire(address: str) -> str:
    """Spell the host in ASCII, as mail servers look it up."""
    local, _, host = address.rpartition("@")
    return f"{local}@{ascii_host(host)}"


def _list_label(watchlist_id: str) -> str:
    """Return what a watchlist is called in its List-Id; it has no dot, so no watchlist is called as notices are."""
    digest = hashlib.sha256(watchlist_id.encode(errors="surrogatepass")).hexdigest()[:8]
    return re.sub(r"[^a-z0-9]+", "-", watchlist_id.lower()).strip("-")[:60] or f"watchlist-{digest}"


def _host(address: str) -> str:
    return _on_the_wire(address).rpartition("@")[2]


def _thread(message: Message, envelope: Envelope, sender: str) -> tuple[str, str]:
    """Return what a mail answers, and all that stands above it.

    All mails of a watchlist to a recipient answer one that never was: programs show them together without our keeping
    account of any. Of a story that was told before, its first mail stands in between.
    """
    of = "notices" if isinstance(message, Notice) else f"watchlist {message.watchlist.id}"
    digest = sha256(f"{of}\n{envelope.recipient}".encode(errors="surrogatepass")).hexdigest()[:32]
    root = f"<{digest}.thread@{_host(sender)}>"
    if envelope.first_of_story is None:
        return root, root
    return f"<{envelope.first_of_story}>", f"{root} <{envelope.first_of_story}>"


def _unsubscribe(message: Message, recipient: str, sender: str) -> str:
    """Return where to write for no more of these mails (RFC 2369): a person, since the configuration is a file."""
    name = "notices of Newsvane" if isinstance(message, Notice) else shorten(message.watchlist.name, 60)
    local, _, host = _on_the_wire(_whom_to_ask(message) or sender).rpartition("@")
    address = f"{quote(local, safe='')}@{host}"
    letters = (quote(char, safe="") for char in plain(f"Unsubscribe {recipient} from {name}"))
    subject, room = "", _LONGEST_LINE - len(address)
    for letter in letters:
        if len(subject) + len(letter) > room:
            break
        subject += letter
    return f"<mailto:{address}?subject={subject}>"


def _whom_to_ask(message: Message) -> str | None:
    """Return the owner of the watchlist, if that is an address that every program can write to."""
    owner = None if isinstance(message, Notice) else message.watchlist.owner
    if not owner or not is_email(owner):
        return None
    local, _, host = owner.rpartition("@")
    with suppress(UnicodeError):  # it is nobody's, and the watchlist says what it likes
        return owner if local.isascii() and ascii_host(host) else None
    return None


# -- handing it over --------------------------------------------------------------------------------------------------


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    smtp = facilities.smtp
    server = _connect(smtp)
    try:
        _introduce(server, smtp)
        receipt = _hand_over(server, delivery, smtp)
        with suppress(smtplib.SMTPException, OSError):  # it has the mail; how it says good-bye changes nothing
            _wait(server, _GOODBYE_S)
            server.quit()
    finally:
        server.close()
    return receipt


def _connect(smtp: Smtp) -> smtplib.SMTP:
    with _at("greeting", smtp):
        host, us = ascii_host(smtp.host), _our_name()
        if smtp.tls == "tls":
            return smtplib.SMTP_SSL(host, smtp.port, us, timeout=_TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(host, smtp.port, us, timeout=_TIMEOUT_S)


@cache
def _our_name() -> str:
    """Return what this machine calls itself; the library would ask the name servers anew for every mail."""
    return socket.getfqdn()


def _introduce(server: smtplib.SMTP, smtp: Smtp) -> None:
    _greet(server, smtp)
    if smtp.tls == "starttls":
        if not server.has_extn("starttls"):
            raise DeliveryError(_prefixed(smtp, "it offers no STARTTLS; see smtp.tls"), permanent=True)
        with _at("STARTTLS", smtp):
            server.starttls(context=ssl.create_default_context())
        _greet(server, smtp)
    if smtp.username is None:
        return
    if not server.has_extn("auth"):
        raise DeliveryError(_prefixed(smtp, "it offers no login; without one, leave out smtp.username"), permanent=True)
    password = secret(smtp, "password")
    with _at("LOGIN", smtp):
        _log_in(server, smtp.username, password.get_secret_value() if password else "")


def _log_in(server: smtplib.SMTP, username: str, password: str) -> None:
    try:
        server.login(username, password)
    except smtplib.SMTPResponseException as error:
        # Many a server repeats a command that it does not know, and with it the password, in Base64.
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        told = re.sub(r"[A-Za-z0-9+/]{16,}=*", "…", text.replace(password, "…") if password else text)
        raise smtplib.SMTPAuthenticationError(error.smtp_code, told) from None


def _greet(server: smtplib.SMTP, smtp: Smtp) -> None:
    with _at("EHLO", smtp):
        answer = server.ehlo()
        if answer[0] in _UNKNOWN_COMMAND:
            answer = server.helo()
    _accepted("EHLO", answer)


def _hand_over(server: smtplib.SMTP, delivery: Delivery, smtp: Smtp) -> str:
    sender, recipient = _on_the_wire(_sender(smtp)), _on_the_wire(delivery.recipient)
    options = _mail_options(server, delivery, sender, recipient)
    with _at("MAIL", smtp):
        _accepted("MAIL", server.mail(sender, options))
    with _at("RCPT", smtp):
        _accepted("RCPT", server.rcpt(recipient))
    try:
        with _at("DATA", smtp):
            _wait(server, _DATA_TIMEOUT_S)
            return _accepted("DATA", server.data(delivery.payload))
    except DeliveryError as error:
        if delivery.attempts >= _DATA_ATTEMPTS and not error.permanent:
            # A server that chokes on one message again and again must not keep the others waiting for it.
            error.scope = "message"
        raise


def _wait(server: smtplib.SMTP, at_most_s: float) -> None:
    if server.sock:
        server.sock.settimeout(at_most_s)


def _mail_options(server: smtplib.SMTP, delivery: Delivery, sender: str, recipient: str) -> list[str]:
    """Return the parameters of MAIL; what the server says it cannot take is refused here."""
    most, size = server.esmtp_features.get("size", ""), len(delivery.payload)
    if most.isascii() and most.isdigit() and 0 < int(most) < size:
        told = f"the mail has {size} bytes, the mail server takes {int(most)} at most"
        raise DeliveryError(told, permanent=True, scope="message")
    options = [f"SIZE={size}"] if server.has_extn("size") else []
    if (sender + recipient).isascii():
        return options
    if not server.has_extn("smtputf8"):
        scope: DeliveryScope = "channel" if not sender.isascii() else "recipient"
        told = "the mail server takes no addresses with letters beyond ASCII"
        raise DeliveryError(told, permanent=True, scope=scope)
    return [*options, "SMTPUTF8", "BODY=8BITMIME"]


@contextmanager
def _at(step: Step, smtp: Smtp) -> Iterator[None]:
    """Turn what goes wrong at a step into a DeliveryError. Never tells a secret."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _refusal(step, error.smtp_code, error.smtp_error) from None
    except UnicodeError:  # smtplib sends ASCII; the message of the error would quote the password
        told = "the user name or the password has letters that a login cannot carry"
        raise DeliveryError(told, permanent=True) from None
    except ssl.SSLCertVerificationError as error:
        told = f"its certificate does not prove its name: {shorten(str(error), 200)}"
        raise DeliveryError(_prefixed(smtp, told), permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        told = f"{shorten(str(error), 200) or type(error).__name__}"
        where = "" if step == "greeting" else f" (at {step})"
        no_common_way = step == "LOGIN" and type(error) is smtplib.SMTPException
        raise DeliveryError(_prefixed(smtp, told) + where, permanent=no_common_way) from error


def _accepted(step: Step, answer: tuple[int, bytes]) -> str:
    code, text = answer
    if code // 100 != 2:  # noqa: PLR2004 -- 2xx is "done" (RFC 5321)
        raise _refusal(step, code, text)
    return f"{code} {_line(text)}"


def _refusal(step: Step, code: int, text: bytes | str) -> DeliveryError:
    line = _line(text)
    verdict = judge(step, code, line)
    what = "the mail server" if step == "greeting" else step
    told = f"{what} answered {code} {line}".rstrip() + (f" ({verdict.hint})" if verdict.hint else "")
    return DeliveryError(told, permanent=verdict.permanent, scope=verdict.scope)


def _prefixed(smtp: Smtp, told: str) -> str:
    return f"{smtp.host}:{smtp.port}: {told}"


def _line(text: bytes | str) -> str:
    return shorten(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, 200)
