"""The four jobs: crawl_due, match_new, compose_due, deliver_due; and watch_health, which looks after the sources.

Each claims work, does it, and records it; each is safe to run twice and side by side, and may die after any line.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from crawler import crash
from crawler.errors import DatabaseTroubleError, DeliveryError
from crawler.revisiting import revisit
from crawler.run import crawl
from crawler.store import revisits as revisit_store
from crawler.store.desk import StoreDesk
from crawler.store.sources import claim_due, give_back
from monitors.age import is_too_old
from monitors.deliver.channels import channels
from monitors.deliver.heartbeat import beat
from monitors.deliver.outbox import Dead, Later, Outcome, Refused, Sent, Tried, judge, send, tripped
from monitors.deliver.secret_files import secret
from monitors.digest.schedule import due_slot
from monitors.edits import record_edits, reread
from monitors.holding import Holding
from monitors.placing import sketches_of
from monitors.requirement import Facts
from monitors.store import circuits as circuit_store
from monitors.store import matches as match_store
from monitors.store import outbox as outbox_store
from monitors.store import updates as update_store
from monitors.store import watchlists as watchlist_store
from monitors.store.matches import Found
from monitors.store.notes import add_to_note
from monitors.tell import tell_digest
from monitors.tell_alerts import tell_untold
from monitors.tell_health import tell_destinations, tell_health, tell_well_again

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from crawler.desk import Assignment
    from crawler.domain import FetchOutcome, Source
    from crawler.extract.pool import ExtractionPool
    from crawler.fetch.politeness import Politeness
    from crawler.polling import Polling
    from crawler.settings import Settings
    from monitors.app import App
    from monitors.digest.schedule import Slot
    from monitors.domain import Circuit, Delivery, DeliveryRule, Match, Watchlist
    from monitors.edits import Reread
    from monitors.health_entry import HealthEntry
    from monitors.in_force import InForce
    from monitors.store.matches import Unread
    from monitors.stories.grouper import Sketch
    from monitors.stories.updates import Edit

log = structlog.get_logger()

CRAWL_BATCH = 200
SOURCES_AT_ONCE = 400
"""Sources that are read at the same time, in however many crawls: a slow one takes a place, and holds up nobody."""
LOOK_AGAIN_S = 1.0
REVISIT_BATCH = 100
MATCH_BATCH = 100
DELIVER_BATCH = 16
SETTLING = timedelta(minutes=1)  # without a new match, before what was already there is told in one message


def _since(started: float) -> float:
    """Return the seconds since then, by the monotonic clock."""
    return round(monotonic() - started, 2)


# -- crawl ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawling:
    """What crawls share as long as the process lives."""

    pool: ExtractionPool
    politeness: Politeness
    polling: Polling
    on_finished: Callable[[], None]
    """Told of every source that is done."""
    reading: set[str] = field(default_factory=set)
    """The ids of the sources that are being read."""
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)

    def follow(self, settings: Settings) -> None:
        """Work as the configuration in force says."""
        self.pool.languages = settings.languages
        self.politeness.delay = settings.politeness.delay

    def finished(self, source: Source) -> None:
        self.reading.discard(source.id)
        self.on_finished()


async def crawl_due(app: App, crawling: Crawling, *, only: Collection[str] = ()) -> dict[str, FetchOutcome]:
    """Read a batch of the sources that are due and store what they bring; return how each went."""
    return await _crawl(app, crawling, await _claim(app, crawling, only))


async def _crawl(app: App, crawling: Crawling, assignments: Sequence[Assignment]) -> dict[str, FetchOutcome]:
    settings = app.in_force.configuration.settings
    crawling.follow(settings)
    desk = StoreDesk(app.database, crawling.polling, app.clock, crawling.finished)
    try:
        return await crawl(
            assignments,
            desk,
            crawling.pool.extract,
            settings=settings,
            politeness=crawling.politeness,
            parse=crawling.pool.processes.call,
        )
    except Exception:  # whatever broke, others may read these sources before the claim on them ends
        await app.database.run(give_back, assignments, worker=app.worker)
        raise
    finally:
        crawling.reading.difference_update(one.source.id for one in assignments)


async def _claim(app: App, crawling: Crawling, only: Collection[str]) -> Sequence[Assignment]:
    """Claim a batch of sources, if there is room for any."""
    async with crawling.claiming:
        limit = min(CRAWL_BATCH, SOURCES_AT_ONCE - len(crawling.reading))
        if limit <= 0:
            return ()
        assignments = await app.database.run_claim(
            claim_due, app.in_force.sources, only=only, limit=limit, worker=app.worker, now=app.clock()
        )
        crawling.reading.update(one.source.id for one in assignments)
        return assignments


async def crawl_all_due(app: App, crawling: Crawling, *, only: Collection[str] = ()) -> dict[str, FetchOutcome]:
    """Read every source that is due; return how each went."""
    outcomes: dict[str, FetchOutcome] = {}
    crawls: set[asyncio.Task[dict[str, FetchOutcome]]] = set()
    try:
        while True:
            nothing_due = not (reading := await _claim(app, crawling, only))
            if reading:
                crawls.add(asyncio.create_task(_crawl(app, crawling, reading)))
            if not crawls:
                return outcomes
            # what a slow source holds up is its own batch; the places of the others are free for the next
            pause = LOOK_AGAIN_S if nothing_due else 0
            done, crawls = await asyncio.wait(crawls, timeout=pause)
            for task in done:
                outcomes.update(task.result())
    finally:
        for task in crawls:
            task.cancel()
        await asyncio.gather(*crawls, return_exceptions=True)


async def revisit_due(app: App, crawling: Crawling, *, only: Collection[str] = ()) -> int:
    """Look again at a batch of the articles that are watched for edits and due; return how many there were."""
    in_force, now = app.in_force, app.clock()
    settings = in_force.configuration.settings
    crawling.follow(settings)
    visits = await app.database.run(
        revisit_store.claim_visits, in_force.sources, only=only, limit=REVISIT_BATCH, worker=app.worker, now=now
    )
    desk = revisit_store.StoreVisitDesk(app.database, app.clock)
    try:
        await revisit(visits, desk, crawling.pool.extract, settings=settings, politeness=crawling.politeness)
    except Exception:  # whatever broke, others may look at these before the claim on them ends
        await app.database.run(revisit_store.give_back, visits, worker=app.worker)
        raise
    return len(visits)


# -- match ------------------------------------------------------------------------------------------------------------


async def match_new(app: App) -> int:
    """Match a batch of the articles that nobody has read yet; return how many there were."""
    async with app.matching:
        started, now = monotonic(), app.clock()
        batch, edits = await app.database.run_claim(_claim_unread, app, now)
        if batch:
            crash.point("articles-claimed")
            found, edited = await asyncio.to_thread(_find, app.in_force, _young(app, batch), edits)
            sketches = await asyncio.to_thread(_prepare_placing, app, batch)
            crash.point("matches-found")
            with app.placing.undone_unless_committed():
                done = await app.database.run(_record_matches, app, batch, found, edited, sketches)
            log.info("articles_matched", **done, took_s=_since(started))
            crash.point("matches-recorded")
        return len(batch)


async def read_stories(app: App) -> None:
    """Read what is known of the stories of the last days, so that the first article need not wait for it."""
    async with app.matching:
        await asyncio.to_thread(app.placing.load, app.database, now=app.clock())


def _claim_unread(session: Session, app: App, now: datetime) -> tuple[list[Unread], list[Edit]]:
    """Take a batch of what is to be read, and say what of it was read before and then edited."""
    batch = match_store.claim_unread(session, limit=MATCH_BATCH, worker=app.worker, now=now)
    return batch, update_store.edits_among(session, _young(app, batch))


def _find(in_force: InForce, articles: Sequence[Unread], edits: Sequence[Edit]) -> tuple[list[Found], list[Reread]]:
    """Match what is new, and what was edited as it was and as it is."""
    edited = {edit.article.id for edit in edits}
    new = [one for one in articles if one.article.id not in edited]
    return find_matches(in_force, new), reread(in_force, edits)


def _prepare_placing(app: App, batch: Sequence[Unread]) -> dict[int, Sketch]:
    """Do before the transaction what placing the articles needs no transaction for."""
    app.placing.load(app.database, now=app.clock())
    return sketches_of({one.article.id: one.article for one in batch}.values())


def _young(app: App, articles: Sequence[Unread]) -> list[Unread]:
    """Return the articles that were not too old when they were found."""
    max_age = app.in_force.configuration.settings.max_age
    return [one for one in articles if not is_too_old(one.article, max_age)]


def find_matches(in_force: InForce, articles: Sequence[Unread]) -> list[Found]:
    """Match articles against every watchlist. A watchlist that fails on an article is logged; the others stand."""
    found: list[Found] = []
    for unread in articles:
        article = unread.article.article
        matched = in_force.match(article, unread.source_id)
        found += [Found(match=match, article=unread.article, source_id=unread.source_id) for match in matched.matches]
        for error in matched.errors:
            log.error("match_failed", article=article.url, watchlist=error.watchlist_id, error=str(error))
    return found


def _record_matches(
    session: Session,
    app: App,
    batch: Sequence[Unread],
    found: Sequence[Found],
    edited: Sequence[Reread],
    sketches: Mapping[int, Sketch],
) -> dict[str, int]:
    """Write stories, matches and what is to be sent in one transaction, and take the articles out of the queue.

    Returns what there is to tell of it.
    """
    app.placing.place(session, sketches, [one.article for one in batch], now=app.clock())
    recorded = _record(session, app, found)
    recorded += record_edits(session, edited, partial(_keys, in_force=app.in_force), now=app.clock())
    crash.point("edits-recorded")
    holding: Holding | None = None
    # Each in its turn: in one order everywhere, so that two services never wait for each other.
    for watchlist_id in sorted({one.match.watchlist_id for one in recorded}):
        watchlist = app.in_force.watchlists[watchlist_id]
        for rule in sorted(watchlist.deliver, key=attrgetter("key")):
            if rule.schedule is None:
                holding = holding or Holding.at(session, app.in_force, app.clock())
                _tell_alerts_of(session, app, watchlist, rule, holding)
    match_store.was_read(session, batch, app.worker)
    if too_old := len({one.article.id for one in batch} - {one.article.id for one in _young(app, batch)}):
        add_to_note(session, "too_old", too_old, now=app.clock())
    return {"articles": len(batch), "matches": len(recorded), "too_old": too_old}


def _record(session: Session, app: App, found: Sequence[Found]) -> list[Found]:
    """Store the matches that are new, each with the keys under which it is to be told; return them."""
    recorded = []
    for one in found:
        stored = match_store.record_match(session, one, _keys(one, app.in_force), now=app.clock())
        recorded += [stored] if stored else []
    return recorded


def _keys(found: Found, in_force: InForce) -> list[str]:
    """Return under which keys a match is to be told."""
    watchlist = in_force.watchlists[found.match.watchlist_id]
    if found.article.already_there and not _is_told_at_first(found.match, watchlist):
        return []
    facts = Facts.of(found.match.score, found.article.article, in_force.sources.get(found.source_id))
    return list(dict.fromkeys(rule.key for rule in watchlist.deliver if _is_told(found.match, rule, facts)))


def _is_told_at_first(match: Match, watchlist: Watchlist) -> bool:
    """Tell whether a match among what was there before anybody watched is told; where they are counted, sure ones."""
    return watchlist.first_run == "deliver" or (watchlist.first_run == "summarize" and not match.is_related)


def _is_told(match: Match, rule: DeliveryRule, facts: Facts) -> bool:
    """Tell whether a rule wants to hear of a match; one that is only possible, or only related, is never an alert."""
    if rule.schedule:
        return rule.tells_related or not match.is_related
    return match.kind == "match" and (rule.only_if is None or rule.only_if.holds(facts))


async def read_archive(app: App) -> int:
    """Match the archive against the watchlists that are new to it; return how many articles that took."""
    new = await app.database.run(watchlist_store.new_to_archive)
    configuration = app.in_force.configuration
    newcomers = tuple(watchlist for watchlist in configuration.watchlists if watchlist.id in new)
    if not newcomers:
        return 0
    only_new = app.in_force.of(replace(configuration, watchlists=newcomers))
    read = last = 0
    while batch := await app.database.run(match_store.archive, after=last, limit=MATCH_BATCH):
        found = await asyncio.to_thread(find_matches, only_new, _young(app, batch))
        await app.database.run(_record, app, found)
        read, last = read + len(batch), batch[-1].article.id
    await app.database.run(watchlist_store.archive_was_read, [one.id for one in newcomers], now=app.clock())
    return read


# -- compose ----------------------------------------------------------------------------------------------------------


async def compose_due(app: App, *, settling: timedelta = SETTLING) -> int:
    """Compose the digests whose slot has come, and the alerts still to be told; return how many were queued."""
    queued = 0
    for watchlist, rule, slot in await app.database.run(_due_slots, app):
        try:
            message_id = await compose_digest(app, watchlist, rule, slot)
        except DatabaseTroubleError:
            raise
        except Exception:  # whatever one digest trips over, the others go out; its slot is still free and tried again
            log.exception("compose_failed", watchlist=watchlist.id, key=rule.key)
            continue
        queued += message_id is not None
    return queued + await app.database.run(_tell_alerts, app, settling)


async def compose_digest(app: App, watchlist: Watchlist, rule: DeliveryRule, slot: Slot) -> int | None:
    """Compose the digest of a slot and queue it; return the message's id, or None if there was nothing to send."""
    message_id = await app.database.run(
        tell_digest, in_force=app.in_force, watchlist=watchlist, rule=rule, slot=slot, now=app.clock()
    )
    crash.point("digest-queued")
    return message_id


