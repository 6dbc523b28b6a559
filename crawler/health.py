"""Tells how a source is doing: failing, silent, changed in layout, gone, or well. Pure: values in, a verdict out.

What a source is measured by is its own past: how often it publishes (see polling.Rhythm) and what its articles look
like (Bodies). A state is entered late and left late, so that it does not flap: docs/operation.md tells the thresholds.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Literal

from crawler.errors import NETWORK_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.domain import Expect
    from crawler.polling import Rhythm

State = Literal["ok", "failing", "silent", "changed layout", "gone"]

SOFT_FAILURES, SOFT_FOR = 4, timedelta(hours=1)
HARD_FAILURES, HARD_FOR = 2, timedelta(minutes=30)
GOOD_READS = 2
"""In a row, before a source that failed counts as recovered."""

LEAST_SILENCE = timedelta(days=1)
SILENT_AFTER = 2.0
"""How many times its longest silence so far a source must have been quiet."""
LEAST_GAPS, LEAST_PAST = 5, timedelta(days=14)
"""How many silences must have ended, over how long a time (two weekends), before they say what is usual."""

RECENT = 10
LEAST_RECENT = 5
LEAST_USUAL = 10
"""How many bodies must have been seen before they say what is usual."""
_BODY_WEIGHT = 0.05
_BROKEN_WEIGHT = 0.005  # a layout that stays broken for a few hundred articles is the layout it has
_SELDOM_ALIKE = 0.3
_BROKEN_SHARE, _MENDED_SHARE = 0.5, 0.8  # of the usual share of usable bodies
_SHORT, _LONG_AGAIN = 0.25, 0.5  # of the usual length
_ALIKE, _APART = 0.6, 0.4  # of the recent bodies, how many are one and the same

OUTAGE_HOSTS = 3
OUTAGE_AFTER = timedelta(minutes=2)


# -- what its articles look like --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is remembered of one article's text. Empty where it had none that could be used."""

    length: int
    print: int
    """The same for the same text."""

    @classmethod
    def of(cls, text: str) -> Body:
        return cls(length=len(text), print=zlib.crc32(text[:2000].encode()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one read of a source brought in."""

    named: int = 0
    """Entries that the source had not named before."""
    newest: datetime | None = None
    """When the newest of them was published, if they say so."""
    stored: int = 0
    bodies: tuple[Body, ...] = ()
    """Of every article that was stored."""

    @property
    def usable(self) -> int:
        return sum(body.length > 0 for body in self.bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What a source's articles look like: usually, and of late. Bounded."""

    seen: int = 0
    usable: float = 1.0
    """The usual share of articles with a body."""
    length: float = 0.0
    """The usual length, as a logarithm: one long read does not move it."""
    alike: float = 0.0
    """The usual share of texts that are the same as the one before."""
    last: int = 0
    """The print of the last text that counts as usual."""
    recent: tuple[Body, ...] = ()

    def with_more(self, bodies: Iterable[Body], *, broken: bool) -> Bodies:
        """Return them after some more; while a layout is `broken`, what comes is slow to become what is usual."""
        known = self
        for body in bodies:
            recent = (*known.recent, body)
            # what is recent becomes usual when it is no longer recent
            old, known = recent[:-RECENT], replace(known, recent=recent[-RECENT:])
            for one in old:
                known = known.learned(one, _BROKEN_WEIGHT if broken else max(_BODY_WEIGHT, 1 / (known.seen + 1)))
        return known

    def learned(self, body: Body, weight: float) -> Bodies:
        """Return what is usual after one more, which counts by its weight."""

        def towards(old: float, new: float) -> float:
            return old + (new - old) * weight

        has_text = body.length > 0
        return replace(
            self,
            seen=min(self.seen + 1, 1_000_000),
            usable=towards(self.usable, has_text),
            length=towards(self.length, math.log1p(body.length)) if has_text else self.length,
            alike=towards(self.alike, body.print == self.last) if has_text else self.alike,
            last=body.print if has_text else self.last,
        )


def changed_layout(bodies: Bodies, *, already: bool) -> str | None:
    """Say what is wrong with the bodies of late, compared with those before; None if nothing is.

    `already` says whether it was so before: what is broken must be well mended.
    """
    of_late = bodies.recent
    if len(of_late) < LEAST_RECENT or bodies.seen < LEAST_USUAL:
        return None
    usable = [body.length for body in of_late if body.length]
    share = len(usable) / len(of_late)
    if share < bodies.usable * (_MENDED_SHARE if already else _BROKEN_SHARE):
        return f"{len(of_late) - len(usable)} of the last {len(of_late)} articles came without a usable text"
    usual = math.expm1(bodies.length)
    if usable and median(usable) < usual * (_LONG_AGAIN if already else _SHORT):
        return f"the last {len(of_late)} texts are short: {median(usable):.0f} characters, {usual:.0f} were usual"
    prints = [body.print for body in of_late if body.length]
    alike = max(map(prints.count, prints), default=0)
    if (
        bodies.alike < _SELDOM_ALIKE
        and alike >= LEAST_RECENT - 1
        and alike > len(of_late) * (_APART if already else _ALIKE)
    ):
        return f"{alike} of the last {len(of_late)} articles have the very same text"
    return None


# -- the verdict ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: State = "ok"
    since: datetime | None = None
    """Since when it is so; None while it always was."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is known of a source, for a verdict."""

    before: Verdict = field(default_factory=Verdict)
    failures: int = 0
    hard_failures: int = 0
    good_reads: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    gone_at: datetime | None = None
    first_read_at: datetime | None = None
    last_new_at: datetime | None = None
    rhythm: Rhythm
    bodies: Bodies = field(default_factory=Bodies)
    expect: Expect | None = None
    arrived: int | None = None
    """How many articles came in the time that `expect` names; None where nobody counted."""


def verdict(chart: Chart, *, now: datetime) -> Verdict:
    """Say how a source is doing: the worst that holds."""
    state, since, why = _worst(chart, now)
    if state == chart.before.state:
        return replace(chart.before, why=why)
    return Verdict(state=state, since=since or now, why=why)


def _worst(chart: Chart, now: datetime) -> tuple[State, datetime | None, str]:
    if chart.gone_at:
        return "gone", chart.gone_at, chart.reason
    if _fails(chart, now):
        return "failing", chart.failing_since, chart.reason or chart.before.why
    if why := changed_layout(chart.bodies, already=chart.before.state == "changed layout"):
        return "changed layout", None, why
    if why := silence(chart, now):
        return "silent", chart.last_new_at or chart.first_read_at, why
    return "ok", None, ""


def _fails(chart: Chart, now: datetime) -> bool:
    if chart.before.state == "failing":
        return chart.failures > 0 or chart.good_reads < GOOD_READS
    if chart.before.state == "gone":  # somebody asked for it again
        return chart.failures > 0
    if not chart.failures or chart.failing_since is None:
        return False
    lasted = now - chart.failing_since
    soft = chart.failures >= SOFT_FAILURES and lasted >= SOFT_FOR
    return soft or (chart.hard_failures >= HARD_FAILURES and lasted >= HARD_FOR)


def silence(chart: Chart, now: datetime) -> str | None:
    """Say that a source is quieter than it should be: by what is expected of it, else by its own past."""
    if chart.first_read_at is None or chart.failures:  # what cannot be read is not silent
        return None
    quiet = now - (chart.last_new_at or chart.first_read_at)
    if chart.expect is not None:
        return _less_than(chart.expect, chart, quiet, now)
    longest = chart.rhythm.longest_gap
    past = timedelta(seconds=chart.rhythm.span_s)
    if chart.rhythm.gaps < LEAST_GAPS or past < LEAST_PAST or quiet < max(longest * SILENT_AFTER, LEAST_SILENCE):
        return None
    return f"nothing new for {in_words(quiet)}; the longest silence before was {in_words(longest)}"


def _less_than(expect: Expect, chart: Chart, quiet: timedelta, now: datetime) -> str | None:
    expected = f"expected: {expect.articles} in {in_words(expect.per)}"
    if quiet >= expect.per:
        return f"nothing new for {in_words(quiet)}; {expected}"
    watched = chart.first_read_at is not None and now - chart.first_read_at >= expect.per
    if watched and chart.arrived is not None and chart.arrived < expect.articles:
        return f"{chart.arrived} new in the last {in_words(expect.per)}; {expected}"
    return None


def in_words(time: timedelta) -> str:
    """`9 days`, `36 hours`, `40 minutes`."""
    for unit, seconds, least in (("day", 86_400, 2), ("hour", 3_600, 2), ("minute", 60, 0)):
        number = time.total_seconds() / seconds
        if number >= least:
            return f"{number:.0f} {unit}{'' if round(number) == 1 else 's'}"
    return "no time"


# -- the network ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The last time that a source was asked."""

    host: str
    at: datetime
    kind: str | None
    """What kind of failure it was; None if it answered well."""
    failing_since: datetime | None = None

    @property
    def answered(self) -> bool:
        """Whether the host said anything at all: a refusal (HTTP 404) is an answer."""
        return self.kind not in NETWORK_KINDS


def outage_since(attempts: Iterable[Attempt], *, now: datetime) -> datetime | None:
    """Return since when nobody can be reached, if it is so: then the network is ours to mend, not the sources.

    Hosts that fail with kinds of the network, and none that has answered since the first of them did.
    """
    tried = list(attempts)
    answered = max((one.at for one in tried if one.answered), default=None)
    dark = [one for one in tried if not one.answered and (answered is None or one.at > answered)]
    enough = min(OUTAGE_HOSTS, max(len({one.host for one in tried}), 2))
    if len({one.host for one in dark}) < enough:
        return None
    # one that has failed for weeks says nothing of the network's beginning
    since = min(_since(one) if answered is None or _since(one) > answered else one.at for one in dark)
    return since if now - since >= OUTAGE_AFTER else None


def _since(attempt: Attempt) -> datetime:
    return attempt.failing_since or attempt.at
