"""Turns matches that were not yet told into messages in the outbox. All of it happens in the caller's transaction."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from crawler import crash
from monitors.collector import without_collector
from monitors.deliver.channels import Envelope, channels
from monitors.digest.compose import compose, worth_sending
from monitors.digest.render import subject
from monitors.domain import Alert, AlreadyThere, Digest, Notice, RoundUp
from monitors.gather import NOTHING_ASSUMED, News, gather, hit_of, is_shown, stories_of
from monitors.store import holds as hold_store
from monitors.store import matches as match_store
from monitors.store import mutes as mute_store
from monitors.store import outbox
from monitors.store import stories as story_store
from monitors.store import updates as update_store
from monitors.store.coverage import coverage
from monitors.store.trend import trend_of
from monitors.store.watchlists import take_turn, told_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.digest.schedule import Slot
    from monitors.domain import DeliveryRule, Message, Watchlist
    from monitors.gather import Assumed
    from monitors.in_force import InForce
    from monitors.store.matches import Found
    from monitors.stories.grouper import Place

log = structlog.get_logger()

_KINDS: dict[type[Message], str] = {Digest: "digest", Alert: "alert", RoundUp: "round-up", Notice: "notice"}
NEWEST = 10  # titles shown of what was already there


@without_collector()
def tell_digest(
    session: Session, *, in_force: InForce, watchlist: Watchlist, rule: DeliveryRule, slot: Slot, now: datetime
) -> int | None:
    """Compose the digest of a slot and queue it; return the message's id, or None if there was nothing to send.

    The slot is taken either way, so that another service on the same database does not compose it again.
    """
    take_turn(session, watchlist.id, rule.key)
    if outbox.is_taken(session, watchlist.id, rule.key, slot.label):
        return None
    started = monotonic()
    untold = News(
        match_store.untold(session, watchlist.id, rule.key),
        update_store.untold_updates(session, watchlist.id, rule.key),
    )
    news, muted = without_muted(session, untold, now=now)
    digest = digest_of(session, in_force, watchlist, rule, news, slot=slot, now=now)
    called = calling(digest) if worth_sending(digest, rule) else {}
    message_id = outbox.open_message(session, watchlist.id, rule.key, slot.label, now=now, **called)
    if message_id is None:
        return None
    crash.point("digest-composed")
    match_store.tell(session, news.matches, rule.key, message_id)
    update_store.tell_updates(session, news.updates, rule.key, message_id)
    settle_muted(session, watchlist.id, rule.key, muted, now=now)
    hold_store.release(session, watchlist.id, rule.key)  # of one that somebody asked for instead of its alerts
    if not called:
        return None
    names = (watchlist.id, rule.key, slot.label)
    queue_message(session, in_force, digest, channel=rule.channel, names=names, message_id=message_id, now=now)
    counted = {"matches": len(news.matches), "updates": len(news.updates)}
    took_s = round(monotonic() - started, 2)
    log.info("digest_composed", watchlist=watchlist.id, slot=slot.label, **counted, took_s=took_s)
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
    since, sources = told_until(session, watchlist.id, rule.key, now=now) or now, in_force.sources_of(watchlist)
    fresh = [one for one in news.matches if not is_summarized(watchlist, one) and is_shown(one, rule)]
    old = [one for one in news.matches if is_summarized(watchlist, one) and not one.match.is_related]
    news, muted = News(fresh, news.updates), news.muted
    gathered = gather(session, in_force, watchlist, rule.key, news, repeats=False, assumed=assumed)
    digest = compose(
        watchlist,
        rule,
        slot,
        stories=stories_of(session, in_force, watchlist, gathered),
        repeats=gathered.repeats,
        coverage=coverage(session, sources, since=since, until=now),
        already_there=summary(in_force, old),
        trend=trend_of(session, watchlist.id, sources, now=now.astimezone(slot.at.tzinfo)),
    )
    return replace(digest, muted=muted, tier=in_force.tier_of(watchlist, rule))


def without_muted(session: Session, news: News, *, now: datetime) -> tuple[News, News]:
    """Return what is to be told, and apart from it what belongs to stories that are muted."""
    stories = mute_store.muted_stories(session, now=now)
    if not stories:
        return news, News()
    hits = [*news.matches, *(update.found for update in news.updates)]
    places = story_store.places(session, [one.article.id for one in hits])
    muted = {one.article.id for one in hits if _story_of(one.article.id, places) in stories}
    loud = News(
        [one for one in news.matches if one.article.id not in muted],
        [one for one in news.updates if one.found.article.id not in muted],
        muted=len(muted),
    )
    quiet = News(
        [one for one in news.matches if one.article.id in muted],
        [one for one in news.updates if one.found.article.id in muted],
    )
    return loud, quiet


def _story_of(article_id: int, places: Mapping[int, Place]) -> int:
    return places[article_id].story if article_id in places else article_id


def settle_muted(session: Session, watchlist_id: str, key: str, muted: News, *, now: datetime) -> None:
    """Note that this is not told, since its stories are muted: in a message of its own, which is never sent."""
    if not muted.matches and not muted.updates:
        return
    last = [max((one.id for one in some), default=0) for some in (muted.matches, muted.updates)]
    slot = f"muted, up to match {last[0]} and edit {last[1]}"
    message_id = outbox.open_message(session, watchlist_id, key, slot, now=now, kind=mute_store.MUTED)
    if message_id is not None:
        match_store.tell(session, muted.matches, key, message_id)
        update_store.tell_updates(session, muted.updates, key, message_id)


def calling(message: Message) -> dict[str, str]:
    """Return what a list of messages says of one: its kind and its subject."""
    return {"kind": _KINDS[type(message)], "subject": subject(message)}


def queue_message(
    session: Session,
    in_force: InForce,
    message: Message,
    *,
    channel: str,
    names: Sequence[str],
    message_id: int,
    now: datetime,
    first_of_story: int | None = None,
) -> None:
    """Freeze a message for each of its recipients and put it into the outbox; `names` together are its own alone.

    `first_of_story` is the message that told the same readers of the same story first.
    """
    configured = in_force.configuration.channels[channel]
    kind = channels()[configured.kind]
    first = outbox.mail_ids(session, first_of_story) if first_of_story else {}
    parcels = []
    for recipient in kind.recipients(configured.id, configured.options):
        mail_id = mail_id_of((*names, recipient), in_force)
        envelope = Envelope(message_id=mail_id, date=now, recipient=recipient, first_of_story=first.get(recipient))
        parts = kind.render(message, envelope, configured.options, in_force.facilities)
        parcels.append(outbox.Parcel(channel=configured.id, recipient=recipient, mail_id=mail_id, parts=parts))
    outbox.queue(session, message_id, parcels, now=now)


def mail_id_of(names: Sequence[str], in_force: InForce) -> str:
    """Return the same Message-ID for the same message and recipient, whoever composes it and however often."""
    named = "\n".join(names)
    sender = in_force.configuration.smtp.sender or ""
    host = sender.rpartition("@")[2] or "newsvane.invalid"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.newsvane@{host}"


def is_summarized(watchlist: Watchlist, found: Found) -> bool:
    """Whether a match is told only as one of many that were there before anybody watched."""
    return found.article.already_there and watchlist.first_run == "summarize"


def summary(in_force: InForce, found: Sequence[Found]) -> AlreadyThere:
    newest = sorted(found, key=lambda one: one.article.article.published or one.article.stored_at, reverse=True)
    return AlreadyThere(count=len(found), newest=tuple(hit_of(in_force, one) for one in newest[:NEWEST]))