def _due_slots(session: Session, app: App) -> list[tuple[Watchlist, DeliveryRule, Slot]]:
    now = app.clock()
    watchlist_store.forget_the_future(session, now=now)
    subscribed = watchlist_store.subscribed_since(session)
    told = outbox_store.last_told(session, now=now)
    holding = Holding.at(session, app.in_force, now)
    due = []
    for watchlist in app.in_force.configuration.watchlists:
        for rule in watchlist.deliver:
            since = told.get((watchlist.id, rule.key)) or subscribed[watchlist.id, rule.key]
            slot = due_slot(rule.schedule, after=since, now=now) if rule.schedule else None
            if slot and not holding.digest(watchlist, rule):
                due.append((watchlist, rule, slot))
    return due


def _tell_alerts(session: Session, app: App, settling: timedelta) -> int:
    """Tell what match_new left untold: what was held, and what was already there, once no more of it comes."""
    told = 0
    holding = Holding.at(session, app.in_force, app.clock())
    untold = match_store.untold_keys(session, prefix="alert:")
    untold += update_store.untold_keys(session, prefix="alert:", but={(one, key) for one, key, _ in untold})
    for watchlist_id, key, newest in sorted(untold):
        watchlist = app.in_force.watchlists.get(watchlist_id)
        rule = watchlist and next((rule for rule in watchlist.deliver if rule.key == key), None)
        if watchlist and rule:
            settled = newest <= app.clock() - settling
            told += _tell_alerts_of(session, app, watchlist, rule, holding, already_there=settled)
    return told


