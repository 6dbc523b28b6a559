"""Titles that would kill a batch, turn a line or hide a word are stored clean, found, and told with all the others."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from stand_ins.smtp import MailCatcher

from crawler.discover.feeds import parse_feed
from crawler.domain import Page
from crawler.extract.page import extract
from crawler.store.tables import ArticleRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stand_ins.newsroom import Clock, Newsroom

HOSTILE = {
    "NUL": "The \0cloud\0 sale",
    "lone surrogate": "The cl\ud800oud sale",
    "both halves the wrong way round": "The \udc00\ud800cloud sale",
    "turned": "The \u202ecloud\u202c sale",
    "isolated": "The \u2066cloud\u2069 sale",
    "zero width": "The cl\u200boud sale",
    "soft hyphen": "The cl\u00adoud sale",
    "full width": "The ｃｌｏｕｄ sale",
    "decomposed": "The clóud sale",
    "byte order mark": "\ufeffThe cloud sale",
    "line break": "The cloud\u2028sale",
    "next line": "The cloud\x85sale",
    "escape sequence": "The cloud \x1b[2J sale",
    "no character": "The cloud \uffff\ufdd0 sale",
    "tag characters": "The cloud\U000e0041 sale",
    "a pile of accents": "The cloud" + "\u0301" * 500 + " sale",
    "a header": "The cloud sale\r\nBcc: evil@example.org",
    "an encoded word": "The cloud =?utf-8?q?x=0D=0ABcc:_e=40e?= sale",
    "markup": "The cloud <script>alert(1)</script> sale",
    "nothing": "The cloud sale",
}
UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
YAML = """
settings: {contact: desk@example.org, related: false}
sources: [{id: harbour, name: The Harbour Ledger, url: "https://harbour.example/feed"}]
entities: [{id: cloud, name: Cloud}]
watchlists:
  - {name: By keyword, keywords: [cloud sale], deliver: [{to: desk@example.org, at: "08:00"}]}
  - {name: By query, query: 'title:(cloud NEAR/9 sale)', deliver: [{to: desk@example.org, at: "08:00"}]}
  - {name: By entity, entities: [cloud], deliver: [{to: desk@example.org, at: "08:00"}]}
"""


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    with MailCatcher() as mail:
        yield mail


def bring(room: Newsroom, number: int, title: str) -> None:
    """Store what becomes of a page and a feed that both have a hostile title."""
    link = f"https://harbour.example/{number}"
    item = f"<item><title>{escape(title)}</title><link>{link}</link></item>"
    feed = f"<rss version='2.0'><channel>{item}</channel></rss>".encode(errors="xmlcharrefreplace")
    [entry] = parse_feed(feed, "https://harbour.example/feed").entries
    body = f"<p>Nothing else was said of number {number} all day long, neither {number} nor {number + 1}.</p>" * 3
    head = f"<title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>"
    page = f"<html lang=en><head>{head}{body}</body></html>".encode(errors="xmlcharrefreplace")
    article = extract(Page(url=link, body=page, entry=entry))
    source = room.app.in_force.sources["harbour"]
    asyncio.run(room._desk.discovered(source, [entry]))
    asyncio.run(room._desk.fetched(source, entry, article))


def test_a_digest_of_twenty_hostile_titles_is_sent_with_all_of_them(
    newsroom: Callable[[str], Newsroom], clock: Clock, mail: MailCatcher
) -> None:
    room = newsroom(f"{YAML}\nsmtp: {{host: {mail.host}, port: {mail.port}}}")
    room.finish()
    for number, title in enumerate(HOSTILE.values()):
        bring(room, number, title)
    with room.app.database.read() as session:
        titles = list(session.scalars(sa.select(ArticleRow.title)))
    assert len(titles) == len(HOSTILE) == 20
    assert not [
        title for title in titles if re.search("[\0-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", title)
    ]
    room.match()
    clock.turn(timedelta(hours=1))
    assert room.compose() == 3
    assert [room.deliver() for _ in range(4)] == [1, 1, 1, 0], "one after the other to one recipient"
    assert len(mail.messages) == 3
    for message in (one.message for one in mail.messages):
        assert set(message.keys()) & {"Bcc", "bcc"} == set()
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # digests have a plain part
        told = {int(number) for number in re.findall(r"https://harbour\.example/(\d+)\b", text)}
        assert not [name for number, name in enumerate(HOSTILE) if number not in told]
