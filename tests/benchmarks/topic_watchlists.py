"""Writes a watchlist for a topic from its name, its description and its sentence; the judgements are unknown to it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from monitors.domain import Alias, Entity, Keyword, Watchlist
from monitors.match.query import read_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

KINDS = {
    "topic": "subjects",
    "entity-orgs": "organisations",
    "entity-exchanges": "organisations",
    "entity-places": "places",
    "entity-people": "people",
}


class Topic(NamedTuple):
    id: str
    kind: str
    name: str
    """A code: `money-fx`, `alum`, `west-germany`."""
    description: str
    """What the code stands for, or nothing where it is a word or a name."""
    sentence: str
    """Only subjects have one."""

    @property
    def spoken(self) -> str:
        return self.name.replace("-", " ")


class Written(NamedTuple):
    """What somebody would put into the YAML for a topic."""

    query: str
    entity: Entity | None = None

    def watchlist(self, topic_id: str) -> Watchlist:
        return Watchlist(id=topic_id, name=topic_id, query=read_query(self.query))


def write(topic: Topic) -> Written:
    return {"subjects": subject, "organisations": organisation, "places": place, "people": person}[topic.kind](topic)


def plain(topic: Topic, watchlist_id: str) -> Watchlist:
    """Return the watchlist of somebody who types the name and the description into a search box."""
    texts = (topic.spoken, topic.description.replace("/", " "))
    return Watchlist(id=watchlist_id, name=topic.name, keywords=tuple(Keyword(text=text) for text in texts if text))


def early_or_often(what: str) -> str:
    """Ask for what an article is about: it stands at the top, or again and again."""
    return f"title:{what} OR first50({what}) OR atleast3({what})"


# -- organisations and places: entities under all their names ----------------------------------------------------------


def organisation(topic: Topic) -> Written:
    """By its full name in both spellings, and by the first part of its code as an abbreviation."""
    entity = entity_of(topic, [*spellings(topic.description), topic.name.partition("-")[0].upper()])
    mention = f"entity:{entity.id}"
    return Written(f"hlead:{mention} OR atleast2({mention})", entity)


def place(topic: Topic) -> Written:
    """By all names and adjectives of the country; a place that is none by its name."""
    entity = entity_of(topic, countries().get(topic.spoken, [topic.spoken]))
    return Written(early_or_often(f"entity:{entity.id}"), entity)


def entity_of(topic: Topic, names: Sequence[str]) -> Entity:
    aliases = tuple(Alias(text=name, case_sensitive=name.isupper()) for name in names[1:])
    return Entity(id=topic.name, name=names[0], aliases=aliases)


@cache
def countries() -> dict[str, list[str]]:
    """Return, by each of its names in small letters, all names and adjectives of every country."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("countries.txt").read_text(encoding="utf-8").splitlines():
        names, _, adjectives = line.partition("|")
        if not line.startswith("#"):
            both = [one.strip() for one in f"{names},{adjectives}".split(",")]
            found |= {name.strip().lower(): [one for one in both if one] for name in names.split(",")}
    return found


# -- people: in the headline, named often, or introduced at the top ----------------------------------------------------

OFFICES = (
    "minister", "president", "chairman", "governor", "secretary", "undersecretary", "chancellor", "treasurer",
    "premier", "senator", "ambassador", "commissioner", "king", "leader", "chief",
)  # fmt: skip
OF_A_STATE = ('"prime minister"', "president", "premier", "king", "queen", "emperor")
"""Those whom news of all kinds names in passing: being introduced says nothing about them."""
BEHIND_A_NAME = (
    "administration", "government", "cabinet", "party", "plan", "budget", "policy", "era", "aide", "spokesman", "team",
    "veto", "bill", "proposal", "initiative",  # the Reagan administration
    "Inc", "Corp", "Co", "Ltd", "Plc", "company", "sons", "brothers", "foods", "industries", "group",  # Wilson Foods
)  # fmt: skip


def person(topic: Topic) -> Written:
    """All that is known is the last name."""
    name = f'"{topic.spoken}"'
    oneself = f"({name} NOT NEAR/2 {any_of(BEHIND_A_NAME)})"
    introduced = f"({name} NEAR/5 {any_of(OFFICES)}) NOT ({any_of(OF_A_STATE)} ONEAR/2 {name})"
    return Written(f"title:{oneself} OR atleast4({oneself}) OR (first50({oneself}) AND {introduced})")


