"""The YAML file → Configuration: settings, sources, entities, concepts, watchlists, channels and the mail server."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from crawler.domain import Source
from crawler.errors import ConfigError, Problem
from crawler.settings import Settings
from crawler.source_file import SourceEntry, source_id
from crawler.yaml_file import Section, duplicate_ids, keys_of, nearest, validate
from crawler.yaml_tree import Document, Value, find, read
from crawler.yaml_types import Identifier, is_email
from monitors.collector import without_collector
from monitors.concept_entry import ConceptEntry
from monitors.deliver.channels import channels
from monitors.deliver.secret_files import problem_of, secret_files
from monitors.deliver.smtp import Smtp
from monitors.domain import Concept, Entity, Watchlist
from monitors.entity_entry import EntityEntry
from monitors.entries import named_id
from monitors.health_entry import HealthEntry
from monitors.known import Known
from monitors.match.concepts.second_look import second_look
from monitors.match.matcher import Matcher
from monitors.match.query.tree import Part
from monitors.trials import Trial, failures
from monitors.watchlist_entry import WatchlistEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """One channel as it was configured; `options` are those of its kind."""

    id: str
    kind: str
    options: BaseModel


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything that a file says."""

    path: Path
    settings: Settings
    sources: tuple[Source, ...]
    entities: tuple[Entity, ...]
    concepts: tuple[Concept, ...] = ()
    watchlists: tuple[Watchlist, ...]
    channels: Mapping[str, ChannelConfig]
    """By id, those that `to:` makes among them."""
    smtp: Smtp
    health: HealthEntry = field(default_factory=HealthEntry)
    queries: Mapping[str, Part] = field(default_factory=dict)
    """The named ones, by name, those that they refer to looked up."""
    trials: Mapping[str, tuple[Trial, ...]] = field(default_factory=dict)
    """The tests of each watchlist that has any, by its id."""
    variables: frozenset[str] = field(default=frozenset(), repr=False)
    """What came from the environment: not to be shown."""

    @cached_property
    @without_collector()
    def matcher(self) -> Matcher:
        """The watchlists, compiled once, for their tests and for what comes after them."""
        return Matcher(self.watchlists, self.entities, self.concepts, second_look(self.settings.semantic))


ID_OF: Mapping[str, Callable[[Value], str | None]] = {
    "sources": source_id,
    "entities": named_id,
    "concepts": named_id,
    "watchlists": named_id,
    "channels": named_id,
}


class ChannelEntry(Section):
    """One entry of `channels:`; its kind says what else it needs."""

    model_config = ConfigDict(extra="allow")

    id: Identifier
    type: str
    _options: BaseModel = PrivateAttr()

    @classmethod
    def keys(cls, written: Value) -> Collection[str]:
        kind = written.get("type") if isinstance(written, dict) else None
        options = keys_of(channels()[kind].Options) if isinstance(kind, str) and kind in channels() else ()
        return [*keys_of(cls), *options]

    @field_validator("type")
    @classmethod
    def _is_built(cls, kind: str) -> str:
        if kind not in channels():
            raise ValueError(f"needs one of {', '.join(sorted(channels()))}{nearest(kind, channels())}")
        return kind

    @model_validator(mode="after")
    def _fits_its_kind(self, info: ValidationInfo) -> Self:
        self._options = channels()[self.type].Options.model_validate(self.model_extra, context=info.context)
        return self

    def channel(self) -> ChannelConfig:
        return ChannelConfig(id=self.id, kind=self.type, options=self._options)


class File(Section):
    """The whole file."""

    version: Literal[1] = 1
    settings: Settings = Settings()
    sources: tuple[SourceEntry, ...] = ()
    entities: tuple[EntityEntry, ...] = ()
    concepts: tuple[ConceptEntry, ...] = ()
    queries: dict[Identifier, str] = Field(default_factory=dict)
    watchlists: tuple[WatchlistEntry, ...] = ()
    channels: tuple[ChannelEntry, ...] = ()
    smtp: Smtp = Smtp()
    health: HealthEntry = HealthEntry()


def load(path: Path, *, environ: Mapping[str, str] | None = None, to_run: bool = False) -> Configuration:
    """Read a file; `to_run` also asks for what work needs: a contact, a sender, a readable password, tests that pass.

    Raises:
        ConfigError: with every mistake in it.
    """
    return configuration_of(read(path, os.environ if environ is None else environ), path, to_run=to_run)


