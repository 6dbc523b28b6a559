"""Tells whoever looks after the service what is wrong with Newsvane itself: through the outbox, or around it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from crawler.errors import DeliveryError
from monitors.deliver.channels import Envelope, channels
from monitors.domain import Delivery, Notice, ServiceNews
from monitors.store import outbox
from monitors.store.notes import note, notes
from monitors.tell import mail_id_of, queue_message

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitors.in_force import InForce

log = structlog.get_logger()

REFUSED, REFUSED_BEFORE = "configuration_refused", "configuration_refused_before"
"""Names of notes: what is wrong with the file as it is, and what was wrong with it the last time."""


def queue_news(session: Session, in_force: InForce, news: ServiceNews, *, now: datetime) -> bool:
    """Put a notice into the outbox, if there is somebody to tell; return whether it is there now."""
    channel = in_force.configuration.health.channel
    if channel is None:
        return False
    key, slot = f"health:{channel}", _slot(news)
    message_id = outbox.open_message(session, None, key, slot, now=now)
    if message_id is not None:
        names, notice = ("health", key, slot), _notice(in_force, news, now)
        queue_message(session, in_force, notice, channel=channel, names=names, message_id=message_id, now=now)
        log.info("notice_queued", about=news.what, over=news.until is not None)
    return True


def tell_at_once(in_force: InForce, news: ServiceNews, *, now: datetime) -> bool:
    """Send a notice without the database, since that is what it is about; return whether all of it arrived. Blocks.

    Nothing of it is kept: whoever calls this again sends it again.
    """
    configured = in_force.configuration.channels.get(in_force.configuration.health.channel or "")
    if configured is None:
        return False
    channel, notice = channels()[configured.kind], _notice(in_force, news, now)
    try:
        for recipient in channel.recipients(configured.id, configured.options):
            mail_id = mail_id_of(("health", configured.id, _slot(news), recipient), in_force)
            envelope = Envelope(message_id=mail_id, date=now, recipient=recipient)
            thread = None
            for payload in channel.render(notice, envelope, configured.options, in_force.facilities):
                delivery = Delivery(
                    id=0,
                    channel=configured.id,
                    recipient=recipient,
                    message_id=mail_id,
                    payload=payload,
                    queued_at=now,
                    thread=thread,
                )
                receipt = channel.deliver(delivery, configured.options, in_force.facilities)
                thread = thread or receipt
    except DeliveryError as error:
        log.warning("operator_not_told", channel=configured.id, about=news.what, reason=str(error))
        return False
    except Exception:  # a channel's bug must not hinder what waits for the database
        log.exception("operator_not_told", channel=configured.id, about=news.what)
        return False
    log.info("operator_told", channel=configured.id, about=news.what)
    return True


# -- the configuration ------------------------------------------------------------------------------------------------


def refuse_configuration(session: Session, in_force: InForce, problems: str, *, now: datetime) -> None:
    """Note that the file as it is now has mistakes; the first time in a row, tell whoever looks after the service."""
    before, _ = notes(session).get(REFUSED, (None, None))
    since = before["since"] if before else now.isoformat()
    news = ServiceNews(what="configuration", why=problems, since=datetime.fromisoformat(since))
    told = (before is not None and before["told"]) or queue_news(session, in_force, news, now=now)
    note(session, REFUSED, {"problems": problems, "since": since, "told": told}, now=now)


def configuration_is_good(session: Session, in_force: InForce, *, now: datetime) -> None:
    """Note that the configuration in force is that of the file; if it was refused before, tell that it is well."""
    before, refused_at = notes(session).get(REFUSED, (None, None))
    if before is None or refused_at is None:
        return
    if before.get("told"):
        since = datetime.fromisoformat(before["since"])
        news = ServiceNews(what="configuration", why=before["problems"], since=since, until=now)
        queue_news(session, in_force, news, now=now)
    note(session, REFUSED_BEFORE, {"problems": before["problems"], "at": refused_at.isoformat()}, now=now)
    note(session, REFUSED, None, now=now)


def _notice(in_force: InForce, news: ServiceNews, now: datetime) -> Notice:
    return Notice(at=now.astimezone(ZoneInfo(in_force.configuration.settings.timezone)), service=news)


def _slot(news: ServiceNews) -> str:
    return f"{news.what} {news.since.isoformat()} {'over' if news.until else 'begun'}"
