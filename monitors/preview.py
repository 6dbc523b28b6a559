"""The digest of a watchlist as it would be now. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitors.digest.schedule import slot_at
from monitors.domain import DeliveryRule, Schedule
from monitors.gather import NOTHING_ASSUMED, Assumed, News
from monitors.jobs import find_matches
from monitors.store import matches as match_store
from monitors.store import updates as update_store
from monitors.store.watchlists import new_to_archive, subscribed_since
from monitors.stories.updates import certainty
from monitors.tell import digest_of, without_muted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.digest.schedule import Slot
    from monitors.domain import Digest, Watchlist
    from monitors.in_force import InForce
    from monitors.store.matches import Found, Unread
    from monitors.store.updates import FoundUpdate

ARCHIVE_BATCH = 500


def preview(
    session: Session, in_force: InForce, watchlist: Watchlist, *, everything: bool = False, now: datetime
) -> tuple[Digest, list[Found]]:
    """Compose the next digest of a watchlist from what is stored; return it with every match behind it.

    `everything` adds what the last digest told and what is on muted stories, and shows all of it however much that is.
    """
    rules, rule, assumed = digest_rules(watchlist), rule_of(watchlist), NOTHING_ASSUMED
    if not rules:  # nobody is told, so nothing ever was
        news = News(match_store.matches_of(session, watchlist.id))
    elif everything:
        news, assumed = _told_and_untold(session, watchlist, rules)
    else:
        news = _untold(session, watchlist, rule)
    found = [*news.matches, *_not_yet_found(session, in_force, watchlist)]
    if watchlist.first_run == "skip":
        found = [one for one in found if not one.article.already_there]
    elif everything:  # also what was only counted
        watchlist = replace(watchlist, first_run="deliver")
    slot = slot_now(in_force, rule, now)
    news = replace(news, matches=found)
    if not everything:
        news, _ = without_muted(session, news, now=now)
    digest = digest_of(session, in_force, watchlist, rule, news, slot=slot, now=now, assumed=assumed)
    return (without_limits(digest) if everything else digest), found


def without_limits(digest: Digest) -> Digest:
    """Return a digest that shows all its stories."""
    number = len(digest.stories)
    return replace(digest, max_items=max(number, 1), max_related=number)


def _untold(session: Session, watchlist: Watchlist, rule: DeliveryRule) -> News:
    return News(
        match_store.untold(session, watchlist.id, rule.key),
        update_store.untold_updates(session, watchlist.id, rule.key),
    )


def _told_and_untold(session: Session, watchlist: Watchlist, rules: Sequence[DeliveryRule]) -> tuple[News, Assumed]:
    """Return what the last digest told, what was kept quiet since, and what is still to be told, under each rule."""
    found: dict[int, Found] = {}
    updates: dict[int, FoundUpdate] = {}
    last = None
    for rule in rules:
        news, last = _untold(session, watchlist, rule), match_store.last_message(session, watchlist.id, rule.key)
        found |= {one.id: one for one in news.matches}
        updates |= {one.id: one for one in news.updates}
        found |= {one.id: one for one in match_store.told_since(session, watchlist.id, rule.key, last or 0)}
        updates |= {one.id: one for one in update_store.updates_told_since(session, watchlist.id, rule.key, last or 0)}
    news = News([found[number] for number in sorted(found)], [updates[number] for number in sorted(updates)])
    # what the readers of one channel know, those of another may not
    return news, Assumed(anew=last) if len(rules) == 1 else Assumed(nothing_told=True)


def rule_of(watchlist: Watchlist) -> DeliveryRule:
    """Return the rule after which its digest is made: the first, or one that tells nobody."""
    return next(iter(digest_rules(watchlist)), DeliveryRule(channel="preview"))


def digest_rules(watchlist: Watchlist) -> list[DeliveryRule]:
    """Return the rules that send digests; of a watchlist that has only alerts, those."""
    return [rule for rule in watchlist.deliver if rule.schedule] or list(watchlist.deliver)


def slot_now(in_force: InForce, rule: DeliveryRule, now: datetime) -> Slot:
    """Return a slot of this moment, in the zone of the rule."""
    schedule = rule.schedule or Schedule(at=(), timezone=in_force.configuration.settings.timezone)
    return slot_at(schedule, now)


def _not_yet_found(session: Session, in_force: InForce, watchlist: Watchlist) -> list[Found]:
    """Return the matches among what was never matched against this watchlist, each article once."""
    alone = in_force.of(replace(in_force.configuration, watchlists=(watchlist,)))
    known = match_store.matched_articles(session, watchlist.id)
    found = find_matches(alone, _unmatched(session, watchlist))
    new: dict[int, Found] = {}
    for one in found:
        before = new.get(one.article.id)  # by another source, for which it may be surer
        if one.article.id not in known and (before is None or certainty(one.match) >= certainty(before.match)):
            new[one.article.id] = one
    return list(new.values())


def _unmatched(session: Session, watchlist: Watchlist) -> list[Unread]:
    """Return what was never matched against this watchlist: the unread, and for a new one the whole archive."""
    articles = match_store.unread(session)
    loaded = any(watchlist_id == watchlist.id for watchlist_id, _ in subscribed_since(session))
    if loaded and watchlist.id not in new_to_archive(session):
        return articles
    last = 0
    while batch := match_store.archive(session, after=last, limit=ARCHIVE_BATCH):
        articles += batch
        last = batch[-1].article.id
    return articles