# -- subjects: what the sentence lists, cut at its commas --------------------------------------------------------------

COMMON = set(
    """
    auction auctions buffer country crop crops crushing deficit demand disease duties duty economic exchange export
    exports figures forecasts growth harvest herds import imports index markets mines money output posted price prices
    processing production products programmes quota quotas rate rates refineries refinery sales slaughter smelters
    spending stock stocks strikes subsidies subsidy supply surplus tariffs trade
    """.split()
)
"""What is said of any goods and any economy: none of it makes a subject by itself."""
BRITISH = {"aluminium": "aluminum", "fibre": "fiber", "organisation": "organization", "sulphur": "sulfur"}
OF_AGENCIES = {"quarter": "qtr", "quarterly": "qtr", "dividend": "div", "dividends": "div", "share": "shr"}
"""How tables of results shorten words."""

_BETWEEN = re.compile(r"\s*(?:[,:;()]|'s\b|\.$|\b(?:and what|for)\b.*|\b(?:and|or|such as)\b)\s*")
_ARTICLE = re.compile(r"(?:the|an?|its)\s+", re.IGNORECASE)
_ENDING = re.compile(r"(?<=\w)\s(?:figures|forecasts|index|markets|output|prices|products|trade)$")
_NUMBERED = re.compile(r"([A-Z]+)(\d+)")


def subject(topic: Topic) -> Written:
    """A thing of one word has to stand early or often; two words side by side say enough wherever they are."""
    words, phrases = [], []
    for thing in things(topic):
        first, *more = thing.split()
        (phrases if more else words).extend(leaves(thing, definite=topic.sentence.startswith("The ")))
        if not more:
            continue
        words += [f"exact({OF_AGENCIES[word.lower()]})" for word in (first, *more) if word.lower() in OF_AGENCIES]
    phrases += [f"cs({letters})" for letters in abbreviations(topic)]
    parts = [early_or_often(any_of(words))] if words else []
    return Written(" OR ".join([*parts, *dict.fromkeys(phrases)]))


def things(topic: Topic) -> list[str]:
    """Return what a subject is called, and what its sentence lists that is not common to all subjects."""
    called = alternatives(topic.description) if topic.description else [topic.spoken]
    listed = [_ENDING.sub("", _ARTICLE.sub("", part)) for part in _BETWEEN.split(topic.sentence)]
    bare = [without_nation(part) for part in [*called, *listed] if part]
    wanted = [part for part in bare if not COMMON.issuperset(part.lower().split())]
    return list({one.lower(): one for part in wanted for one in spellings(part)}.values())


def leaves(thing: str, *, definite: bool) -> Iterator[str]:
    """Yield how to ask for a thing. One with a definite article is itself, not an amount: the mark, not 5 marks."""
    match thing.split():
        case [word] if numbered := _NUMBERED.fullmatch(word):
            yield from (word, f'"{numbered[1]}-{numbered[2]}"')
        case [word]:
            yield f"exact({word})" if definite else word
        case [first, second]:
            yield from (f"({first} NEAR/3 {second})", f"{first}{second}".lower())
        case _:
            yield f'"{thing}"'


def alternatives(description: str) -> list[str]:
    """Return both readings of "Gross National/Domestic Product"."""
    return list(dict.fromkeys([re.sub(r"/\w+", "", description), re.sub(r"\w+/", "", description)]))


def abbreviations(topic: Topic) -> list[str]:
    """Return the initials of the descriptions, if those of one are the code."""
    letters = ["".join(word[0] for word in one.upper().split()) for one in alternatives(topic.description)]
    return letters if topic.name.upper() in letters else []


def without_nation(part: str) -> str:
    """Cut "Japanese" off "Japanese yen": whoever writes about it leaves it out."""
    nations = sorted({name for names in countries().values() for name in names}, key=len, reverse=True)
    return next((part.removeprefix(f"{nation} ") for nation in nations if part.startswith(f"{nation} ")), part)


def spellings(text: str) -> list[str]:
    american = [BRITISH.get(word.lower(), word) for word in text.split()]
    return list(dict.fromkeys([text, " ".join(american)]))


def any_of(parts: Iterable[str]) -> str:
    return f"({' OR '.join(dict.fromkeys(parts))})"
