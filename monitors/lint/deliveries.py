"""Warns of what nobody will ever hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.domain import Article
from monitors.domain import StoryRules
from monitors.lint.subject import Remark
from monitors.match.query.tree import About, Mention, Reference
from monitors.requirement import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.domain import Watchlist
    from monitors.lint.subject import Subject
    from monitors.requirement import Name

_NO_ARTICLE = Article(url="", title="")


def watchlist_that_tells_nobody(subject: Subject) -> Iterator[Remark]:
    for listed in subject.watchlists:
        if not listed.watchlist.deliver:
            yield Remark((*listed.place, "deliver"), "is missing: nobody is told of what is found")


def unused_query(subject: Subject) -> Iterator[Remark]:
    used = {
        part.name
        for listed in subject.watchlists
        if listed.watchlist.query
        for part in listed.watchlist.query.walk()
        if isinstance(part, Reference)
    }
    for name in subject.configuration.queries:
        if name not in used:
            yield Remark(("queries", name), "is used by no watchlist")


def story_rule_without_effect(subject: Subject) -> Iterator[Remark]:
    """Warn of what `stories:` says to no effect. What it says by default is not looked at."""
    for listed in subject.watchlists:
        rules, deliver = listed.watchlist.stories, listed.watchlist.deliver
        place = (*listed.place, "stories")
        alerts = any(rule.schedule is None for rule in deliver)
        usual = StoryRules()
        if deliver and not alerts and (rules.realert_on, rules.max_alerts) != (usual.realert_on, usual.max_alerts):
            yield Remark(place, "says when a story is alerted again, and no entry of `deliver` is `when: now`")
        if "new_entity" in rules.realert_on and not _asks_for_entities(listed.watchlist):
            yield Remark((*place, "realert_on"), "`new_entity` never happens: the watchlist asks for no entity")
        if len({source.tier for source in subject.heard(listed.watchlist)}) == 1:
            if "better_tier" in rules.realert_on:
                yield Remark((*place, "realert_on"), "`better_tier` never happens: its sources are all of one tier")
            if rules.prefer == "tier":
                yield Remark((*place, "prefer"), "`tier` chooses nothing: its sources are all of one tier")


def _asks_for_entities(watchlist: Watchlist) -> bool:
    parts = watchlist.query.walk() if watchlist.query else ()
    return bool(watchlist.entities) or any(isinstance(part, About | Mention) for part in parts)


def comparison_that_is_never_true(subject: Subject) -> Iterator[Remark]:
    """Find what `if` asks of a source and no source of the watchlist is."""
    for listed in subject.watchlists:
        known = [Facts.of(0, _NO_ARTICLE, source) for source in subject.heard(listed.watchlist)]
        for number, rule in enumerate(listed.watchlist.deliver):
            for one in rule.only_if.comparisons() if rule.only_if and known else ():
                if _is_known(one.name, known) and not any(map(one.holds, known)):
                    said = "is such a one" if one.name == "source" else f"is of such a {one.name}"
                    message = f"`{one.text}` is never true: no source of this watchlist {said}"
                    yield Remark((*listed.place, "deliver", number, "if"), message, one.at)


def _is_known(name: Name, sources: Sequence[Facts]) -> bool:
    """Tell whether it is known beforehand: a score is not, and a language only where all sources say theirs."""
    return name != "score" and (name != "language" or all(one.language for one in sources))


RULES = (watchlist_that_tells_nobody, unused_query, story_rule_without_effect, comparison_that_is_never_true)
