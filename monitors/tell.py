"""Turns matches that were not yet told into messages in the outbox. All of it happens in the caller's transaction."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from crawler import crash
from monitors.deliver.channels import Envelope, channels
from monitors.digest.compose import compose, worth_sending
from monitors.domain import Alert, AlreadyThere
from monitors.gather import NOTHING_ASSUMED, News, gather, hit_of, stories_of
from monitors.realert import why_again
from monitors.store import matches as match_store
from monitors.store import outbox
from monitors.store import updates as update_store
from monitors.store.coverage import coverage
from monitors.store.trend import trend_of
from monitors.store.watchlists import told_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.app import InForce
    from monitors.digest.grouping import Group
    from monitors.digest.schedule import Slot
    from monitors.domain import Again, DeliveryRule, Digest, Message, Watchlist
    from monitors.gather import Assumed
    from monitors.store.matches import Found
    from monitors.store.stories import Told
    from monitors.store.updates import FoundUpdate

log = structlog.get_logger()

NEWEST = 10  # titles shown of what was already there


def tell_digest(
    session: Session, *, in_force: InForce, watchlist: Watchlist, rule: DeliveryRule, slot: Slot, now: datetime
) -> int | None:
    """Compose the digest of a slot and queue it; return the message's id, or None if there was nothing to send.

    The slot is taken either way, so that another service on the same database does not compose it again.
    """
    found = match_store.untold(session, watchlist.id, rule.key)
    updates = update_store.untold_updates(session, watchlist.id, rule.key)
    digest = digest_of(session, in_force, watchlist, rule, News(found, updates), slot=slot, now=now)
    message_id = outbox.open_message(session, watchlist.id, rule.key, slot.label, now=now)
    if message_id is None:
        return None
    crash.point("digest-composed")
    match_store.tell(session, found, rule.key, message_id)
    update_store.tell_updates(session, updates, rule.key, message_id)
    if not worth_sending(digest, rule):
        return None
    names = (watchlist.id, rule.key, slot.label)
    queue_message(session, in_force, digest, channel=rule.channel, names=names, message_id=message_id, now=now)
    log.info("digest_composed", watchlist=watchlist.id, slot=slot.label, matches=len(found), updates=len(updates))
    return message_id


def digest_of(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    rule: DeliveryRule,
    news: News,
    *,
    slot: Slot,
    now: datetime,
    assumed: Assumed = NOTHING_ASSUMED,
) -> Digest:
    """Compose the digest that these matches and updates make, with its coverage receipt. Writes nothing."""
    since, sources = told_until(session, watchlist.id, rule.key) or now, in_force.sources_of(watchlist)
    fresh = News([one for one in news.matches if not _summarized(watchlist, one)], news.updates)
    gathered = gather(session, in_force, watchlist, rule.key, fresh, repeats=False, assumed=assumed)
    return compose(
        watchlist,
        rule,
        slot,
        stories=stories_of(session, in_force, watchlist, gathered),
        repeats=gathered.repeats,
        coverage=coverage(session, sources, since=since, until=now),
        already_there=_summary(in_force, [one for one in news.matches if _summarized(watchlist, one)]),
        trend=trend_of(session, watchlist.id, sources, now=now.astimezone(slot.at.tzinfo)),
    )


def tell_untold(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    rule: DeliveryRule,
    *,
    now: datetime,
    already_there: bool = False,
) -> int:
    """Queue an alert for every story with matches that were not yet told under an alert rule; return how many.

    A story that was alerted is alerted again only for what `realert_on` says; otherwise its new matches count as told
    by its last alert. So do updates of what was told. What was already there when Newsvane first looked makes one
    message, and only when the caller says so.
    """
    found = match_store.untold(session, watchlist.id, rule.key)
    told = _tell_stories(
        session, in_force, watchlist, rule, [one for one in found if not _summarized(watchlist, one)], now
    )
    old = [one for one in found if _summarized(watchlist, one)]
    if old and already_there:
        alert = Alert(watchlist=watchlist, at=_local(in_force, now), already_there=_summary(in_force, old))
        told += _tell_alert(session, in_force, alert, rule, old, f"already there, up to match {old[-1].id}", now)
    return told


def _tell_stories(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    rule: DeliveryRule,
    found: Sequence[Found],
    now: datetime,
) -> int:
    updates = update_store.untold_updates(session, watchlist.id, rule.key)
    if not found and not updates:
        return 0
    gathered = gather(session, in_force, watchlist, rule.key, News(found, updates))
    by_article = {one.article.id: one for one in found}
    queued = 0
    for group, story in zip(gathered.groups, stories_of(session, in_force, watchlist, gathered), strict=True):
        of_story = [by_article[hit.article.id] for hit in group.every if hit.article.id in by_article]
        edits, before = gathered.updates_of(group), gathered.told.get(group.story)
        again = _why_again(in_force, watchlist, group, of_story, edits, before)
        if not again and (before or not of_story):
            if before:
                match_store.tell(session, of_story, rule.key, max(before.messages))
            update_store.settle_updates(session, edits, rule.key)
            continue
        slot = f"story {group.story}" + (f", {len(before.messages) + 1}" if before else "")
        alert = Alert(watchlist=watchlist, at=_local(in_force, now), story=replace(story, again=again))
        queued += _tell_alert(session, in_force, alert, rule, of_story, slot, now, edits)
    return queued


def _why_again(
    in_force: InForce,
    watchlist: Watchlist,
    group: Group,
    found: Sequence[Found],
    edits: Sequence[FoundUpdate],
    before: Told | None,
) -> Again | None:
    """Return why a story is worth an alert that was alerted before, or of which only an edit is to be told."""
    if before is None and found:
        return None
    new = {one.article.id for one in found}
    sources = [in_force.sources.get(source_id) for source_id in before.source_ids] if before else []
    return why_again(
        watchlist.stories,
        [hit for hit in group.every if hit.article.id in new],
        alerts=len(before.messages) if before else 0,
        clauses=before.clauses if before else (),
        tiers=[source.tier if source else None for source in sources],
        edits={one.update.kind for one in edits if one.match_told},
    )


def _tell_alert(
    session: Session,
    in_force: InForce,
    alert: Alert,
    rule: DeliveryRule,
    found: Sequence[Found],
    slot: str,
    now: datetime,
    updates: Sequence[FoundUpdate] = (),
) -> bool:
    message_id = outbox.open_message(session, alert.watchlist.id, rule.key, slot, now=now)
    if message_id is None:
        return False
    match_store.tell(session, found, rule.key, message_id)
    update_store.tell_updates(session, updates, rule.key, message_id)
    names = (alert.watchlist.id, rule.key, slot)
    queue_message(session, in_force, alert, channel=rule.channel, names=names, message_id=message_id, now=now)
    return True


def queue_message(
    session: Session,
    in_force: InForce,
    message: Message,
    *,
    channel: str,
    names: Sequence[str],
    message_id: int,
    now: datetime,
) -> None:
    """Freeze a message for each of its recipients and put it into the outbox; `names` together are its own alone."""
    configured = in_force.configuration.channels[channel]
    kind = channels()[configured.kind]
    parcels = []
    for recipient in kind.recipients(configured.id, configured.options):
        mail_id = _mail_id((*names, recipient), in_force)
        envelope = Envelope(message_id=mail_id, date=now, recipient=recipient)
        parts = kind.render(message, envelope, configured.options, in_force.facilities)
        parcels.append(outbox.Parcel(channel=configured.id, recipient=recipient, mail_id=mail_id, parts=parts))
    outbox.queue(session, message_id, parcels, now=now)


def _mail_id(names: Sequence[str], in_force: InForce) -> str:
    """Return the same Message-ID for the same message and recipient, whoever composes it and however often."""
    named = "\n".join(names)
    sender = in_force.configuration.smtp.sender or ""
    host = sender.rpartition("@")[2] or "newsvane.invalid"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.newsvane@{host}"


def _local(in_force: InForce, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(in_force.configuration.settings.timezone))


def _summarized(watchlist: Watchlist, found: Found) -> bool:
    """Whether a match is told only as one of many that were there before anybody watched."""
    return found.article.already_there and watchlist.first_run == "summarize"


def _summary(in_force: InForce, found: Sequence[Found]) -> AlreadyThere:
    newest = sorted(found, key=lambda one: one.article.article.published or one.article.stored_at, reverse=True)
    return AlreadyThere(count=len(found), newest=tuple(hit_of(in_force, one) for one in newest[:NEWEST]))
