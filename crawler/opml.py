"""OPML, in which feed readers hand over their lists of feeds: to sources, whatever state it is in, and from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, get_args

import lxml.html
from lxml import etree
from pydantic import TypeAdapter, ValidationError

from crawler.domain import FoundKind, Source
from crawler.errors import NewsvaneError
from crawler.extract.charset import decode
from crawler.extract.clean import clean, one_line
from crawler.source_file import made_id
from crawler.yaml_types import MOST_ID, Country, Identifier, Language, Line, WebAddress, slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

MOST_SOURCES = 20_000
LONGEST_NAME = 200
LONGEST_ID = 60

_OURS = "urn:newsvane:opml"
_PREFIX = "newsvane"
_VALUES: Mapping[str, TypeAdapter[str]] = {
    "url": TypeAdapter(WebAddress),
    "id": TypeAdapter(Identifier),
    "line": TypeAdapter(Line),
    "country": TypeAdapter(Country),
    "language": TypeAdapter(Language),
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """An outline that became no source."""

    name: str
    reason: str


@dataclass(slots=True)
class Subscriptions:
    """What a list of feeds holds."""

    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def read_opml(body: bytes) -> Subscriptions:
    """Return the sources of a list, each once, with the folders that it lies in as its groups.

    Most lists are not well-formed, so it is read like a page: what can be understood is.

    Raises:
        NewsvaneError: it is no list of feeds.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, recover=True)
    try:
        root = lxml.html.document_fromstring(clean(decode(body)).encode(errors="ignore"), parser=parser)
    except (etree.ParserError, ValueError):
        raise NewsvaneError("is empty") from None
    if next(root.iter("opml", "outline"), None) is None:
        raise NewsvaneError("is no OPML: there is no <outline> in it")
    found = Subscriptions()
    by_url: dict[str, Source] = {}
    for outline, folders in _outlines(root):
        try:
            source = _source(outline, folders)
        except ValueError as error:
            found.skipped.append(Skipped(name=_name(outline) or "an outline without a name", reason=str(error)))
            continue
        known = by_url.get(source.url)
        by_url[source.url] = replace(known, groups=known.groups | source.groups) if known else source
    found.sources = _with_ids(list(by_url.values())[:MOST_SOURCES])
    return found


def write_opml(sources: Iterable[Source], feeds: Mapping[str, str], *, title: str = "Newsvane") -> bytes:
    """Return sources as OPML; `feeds` holds where the feed of a source was found, by its id.

    A source lies in a folder for each of its groups. What other programs have no name for stands in attributes of our
    own, so that reading it gives the same sources.
    """
    opml = etree.Element("opml", nsmap={_PREFIX: _OURS}, version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = title
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for source in sources:
        for group in sorted(source.groups - folders.keys()):
            folders[group] = etree.SubElement(body, "outline", text=group, title=group)
        for folder in [folders[group] for group in sorted(source.groups)] or [body]:
            etree.SubElement(folder, "outline", _attributes(source, feeds.get(source.id)))
    written: bytes = etree.tostring(opml, pretty_print=True, xml_declaration=True, encoding="utf-8")
    return written


def _attributes(source: Source, feed_url: str | None) -> dict[str, str]:
    is_feed = source.type == "feed" or feed_url is not None
    own = {
        "id": source.id,
        "url": source.url,
        "type": source.type,
        "tier": str(source.tier or ""),
        "country": source.country or "",
    }
    said = {
        "text": source.name,
        "title": source.name,
        # other readers know addresses of feeds only; a site or a sitemap is a link to them
        "type": "rss" if is_feed else "link",
        "xmlUrl": (feed_url or source.url) if is_feed else "",
        "htmlUrl": source.url if feed_url not in {None, source.url} else "",
        "url": "" if is_feed else source.url,
        "language": source.language or "",
    } | {f"{{{_OURS}}}{name}": value for name, value in own.items()}
    return {name: value for name, value in said.items() if value}


def _outlines(root: HtmlElement) -> Iterator[tuple[HtmlElement, tuple[str, ...]]]:
    """Yield the outlines that are no folders, each with the names of those around it."""
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end"), tag="outline"):
        is_folder = not _address(element) and (len(element) > 0 or not element.get("type"))
        if event == "end":
            if is_folder:
                folders.pop()
        elif is_folder:
            folders.append(_name(element))
        else:
            yield element, tuple(folders)


def _address(outline: HtmlElement) -> str:
    own = outline.get(f"{_PREFIX}:url")
    address = own or outline.get("xmlurl") or outline.get("htmlurl") or outline.get("url") or ""
    return _without_feed(address.strip())


def _without_feed(address: str) -> str:
    """Turn `feed://a.example/rss` and `feed:https://a.example/rss`, as old readers export them, into web addresses."""
    if not address.lower().startswith("feed:"):
        return address
    rest = address[len("feed:") :].removeprefix("//")
    return rest if rest.lower().startswith(("http://", "https://")) else f"http://{rest}"


def _name(outline: HtmlElement) -> str:
    text = one_line(outline.get("title") or "") or one_line(outline.get("text") or "")
    return _without_variables(text)[:LONGEST_NAME].strip()


def _source(outline: HtmlElement, folders: Sequence[str]) -> Source:
    if outline.get("type", "").lower() == "include":
        raise ValueError("is a list of its own, which is not read")
    url = _address(outline).replace("${", "%24%7B")
    if not url:
        raise ValueError("has no address")
    url = _checked("url", url)
    kind: Any = outline.get(f"{_PREFIX}:type", "auto")
    return Source(
        id=_optional("id", outline.get(f"{_PREFIX}:id")) or "",
        url=url,
        name=_optional("line", _name(outline)) or "",
        type=kind if kind in get_args(FoundKind) else "auto",
        tier=_tier(outline.get(f"{_PREFIX}:tier")),
        country=_optional("country", outline.get(f"{_PREFIX}:country")),
        language=_optional("language", (outline.get("language") or "")[:2].lower()),
        groups=frozenset(filter(None, folders)),
    )


def _checked(kind: str, value: str) -> str:
    try:
        return _VALUES[kind].validate_python(value)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _optional(kind: str, value: str | None) -> str | None:
    try:
        return _checked(kind, value) if value else None
    except ValueError:
        return None


def _tier(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < MOST_ID and int(value) else None


def _without_variables(text: str) -> str:
    """Break what the YAML would take for a variable of the environment."""
    return text.replace("${", "$ {")


def _with_ids(sources: Sequence[Source]) -> list[Source]:
    """Give each source an id of its own, made of its name where it has none."""
    taken = {source.id for source in sources if source.id}
    named = []
    for source in sources:
        made = source.id or free_id(slug(source.name)[:LONGEST_ID].rstrip("-._") or made_id(source.url), taken)
        taken.add(made)
        named.append(replace(source, id=made, name=source.name or made))
    return named


def free_id(wanted: str, taken: set[str]) -> str:
    """Return an id that is not taken yet: the wanted one, else with a number behind it."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
