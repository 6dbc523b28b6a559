"""Reads the demo's newspapers: a folder each, with a masthead (newspaper.yaml) and its stories (*.md)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

SITE = Path(__file__).parent / "site"


class Edit(BaseModel):
    """What a newspaper does to a story once it is out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    """The new headline; empty: as it was."""
    paragraphs: tuple[str, ...] = ()
    """Those that are added at the end."""


class Story(BaseModel):
    """A piece of news as it lies in its file: a header in YAML, then paragraphs with `[words](link)`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str
    title: str
    section: str
    hours_ago: float
    """How long before the start of the demo it was published."""
    paragraphs: tuple[str, ...]
    deck: str = ""
    authors: tuple[str, ...] = ()
    dated: Literal["json-ld", "opengraph", "time"] = "json-ld"
    """Where the page says when it was published; newspapers differ."""
    paywall: bool = False
    moved_from: str = ""
    """The path that its feed still names; it answers 301."""
    edited: Edit | None = None

    @property
    def path(self) -> str:
        return f"/{self.section}/{self.slug}"

    @property
    def age(self) -> timedelta:
        return timedelta(hours=self.hours_ago)

    def as_edited(self) -> Story:
        """Return the story as it reads once its newspaper has edited it."""
        if self.edited is None:
            return self
        title, paragraphs = self.edited.title or self.title, self.paragraphs + self.edited.paragraphs
        return self.model_copy(update={"title": title, "paragraphs": paragraphs})


class Newspaper(BaseModel):
    """A newspaper: its masthead, the small print around its stories, and the stories, newest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    language: str
    timezone: str
    feed: Literal["rss", "atom"]
    sections: dict[str, str]
    disallowed: tuple[str, ...] = ()
    """Paths that its robots.txt asks crawlers to leave alone."""
    words: dict[str, str]
    """The chrome of its pages in its own language: cookie notice, newsletter, footer …"""
    stories: tuple[Story, ...]

    def as_edited(self) -> Newspaper:
        """Return the newspaper with its edits made."""
        return self.model_copy(update={"stories": tuple(story.as_edited() for story in self.stories)})


def newspapers() -> tuple[Newspaper, ...]:
    """Return the bundled newspapers, in the order of their folders."""
    return tuple(_newspaper(masthead.parent) for masthead in sorted(SITE.glob("*/newspaper.yaml")))


def _newspaper(folder: Path) -> Newspaper:
    masthead = yaml.safe_load((folder / "newspaper.yaml").read_text(encoding="utf-8"))
    stories = sorted((_story(file) for file in folder.glob("*.md")), key=lambda story: story.hours_ago)
    return Newspaper.model_validate({**masthead, "id": folder.name, "stories": stories})


def _story(file: Path) -> Story:
    _, header, body = file.read_text(encoding="utf-8").split("---\n", 2)
    paragraphs = [" ".join(paragraph.split()) for paragraph in body.split("\n\n") if paragraph.strip()]
    return Story.model_validate({**yaml.safe_load(header), "slug": file.stem, "paragraphs": paragraphs})