def _tell_alerts_of(
    session: Session,
    app: App,
    watchlist: Watchlist,
    rule: DeliveryRule,
    holding: Holding,
    *,
    already_there: bool = False,
) -> int:
    try:
        with session.begin_nested():
            return tell_untold(
                session, app.in_force, watchlist, rule, holding=holding, now=app.clock(), already_there=already_there
            )
    except DatabaseTroubleError:
        raise
    except Exception:  # whatever one message trips over, the matches stand and the others go out; it is tried again
        log.exception("compose_failed", watchlist=watchlist.id, key=rule.key)
        return 0


# -- health -----------------------------------------------------------------------------------------------------------


async def watch_health(app: App) -> int:
    """Queue a notice of each source that broke or recovered, of the network, and of what does not get through.

    Returns how many were queued.
    """
    queued = await app.database.run(tell_health, app.in_force, now=app.clock())
    return queued + await app.database.run(_watch_destinations, app, app.clock())


def _watch_destinations(session: Session, app: App, now: datetime) -> int:
    circuit_store.try_changed(session, app.in_force.destinations, now=now)
    return tell_destinations(session, app.in_force, now=now)


async def send_heartbeat(app: App) -> None:
    """Say that the service lives, where somebody listens. A failure is logged and left: the next one follows soon."""
    try:
        await asyncio.to_thread(_beat, app.in_force.configuration.health)
    except DeliveryError as error:
        log.warning("heartbeat_failed", reason=str(error))


