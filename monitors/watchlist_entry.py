"""One entry of `watchlists:` or `entities:` → Watchlist, Entity."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from crawler.yaml_file import Section, nearest, refuse
from crawler.yaml_types import Identifier, Language, Line, short_for, slug
from monitors.delivery_entry import DeliveryEntry
from monitors.domain import Alias, Entity, FirstRun, Keyword, SourceFilter, Watchlist
from monitors.known import known
from monitors.match.keywords import check_keyword
from monitors.match.words import phrase


def _known_entity(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).entities):
        raise ValueError(f"there is no entity `{identifier}`{nearest(identifier, there)}")
    return identifier


def _known_source(identifier: str, info: ValidationInfo) -> str:
    if identifier not in (there := known(info).sources):
        raise ValueError(f"there is no source `{identifier}`{nearest(identifier, there)}")
    return identifier


def _known_group(name: str, info: ValidationInfo) -> str:
    if name not in (there := known(info).groups):
        raise ValueError(f"no source is in a group `{name}`{nearest(name, there)}")
    return name


def _spoken(language: str, info: ValidationInfo) -> str:
    spoken = known(info).languages
    if spoken and language not in spoken:
        raise ValueError(f"no article will be in `{language}`: it is missing from settings.languages")
    return language


SpokenLanguage = Annotated[Language, AfterValidator(_spoken)]


class KeywordEntry(Section):
    """One entry of `keywords:`, `all:` or `none:`; a text alone stands for `{text: …}`."""

    text: Line
    case_sensitive: bool = False
    exact: bool = False
    lang: SpokenLanguage | None = None

    _text_alone = model_validator(mode="before")(short_for("text"))

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        problem = check_keyword(self.text, self.lang, case_sensitive=self.case_sensitive, exact=self.exact)
        if problem:
            raise ValueError(problem)
        return self

    def keyword(self) -> Keyword:
        return Keyword(text=self.text, case_sensitive=self.case_sensitive, exact=self.exact, lang=self.lang)


def _has_a_word(text: str) -> str:
    if phrase(text) is None:
        raise ValueError("needs a letter or a digit to be found by")
    return text


class AliasEntry(Section):
    """One entry of `aliases:`; a text alone stands for `{text: …}`."""

    text: Annotated[Line, AfterValidator(_has_a_word)]
    case_sensitive: bool = False
    lang: SpokenLanguage | None = None
    ambiguous: Literal[False] = False

    _text_alone = model_validator(mode="before")(short_for("text"))

    def alias(self) -> Alias:
        return Alias(text=self.text, case_sensitive=self.case_sensitive, lang=self.lang)


class Named(Section):
    """An entry with a name, of which its id is made where it has none."""

    name: Line
    id: Identifier | None = Field(default=None, validate_default=True)

    @field_validator("id")
    @classmethod
    def _made_of_the_name(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is None and "name" in info.data and not slug(info.data["name"]):
            raise ValueError("is missing, and cannot be made of a name without letters")
        return given

    @property
    def made_id(self) -> str:
        return self.id or slug(self.name)


class EntityEntry(Named):
    """One entry of `entities:`."""

    name: Annotated[Line, AfterValidator(_has_a_word)]
    aliases: tuple[AliasEntry, ...] = ()

    def entity(self) -> Entity:
        return Entity(id=self.made_id, name=self.name, aliases=tuple(alias.alias() for alias in self.aliases))


class SourceFilterEntry(Section):
    """Which sources a watchlist listens to: those named, and those in one of the groups."""

    ids: frozenset[Annotated[str, AfterValidator(_known_source)]] = frozenset()
    groups: frozenset[Annotated[str, AfterValidator(_known_group)]] = frozenset()

    def source_filter(self) -> SourceFilter:
        return SourceFilter(ids=self.ids, groups=self.groups)

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.ids and not self.groups:
            raise ValueError("needs `ids` or `groups`; leave it out for every source")
        return self


class WatchlistEntry(Named):
    """One entry of `watchlists:`. The order of the fields matters: `keywords` looks at `entities`."""

    owner: Line | None = None
    sources: SourceFilterEntry | None = None
    languages: frozenset[SpokenLanguage] = Field(default=frozenset(), min_length=1)
    entities: tuple[Annotated[str, AfterValidator(_known_entity)], ...] = ()
    keywords: tuple[KeywordEntry, ...] = Field(default=(), validate_default=True)
    all: tuple[KeywordEntry, ...] = ()
    none: tuple[KeywordEntry, ...] = ()
    related: Literal[False] = False
    deliver: tuple[DeliveryEntry, ...] = ()
    first_run: FirstRun = "summarize"

    @field_validator("keywords")
    @classmethod
    def _can_match(cls, keywords: tuple[KeywordEntry, ...], info: ValidationInfo) -> tuple[KeywordEntry, ...]:
        if not keywords and info.data.get("entities") == ():
            raise ValueError("needs at least one (or `entities`)")
        return keywords

    @field_validator("keywords", "all", "none")
    @classmethod
    def _can_be_read(cls, keywords: tuple[KeywordEntry, ...], info: ValidationInfo) -> tuple[KeywordEntry, ...]:
        languages = info.data.get("languages") or {keyword.lang for keyword in keywords}
        lost = [index for index, keyword in enumerate(keywords) if keyword.lang and keyword.lang not in languages]
        if lost:
            refuse({(index, "lang"): "is not among the `languages` of this watchlist" for index in lost})
        return keywords

    @field_validator("deliver")
    @classmethod
    def _once_each(cls, rules: tuple[DeliveryEntry, ...]) -> tuple[DeliveryEntry, ...]:
        again = [index for index, rule in enumerate(rules) if any(map(rule.clashes, rules[:index]))]
        if again:
            refuse({(index,): "tells the same readers at the same time as an earlier entry" for index in again})
        return rules

    def watchlist(self, zone: str) -> Watchlist:
        """Return the watchlist, its digests at the hours of a zone where they have no other."""
        return Watchlist(
            id=self.made_id,
            name=self.name,
            owner=self.owner,
            keywords=tuple(entry.keyword() for entry in self.keywords),
            all=tuple(entry.keyword() for entry in self.all),
            none=tuple(entry.keyword() for entry in self.none),
            entities=self.entities,
            sources=self.sources.source_filter() if self.sources else None,
            languages=self.languages,
            deliver=tuple(rule.rule(zone) for rule in self.deliver),
            first_run=self.first_run,
        )
