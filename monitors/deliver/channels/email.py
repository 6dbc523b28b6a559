"""E-mail, through the operator's SMTP server."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from contextlib import suppress
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crawler.errors import ConfigError, DeliveryError
from monitors.deliver.smtp import MailAddress, ascii_host
from monitors.digest.inert import plain, shorten
from monitors.digest.render import render_html, render_text, subject
from monitors.domain import Notice

if TYPE_CHECKING:
    from monitors.deliver.channels import Envelope, Facilities
    from monitors.deliver.smtp import Smtp
    from monitors.domain import Delivery, Message

kind = "email"

_TIMEOUT_S = 30
# "Authentication required", "too weak", "failed", "needs encryption": the operator's to mend, while the mail is fine.
_LOGIN_NEEDED = {530, 534, 535, 538}


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
    mail["List-Id"] = _list_id("health" if isinstance(message, Notice) else message.watchlist.id, sender)
    mail["Auto-Submitted"] = "auto-generated"
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
    """Encodes subjects by the older of the library's two ways: the newer one loses spaces between encoded words."""

    def fold_binary(self, name: str, value: object) -> bytes:
        if name != "Subject":
            return super().fold_binary(name, value)  # type: ignore[arg-type] # typeshed knows only plain strings
        text = str(value)
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


def _list_id(watchlist_id: str, sender: str) -> str:
    digest = hashlib.sha256(watchlist_id.encode(errors="surrogatepass")).hexdigest()[
        :8
    ]  # for an id that has no Latin letter
    label = re.sub(r"[^a-z0-9]+", "-", watchlist_id.lower()).strip("-")[:60] or f"watchlist-{digest}"
    return f"<{label}.newsvane.{_on_the_wire(sender).rpartition('@')[2]}>"


# -- handing it over --------------------------------------------------------------------------------------------------


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    smtp = facilities.smtp
    server: smtplib.SMTP | None = None
    try:
        server = _connect(smtp)
        _introduce(server, smtp)
        receipt = _hand_over(server, delivery, _on_the_wire(_sender(smtp)))
        with suppress(smtplib.SMTPException, OSError):  # it has the mail; how it says good-bye changes nothing
            server.quit()
    except smtplib.SMTPResponseException as error:
        raise _refusal(error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"{smtp.host}:{smtp.port}: {shorten(str(error), 200) or type(error).__name__}") from error
    finally:
        if server:
            server.close()
    return receipt


def _connect(smtp: Smtp) -> smtplib.SMTP:
    host = ascii_host(smtp.host)
    if smtp.tls == "tls":
        return smtplib.SMTP_SSL(host, smtp.port, timeout=_TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, smtp.port, timeout=_TIMEOUT_S)


def _introduce(server: smtplib.SMTP, smtp: Smtp) -> None:
    if smtp.tls == "starttls":
        server.starttls(context=ssl.create_default_context())
    server.ehlo_or_helo_if_needed()
    if smtp.username is None:
        return
    try:
        server.login(smtp.username, _password(smtp))
    except UnicodeError:  # smtplib sends ASCII; the message of the error would quote the password
        raise DeliveryError("the user name or the password has letters that a login cannot carry") from None


def _password(smtp: Smtp) -> str:
    if smtp.password_file:
        return smtp.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    return smtp.password.get_secret_value() if smtp.password else ""


def _hand_over(server: smtplib.SMTP, delivery: Delivery, sender: str) -> str:
    recipient = _on_the_wire(delivery.recipient)
    options = [f"SIZE={len(delivery.payload)}"] if server.has_extn("size") else []
    if not (sender + recipient).isascii():
        if not server.has_extn("smtputf8"):
            raise DeliveryError("the mail server takes no addresses with letters beyond ASCII", permanent=True)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    _accepted("MAIL", server.mail(sender, options))
    _accepted("RCPT", server.rcpt(recipient))
    return _accepted("DATA", server.data(delivery.payload))


def _accepted(command: str, answer: tuple[int, bytes]) -> str:
    code, text = answer
    if code // 100 != 2:  # noqa: PLR2004 -- 2xx is "done" (RFC 5321)
        permanent = code // 100 == 5 and code not in _LOGIN_NEEDED  # noqa: PLR2004 -- 5xx is "never"
        raise DeliveryError(_told(command, code, text), permanent=permanent)
    return f"{code} {_line(text)}"


def _refusal(error: smtplib.SMTPResponseException) -> DeliveryError:
    """Judge what smtplib raises by itself. A refused greeting or login is no verdict on the mail."""
    steps = {smtplib.SMTPAuthenticationError: "LOGIN", smtplib.SMTPDataError: "DATA", smtplib.SMTPHeloError: "EHLO"}
    told = _told(steps.get(type(error), "the mail server"), error.smtp_code, error.smtp_error)
    return DeliveryError(told, permanent=isinstance(error, smtplib.SMTPDataError) and error.smtp_code // 100 == 5)  # noqa: PLR2004 -- 5xx is "never"


def _told(what: str, code: int, text: bytes | str) -> str:
    return f"{what} answered {code} {_line(text)}"


def _line(text: bytes | str) -> str:
    return shorten(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, 200)
