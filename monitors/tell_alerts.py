"""Turns matches that were not yet told into alerts, and into one round-up where they had to wait or are too many.

All of it happens in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from monitors.digest.compose import best_first
from monitors.domain import Alert, RoundUp
from monitors.gather import News, gather, stories_of
from monitors.holding import room
from monitors.realert import why_again
from monitors.store import holds as hold_store
from monitors.store import matches as match_store
from monitors.store import outbox
from monitors.store import updates as update_store
from monitors.store.watchlists import take_turn
from monitors.tell import calling, is_summarized, queue_message, settle_muted, summary, without_muted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from monitors.digest.grouping import Group
    from monitors.domain import Again, DeliveryRule, Story, Watchlist
    from monitors.holding import Holding
    from monitors.in_force import InForce
    from monitors.store.holds import Hold
    from monitors.store.matches import Found
    from monitors.store.stories import Told
    from monitors.store.updates import FoundUpdate

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A story that is to be told, with what of it was not."""

    story: Story
    found: Sequence[Found]
    updates: Sequence[FoundUpdate]
    slot: str
    """What makes an alert of it unique."""
    first: int | None = None
    """The message that told it first, if it was told before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Whom something is told, and when."""

    session: Session
    in_force: InForce
    watchlist: Watchlist
    rule: DeliveryRule
    now: datetime

    @property
    def local(self) -> datetime:
        return self.now.astimezone(ZoneInfo(self.rule.timezone))

    def tell(self, message: Alert | RoundUp, slot: str, news: News, first: int | None = None) -> bool:
        """Queue a message that tells all this; return False if the slot is taken, and another has told it."""
        key = self.rule.key
        message_id = outbox.open_message(self.session, self.watchlist.id, key, slot, now=self.now, **calling(message))
        if message_id is None:
            return False
        match_store.tell(self.session, news.matches, key, message_id)
        update_store.tell_updates(self.session, news.updates, key, message_id)
        queue_message(
            self.session,
            self.in_force,
            message,
            channel=self.rule.channel,
            names=(self.watchlist.id, key, slot),
            message_id=message_id,
            first_of_story=first,
            now=self.now,
        )
        return True


def tell_untold(
    session: Session,
    in_force: InForce,
    watchlist: Watchlist,
    rule: DeliveryRule,
    *,
    holding: Holding,
    now: datetime,
    already_there: bool = False,
) -> int:
    """Queue what was not yet told under an alert rule; return how many messages that made.

    Each story is an alert. A story that was alerted is alerted again only for what `realert_on` says; otherwise its new
    matches count as told by its last alert. So do updates of what was told. What was already there when Newsvane first
    looked is told as one, and only when the caller says so.

    While something holds the alerts they wait as they are, untold; afterwards one round-up tells all of them.
    """
    take_turn(session, watchlist.id, rule.key)
    if not _is_anything_untold(session, watchlist, rule):
        hold_store.release(session, watchlist.id, rule.key)
        return 0
    if why := holding.alerts(session, watchlist, rule, now):
        if hold_store.hold(session, watchlist.id, rule.key, why, now=now):
            log.info("alerts_held", watchlist=watchlist.id, key=rule.key, why=why)
        return 0
    desk = _Desk(session=session, in_force=in_force, watchlist=watchlist, rule=rule, now=now)
    found = match_store.untold(session, watchlist.id, rule.key)
    old = [one for one in found if is_summarized(watchlist, one)]
    updates = update_store.untold_updates(session, watchlist.id, rule.key)
    due = _due_stories(desk, News([one for one in found if not is_summarized(watchlist, one)], updates))
    return _tell(desk, due, old if already_there else [], hold_store.release(session, watchlist.id, rule.key))


def _is_anything_untold(session: Session, watchlist: Watchlist, rule: DeliveryRule) -> bool:
    return match_store.is_any_untold(session, watchlist.id, rule.key) or update_store.is_any_untold(
        session, watchlist.id, rule.key
    )


