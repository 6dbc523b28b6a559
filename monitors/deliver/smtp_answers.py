"""What a refusal of a mail server is about: one message, one recipient, or whatever goes through the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from crawler.errors import DeliveryScope

Step = Literal["greeting", "EHLO", "STARTTLS", "LOGIN", "MAIL", "RCPT", "DATA"]


@dataclass(frozen=True, slots=True)
class Verdict:
    scope: DeliveryScope
    permanent: bool
    hint: str = ""
    """What the operator can do."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Fits an answer to one of the steps whose code, enhanced code (RFC 3463, without its class) and text fit."""

    steps: str
    scope: DeliveryScope
    codes: str = "..."
    details: str = ".*"
    text: str = ""
    permanent: bool | None = None
    """None: as the code says, 5xx for good and 4xx for now."""
    hint: str = ""


_ANY = "greeting EHLO STARTTLS LOGIN MAIL RCPT DATA"
_OF_A_MAIL = "MAIL RCPT DATA"
_LOGIN = "check smtp.username and its password"
_HOST = "the mail server takes nothing from this host"

# The first row that fits decides. Where an answer says too little, the narrower scope is taken: a reader who is refused
# keeps nothing from the others.
_ROWS = (
    _Row(_ANY, "channel", "421", permanent=False),
    # The login: https://www.rfc-editor.org/rfc/rfc4954#section-6
    _Row("LOGIN", "channel", "432", permanent=True, hint="the password has to be changed"),
    _Row("LOGIN", "channel", "5..", hint=_LOGIN),
    _Row(_ANY, "channel", "53[0458]", hint=_LOGIN),
    _Row("greeting EHLO STARTTLS LOGIN", "channel"),
    _Row(_OF_A_MAIL, "channel", "5..", r"7\.(8|9|11|14)", hint=_LOGIN),
    # Too large, by the server's limit or the mailbox's.
    _Row(_OF_A_MAIL, "message", details=r"(3\.4|2\.3)", permanent=True),
    _Row("MAIL", "message", "552", permanent=True),
    # The sender, us, and the server itself. Postfix keeps what it has against a sender until it hears a recipient.
    _Row("MAIL", "channel", "5..", hint="check smtp.from and smtp.username"),
    _Row("MAIL", "channel"),
    _Row("RCPT DATA", "channel", details=r"1\.[78]", hint="check smtp.from"),
    _Row("RCPT DATA", "channel", text="sender address rejected", hint="check smtp.from"),
    _Row("RCPT DATA", "channel", text=r"(client host\b.*|helo command) (rejected|blocked)", hint=_HOST),
    _Row("RCPT DATA", "channel", details=r"3\.[125]"),
    _Row("DATA", "channel", "4..", r"3\.\d+"),
    _Row("DATA", "channel", "452", r"()"),
    _Row("RCPT", "channel", "50[0234]"),
    # The recipient. A mailbox that is full gets emptied; 552 is what older servers say of it.
    _Row("RCPT DATA", "recipient", details=r"2\.2", permanent=False),
    _Row("RCPT", "recipient", "552", permanent=False),
    _Row("RCPT", "recipient", text="relay", hint="the mail server forwards nothing for us: it may want a login"),
    _Row("RCPT", "recipient"),
    _Row("DATA", "recipient", details=r"[12]\.\d+"),
    _Row("DATA", "message"),
)
_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")


def judge(step: Step, code: int, text: str) -> Verdict:
    """Return what an answer that is no consent says; what is no answer of SMTP may pass."""
    if code // 100 not in {4, 5}:
        return Verdict("channel", permanent=False)
    enhanced = _ENHANCED.match(text)
    detail = enhanced[1] if enhanced else ""
    row = next(row for row in _ROWS if _fits(row, step, str(code), detail, text))
    permanent = code // 100 == 5 if row.permanent is None else row.permanent  # noqa: PLR2004 -- 5xx is "never"
    return Verdict(row.scope, permanent, row.hint)


def _fits(row: _Row, step: Step, code: str, detail: str, text: str) -> bool:
    return (
        step in row.steps.split()
        and re.fullmatch(row.codes, code) is not None
        and re.fullmatch(row.details, detail) is not None
        and re.search(row.text, text, re.IGNORECASE) is not None
    )
