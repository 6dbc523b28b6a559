"""Turns a notice into what every form of it shows: what is wrong, since when, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.errors import NETWORK_KINDS
from crawler.health import in_words
from monitors.digest import words
from monitors.digest.inert import plain, shorten
from monitors.digest.service_view import service_view
from monitors.digest.view import Note, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitors.domain import DeadLetter, DestinationNews, Notice, Outage, SourceNews

_NAME, _WHY, _ADDRESS = 120, 300, 300
_MOST_NOTES = 50
_STATES = {
    "failing": "cannot be read",
    "silent": "is silent",
    "changed layout": "has changed its layout",
    "gone": "is gone for good",
    "ok": "is well again",
}
_TO_DO_ABOUT_THE_NETWORK = (
    "To do: look whether this machine reaches the web, and its name server. Some sources are tried every few minutes; "
    "the others follow as soon as one answers."
)
_FOOT = "Sent by Newsvane about its sources. `newsvane sources` tells how each of them is doing."
_FOOT_OF_OUTBOX = "Sent by Newsvane about what it sends. `newsvane outbox list` shows what waits, and for what."


def notice_view(notice: Notice) -> View:
    if notice.service:
        return service_view(notice.service, notice.at)
    headline = _headline(notice)
    news = (*notice.broken, *notice.recovered)
    notes = (
        *_of_outage(notice.outage, notice.at),
        *(_note(one, notice.at) for one in news[:_MOST_NOTES]),
        *(_of_destination(one, notice.at) for one in notice.destinations),
        *(_of_dead(one, notice.at) for one in notice.dead),
    )
    return View(
        kind="Notice",
        subject=f"Newsvane: {headline}",
        ahead=next((line for note in notes for line in note.lines), ""),
        name=_capital(headline),
        when=words.full_time(notice.at),
        summary=_summary(notice),
        sections=(),
        more=words.more(notice.more_dead, "newsvane outbox list --state dead")
        or words.more(len(news) - _MOST_NOTES, "newsvane sources"),
        foot=_FOOT_OF_OUTBOX if notice.destinations or notice.dead else _FOOT,
        notes=notes,
    )


def _headline(notice: Notice) -> str:
    if notice.outage:
        return "no source can be reached" if notice.outage.until is None else "the sources can be reached again"
    if notice.destinations or notice.dead:
        destinations = _of_destinations(notice.destinations) if notice.destinations else ""
        number = len(notice.dead) + notice.more_dead
        dead = f"{words.counted(number, 'message')} could not be delivered" if number else ""
        return ", ".join(filter(None, (destinations, dead)))
    if len(notice.broken) + len(notice.recovered) == 1:
        (one,) = (*notice.broken, *notice.recovered)
        return f"{shorten(one.name, _NAME)} {_STATES[one.state]}"
    broken = f"{words.counted(len(notice.broken), 'source')} in trouble" if notice.broken else ""
    recovered = f"{words.counted(len(notice.recovered), 'source')} well again" if notice.recovered else ""
    return ", ".join(filter(None, (broken, recovered)))


def _summary(notice: Notice) -> str:
    if notice.outage or not notice.broken:
        return ""
    return "What they publish is not seen meanwhile." if len(notice.broken) > 1 else ""


def _of_outage(outage: Outage | None, at: datetime) -> Iterable[Note]:
    if outage is None:
        return
    since = f"Since {words.short_time(outage.since, at)}"
    number = words.counted(outage.sources, "source")
    if outage.until is None:
        yield Note(
            heading="The network seems to be down",
            lines=(
                f"{since} none of {number} that were tried could be reached, on several hosts.",
                _TO_DO_ABOUT_THE_NETWORK,
                "No notices about single sources are sent until then.",
            ),
        )
    else:
        lasted = in_words(outage.until - outage.since)
        yield Note(
            heading="The network is back",
            lines=(
                f"{since} and until {words.short_time(outage.until, at)} ({lasted}) no source could be reached.",
                f"The {number} that failed are read now. Those that still fail after that are told of.",
            ),
        )


def _of_destinations(news: Sequence[DestinationNews]) -> str:
    if len(news) > 1:
        return f"{len(news)} destinations take no messages"
    (one,) = news
    if one.recipient:
        told = "takes messages again" if one.state == "ok" else "takes no messages"
        return f"{shorten(one.recipient, _NAME)} {told}"
    return f"{shorten(one.name, _NAME)} " + ("takes messages again" if one.state == "ok" else "takes no messages")


def _of_destination(news: DestinationNews, at: datetime) -> Note:
    since = words.short_time(news.since, at)
    waiting = words.counted(news.waiting, "message")
    if news.state == "ok":
        lasted = in_words(at - news.since)
        told = f"Since {since} ({lasted}) it did not; the last reason was: {shorten(news.why, _WHY)}"
        return Note(
            heading=f"{_called(news)} takes messages again",
            lines=(told, f"{waiting} that waited {'is' if news.waiting == 1 else 'are'} sent now, in their order."),
        )
    return Note(
        heading=f"{_called(news)} takes no messages",
        lines=(
            f"Since {since}: {shorten(news.why, _WHY)}",
            f"{waiting} {'waits' if news.waiting == 1 else 'wait'} for it, and what comes now: {_fate(news)}",
            f"Next try: {words.short_time(news.next_try_at, at)}, with one message only.",
            f"To do: {_to_mend_destination(news)}",
        ),
    )


def _called(news: DestinationNews) -> str:
    name = f"{shorten(news.recipient, _NAME)} (through {shorten(news.name, _NAME)})" if news.recipient else news.name
    return _capital(name)


def _capital(text: str) -> str:
    """Begin a line with a capital, but not an address."""
    return text if "@" in text.split(" ", 1)[0] else text[0].upper() + text[1:]


def _fate(news: DestinationNews) -> str:
    if news.state == "open":
        return "kept until this is mended."
    return "what waits longer than 72 hours is not sent by itself any more, but kept."


def _to_mend_destination(news: DestinationNews) -> str:
    if news.recipient:
        return (
            "correct the address in the configuration, or have the mailbox mended. Then: "
            f"newsvane outbox retry --recipient {plain(news.recipient)}"
        )
    mended = f"Then: newsvane outbox retry --channel {plain(news.channels[0])}"
    if news.state == "open":
        return f"mend what it says. A changed configuration is tried at once. {mended}"
    return f"look whether it is up and reached from this machine. It is tried by itself; not to wait: {mended[6:]}"


def _of_dead(letter: DeadLetter, at: datetime) -> Note:
    tried = f"{letter.attempts} time{'' if letter.attempts == 1 else 's'}"
    since = words.short_time(letter.queued_at, at)
    to = plain(letter.recipient) + (f" through {plain(letter.channel)}" if letter.channel != letter.recipient else "")
    return Note(
        heading=f"Not delivered: {shorten(letter.subject, _NAME) or 'a message'}",
        lines=(
            f"To {to}, tried {tried} since {since}: {shorten(letter.reason, _WHY)}",
            f"To send it once the cause is mended: newsvane outbox retry {letter.id}",
        ),
    )


def _note(news: SourceNews, at: datetime) -> Note:
    since = f"Since {words.short_time(news.since, at)}" if news.since else ""
    why = shorten(news.why, _WHY)
    told = ": ".join(filter(None, (since, why)))
    return Note(
        heading=f"{shorten(news.name, _NAME)} {_STATES[news.state]}",
        lines=tuple(
            filter(
                None,
                (told, f"Its address: {shorten(plain(news.url), _ADDRESS)} (id {plain(news.id)})", _to_do(news)),
            )
        ),
    )


def _to_do(news: SourceNews) -> str:
    match news.state:
        case "failing":
            return f"To do: {_to_mend(news.kind)}"
        case "silent":
            return (
                "To do: open the site. If it has new articles, its feed is broken or has moved; if it is quiet, "
                "say with `expect` how much it should bring."
            )
        case "changed layout":
            return (
                "To do: open one of its articles. Behind a consent page, a login or a paywall there is no text to "
                "find; meanwhile its articles are matched by title and summary."
            )
        case "gone":
            return (
                "To do: remove it from the configuration, or give it its new address. It is not read any more; "
                f"`newsvane crawl --source {plain(news.id)}` tries it once."
            )
    return ""


def _to_mend(kind: str) -> str:
    if kind in NETWORK_KINDS:
        return "look whether the site opens in a browser. It is tried again by itself."
    if kind in {"robots", "asked-to-wait", "http-401", "http-403", "http-429"}:
        return "the site does not let us read it. Ask it, read it less often (`poll`), or remove it."
    if kind in {"blocked", "internal"}:
        return "see docs/operation.md, How a source fails."
    if kind == "http-5xx":
        return "nothing yet: the server has trouble of its own. It is tried again by itself."
    return "look for its new address, and put it into the configuration."