def _tell(desk: _Desk, due: Sequence[_Due], old: Sequence[Found], waited: Hold | None) -> int:
    """Tell each story by itself as far as there is room in this hour, and together what had to wait or is more."""
    number = len(due) + bool(old)
    left = room(desk.session, desk.watchlist, desk.rule, desk.now)
    alone = number
    if number > 1 and waited:
        alone = 0
    elif left is not None and number > left:
        alone = left - 1
    told = sum(_alert(desk, one) for one in due[:alone])
    if alone < number:
        told += _round_up(desk, due[alone:], old, waited)
    elif old:
        alert = Alert(watchlist=desk.watchlist, at=desk.local, already_there=summary(desk.in_force, old))
        told += desk.tell(alert, f"already there, up to match {old[-1].id}", News(old))
    return told


def _alert(desk: _Desk, due: _Due) -> bool:
    alert = Alert(watchlist=desk.watchlist, at=desk.local, story=due.story)
    return desk.tell(alert, due.slot, News(due.found, due.updates), due.first)


def _round_up(desk: _Desk, due: Sequence[_Due], old: Sequence[Found], waited: Hold | None) -> bool:
    since = min(waited.since, desk.now) if waited else desk.now
    message = RoundUp(
        watchlist=desk.watchlist,
        at=desk.local,
        stories=tuple(one.story for one in due),
        why=waited.why if waited else "max_per_hour",
        since=since.astimezone(desk.local.tzinfo),
        already_there=summary(desk.in_force, old) if old else None,
        max_items=desk.rule.max_items,
    )
    found = [*old, *(match for one in due for match in one.found)]
    updates = [update for one in due for update in one.updates]
    last = [max((one.id for one in some), default=0) for some in (found, updates)]
    told = desk.tell(message, f"round-up up to match {last[0]} and edit {last[1]}", News(found, updates))
    log.info("round_up_composed", watchlist=desk.watchlist.id, key=desk.rule.key, why=message.why, stories=len(due))
    return told


# -- which stories ----------------------------------------------------------------------------------------------------


def _due_stories(desk: _Desk, news: News) -> list[_Due]:
    """Return the stories that are to be told, the best first; what is not to be told of them is settled."""
    session, watchlist, rule = desk.session, desk.watchlist, desk.rule
    news, muted = without_muted(session, news, now=desk.now)
    settle_muted(session, watchlist.id, rule.key, muted, now=desk.now)
    if not news.matches and not news.updates:
        return []
    gathered = gather(session, desk.in_force, watchlist, rule.key, news)
    by_article = {one.article.id: one for one in news.matches}
    due = []
    for group, story in zip(gathered.groups, stories_of(session, desk.in_force, watchlist, gathered), strict=True):
        found = [by_article[hit.article.id] for hit in group.every if hit.article.id in by_article]
        updates, before = gathered.updates_of(group), gathered.told.get(group.story)
        again = _why_again(desk, group, found, updates, before)
        if not again and (before or not found):
            if before:
                match_store.tell(session, found, rule.key, max(before.messages))
            update_store.settle_updates(session, updates, rule.key)
            continue
        slot = f"story {group.story}" + (f", {len(before.messages) + 1}" if before else "")
        first = min(before.messages) if before else None
        due.append(_Due(story=replace(story, again=again), found=found, updates=updates, slot=slot, first=first))
    return sorted(due, key=lambda one: best_first(one.story.hit))


def _why_again(
    desk: _Desk, group: Group, found: Sequence[Found], updates: Sequence[FoundUpdate], before: Told | None
) -> Again | None:
    """Return why a story is worth an alert that was alerted before, or of which only an edit is to be told."""
    if before is None and found:
        return None
    new = {one.article.id for one in found}
    sources = [desk.in_force.sources.get(source_id) for source_id in before.source_ids] if before else []
    return why_again(
        desk.watchlist.stories,
        [hit for hit in group.every if hit.article.id in new],
        alerts=len(before.messages) if before else 0,
        clauses=before.clauses if before else (),
        tiers=[source.tier if source else None for source in sources],
        edits={one.update.kind for one in updates if one.match_told},
    )