def _beat(health: HealthEntry) -> None:
    if url := secret(health, "heartbeat"):
        beat(url)


# -- deliver ----------------------------------------------------------------------------------------------------------


async def deliver_due(app: App, *, message_ids: Collection[int] = ()) -> list[tuple[Delivery, Outcome]]:
    """Send a batch of the deliveries that are due (of these messages, if given); return how each went.

    What is not tried after all, since its destination just failed, is not among them.
    """
    claimed = await _claim_deliveries(app, message_ids)
    done = await asyncio.gather(*(_deliver_to_one(app, channels, *some) for channels, some in claimed))
    return [one for some in done for one in some]


async def _claim_deliveries(app: App, message_ids: Collection[int]) -> list[tuple[Sequence[str], list[Delivery]]]:
    """Take deliveries that are due, by the channels that lead to one destination; none to where one is under way.

    So a destination that does not answer holds up no other: the job runs several times side by side.
    """
    destinations = app.in_force.destinations
    async with app.claiming:
        batch = await app.database.run_claim(
            outbox_store.claim_deliveries,
            destinations,
            busy=frozenset(app.sending),
            limit=DELIVER_BATCH,
            worker=app.worker,
            now=app.clock(),
            message_ids=message_ids,
        )
        together: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in batch:
            together[destinations.of(delivery.channel)].append(delivery)
        claimed: list[tuple[Sequence[str], list[Delivery]]] = [
            (destinations.channels_of(destination), some) for destination, some in together.items()
        ]
        app.sending.update(channel for channels, _ in claimed for channel in channels)
    if batch:
        crash.point("delivery-claimed")
    return claimed


