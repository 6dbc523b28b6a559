"""One entry of `watchlists:` → Watchlist, and the tests that it brings along."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from crawler.settings import Settings
from crawler.yaml_file import Section, refuse, refuse_characters
from crawler.yaml_types import Line, as_list, short_for
from monitors.delivery_entry import DeliveryEntry
from monitors.domain import Again, FirstRun, Keyword, SourceFilter, StoryRules, Watchlist
from monitors.entries import Named, Passage
from monitors.match.keywords import KeywordError, read_keyword
from monitors.references import KnownConcept, KnownEntity, KnownGroup, KnownSource, Query, SpokenLanguage
from monitors.trials import Trial


class KeywordEntry(Section):
    """One entry of `keywords:`, `all:` or `none:`; a text alone stands for `{text: …}`."""

    text: Line
    case_sensitive: bool = False
    exact: bool = False
    lang: SpokenLanguage | None = None

    _text_alone = model_validator(mode="before")(short_for("text"))

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        try:
            read_keyword(self.keyword())
        except KeywordError as error:
            message = str(error).removesuffix(f" (at character {error.position + 1})")
            refuse_characters([(("text",), error.position, message)])
        return self

    def keyword(self) -> Keyword:
        return Keyword(text=self.text, case_sensitive=self.case_sensitive, exact=self.exact, lang=self.lang)


class SourceFilterEntry(Section):
    """Which sources a watchlist listens to: those named, and those in one of the groups."""

    ids: frozenset[KnownSource] = frozenset()
    groups: frozenset[KnownGroup] = frozenset()

    def source_filter(self) -> SourceFilter:
        return SourceFilter(ids=self.ids, groups=self.groups)

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.ids and not self.groups:
            raise ValueError("needs `ids` or `groups`; leave it out for every source")
        return self


class TrialEntry(Section):
    """One entry of `tests:`: a text that the watchlist has to match, or must not."""

    match: Passage | None = None
    no_match: Passage | None = None
    title: Line | None = None
    lang: SpokenLanguage | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.match is None) == (self.no_match is None):
            raise ValueError("needs either `match` or `no_match`" + ("" if self.match is None else ", not both"))
        return self

    def trial(self) -> Trial:
        return Trial(
            text=self.match or self.no_match or "",
            title=self.title or "",
            language=self.lang,
            matches=self.match is not None,
        )


class StoriesEntry(Section):
    """`stories:` of a watchlist: how often one story is told at once, and which of several copies is shown."""

    realert_on: Annotated[frozenset[Again], BeforeValidator(as_list)] = StoryRules().realert_on
    max_alerts: int = Field(default=StoryRules().max_alerts, ge=1, strict=True)
    prefer: Literal["first", "tier"] = StoryRules().prefer

    def rules(self) -> StoryRules:
        return StoryRules(realert_on=self.realert_on, max_alerts=self.max_alerts, prefer=self.prefer)


class WatchlistEntry(Named):
    """One entry of `watchlists:`. The order of the fields matters: `keywords` looks at those before it."""

    owner: Line | None = None
    sources: SourceFilterEntry | None = None
    languages: frozenset[SpokenLanguage] = Field(default=frozenset(), min_length=1)
    entities: tuple[KnownEntity, ...] = ()
    concepts: tuple[KnownConcept, ...] = ()
    query: Query = None
    all: tuple[KeywordEntry, ...] = ()
    keywords: tuple[KeywordEntry, ...] = Field(default=(), validate_default=True)
    none: tuple[KeywordEntry, ...] = ()
    related: bool | None = None
    stories: StoriesEntry = StoriesEntry()
    deliver: tuple[DeliveryEntry, ...] = ()
    first_run: FirstRun = "summarize"
    tests: tuple[TrialEntry, ...] = ()

    @field_validator("keywords")
    @classmethod
    def _can_match(cls, keywords: tuple[KeywordEntry, ...], info: ValidationInfo) -> tuple[KeywordEntry, ...]:
        others = [info.data.get(name, "broken") for name in ("entities", "concepts", "query", "all")]
        if not keywords and not any(others):
            raise ValueError("needs at least one (or a `query`, `entities`, `concepts` or `all`)")
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

    def watchlist(self, settings: Settings) -> Watchlist:
        """Return the watchlist; what it does not say itself, the settings do."""
        return Watchlist(
            id=self.made_id,
            name=self.name,
            owner=self.owner,
            keywords=tuple(entry.keyword() for entry in self.keywords),
            all=tuple(entry.keyword() for entry in self.all),
            none=tuple(entry.keyword() for entry in self.none),
            entities=self.entities,
            concepts=self.concepts,
            related=settings.related if self.related is None else self.related,
            query=self.query,
            sources=self.sources.source_filter() if self.sources else None,
            languages=self.languages,
            stories=self.stories.rules(),
            deliver=tuple(rule.rule(settings.timezone) for rule in self.deliver),
            first_run=self.first_run,
        )

    def trials(self) -> tuple[Trial, ...]:
        return tuple(entry.trial() for entry in self.tests)
