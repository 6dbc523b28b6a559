"""Prints a newspaper: every path it answers, as a browser or a crawler would get it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from monitors.demo.newspaper import SITE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitors.demo.newspaper import Newspaper, Story

FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
TRACKING = "?utm_source=feed&utm_medium=rss&utm_campaign=headlines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to a path."""

    body: bytes
    content_type: str
    modified: datetime
    status: int = 200
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A story as its readers see it: with its address and its hour."""

    story: Story
    url: str
    linked_as: str
    """Where the feed and the front page say it is."""
    published: datetime

    @property
    def summary(self) -> str:
        return self.story.deck or _plain(self.story.paragraphs[0])


def answers(paper: Newspaper, base_url: str, *, now: datetime) -> Mapping[str, Answer]:
    """Return what each path of the newspaper answers if the server at `base_url` starts `now`."""
    printed = [_printed(story, paper, base_url, now) for story in paper.stories]
    on_every_page = {"paper": paper, "base_url": base_url, "now": now, "printed": printed}

    def answer(template: str, content_type: str, modified: datetime = now, **values: object) -> Answer:
        body = _TEMPLATES.get_template(template).render(**on_every_page, **values).encode()
        return Answer(body=body, content_type=f"{content_type}; charset=utf-8", modified=modified)

    pages = {
        "/": answer("front.html", "text/html", feed_type=FEED_TYPES[paper.feed]),
        "/feed.xml": answer(f"{paper.feed}.xml", FEED_TYPES[paper.feed], tracking=TRACKING),
        "/news-sitemap.xml": answer("news-sitemap.xml", "application/xml"),
        "/robots.txt": answer("robots.txt", "text/plain"),
    }
    for item in printed:
        values = {"item": item, "story": item.story, "json_ld": _json_ld(item, paper)}
        pages[item.story.path] = answer("article.html", "text/html", item.published, **values)
        if item.story.moved_from:
            pages[item.story.moved_from] = _moved(item)
    return pages


def _printed(story: Story, paper: Newspaper, base_url: str, now: datetime) -> Printed:
    published = (now - story.age).astimezone(ZoneInfo(paper.timezone)).replace(microsecond=0)
    linked_as = base_url + (story.moved_from or story.path)
    return Printed(story=story, url=base_url + story.path, linked_as=linked_as, published=published)


def _moved(item: Printed) -> Answer:
    return Answer(body=b"", content_type="text/plain", modified=item.published, status=301, location=item.story.path)


def _json_ld(item: Printed, paper: Newspaper) -> dict[str, object]:
    """Return the schema.org description that search engines ask newspapers for."""
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.story.title,
        "description": item.summary,
        "datePublished": item.published.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in item.story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": paper.name},
        "mainEntityOfPage": item.url,
    }


_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


def _linked(paragraph: str) -> Markup:
    """Turn `[words](link)` into links; everything else is escaped."""
    escaped = str(Markup.escape(paragraph))
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', escaped))  # noqa: S704 - escaped in the line above


def _plain(paragraph: str) -> str:
    return _LINK.sub(r"\1", paragraph)


_TEMPLATES = Environment(
    loader=FileSystemLoader(SITE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {"linked": _linked, "rfc822": format_datetime}
