"""The digest of a watchlist as it would be now. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from monitors.digest.schedule import slot_at
from monitors.domain import DeliveryRule, Schedule
from monitors.gather import Assumed, News
from monitors.jobs import find_matches
from monitors.store import matches as match_store
from monitors.store import updates as update_store
from monitors.store.watchlists import new_to_archive, subscribed_since
from monitors.tell import digest_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.app import InForce
    from monitors.digest.schedule import Slot
    from monitors.domain import Digest, Watchlist
    from monitors.store.matches import Found, Unread
    from monitors.store.updates import FoundUpdate

ARCHIVE_BATCH = 500


def preview(
    session: Session, in_force: InForce, watchlist: Watchlist, *, everything: bool = False, now: datetime
) -> tuple[Digest, list[Found]]:
    """Compose the next digest of a watchlist from what is stored; return it with every match behind it.

    `everything` adds what the last digest told, and shows all of it however much that is.
    """
    rule, last = next(iter(digest_rules(watchlist)), None), None
    updates: list[FoundUpdate] = []
    if rule is None:  # nobody is told, so nothing ever was
        rule, found = DeliveryRule(channel="preview"), match_store.matches_of(session, watchlist.id)
    else:
        found = match_store.untold(session, watchlist.id, rule.key)
        last = match_store.last_message(session, watchlist.id, rule.key) if everything else None
        if last is not None:
            found = match_store.told_in(session, watchlist.id, rule.key, last) + found
            updates = update_store.updates_told_in(session, watchlist.id, rule.key, last)
        updates += update_store.untold_updates(session, watchlist.id, rule.key)
    found += _not_yet_found(session, in_force, watchlist)
    if watchlist.first_run == "skip":
        found = [one for one in found if not one.article.already_there]
    slot = slot_now(in_force, rule, now)
    assumed = Assumed(anew=last)
    digest = digest_of(session, in_force, watchlist, rule, News(found, updates), slot=slot, now=now, assumed=assumed)
    return (replace(digest, max_items=max(len(found) + len(updates), 1)) if everything else digest), found


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
    return list({one.article.id: one for one in found if one.article.id not in known}.values())


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
