"""Renders a message as entries of an Atom feed (RFC 4287), and puts entries into a feed that is there already."""

from __future__ import annotations

import re
from copy import deepcopy
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID, uuid5

from lxml import etree

from monitors.digest.as_html import template
from monitors.digest.as_json import in_utc
from monitors.digest.inert import plain, shorten, web_link
from monitors.digest.pieces import unmarked
from monitors.digest.story_view import story_view
from monitors.digest.view import view
from monitors.domain import Alert, Notice, RoundUp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lxml.etree import _Element as Element

    from monitors.domain import Message, Story

ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NEWSVANE = UUID("6c2b9f0e-6d4b-5d0e-9a55-0f3f5d2c7e11")  # by chance; what is named in it is named nowhere else
_TITLE, _NAME, _SUMMARY, _CLAUSE = 300, 120, 500, 200
_MOST_AUTHORS, _MOST_CLAUSES = 5, 20
_IN_URI = "%/:?@!$&'()*+,;=~"
_LOOSE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OF_NOTICES = "newsvane-health"
_SUFFIX = ".atom"
_LONGEST_FILE = 200
"""In bytes: file systems allow 255, and a name needs room for more."""


class ForeignFeedError(Exception):
    """What is in the file is no feed of ours."""


# -- a message as a feed of its own -----------------------------------------------------------------------------------


def as_atom(message: Message, *, message_id: str) -> bytes:
    """Return a feed with the entries of a message: one for each story, or one for all of it.

    Its link to itself is the name of the file that it belongs into. A story keeps its entry however often it is told.
    """
    name = _OF_NOTICES if isinstance(message, Notice) else message.watchlist.id
    title = "Newsvane" if isinstance(message, Notice) else shorten(message.watchlist.name, _NAME) or "(no name)"
    feed = etree.Element(_tag("feed"), nsmap={None: ATOM})
    _add(feed, "id", _urn("feed", name))
    _add(feed, "title", title, type="text")
    entries = list(_entries(message, message_id))
    _add(feed, "updated", entries[0].findtext(_tag("updated")) or "")
    _add(_add(feed, "author"), "name", "Newsvane")
    _add(feed, "generator", "Newsvane")
    _add(feed, "link", rel="self", href=quote(_file_name(name)))
    feed.extend(entries)
    return _bytes(feed)


def file_of(feed: bytes) -> str:
    """Return the name of the file that a feed of `as_atom` belongs into: one part of a path, with no folder in it."""
    return unquote(_self_link(_parsed(feed)).get("href", ""))


def _entries(message: Message, message_id: str) -> Iterable[Element]:
    match message:
        case Alert(story=story) if story:
            yield _of_story(story, message.watchlist.id, message.at)
        case RoundUp():
            for story in message.stories:
                yield _of_story(story, message.watchlist.id, message.at)
            if message.already_there:
                before = Alert(watchlist=message.watchlist, at=message.at, already_there=message.already_there)
                yield _of_message(before, message_id)
        case _:
            yield _of_message(message, message_id)


def _of_story(story: Story, watchlist_id: str, at: datetime) -> Element:
    stored, seen = story.hit.article, story_view(story, at, most_others=6)
    article = stored.article
    entry = etree.Element(_tag("entry"), nsmap={None: ATOM})
    _add(entry, "id", _urn("story", watchlist_id, str(story.id)))
    title = _add(entry, "title", shorten(unmarked(seen.line.title), _TITLE), type="text")
    if seen.line.language:
        title.set(_LANG, seen.line.language)
    _add(entry, "updated", _moment(at))
    _add(entry, "published", _moment(article.published or stored.stored_at))
    authors = [name for author in article.authors[:_MOST_AUTHORS] if (name := shorten(author, _NAME))]
    for name in authors or [seen.line.source or "(no name)"]:
        _add(_add(entry, "author"), "name", name)
    if link := web_link(article.url):
        _add(entry, "link", rel="alternate", href=_uri(link))
    for clause in filter(None, (shorten(clause, _CLAUSE) for clause in story.hit.match.clauses[:_MOST_CLAUSES])):
        _add(entry, "category", term=clause)
    _add(entry, "summary", shorten(unmarked(seen.sentence or seen.line.title), _SUMMARY), type="text")
    _add(entry, "content", str(_macros().story(seen)), type="html")
    return entry


