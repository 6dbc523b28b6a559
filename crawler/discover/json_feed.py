"""Reads feeds in JSON (https://www.jsonfeed.org/version/1.1/), whatever stands where something else should."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import datetime
from typing import Any

from crawler.discover.entries import Item, Written, absolute, as_html, plausible
from crawler.errors import PermanentFetchError

_RECORDING = re.compile(r"(?:audio|video)/", re.IGNORECASE)


def read(text: str, url: str) -> Written:
    """Return what the feed found at `url` says.

    Raises:
        PermanentFetchError: it is no JSON.
    """
    try:
        # numbers stay as they are spelled: none means anything here, and one of a million digits takes minutes to read
        said = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise PermanentFetchError(f"ill-formed JSON: {error.msg} in line {error.lineno}", kind="not-a-feed") from None
    except RecursionError:
        raise PermanentFetchError("JSON nested too deeply", kind="not-a-feed") from None
    feed = _object(said)
    homes = (url, absolute(url, _text(feed, "home_page_url")))
    linked = ((item, _link(item)) for item in map(_object, _list(feed, "items")))
    return Written(
        title=_text(feed, "title"), items=(_item(item, absolute(url, link), homes) for item, link in linked if link)
    )


def _item(item: dict[str, Any], url: str, homes: tuple[str, ...]) -> Item:
    plain = _text(item, "content_text")
    content = _text(item, "content_html") or (as_html(plain) if plain else "")
    attachments = map(_object, _list(item, "attachments"))
    return Item(
        url=url,
        title=_text(item, "title"),
        summary=_text(item, "summary") or content,
        content=content,
        authors=_authors(item),
        published=_date(item, "date_published") or _date(item, "date_modified"),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        homes=homes,
        remark=bool(_text(item, "external_url")),
        recording=any(_RECORDING.match(_text(attachment, "mime_type")) for attachment in attachments),
    )


def _link(item: dict[str, Any]) -> str:
    """Return the page of an item; that of another to which it points only where it has none of its own."""
    identifier = _text(item, "id")
    permanent = identifier if identifier.startswith(("http://", "https://")) else ""
    return _text(item, "url") or permanent or _text(item, "external_url")


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of `authors` (version 1.1) or of `author` (version 1)."""
    authors = map(_object, [*_list(item, "authors"), item.get("author")])
    return tuple(_text(author, "name") for author in authors)


def _date(item: dict[str, Any], key: str) -> datetime | None:
    with contextlib.suppress(ValueError, OverflowError):
        return plausible(datetime.fromisoformat(_text(item, key)))
    return None


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    return value.strip() if isinstance(value, str) else ""


def _list(said: dict[str, Any], key: str) -> list[Any]:
    value = said.get(key)
    return value if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