@without_collector()
def configuration_of(document: Document, path: Path, *, to_run: bool = False) -> Configuration:
    """Return what a document says; for the rest see `load`."""
    problems: list[Problem] = []
    for section, id_of in ID_OF.items():
        problems += duplicate_ids(document, section, id_of)
    if to_run:
        problems += _unready(document, path)
    known = Known.of(document)
    problems += _misread_queries(document, known)
    file = validate(document, File, context=known, problems=problems)
    configuration = replace(_configuration(path, file, known.queries.trees), variables=document.variables)
    if missing := _no_model(document, file.settings):
        raise ConfigError([missing])
    if to_run and (failed := list(_failed_trials(document, configuration))):
        raise ConfigError(failed)
    return configuration


def _no_model(document: Document, settings: Settings) -> Problem | None:
    """Find a folder in `settings.semantic` without a model, or nothing that runs one."""
    try:
        second_look(settings.semantic)
    except ConfigError as error:
        return document.problem(("settings", "semantic"), str(error).removeprefix("settings.semantic: "))
    return None


def _configuration(path: Path, file: File, queries: Mapping[str, Part]) -> Configuration:
    implicit = {
        rule.channel_id: ChannelConfig(id=rule.channel_id, kind="email", options=rule.to)
        for entry in file.watchlists
        for rule in entry.deliver
        if rule.to
    }
    return Configuration(
        path=path,
        settings=file.settings,
        sources=tuple(entry.source() for entry in file.sources),
        entities=tuple(entry.entity() for entry in file.entities),
        concepts=tuple(entry.concept() for entry in file.concepts),
        watchlists=tuple(entry.watchlist(file.settings) for entry in file.watchlists),
        channels={entry.id: entry.channel() for entry in file.channels} | implicit,
        smtp=_completed(file.smtp, file.settings),
        health=file.health,
        queries=queries,
        trials={entry.made_id: entry.trials() for entry in file.watchlists if entry.tests},
    )


def _completed(smtp: Smtp, settings: Settings) -> Smtp:
    """Fill in the sender."""
    contact = settings.contact if settings.contact and is_email(settings.contact) else None
    return smtp.model_copy(update={"sender": smtp.sender or contact})


def _unready(document: Document, path: Path) -> Iterator[Problem]:
    """Find what is missing before anything can be crawled or mailed, though the file is in order."""
    root = document.root
    contact = next((str(value) for _, value in find(root, "settings.contact")), "")
    if "sources" in root and not contact:
        yield document.problem(("settings", "contact"), "is missing: sites must be able to reach whoever crawls them")
    mails = [*find(root, "watchlists.*.deliver.*.to")]
    mails += [found for found in find(root, "channels.*.type") if found[1] == "email"]
    if mails and not is_email(contact) and not [*find(root, "smtp.from")]:
        yield document.problem(("smtp", "from"), "is missing, and settings.contact is no address to send mail from")
    for place, file in secret_files(document):
        if problem := problem_of(path.parent / str(file)):
            yield document.problem(place, f"{path.parent / str(file)} {problem}")


def _misread_queries(document: Document, known: Known) -> Iterator[Problem]:
    for name, mistakes in known.queries.mistakes.items():
        if ("queries", name) not in document.unreadable:
            for at, told in mistakes.items():
                yield document.problem(("queries", name), told, at=at)


def _failed_trials(document: Document, configuration: Configuration) -> Iterator[Problem]:
    """Run the tests of the watchlists; the explanation of a failing one follows on lines of its own."""
    for failure in failures(configuration):
        place = ("watchlists", failure.watchlist, "tests", failure.trial)
        problem = document.problem(place, failure.reason)
        message, _, explanation = problem.message.partition("\n")
        yield replace(problem, message=message, excerpt=explanation)


def config_path(option: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Return the file that a command is about: the option, else NEWSVANE_CONFIG, else newsvane.yaml here.

    Raises:
        ConfigError: there is no such file.
    """
    path = Path(option or environ.get("NEWSVANE_CONFIG") or "newsvane.yaml")
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; `newsvane init` writes one")
    return path
