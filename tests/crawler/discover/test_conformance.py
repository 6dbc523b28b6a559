"""Feeds are read as feedparser's own conformance files and captured feeds expect: entries, links and dates.

feedparser, run bare on the same bytes in the same run, is the measure. Of a file three questions are asked, where the
reference has an answer: how many articles it names, where each leads to, and when each was published, to the second.
The reference is what the file itself expects, word for word; and where feedparser meets that, all that it reads of the
file's entries. Entries without any address are no articles: where a file has only such, each is given one, for both.
`pytest -s` prints the shares.
"""

from __future__ import annotations

import ast
import calendar
import io
import json
import re
import tarfile
import warnings
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_string
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser

from crawler.discover.feeds import parse_feed
from crawler.errors import PermanentFetchError
from crawler.identity import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from crawler.domain import Entry

URL = "http://127.0.0.1:8097/feed.xml"
"""Where feedparser's own tests serve the files."""
AS_GOOD_AS = 0.98

_ENTRY = re.compile(rb"<(?P<prefix>[\w-]+:)?(?P<kind>item|entry)(?:\s[^<>]*)?(?<!/)>")


@dataclass
class Tally:
    asked: Counter[str] = field(default_factory=Counter)
    theirs: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    both: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, question: str, where: str, *, theirs: bool, ours: bool) -> None:
        self.asked[question] += 1
        self.theirs[question] += theirs
        self.ours[question] += ours
        self.both += theirs and ours
        if theirs and not ours:
            self.missed.append(f"{question}: {where}")

    def share(self) -> float:
        return self.both / self.theirs.total()

    def __str__(self) -> str:
        rows = [
            f"{question:<24}{asked:>6} asked  feedparser {self.theirs[question] / asked:.3f}"
            f"  Newsvane {self.ours[question] / asked:.3f}"
            for question, asked in self.asked.items()
        ]
        return "\n".join([*rows, f"of what feedparser gets right: {self.share():.4f}", *self.missed])


def headers_of(body: bytes) -> dict[str, str]:
    """Return the headers with which feedparser's tests serve a file: its first comment names them."""
    comment = body.decode("utf-8", "replace").partition("-->")[0]
    lines = [line.strip().removeprefix("Header:").strip() for line in comment.splitlines() if "Header:" in line]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {"content-type": "application/xml", "content-location": URL} | headers


def read_bare(body: bytes, headers: dict[str, str]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(body), response_headers=headers)


def read_ours(body: bytes, headers: dict[str, str]) -> tuple[Entry, ...]:
    content_type = message_from_string(f"Content-Type: {headers['content-type']}\n\n")
    charset = content_type.get_content_charset()
    with suppress(PermanentFetchError):
        return parse_feed(body, urljoin(URL, headers["content-location"]), charset).entries
    return ()


# -- what feedparser reads, in our words ------------------------------------------------------------------------------


def said_by(parsed: Any, base: str) -> list[tuple[str, int | None]]:
    """Return the article and the moment of each entry, by feedparser's reading; an article once, as a feed of ours."""
    found: dict[str, int | None] = {}
    for item in parsed.entries:
        link = (
            item.get("feedburner_origlink")
            or item.get("link")
            or (item.get("id") if str(item.get("id")).startswith("http") else None)
        )
        with suppress(ValueError):
            if link:
                found.setdefault(canonical_url(urljoin(base, link)), moment(item))
    return list(found.items())


def with_links(body: bytes) -> bytes:
    """Give entries that name no address one each: most files test something else, and an article must have one."""
    numbers = count(1)

    def linked(tag: re.Match[bytes]) -> bytes:
        name = (tag["prefix"] or b"") + b"link"
        url = b"http://example.com/%d" % next(numbers)
        return tag[0] + (
            b"<%s>%s</%s>" % (name, url, name) if tag["kind"] == b"item" else b'<%s href="%s"/>' % (name, url)
        )

    return _ENTRY.sub(linked, body)


