"""Articles are edited on a real site: each edit that changes what was told is told once, wherever we were killed."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from stand_ins.site import Printed

if TYPE_CHECKING:
    from stand_ins.program import Newsvane
    from stand_ins.site import NewsSite
    from stand_ins.smtp import MailCatcher

ALERTS, DIGESTS = "alerts@example.org", "digests@example.org"
CORRECTED = "Correction: an earlier version of this article said that the port authority had bought it."
ADDED = "The council wants to sell its cloud, too, as one of those who came out of the customs house let on."
TOLD = {
    ALERTS: {
        "Told again: it was corrected": 2,  # that it does not match any more is a correction, too
        "Matches since an edit": 1,
        "Does not match any more since an edit": 1,
        CORRECTED: 1,
    },
    DIGESTS: {
        "New headline": 1,
        "Corrected": 1,
        "Matches since an edit": 1,
        "Does not match any more since an edit": 1,
        CORRECTED: 1,
    },
}


def configuration(site: NewsSite, mail: MailCatcher) -> str:
    return f"""
settings:
  contact: desk@example.org
  related: false
  politeness: {{delay: 0s}}
  allow_private: ["127.0.0.0/8:{site.port}"]
sources: [{{id: harbour, url: "{site.url}/feed", track_changes: 3d}}]
watchlists:
  - name: Clouds
    keywords: [cloud]
    first_run: deliver
    deliver:
      - {{to: {ALERTS}, when: now}}
      - {{to: {DIGESTS}, at: "07:00"}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


def publish(site: NewsSite) -> list[str]:
    first = site.publish("Cloud unit sold to rival")
    return [first, site.publish("Council meets about the harbour"), site.publish("Ministry wants a cloud of its own")]


def edit(site: NewsSite, paths: list[str]) -> None:
    """Correct the first under another headline, bring the word into the second, and take it out of the third."""

    def printed(path: str) -> Printed:
        return site._articles[path]

    first, second, third = map(printed, paths)
    site.print(Printed("Cloud unit not sold yet", (*first.paragraphs, CORRECTED), first.published), paths[0])
    site.print(Printed(second.title, (*second.paragraphs, ADDED), second.published), paths[1])
    site.print(Printed("Ministry wants an archive of its own", third.paragraphs, third.published), paths[2])


def told(mail: MailCatcher, recipient: str, since: int) -> dict[str, int]:
    """Return how often each of what is to be told was told, in messages with an id of their own."""
    texts = {}
    for one in mail.messages[since:]:
        if one.recipients[0] == recipient:
            assert texts.setdefault(one.message_id, one.raw) == one.raw, "a repeat is the same, byte for byte"
    bodies = [plain(raw) for raw in texts.values()]
    return {what: sum(body.count(what) for body in bodies) for what in TOLD[recipient]}


def plain(raw: bytes) -> str:
    """Return the text of a mail in one line, without the marks of hits and of what has come."""
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for mark in ("*", "{+", "+}"):
        text = text.replace(mark, "")
    return " ".join(text.split())


@pytest.mark.parametrize(
    "point",
    [
        "matches-recorded",
        pytest.param("edits-recorded", marks=pytest.mark.slow),
        pytest.param("digest-composed", marks=pytest.mark.slow),
    ],
)
def test_each_edit_is_told_once(point: str, newsvane: Newsvane, site: NewsSite, mail: MailCatcher) -> None:
    paths = publish(site)
    newsvane.configure(configuration(site, mail))
    newsvane("run", "--once")
    newsvane("digest", "clouds")
    before = len(mail.messages)
    assert before == 3, "two alerts and a digest"

    edit(site, paths)
    newsvane("crawl", "--again")
    in_digest = point == "digest-composed"
    command = ("digest", "clouds") if in_digest else ("run", "--once")
    assert newsvane.may_die(*command, NEWSVANE_CRASH_AT=point)
    newsvane("run", "--once")
    newsvane("digest", "clouds")

    assert {one: told(mail, one, before) for one in TOLD} == TOLD
