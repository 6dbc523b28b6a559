"""Says why an entity is mentioned for certain, only possibly or not at all, and why an article is not about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.match.entities.about import OFTEN, About
from monitors.match.entities.mentions import Mentions
from monitors.match.explain.distances import overlapping, within
from monitors.match.explain.word_notes import outside_limits
from monitors.match.explain.wording import NO_NAME, counted, places, spelled, times
from monitors.match.nodes import Mentioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.match.entities.mentions import Profile
    from monitors.match.explain.explanation import State
    from monitors.match.explain.outline import ClauseOutline
    from monitors.match.reading import Hit, Reading

CONTEXT_WORDS = 2
_NOT_IN_FULL = "a short form, and its full name is not in the article"


def mention_notes(outline: ClauseOutline, state: State, reading: Reading) -> Iterator[str]:
    profile = _profile(outline)
    doubtful = _doubtful(profile, reading)
    if state == "no" and not doubtful and (elsewhere := outside_limits(outline, reading)):
        yield elsewhere
    elif state == "no" and not profile.sight(reading).all:
        yield _unnamed(profile, reading)
    if doubtful:
        yield from _doubts(doubtful, profile, reading)
        if not outline.around.wanted:
            yield "what is only possible forbids nothing"
        elif state == "no":
            yield from filter(None, [outside_limits(outline, reading)])


def about_notes(outline: ClauseOutline, reading: Reading) -> Iterator[str]:
    profile = _profile(outline)
    hits = profile.sight(reading).certain
    if hits:
        yield f"mentioned in {places(hits, reading)}"
    else:
        yield "no mention that is certain" if profile.sight(reading).all else _unnamed(profile, reading)
    if doubtful := _doubtful(profile, reading):
        yield from _doubts(doubtful, profile, reading)
    if hits and not outline.hits(reading):
        yield outside_limits(outline, reading) or _no_subject(outline, hits, reading)


def _no_subject(outline: ClauseOutline, hits: Sequence[Hit], reading: Reading) -> str:
    if len(hits) < OFTEN:
        return f"{counted(len(hits), 'mention')}, none in title or lead; {OFTEN} wanted"
    census = outline.anywhere.census if isinstance(outline.anywhere, About) else None
    most = census.to_be_among_most(reading) if census else 0
    return f"{len(hits)} mentions, none in title or lead; {most} wanted to be among the two most mentioned"


def _profile(outline: ClauseOutline) -> Profile:
    match outline.anywhere:
        case (
            Mentioned(certain=Mentions(profile=profile))
            | Mentions(profile=profile)
            | About(mentions=Mentions(profile=profile))
        ):
            return profile
    raise TypeError(f"{outline.text} asks for no entity")


def _doubtful(profile: Profile, reading: Reading) -> Sequence[Hit]:
    certain = set(profile.sight(reading).certain)
    return [hit for hit in profile.sight(reading).all if hit not in certain]


def _unnamed(profile: Profile, reading: Reading) -> str:
    hits = [hit for name in profile.names for hit in name.node.find(reading)]
    if hits:
        return f"{spelled(hits, reading)} stands only inside of a longer name, of another entity"
    short = sorted({hit for name in profile.names for hit in name.shortened(reading)})
    return f"{spelled(short, reading)} is {_NOT_IN_FULL}" if short else NO_NAME


# -- why a mention is no more than possible ----------------------------------------------------------------------------


def _doubts(doubtful: Sequence[Hit], profile: Profile, reading: Reading) -> Iterator[str]:
    words = profile.namesakes.find(reading) if profile.namesakes else ()
    near = within(doubtful, words, profile.within, reading)
    if near:
        where = f"within {counted(profile.within, 'word')} of {spelled(near.values(), reading)}"
        yield f"{spelled(near, reading)} in {places(near, reading)} is only possible: {where}"
    if others := [hit for hit in doubtful if hit not in near]:
        why = _without_support(others, profile, reading)
        yield f"{spelled(others, reading)}{times(len(others))} is only possible: {why}"


def _without_support(hits: Sequence[Hit], profile: Profile, reading: Reading) -> str:
    tiny = [hit for name in profile.names if name.tiny for hit in name.node.find(reading)]
    if len(list(overlapping(hits, tiny))) == len(hits):
        return _NOT_IN_FULL
    if not profile.context:
        return "no unambiguous name of it in the article, and no context words are given"
    words = _context(profile, reading)
    there = f" ({spelled(words[:1], reading)})" if words else ""
    found = f"only {min(len(words), 1)} of {CONTEXT_WORDS} context words{there}"
    return f"no unambiguous name of it in the article, and {found}"


def _context(profile: Profile, reading: Reading) -> Sequence[Hit]:
    """Return the context words in the article, outside of the names themselves."""
    named = [hit for name in profile.names for hit in name.node.find(reading)]
    found = [hit for word in profile.context for hit in word.find(reading)]
    taken = set(overlapping(found, named))
    return [hit for hit in found if hit not in taken]