def moment(item: Any) -> int | None:
    parts = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    return calendar.timegm(parts) if parts else None


def seconds(date: datetime | None) -> int | None:
    return int(date.timestamp()) if date else None


# -- what a file expects ----------------------------------------------------------------------------------------------


def clauses(expected: str) -> Iterator[tuple[str, int, Any]]:
    """Yield what an expectation says of links and dates: the question, the number of the entry, the answer."""
    for comparison in (node for node in ast.walk(ast.parse(expected, mode="eval")) if isinstance(node, ast.Compare)):
        if not all(isinstance(op, ast.Eq) for op in comparison.ops):
            continue
        *asked, answer = [comparison.left, *comparison.comparators]
        with suppress(ValueError):
            value = ast.literal_eval(answer)
            for one in asked:
                path = _path(one)
                match path:
                    case ["entries", int(number), "link"] | ["entries", int(number), "links", 0, "href"]:
                        yield "link as expected", number, value
                    case ["entries", int(number), "published_parsed" | "updated_parsed"]:
                        yield "date as expected", number, calendar.timegm(value)


def _path(node: ast.expr) -> list[Any]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Subscript(value=value, slice=ast.Constant(value=key)):
            return [*_path(value), key]
        case ast.Attribute(value=value, attr=key):
            return [*_path(value), key]
    return [None]


def meets(parsed: Any, expected: str) -> bool:
    with suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(eval(expected, {}, dict(parsed)))  # noqa: S307  # feedparser's own expectations are Python
    return False


def tally_file(tally: Tally, name: str, body: bytes, expected: str | None) -> None:
    headers = headers_of(body)
    base = urljoin(URL, headers["content-location"])
    parsed = read_bare(body, headers)
    if parsed.entries and not said_by(parsed, base):
        body = with_links(body)
        parsed = read_bare(body, headers)
    theirs, ours = said_by(parsed, base), read_ours(body, headers)
    for question, number, answer in clauses(expected or "None"):
        link = question.startswith("link")
        wanted = canonical_url(answer) if link else answer
        right = meets(parsed, expected or "")
        said = [entry.link if link else seconds(entry.published) for entry in ours]
        tally.add(question, name, theirs=right, ours=number < len(said) and said[number] == wanted)
    if expected is not None and not meets(parsed, expected):
        return
    tally.add("number of articles", name, theirs=True, ours=len(ours) == len(theirs))
    for number, (link, when) in enumerate(theirs):
        entry = ours[number] if number < len(ours) else None
        tally.add("link of an article", name, theirs=True, ours=entry is not None and entry.link == link)
        if when is not None:
            tally.add(
                "date of an article", name, theirs=True, ours=entry is not None and seconds(entry.published) == when
            )


def test_feedparsers_own_files_are_read_as_they_expect(shared: Path) -> None:
    folder = shared / "data" / "feeds"
    rows = [json.loads(line) for line in (folder / "conformance-feedparser.dev.jsonl").read_text().splitlines()]
    tally = Tally()
    with tarfile.open(folder / "conformance-feedparser.dev.tar.gz") as archive:
        for row in rows:
            member = archive.extractfile(row["file"])
            assert member is not None
            tally_file(tally, row["file"], member.read(), row["expect"])
    print(f"\nconformance files\n{tally}")  # noqa: T201  # pytest -s shows it
    assert tally.asked.total() > 1_000
    assert tally.share() >= AS_GOOD_AS


def test_captured_feeds_are_read_as_feedparser_reads_them(shared: Path) -> None:
    tally = Tally()
    for path in sorted((shared / "data" / "feeds" / "captured").iterdir()):
        if "sitemap" not in path.name and "urlset" not in path.name:
            tally_file(tally, path.name, path.read_bytes(), None)
    print(f"\ncaptured feeds\n{tally}")  # noqa: T201  # pytest -s shows it
    assert tally.asked.total() > 2_500
    assert tally.share() >= AS_GOOD_AS