async def _deliver_to_one(
    app: App, channels: Sequence[str], first: Delivery, *others: Delivery
) -> list[tuple[Delivery, Outcome]]:
    """Send what goes to one destination: one first. Where that fails for all, the others are not tried."""
    try:
        outcome = await _deliver(app, first)
        if others and not isinstance(outcome, Sent) and outcome.scope == "channel":
            await app.database.run(outbox_store.release, others, app.worker)
            return [(first, outcome)]
        outcomes = await asyncio.gather(*(_deliver(app, delivery) for delivery in others))
        return list(zip((first, *others), (outcome, *outcomes), strict=True))
    finally:
        app.sending.difference_update(channels)


async def _deliver(app: App, delivery: Delivery) -> Outcome:
    started = monotonic()
    tried = await asyncio.to_thread(send_through, app.in_force, delivery)
    took_s = _since(started)
    crash.point("message-sent")
    outcome = await app.keep(_record_delivery, app, delivery, tried, app.clock(), took_s=took_s)
    crash.point("delivery-recorded")
    return outcome


def send_through(in_force: InForce, delivery: Delivery) -> Tried:
    """Send a delivery through its channel as the configuration has it now. Blocks; never raises."""
    configured = in_force.configuration.channels.get(delivery.channel)
    if configured is None:
        reason = f"the configuration has no channel {delivery.channel}; put it back to send this"
        return Refused(reason=reason, scope="channel", permanent=True)
    return send(delivery, channels()[configured.kind], configured.options, in_force.facilities)


