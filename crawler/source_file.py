"""The sources section → Source."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, StrictBool, field_validator, model_validator

from crawler.discover.patterns import PatternError, read_pattern
from crawler.domain import Source, SourceType
from crawler.fetch.browser import missing
from crawler.header_entry import MOST_HEADERS, HeaderName, HeaderValue
from crawler.poll_entry import ExpectEntry, PollEntry
from crawler.revisit_entry import TrackChanges
from crawler.yaml_file import Section, refuse, refuse_characters
from crawler.yaml_tree import Value
from crawler.yaml_types import Country, Identifier, Language, Line, WebAddress, short_for, slug


class SourceEntry(Section):
    """One entry of `sources:`; an address alone stands for `{url: address}`."""

    url: WebAddress
    id: Identifier | None = None
    name: Line | None = None
    type: SourceType = "auto"
    tier: int | None = Field(default=None, ge=1, strict=True)
    country: Country | None = None
    language: Language | None = None
    groups: frozenset[Line] = frozenset()
    poll: PollEntry | None = None
    expect: ExpectEntry | None = None
    link_pattern: Line | None = None
    track_changes: TrackChanges | None = None
    headers: dict[HeaderName, HeaderValue] = Field(default={}, max_length=MOST_HEADERS)
    render: StrictBool = False

    _address_alone = model_validator(mode="before")(short_for("url"))

    def source(self) -> Source:
        """Return the source, with an id and a name made from its address where none was given."""
        return Source(
            id=self.id or made_id(self.url),
            url=self.url,
            name=self.name or _host(self.url),
            type=self.type,
            tier=self.tier,
            country=self.country,
            language=self.language,
            groups=self.groups,
            poll=self.poll.polling() if self.poll else None,
            expect=self.expect.expect() if self.expect else None,
            link_pattern=self.link_pattern,
            track_changes=self.track_changes,
            headers=tuple(self.headers.items()),
            render=self.render,
        )

    @field_validator("render")
    @classmethod
    def _has_a_browser(cls, wanted: bool) -> bool:  # noqa: FBT001  (pydantic hands it over so)
        if wanted and (trouble := missing()):
            raise ValueError(trouble)
        return wanted

    @field_validator("link_pattern")
    @classmethod
    def _pattern_compiles(cls, text: str | None) -> str | None:
        try:
            return text and read_pattern(text)
        except PatternError as error:
            refuse_characters([((), error.at, error.message)])

    @model_validator(mode="after")
    def _pattern_has_a_section(self) -> Self:
        if self.link_pattern is not None and self.type != "section":
            message = f"chooses among the links of a section page, and this is of type {self.type}: add `type: section`"
            refuse({("link_pattern",): message})
        return self


def source_id(written: Value) -> str | None:
    """Return the id that an entry has, given or made; None where its mistake is another."""
    if isinstance(written, str):
        return made_id(written) or None
    if not isinstance(written, dict):
        return None
    url = written.get("url")
    given = written.get("id", made_id(url) if isinstance(url, str) else None)
    return given if isinstance(given, str) and given else None


def made_id(url: str) -> str:
    """Make an id from an address alone, whatever other sources there are, so that it stays when the file changes."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    rest = slug(f"{parts.path} {parts.query}")
    return "-".join(filter(None, (slug(parts.netloc.rpartition("@")[2].removeprefix("www.")), rest)))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")
