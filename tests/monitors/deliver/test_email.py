"""E-mail over real SMTP: what arrives, and what becomes of a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_ins.messages import ALERT, DIGEST, hit, one
from stand_ins.smtp import MailCatcher
from stand_ins.tls import Certificate, make_certificate

from crawler.errors import ConfigError, DeliveryError
from monitors.deliver.channels import Envelope, Facilities, channels
from monitors.deliver.channels.email import Options, deliver, header_text, recipients, render
from monitors.deliver.smtp import Smtp
from monitors.digest.render import subject
from monitors.domain import Delivery

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TO = "compliance@example.org"


def facilities(**smtp: Any) -> Facilities:
    return Facilities(smtp=Smtp.model_validate({"from": "newsvane@example.org"} | smtp))


def frozen(message: Any = DIGEST, *, to: str = TO, message_id: str = "d1.p0@news.example", **smtp: Any) -> bytes:
    envelope = Envelope(message_id=message_id, date=NOW, recipient=to)
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
@given(hostile, hostile)
def test_no_text_forges_a_header(name: str, title: str) -> None:
    benign = parsed(frozen(ALERT))
    message = replace(ALERT, watchlist=replace(ALERT.watchlist, name=name), story=one(hit(title.replace("{", "("))))
    mail = parsed(frozen(message))
    assert mail.keys() == benign.keys()
    assert [part.get_content_type() for part in mail.walk()] == [part.get_content_type() for part in benign.walk()]
    assert not mail.defects
    assert mail["To"] == TO


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
    assert not refused.value.permanent
    assert server.messages == []


def test_a_server_without_encryption_gets_no_mail_where_encryption_was_asked_for() -> None:
    with MailCatcher() as server, pytest.raises(DeliveryError, match="STARTTLS") as refused:
        post(delivery(), server, tls="starttls")
    assert not refused.value.permanent
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
        assert not refused.value.permanent
        assert "old" not in str(refused.value)
        secret.write_text("new\n")
        post(delivery(), server, **login)
    assert len(server.messages) == 1


def test_a_password_that_a_login_cannot_carry_is_not_told() -> None:
    with MailCatcher(users={"newsvane": "x"}) as server, pytest.raises(DeliveryError) as refused:
        post(delivery(), server, username="newsvane", password="geheimnisvoll-ä")
    assert "geheim" not in str(refused.value)


def test_a_missing_password_file_is_said() -> None:
    with MailCatcher() as server, pytest.raises(DeliveryError, match="No such file"):
        post(delivery(), server, username="newsvane", password_file="/nowhere/smtp")


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        pytest.param("550 5.1.1 no such user", True, id="unknown recipient"),
        pytest.param("554 5.7.1 refused", True, id="refused for good"),
        pytest.param("451 4.3.0 greylisted, try later", False, id="later"),
        pytest.param("452 4.2.2 mailbox full", False, id="full"),
        pytest.param("530 5.7.0 authentication required", False, id="the operator must log in"),
        pytest.param("421 4.7.0 too many connections", False, id="busy"),
    ],
)  # fmt: skip
def test_a_refused_recipient(answer: str, permanent: bool) -> None:  # noqa: FBT001 -- a column of the table
    with MailCatcher() as server:
        server.answers[TO] = [answer]
        with pytest.raises(DeliveryError) as refused:
            post(delivery(), server)
    assert str(refused.value) == f"RCPT answered {answer}"
    assert refused.value.permanent is permanent
    assert server.messages == []


@pytest.mark.parametrize(("answer", "permanent"), [("552 too big", True), ("451 disk full", False)])
def test_a_refused_mail(answer: str, permanent: bool) -> None:  # noqa: FBT001 -- a column of the table
    with MailCatcher() as server:
        server.data_answers = [answer]
        with pytest.raises(DeliveryError, match=f"DATA answered {answer}") as refused:
            post(delivery(), server)
    assert refused.value.permanent is permanent


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
    assert refused.value.permanent


def test_the_channel_is_found_by_its_kind() -> None:
    assert channels()["email"].Options is Options