def _of_message(message: Message, message_id: str) -> Element:
    seen = view(message)
    at = message.slot if hasattr(message, "slot") else message.at
    entry = etree.Element(_tag("entry"), nsmap={None: ATOM})
    _add(entry, "id", _urn("message", message_id))
    _add(entry, "title", shorten(seen.subject, _TITLE), type="text")
    _add(entry, "updated", _moment(at))
    _add(entry, "published", _moment(at))
    _add(_add(entry, "author"), "name", "Newsvane")
    _add(entry, "summary", shorten(seen.ahead or seen.subject, _SUMMARY), type="text")
    _add(entry, "content", str(_macros().message(seen)), type="html")
    return entry


def _uri(link: str) -> str:
    """Spell an address as RFC 3986 demands it; browsers, and so the web, are more generous."""
    parts = urlsplit(_LOOSE_PERCENT.sub("%25", link))
    path, query, fragment = (quote(part, safe=_IN_URI) for part in (parts.path, parts.query, parts.fragment))
    return parts._replace(path=path, query=query, fragment=fragment).geturl()


def _file_name(name: str) -> str:
    """Make a file's name of an id, which may hold letters of any script: never a path, never too long, never hidden."""
    safe = re.sub(r"[^\w.-]|^\.", "_", name)
    if safe != name or len(safe.encode()) > _LONGEST_FILE:
        digest = sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
        safe = f"{safe.encode()[: _LONGEST_FILE - len(digest)].decode(errors='ignore')}-{digest}"
    return safe + _SUFFIX


def _urn(*names: str) -> str:
    """Name something so that nothing else has the name: the same whenever it is told, whoever tells it."""
    return uuid5(_NEWSVANE, "\n".join(map(plain, names))).urn


def _moment(at: datetime) -> str:
    return in_utc(at).isoformat(timespec="seconds").replace("+00:00", "Z")


# -- a feed that is there already -------------------------------------------------------------------------------------


def merged(old: bytes | None, new: bytes, *, address: str | None, max_entries: int) -> bytes:
    """Return the old feed with the entries of the new one: newest first, and so many at the most.

    An entry of the same id takes the place of the one before, unless that is newer; the day it was published stays.
    Merging again changes nothing. `address` is where the feed can be had, if anybody said.

    Raises:
        ForeignFeedError: the old one is broken, or no feed of the same watchlist.
    """
    feed = _parsed(new)
    entries = {_id(entry): entry for entry in feed.findall(_tag("entry"))}
    for before in _entries_before(old, _id(feed)):
        entry = entries.setdefault(_id(before), before)
        if _updated(before) > _updated(entry):
            entries[_id(before)] = before
        else:
            _published(entry).text = _published(before).text
    kept = sorted(entries.values(), key=_updated, reverse=True)[:max_entries]
    for entry in feed.findall(_tag("entry")):
        feed.remove(entry)
    feed.extend(kept)
    feed.find(_tag("updated")).text = _updated(kept[0])
    link = _self_link(feed)
    if address:
        link.set("href", address)
    else:
        feed.remove(link)
    return _bytes(feed)


def _entries_before(old: bytes | None, feed_id: str) -> Iterable[Element]:
    if old is None:
        return
    try:
        feed = _parsed(old)
        if feed.tag != _tag("feed") or _id(feed) != feed_id or feed.getroottree().docinfo.doctype:
            raise ForeignFeedError("it is no feed of this watchlist")
        entries = feed.findall(_tag("entry"))
        if not all(_id(entry) and _updated(entry) and _published(entry) is not None for entry in entries):
            raise ForeignFeedError("an entry is not one of ours")
    except etree.XMLSyntaxError as error:
        raise ForeignFeedError(f"it is no XML: {shorten(str(error), 200)}") from None
    yield from map(deepcopy, entries)


def _parsed(feed: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, remove_comments=True)
    return etree.fromstring(feed, parser)


def _id(element: Element) -> str:
    return element.findtext(_tag("id")) or ""


def _updated(entry: Element) -> str:
    """Return when an entry was told last; as text, in UTC, it sorts."""
    return entry.findtext(_tag("updated")) or ""


def _published(entry: Element) -> Any:
    return entry.find(_tag("published"))


def _self_link(feed: Element) -> Any:
    return feed.find(_tag("link"))


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = etree.SubElement(parent, _tag(name), attributes)
    child.text = text
    return child


def _bytes(feed: Element) -> bytes:
    etree.indent(feed)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8")) + b"\n"


def _macros() -> Any:
    return template("entry.html.jinja").module
