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

    from monitors.match.query.tree import Part

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
        return Watchlist(id=topic_id, name=topic_id, query=read_query(self.query, lists()))


def write(topic: Topic) -> Written:
    return {"subjects": subject, "organisations": organisation, "places": place, "people": person}[topic.kind](topic)


def plain(topic: Topic, watchlist_id: str) -> Watchlist:
    """Return the watchlist of somebody who types the name and the description into a search box."""
    texts = (topic.spoken, topic.description.replace("/", " "))
    return Watchlist(id=watchlist_id, name=topic.name, keywords=tuple(Keyword(text=text) for text in texts if text))


def early_or_often(what: str) -> str:
    """Ask for what an article is about: it stands at the top, or again and again."""
    return f"title:({what}) OR first50({what}) OR atleast3({what})"


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

LISTS = {
    "offices": """
        minister OR president OR chairman OR governor OR secretary OR undersecretary OR chancellor OR treasurer OR
        premier OR senator OR ambassador OR commissioner OR king OR leader OR chief
    """,
    # News of all kinds names them in passing, so that being introduced says nothing about them.
    "heads-of-state": '"prime minister" OR president OR premier OR king OR queen OR emperor',
    # The Reagan administration is not Reagan, Wilson Foods not Wilson.
    "behind-a-name": """
        administration OR government OR cabinet OR party OR plan OR budget OR policy OR era OR aide OR spokesman OR
        team OR veto OR bill OR proposal OR initiative OR
        Inc OR Corp OR Co OR Ltd OR Plc OR company OR sons OR brothers OR foods OR industries OR group
    """,
}


@cache
def lists() -> dict[str, Part]:
    return {name: read_query(text) for name, text in LISTS.items()}


def person(topic: Topic) -> Written:
    """All that is known is the last name."""
    name = f'"{topic.spoken}"'
    oneself = f"{name} NOT NEAR/2 @behind-a-name"
    introduced = f"({name} NEAR/5 @offices) NOT (@heads-of-state ONEAR/2 {name})"
    return Written(f"title:({oneself}) OR atleast4({oneself}) OR (first50({oneself}) AND {introduced})")


# -- subjects: what the sentence lists, cut at its commas --------------------------------------------------------------

_SAID_OF_ANY = """
    auction auctions buffer country crop crops crushing deficit demand disease duties duty economic exchange export
    exports figures forecasts growth harvest herds import imports index markets mines money output posted price prices
    processing production products programmes quota quotas rate rates refineries refinery sales slaughter smelters
    spending stock stocks strikes subsidies subsidy supply surplus tariffs trade
"""
COMMON = frozenset(_SAID_OF_ANY.split())
"""What is said of any goods and any economy: none of it makes a subject by itself."""
BRITISH = {"aluminium": "aluminum", "fibre": "fiber", "organisation": "organization", "sulphur": "sulfur"}
OF_AGENCIES = {"quarter": "qtr", "quarterly": "qtr", "dividend": "div", "dividends": "div", "share": "shr"}
"""How tables of results shorten words."""

_BETWEEN = re.compile(r"\s*(?:[,:;()]|'s\b|\.$|\b(?:and what|for)\b.*|\b(?:and|or|such as)\b)\s*", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?|its)\s+", re.IGNORECASE)
_ENDING = re.compile(r"(?<=\w)\s(?:figures|forecasts|index|markets|output|prices|products|trade)$", re.IGNORECASE)
_NUMBERED = re.compile(r"([A-Z]+)(\d+)")


def subject(topic: Topic) -> Written:
    """A thing of one word has to stand early or often; two words side by side say enough wherever they are."""
    words: list[str] = []
    phrases = [f"cs({letters})" for letters in abbreviations(topic)]
    for thing in things(topic):
        asked = leaves(thing, definite=topic.sentence.startswith("The "))
        (phrases if " " in thing else words).extend(asked)
        words += [f"exact({short})" for word, short in OF_AGENCIES.items() if word in thing.lower().split()]
    parts = [early_or_often(any_of(words))] if words else []
    return Written(any_of([*parts, *phrases]))


def things(topic: Topic) -> list[str]:
    """Return what a subject is called, and what its sentence lists that is not common to all subjects."""
    called = alternatives(topic.description) if topic.description else [topic.spoken]
    listed = [part for part in cut(topic.sentence) if not COMMON.issuperset(part.lower().split())]
    bare = [without_nation(part) for part in [*(part for one in called for part in cut(one)), *listed]]
    return list({one.lower(): one for part in bare for one in spellings(part)}.values())


def cut(sentence: str) -> list[str]:
    parts = (_ENDING.sub("", _ARTICLE.sub("", part)) for part in _BETWEEN.split(sentence))
    return [part for part in parts if part]


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
    """Return a text as the British and as the Americans write it."""
    american = [BRITISH.get(word.lower(), word) for word in text.split()]
    return list(dict.fromkeys([text, " ".join(american)]))


def any_of(parts: Iterable[str]) -> str:
    return " OR ".join(dict.fromkeys(parts))
