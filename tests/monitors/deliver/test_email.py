"""E-mail over real SMTP: what arrives, and what becomes of a refusal."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_ins.messages import ALERT, DIGEST, hit, one
from stand_ins.smtp import MailCatcher
from stand_ins.tls import Certificate, make_certificate

from crawler.errors import ConfigError, DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels, email
from monitors.deliver.channels.email import Options, deliver, header_text, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.digest.render import subject
from monitors.domain import Delivery, Notice, Outage

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TO = "compliance@example.org"
NOTICE = Notice(at=NOW, outage=Outage(since=NOW, until=None, sources=7))


def facilities(**smtp: Any) -> Facilities:
    return Facilities(smtp=Smtp.model_validate({"from": "newsvane@example.org"} | smtp))


def frozen(
    message: Any = DIGEST,
    *,
    to: str = TO,
    message_id: str = "d1.p0@news.example",
    first_of_story: str | None = None,
    **smtp: Any,
) -> bytes:
    envelope = Envelope(message_id=message_id, date=NOW, recipient=to, first_of_story=first_of_story)
    (part,) = render(message, envelope, Options(to=(to,)), facilities(**smtp))
    return part


def parsed(payload: bytes) -> EmailMessage:
    return message_from_bytes(payload, policy=policy.default)


def delivery(payload: bytes | None = None, *, to: str = TO) -> Delivery:
    return Delivery(
        id=1, channel="legal-mail", recipient=to, message_id="d1.p0@news.example", payload=payload or frozen(to=to),
        queued_at=NOW,
    )  # fmt: skip


def post(mail: Delivery, server: MailCatcher, **smtp: Any) -> str:
    return deliver(mail, Options(to=(mail.recipient,)), facilities(**{"host": server.host, "port": server.port} | smtp))


# -- what is frozen ---------------------------------------------------------------------------------------------------


def test_the_headers_say_who_to_whom_what_and_that_no_answer_is_expected() -> None:
    mail = parsed(frozen())
    assert mail["From"] == "Newsvane <newsvane@example.org>"
    assert mail["To"] == TO
    assert mail["Subject"] == subject(DIGEST)
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<d1.p0@news.example>"
    assert mail["List-Id"] == "<china-cyber-law.newsvane.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_mails_of_a_watchlist_to_a_reader_answer_the_same_mail_so_that_programs_show_them_together() -> None:
    digest, alert = parsed(frozen(DIGEST)), parsed(frozen(ALERT, message_id="a1@news.example"))
    assert digest["References"] == alert["References"] == digest["In-Reply-To"]
    assert digest["References"] != parsed(frozen(DIGEST, to="counsel@example.org"))["References"]
    other = replace(DIGEST, watchlist=replace(DIGEST.watchlist, id="deals"))
    assert digest["References"] != parsed(frozen(other))["References"]


def test_an_alert_of_a_story_that_was_told_before_answers_the_first_one() -> None:
    mail = parsed(frozen(ALERT, first_of_story="first.of.story@news.example"))
    root = parsed(frozen(ALERT))["References"]
    assert mail["In-Reply-To"] == "<first.of.story@news.example>"
    assert mail["References"] == f"{root} <first.of.story@news.example>"


def unsubscribing(mail: EmailMessage) -> tuple[str, str]:
    """Read the header as RFC 2369 and RFC 6068 say: whom to write to, and what about."""
    address = urlsplit(str(mail["List-Unsubscribe"]).removeprefix("<").removesuffix(">"))
    assert address.scheme == "mailto"
    ((key, subject),) = parse_qsl(address.query, strict_parsing=True)
    assert key == "subject"
    return unquote(address.path), subject


@pytest.mark.parametrize(
    ("owner", "to"),
    [
        ("ada+law@example.org", "ada+law@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("Ada Lovelace", "newsvane@example.org"),
        ("a@b\r\nBcc: x@y", "newsvane@example.org"),
        ("=?utf-8?q?a?=@example.org", "newsvane@example.org"),
        ("desk@=", "newsvane@example.org"),
        (None, "newsvane@example.org"),
    ],
)
def test_whoever_wants_no_more_mails_writes_to_the_owner_or_to_us(owner: str | None, to: str) -> None:
    mail = parsed(frozen(replace(DIGEST, watchlist=replace(DIGEST.watchlist, owner=owner))))
    assert unsubscribing(mail) == (to, "Unsubscribe compliance@example.org from China cybersecurity law")


def test_a_notice_can_be_unsubscribed_from_too() -> None:
    mail = parsed(frozen(NOTICE))
    assert mail["List-Id"] == "<health.operator.newsvane.example.org>", (
        "no watchlist has this one: an id has no dot in it"
    )
    assert unsubscribing(mail) == (
        "newsvane@example.org",
        "Unsubscribe compliance@example.org from notices of Newsvane",
    )


@pytest.mark.parametrize("name", ["漢" * 1_000, "网络安全法 & (1/2)?", "a" * 500, "\ud800 b"])
def test_a_name_of_any_length_and_script_leaves_a_header_that_can_be_read(name: str) -> None:
    to = "x" * 60 + "@" + "y" * 60 + ".example"
    payload = frozen(replace(DIGEST, watchlist=replace(DIGEST.watchlist, name=name)), to=to)
    assert max(map(len, payload.split(b"\r\n"))) <= 998
    assert unsubscribing(parsed(payload))[1].startswith(f"Unsubscribe {to} from")
    assert b"=?" not in payload.partition(b"List-Unsubscribe:")[2].partition(b"\r\n")[0]


def test_nothing_that_answers_by_itself_is_to_answer() -> None:
    mail = parsed(frozen())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_the_body_is_plain_text_or_html_as_the_reader_likes() -> None:
    mail = parsed(frozen())
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "网络安全法" in mail.get_body(("plain",)).get_content()
    assert "网络安全法" in mail.get_body(("html",)).get_content()


def test_rendering_again_gives_the_same_bytes() -> None:
    assert frozen() == frozen()


def test_the_bytes_need_nothing_of_a_mail_server_but_seven_bits_and_short_lines() -> None:
    lines = frozen().split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)


ENCODED_WORDS = (
    "=?utf-8?q?x=0D=0ABcc:_e=40e?=",
    "=?utf-8?b?eA0KQmNjOiBlQGU=?=",
    "=?utf-8?q?x=0D=0A?= =?utf-8?q?Bcc:_e?=",
)


@pytest.mark.parametrize("title", ENCODED_WORDS)
def test_an_encoded_word_in_a_title_stays_letters(title: str) -> None:
    mail = parsed(frozen(replace(ALERT, story=one(hit(title)))))
    assert mail["Subject"] == f"China cybersecurity law: {title.replace('=?', '= ?')}"
    assert mail["Bcc"] is None


def test_an_encoded_word_split_over_name_and_title_stays_letters() -> None:
    watchlist = replace(ALERT.watchlist, name="law =")
    mail = parsed(frozen(replace(ALERT, watchlist=watchlist, story=one(hit("?utf-8?q?x=0D=0ABcc:_e=40e?=")))))
    assert mail["Subject"] == "law =: ?utf-8?q?x=0D=0ABcc:_e=40e?="
    assert mail["Bcc"] is None


def test_line_breaks_of_every_kind_leave_one_line() -> None:
    mail = parsed(frozen(replace(ALERT, story=one(hit("one\r\nBcc: x@evil.example\u2028two\u0085three\x0bfour")))))
    assert mail["Subject"] == "China cybersecurity law: one Bcc: x@evil.example two three four"
    assert mail["Bcc"] is None


hostile = st.one_of(
    st.text(max_size=120),
    st.text('=?utf-8qb_ \r\n\u2028\x85:,;<>@"\\äé漢字\u202e', max_size=120),
    st.lists(st.sampled_from([*ENCODED_WORDS, "=?", "?=", "\r\n", "Bcc: a@b", " ", "漢字", "ß"])).map("".join),
)


@settings(max_examples=60)
@given(hostile, hostile, hostile)
def test_no_text_forges_a_header(name: str, title: str, owner: str) -> None:
    benign = parsed(frozen(ALERT))
    watchlist = replace(ALERT.watchlist, name=name, owner=owner, id=owner)
    message = replace(ALERT, watchlist=watchlist, story=one(hit(title.replace("{", "("))))
    mail = parsed(frozen(message))
    assert mail.keys() == benign.keys()
    assert [part.get_content_type() for part in mail.walk()] == [part.get_content_type() for part in benign.walk()]
    assert not mail.defects
    assert mail["To"] == TO
    assert unsubscribing(mail)[1].startswith(f"Unsubscribe {TO} from ")


@settings(max_examples=60)
@given(hostile)
def test_a_subject_is_read_back_as_it_was_meant(text: str) -> None:
    message = replace(ALERT, watchlist=replace(ALERT.watchlist, name=text), story=None)
    assert parsed(frozen(message))["Subject"] == header_text(subject(message))


@settings(max_examples=60)
@given(st.text("abc-.0123456789", min_size=60, max_size=200).filter(lambda s: not s.startswith(".")))
def test_a_long_message_id_is_not_torn_apart(local: str) -> None:
    assert f"Message-ID: <{local}@news.example>\r\n".encode() in frozen(message_id=f"{local}@news.example").replace(
        b"\r\n <", b" <"
    )


def test_a_host_beyond_ascii_goes_over_the_wire_as_mail_servers_look_it_up() -> None:
    assert parsed(frozen(to="presse@bücher.example"))["To"] == "presse@xn--bcher-kva.example"


def test_without_a_sender_it_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match=r"smtp\.from"):
        frozen(**{"from": None})


# -- what the configuration may say -----------------------------------------------------------------------------------


def test_one_address_needs_no_list_and_nobody_gets_two() -> None:
    assert Options.model_validate({"to": "me@example.org"}).to == ("me@example.org",)
    options = Options.model_validate({"to": ["a@example.org", "b@example.org", "a@example.org"]})
    assert recipients("legal-mail", options) == ("a@example.org", "b@example.org")


NO_ADDRESSES = [
    *("x", "a@", "@b", "a b@c.d", "a@b\r\nBcc: x@y", "News <a@b.c>", "a@b,c@d"),
    *("=?utf-8?q?a?=@b.c", "a\u202e@b.c", "a..b@c.d"),
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="needs to be an e-mail address"):
        Options.model_validate({"to": [address]})


NO_HOSTS = ["desk@=", "desk@_", "desk@-a.example", "desk@a!.example", "desk@mail?.example", "desk@ü&.example"]


@pytest.mark.parametrize("address", NO_HOSTS)
def test_a_host_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="has a host that no name server can know"):
        Options.model_validate({"to": [address]})


def test_unknown_keys_and_empty_lists_are_refused() -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"to": [], "cc": "x@example.org"})


# -- over the wire ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def test_a_mail_arrives_byte_for_byte_and_the_answer_is_the_receipt() -> None:
    with MailCatcher() as server:
        receipt = post(delivery(), server)
    assert receipt == "250 queued as 1"
    (mail,) = server.messages
    assert (mail.sender, mail.recipients, mail.raw) == ("newsvane@example.org", (TO,), frozen())
    assert mail.message_id == "<d1.p0@news.example>"


def test_lines_that_begin_with_a_dot_arrive_whole() -> None:
    message = replace(ALERT, story=one(hit(". a title of dots", "... and a sentence")))
    with MailCatcher() as server:
        post(delivery(frozen(message)), server)
    assert server.messages[0].raw == frozen(message)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_encryption_and_login(tls: Any, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with MailCatcher(tls=tls, context=certificate.context, users={"newsvane": "pa ss"}) as server:
        post(delivery(), server, tls=tls, username="newsvane", password="pa ss")
    (mail,) = server.messages
    assert mail.encrypted
    assert mail.user == "newsvane"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_cannot_prove_its_name_gets_no_mail(tls: Any, certificate: Certificate) -> None:
    with MailCatcher(tls=tls, context=certificate.context) as server, pytest.raises(DeliveryError) as refused:
        post(delivery(), server, tls=tls)
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.value)
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)
    assert server.messages == []


def test_a_server_without_encryption_gets_no_mail_where_encryption_was_asked_for() -> None:
    with MailCatcher() as server, pytest.raises(DeliveryError, match="STARTTLS") as refused:
        post(delivery(), server, tls="starttls")
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)
    assert server.messages == []


def test_a_rotated_password_is_read_at_the_next_mail(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    secret = tmp_path / "smtp"
    login = {"tls": "starttls", "username": "newsvane", "password_file": str(secret)}
    with MailCatcher(tls="starttls", context=certificate.context, users={"newsvane": "new"}) as server:
        secret.write_text("old\n")
        with pytest.raises(DeliveryError, match="LOGIN answered 535") as refused:
            post(delivery(), server, **login)
        assert (refused.value.scope, refused.value.permanent) == ("channel", True)
        assert "old" not in str(refused.value)
        secret.write_text("new\n")
        post(delivery(), server, **login)
    assert len(server.messages) == 1


def test_a_password_that_a_login_cannot_carry_is_not_told() -> None:
    with MailCatcher(users={"newsvane": "x"}) as server, pytest.raises(DeliveryError) as refused:
        post(delivery(), server, username="newsvane", password="geheimnisvoll-ä")
    assert "geheim" not in str(refused.value)


def test_a_missing_password_file_is_said() -> None:
    with (
        MailCatcher(users={"newsvane": "x"}) as server,
        pytest.raises(DeliveryError, match="No such file") as refused,
    ):
        post(delivery(), server, username="newsvane", password_file="/nowhere/smtp")
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)


REFUSED = {
    "greeting": [
        ("421 4.3.2 shutting down", "channel", False),
        ("554 5.7.1 no service here", "channel", True),
        ("drop", "channel", False),
    ],
    "EHLO": [
        ("421 busy", "channel", False),
        ("550 5.7.1 helo name refused", "channel", True),
        ("451 4.7.0 later", "channel", False),
        ("drop", "channel", False),
    ],
    "MAIL": [
        ("421 4.7.0 too many connections", "channel", False),
        ("451 4.3.0 later", "channel", False),
        ("452 4.3.1 insufficient system storage", "channel", False),
        ("530 5.7.0 authentication required", "channel", True),
        ("550 5.7.1 not your address", "channel", True),
        ("553 5.1.8 sender unknown", "channel", True),
        ("552 5.3.4 message size exceeds the limit", "message", True),
        ("drop", "channel", False),
    ],
    "RCPT": [
        ("550 5.1.1 no such user", "recipient", True),
        ("550 gone", "recipient", True),
        ("551 user not local", "recipient", True),
        ("553 5.1.3 bad syntax", "recipient", True),
        ("501 5.1.3 bad syntax", "recipient", True),
        ("550 5.2.1 mailbox disabled", "recipient", True),
        ("550 5.4.1 access denied", "recipient", True),
        ("554 5.7.1 relay access denied", "recipient", True),
        ("450 4.2.0 greylisted", "recipient", False),
        ("451 4.7.1 greylisted, try later", "recipient", False),
        ("451 4.3.0 greylisted, try later", "recipient", False),
        ("452 4.2.2 mailbox full", "recipient", False),
        ("552 5.2.2 mailbox full", "recipient", False),
        ("552 mailbox full", "recipient", False),
        ("552 5.3.4 too large", "message", True),
        ("552 5.2.3 larger than the mailbox allows", "message", True),
        ("421 4.7.0 too many connections", "channel", False),
        ("452 4.3.1 insufficient system storage", "channel", False),
        ("530 5.7.0 authentication required", "channel", True),
        ("550 5.7.8 authentication credentials invalid", "channel", True),
        ("553 5.7.1 <me>: Sender address rejected: not owned by user", "channel", True),
        ("450 4.1.8 <me>: Sender address rejected: Domain not found", "channel", False),
        ("554 5.7.1 <host>: Client host rejected: Access denied", "channel", True),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using a list", "channel", True),
        ("504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname", "channel", True),
        ("503 5.5.1 bad sequence of commands", "channel", True),
        ("drop", "channel", False),
    ],
    "DATA": [
        ("451 4.3.0 queue file write error", "channel", False),
        ("554 5.5.1 no valid recipients", "message", True),
        ("drop", "channel", False),
    ],
    "the end of DATA": [
        ("550 5.7.1 looks like spam", "message", True),
        ("554 5.6.0 malformed", "message", True),
        ("552 too big", "message", True),
        ("451 4.7.1 a filter says later", "message", False),
        ("450 later", "message", False),
        ("550 5.1.1 no such user", "recipient", True),
        ("552 5.2.2 mailbox full", "recipient", False),
        ("452 4.2.2 mailbox full", "recipient", False),
        ("452 insufficient storage", "channel", False),
        ("451 4.3.0 disk full", "channel", False),
        ("421 4.3.2 shutting down", "channel", False),
        ("530 5.7.0 authentication required", "channel", True),
        ("what is that", "channel", False),
        ("drop", "channel", False),
        ("lost", "channel", False),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("step", "answer", "scope", "permanent"),
    [pytest.param(step, *row, id=f"{step}, {row[0]}") for step, rows in REFUSED.items() for row in rows],
)
def test_what_a_refusal_is_about_and_whether_it_is_for_good(
    step: str,
    answer: str,
    scope: str,
    permanent: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    with MailCatcher() as server:
        script = {"RCPT": server.answers[TO], "the end of DATA": server.data_answers}.get(step, server.at[step])
        script.append(answer)
        with pytest.raises(DeliveryError) as refused:
            post(delivery(), server)
    assert (refused.value.scope, refused.value.permanent) == (scope, permanent)
    assert answer in str(refused.value) or not answer[0].isdigit()
    assert len(server.messages) == (answer == "lost")


def login(server: MailCatcher, answer: str) -> str:
    server.at["AUTH"] = [answer] * 2  # the library tries another method where one is refused
    return post(delivery(), server, username="newsvane", password="pa ss")


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("535 5.7.8 authentication credentials invalid", True),
        ("534 5.7.9 application-specific password required", True),
        ("538 5.7.11 encryption required", True),
        ("530 5.7.0 authentication required", True),
        ("432 4.7.12 a password transition is needed", True),
        ("454 4.7.0 temporary authentication failure", False),
        ("421 4.7.0 too many login attempts", False),
        ("drop", False),
    ],
)
def test_a_refused_login_is_no_verdict_on_the_mail(answer: str, permanent: bool) -> None:  # noqa: FBT001 -- a column of the table
    with MailCatcher(users={"newsvane": "pa ss"}) as server, pytest.raises(DeliveryError) as refused:
        login(server, answer)
    assert (refused.value.scope, refused.value.permanent) == ("channel", permanent)
    assert "pa ss" not in str(refused.value)


@pytest.mark.parametrize(
    "told",
    [
        "AUTH PLAIN " + base64.b64encode(b"\0newsvane\0geheimnisvoll").decode(),
        "AUTH LOGIN " + base64.b64encode(b"geheimnisvoll").decode()[:18],
        "the password geheimnisvoll is wrong",
    ],
)
def test_a_server_that_repeats_the_password_is_not_quoted(told: str) -> None:
    with MailCatcher(users={"newsvane": "x"}) as server:
        server.at["AUTH"] = [f"500 5.5.1 unknown command {told}"] * 2
        with pytest.raises(DeliveryError, match=r"LOGIN answered 500 5\.5\.1 unknown command") as refused:
            post(delivery(), server, username="newsvane", password="geheimnisvoll")
    assert "geheim" not in str(refused.value)
    assert base64.b64encode(b"geheim").decode()[:8] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_login_that_a_server_does_not_offer_is_said() -> None:
    with MailCatcher() as server, pytest.raises(DeliveryError, match=r"offers no login.*smtp\.username") as refused:
        post(delivery(), server, username="newsvane", password="pa ss")
    assert (refused.value.scope, refused.value.permanent) == ("channel", True)


@pytest.mark.parametrize(("answer", "permanent"), [("454 TLS not available", False), ("501 no", True), ("drop", False)])
def test_encryption_that_is_refused_gets_no_mail(answer: str, permanent: bool, certificate: Certificate) -> None:  # noqa: FBT001 -- a column of the table
    with MailCatcher(tls="starttls", context=certificate.context) as server:
        server.at["STARTTLS"] = [answer]
        with pytest.raises(DeliveryError) as refused:
            post(delivery(), server, tls="starttls")
    assert (refused.value.scope, refused.value.permanent) == ("channel", permanent)
    assert server.messages == []


def test_a_server_that_speaks_plain_text_where_tls_was_asked_for_is_worth_another_try() -> None:
    with MailCatcher() as server, pytest.raises(DeliveryError) as refused:
        post(delivery(), server, tls="tls")
    assert (refused.value.scope, refused.value.permanent) == ("channel", False)


def test_a_host_that_no_name_server_knows_is_worth_another_try() -> None:
    with pytest.raises(DeliveryError, match=r"^mail\.invalid:25: ") as refused:
        deliver(delivery(), Options(to=(TO,)), facilities(host="mail.invalid"))
    assert (refused.value.scope, refused.value.permanent) == ("channel", False)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "the end of DATA"])
def test_a_server_that_does_not_answer_is_given_up(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_TIMEOUT_S", "_DATA_TIMEOUT_S"):
        monkeypatch.setattr(email, name, 0.2)
    with MailCatcher() as server:
        (server.data_answers if step == "the end of DATA" else server.at[step]).append("hang")
        with pytest.raises(DeliveryError, match="timed out") as refused:
            post(delivery(), server)
    assert (refused.value.scope, refused.value.permanent) == ("channel", False)


def test_a_mail_that_is_larger_than_the_server_says_is_not_sent() -> None:
    with MailCatcher(most_bytes=5_000) as server:
        with pytest.raises(DeliveryError, match=r"has \d+ bytes, the mail server takes 5000") as refused:
            post(delivery(), server)
        assert not [command for command in server.heard if command.startswith("MAIL")]
    assert (refused.value.scope, refused.value.permanent) == ("message", True)


def test_a_server_that_knows_no_extensions_gets_its_mail_all_the_same() -> None:
    with MailCatcher() as server:
        server.at["EHLO"] = ["502 what is EHLO"]
        post(delivery(), server)
    assert len(server.messages) == 1
    assert [command for command in server.heard if command.startswith("MAIL")] == ["MAIL FROM:<newsvane@example.org>"]


@pytest.mark.parametrize("answer", ["drop", "lost", "421 4.3.2 shutting down", "451 4.3.0 disk full"])
def test_a_mail_at_whose_end_a_server_breaks_off_again_and_again_holds_up_no_other(answer: str) -> None:
    scopes = []
    with MailCatcher() as server:
        server.data_answers = [answer] * 4
        for attempts in range(4):
            with pytest.raises(DeliveryError) as refused:
                post(replace(delivery(), attempts=attempts), server)
            scopes.append((refused.value.scope, refused.value.permanent))
    assert scopes == [("channel", False)] * 3 + [("message", False)]


def test_a_script_is_per_recipient_and_per_attempt() -> None:
    ann, bob = delivery(to="ann@example.org"), delivery(to="bob@example.org")
    with MailCatcher() as server:
        server.answers["ann@example.org"] = ["450 4.2.0 greylisted"]
        server.data_answers_to["bob@example.org"] = ["451 4.7.1 later", "lost"]
        for mail, told in ((ann, "greylisted"), (bob, "451 4.7.1"), (bob, "unexpectedly closed")):
            with pytest.raises(DeliveryError, match=told):
                post(mail, server)
        post(ann, server)
        post(bob, server)
    assert [mail.recipients[0] for mail in server.messages] == ["bob@example.org", "ann@example.org", "bob@example.org"]


def test_an_acknowledgement_that_is_lost_leads_to_the_same_bytes_again() -> None:
    with MailCatcher() as server:
        server.data_answers = ["lost"]
        with pytest.raises(DeliveryError) as lost:
            post(delivery(), server)
        assert not lost.value.permanent
        post(delivery(), server)
    first, second = server.messages
    assert first.raw == second.raw


def test_each_recipient_has_an_envelope_of_their_own() -> None:
    people = ("a@example.org", "b@example.org", "gone@example.org", "full@example.org")
    verdicts = {}
    with MailCatcher() as server:
        server.answers["gone@example.org"] = ["550 gone"]
        server.answers["full@example.org"] = ["451 full"]
        for person in people:
            try:
                verdicts[person] = post(delivery(to=person), server)
            except DeliveryError as error:
                verdicts[person] = "dead" if error.permanent else "later"
    assert [verdicts[person][:5] for person in people] == ["250 q", "250 q", "dead", "later"]
    assert [mail.recipients for mail in server.messages] == [("a@example.org",), ("b@example.org",)]


def test_nobody_listening_is_worth_another_try() -> None:
    with MailCatcher() as server:
        pass
    with pytest.raises(DeliveryError, match=rf"localhost:{server.port}: .*refused") as refused:
        post(delivery(), server)
    assert not refused.value.permanent


def test_an_address_beyond_ascii_is_served_where_the_server_can() -> None:
    with MailCatcher() as server:
        post(delivery(to="用户@bücher.example"), server)
    assert server.messages[0].recipients == ("用户@xn--bcher-kva.example",)
    assert "用户@xn--bcher-kva.example" in server.messages[0].raw.decode()


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot() -> None:
    with MailCatcher(smtputf8=False) as server, pytest.raises(DeliveryError, match="beyond ASCII") as refused:
        post(delivery(to="用户@example.org"), server)
    assert (refused.value.scope, refused.value.permanent) == ("recipient", True)


def test_the_channel_is_found_by_its_kind() -> None:
    assert channels()["email"].Options is Options
