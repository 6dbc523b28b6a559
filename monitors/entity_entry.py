"""One entry of `entities:` → Entity."""

from pydantic import Field, model_validator

from crawler.yaml_file import Section
from crawler.yaml_types import short_for
from monitors.domain import Alias, Entity, NeverNear
from monitors.entries import Hint, Named, Wording
from monitors.references import SpokenLanguage


class AliasEntry(Section):
    """One entry of `aliases:`; a text alone stands for `{text: …}`."""

    text: Wording
    case_sensitive: bool = False
    lang: SpokenLanguage | None = None
    ambiguous: bool = False

    _text_alone = model_validator(mode="before")(short_for("text"))

    def alias(self) -> Alias:
        return Alias(text=self.text, case_sensitive=self.case_sensitive, lang=self.lang, ambiguous=self.ambiguous)


class NeverNearEntry(Section):
    """Words that tell a namesake, and how near they have to be."""

    any: tuple[Hint, ...] = Field(min_length=1)
    within: int = Field(default=12, ge=1, le=1_000, strict=True)

    def never_near(self) -> NeverNear:
        return NeverNear(any=self.any, within=self.within)


class EntityEntry(Named):
    """One entry of `entities:`."""

    name: Wording
    aliases: tuple[AliasEntry, ...] = ()
    context: tuple[Hint, ...] = ()
    never_near: NeverNearEntry | None = None
    person: bool = False

    def entity(self) -> Entity:
        return Entity(
            id=self.made_id,
            name=self.name,
            aliases=tuple(alias.alias() for alias in self.aliases),
            context=self.context,
            never_near=self.never_near.never_near() if self.never_near else None,
            person=self.person,
        )