def _record_delivery(
    session: Session, app: App, delivery: Delivery, tried: Tried, now: datetime, *, took_s: float
) -> Outcome:
    """Write down how a try went: what became of the message, and what of its destination."""
    attempt = delivery.attempts + 1
    event = {"channel": delivery.channel, "message_id": delivery.message_id, "attempt": attempt, "took_s": took_s}
    if isinstance(tried, Sent):
        outbox_store.sent(session, delivery, tried.receipt, now=now)
        log.info("delivery_sent", **event)
        _is_well(session, app, delivery, "", delivery.recipient, now=now)
        return tried
    circuit = _trip(session, app, delivery, tried, now)
    outcome = judge(delivery, tried, circuit, now=now, rng=app.rng)
    match outcome:
        case Dead(reason=reason):
            outbox_store.give_up(session, delivery, reason)
            log.error("delivery_dead", **event, reason=reason)
        case Later(after=after, reason=reason):
            if circuit is None:
                outbox_store.try_later(session, delivery, reason, at=now + after)
            else:
                outbox_store.still_waits(session, delivery, reason)
            log.warning("delivery_delayed", **event, reason=reason, retry_in_s=after.total_seconds())
    if circuit is not None and circuit.state == "failing":
        there = circuit_store.behind(circuit, app.in_force.destinations)
        if old := outbox_store.give_up_old(session, there, tried.reason, now=now):
            log.error("deliveries_dead", destination=circuit.destination, number=old, reason=tried.reason)
    return outcome


def _trip(session: Session, app: App, delivery: Delivery, refused: Refused, now: datetime) -> Circuit | None:
    """Write down that a destination does not take what is sent to it; None where only the message is at fault."""
    destination = app.in_force.destinations.of(delivery.channel)
    if refused.scope != "channel":  # it answered, and judged
        _is_well(session, app, delivery, "", now=now)
    if refused.scope == "message":
        return None
    recipient = delivery.recipient if refused.scope == "recipient" else ""
    before = circuit_store.take(session, destination, recipient)
    circuit = tripped(
        before,
        refused,
        destination=destination,
        recipient=recipient,
        fingerprint=app.in_force.destinations.fingerprint(destination),
        now=now,
        rng=app.rng,
    )
    circuit_store.keep(session, circuit)
    if before is None or before.state != circuit.state:
        event = {"destination": destination, "recipient": recipient, "reason": refused.reason}
        log.error("circuit_open" if circuit.state == "open" else "circuit_failing", **event)
    return circuit


def _is_well(session: Session, app: App, delivery: Delivery, *recipients: str, now: datetime) -> None:
    """Write down that a destination took something, or judged it, if it was in trouble."""
    destinations = app.in_force.destinations
    for circuit in circuit_store.close(session, destinations.of(delivery.channel), *recipients):
        if circuit.state == "open":
            outbox_store.begin_anew(session, circuit_store.behind(circuit, destinations), now=now)
        lasted = (now - circuit.since).total_seconds()
        log.info("circuit_closed", destination=circuit.destination, recipient=circuit.recipient, after_s=lasted)
        try:
            with session.begin_nested():
                tell_well_again(session, app.in_force, circuit, now=now)
        except Exception:  # whatever the notice trips over, the message was sent
            log.exception("compose_failed", destination=circuit.destination)
