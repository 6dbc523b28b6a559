"""The demo's mail catcher holds a real SMTP conversation."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from monitors.demo.mail_catcher import catch_mail


def test_a_mail_is_kept_as_it_came_over_the_wire() -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüsse · 你好", "a@example.org", "b@example.org"
    message.set_content("Der Text\n")
    message.add_alternative("<p>Das HTML</p>\n", subtype="html")
    with catch_mail() as catcher:
        with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as smtp:
            smtp.send_message(message, to_addrs=["c@example.org"])
        (mail,) = catcher.mails
    assert mail.recipients == ("c@example.org",)
    assert mail.subject == "Grüsse · 你好"
    assert mail.text == "Der Text\n"
    assert mail.html == "<p>Das HTML</p>\n"


def test_a_client_that_hangs_does_not_keep_the_catcher_from_stopping() -> None:
    with catch_mail() as catcher:
        client = smtplib.SMTP(catcher.host, catcher.port, timeout=10)
    client.close()


def test_nobody_listens_any_more_afterwards() -> None:
    with catch_mail() as catcher:
        pass
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(catcher.host, catcher.port, timeout=10)
