"""How the service is doing by numbers, for whoever asks from outside: alive, ready, and the metrics of Prometheus."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from crawler.errors import DatabaseTroubleError
from crawler.store.trouble import room
from monitors.store.figures import Figures, figures
from monitors.store.migrate import is_current

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from prometheus_client import Metric

    from monitors.app import App
    from monitors.standstill import Standstill

LOOP_LATE_S = 30
"""Without a sign of the event loop for so long, the process does not work any more."""
PULSE_LATE = timedelta(seconds=90)
"""Without a pulse in the database for so long, something keeps the service from writing."""
COUNT_EVERY_S = 5.0
"""However often somebody asks, the database is counted no more often."""
_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800)
_STATES = ("ok", "failing", "silent", "changed layout", "gone", "not read yet")


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database said last, and when it was asked."""

    at: float
    figures: Figures | None
    current: bool


@dataclass(eq=False)
class Vitals:
    """Written by the loop, read in other threads."""

    app: App
    standstill: Standstill
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    ticked: float = field(default_factory=time.monotonic)
    pulse_at: datetime | None = None
    _counted: Counted | None = None
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._seconds = Histogram(
            "newsvane_job_duration_seconds",
            "How long the runs of a job took.",
            ["job"],
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._failures = Counter(
            "newsvane_job_failures", "Runs of a job that ended in an error.", ["job"], registry=self.registry
        )
        build = Gauge("newsvane_build_info", "Always 1; the version is a label.", ["version"], registry=self.registry)
        build.labels(version("newsvane")).set(1)
        self.registry.register(_Collector(self))

    @contextmanager
    def run_of(self, job: str) -> Iterator[None]:
        """Measure one run of a job."""
        with self._seconds.labels(job).time():
            yield

    def failed(self, job: str) -> None:
        self._failures.labels(job).inc()

    def tick(self) -> None:
        self.ticked = time.monotonic()

    def loop_age_s(self) -> float:
        return time.monotonic() - self.ticked

    # -- what is asked from outside -----------------------------------------------------------------------------------

    def is_alive(self) -> tuple[bool, Mapping[str, object]]:
        """Tell whether the process and its loop live."""
        age = self.loop_age_s()
        alive = age <= LOOP_LATE_S
        return alive, {"alive": alive, "loop_seen_s_ago": round(age, 1)}

    def is_ready(self) -> tuple[bool, Mapping[str, object]]:
        """Tell whether the service does its work, and if not, why."""
        reasons = list(self._reasons())
        return not reasons, {"ready": not reasons, "reasons": reasons}

    def _reasons(self) -> Iterator[str]:
        if not self.is_alive()[0]:
            yield f"the event loop is stuck since {self.loop_age_s():.0f} seconds"
        if trouble := self.standstill.trouble:
            yield f"standing still since {trouble.since.isoformat()}: {trouble.why}"
            return
        counted = self.count()
        if counted.figures is None:
            yield "the database cannot be read"
        elif not counted.current:
            yield "the database is not at the revision of this version"
        if self.pulse_at is None:
            yield "the service is starting"
        elif self.app.clock() - self.pulse_at > PULSE_LATE:
            yield f"nothing was written since {self.pulse_at.isoformat()}"

    def metrics(self) -> bytes:
        return generate_latest(self.registry)

    def count(self) -> Counted:
        """Return what the database says; the last answer, if that is young enough."""
        with self._counting:
            held = self._counted
            if held is None or time.monotonic() - held.at > COUNT_EVERY_S:
                held = self._counted = self._count()
            return held

    def _count(self) -> Counted:
        if self.standstill.trouble:  # its server may take long to say nothing
            return Counted(time.monotonic(), None, current=False)
        try:
            with self.app.database.read() as session:
                found = figures(session)
            return Counted(time.monotonic(), found, is_current(self.app.database))
        except DatabaseTroubleError:
            return Counted(time.monotonic(), None, current=False)


@dataclass(frozen=True, eq=False)
class _Collector:
    """Reads the metrics that are no sums of the process: each from where it stands."""

    vitals: Vitals

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is asked of the database when this is registered

    def collect(self) -> Iterator[Metric]:
        vitals, app = self.vitals, self.vitals.app
        found = vitals.count().figures
        paused = vitals.standstill.trouble is not None
        yield _gauge("loop_age_seconds", "Since when the event loop gave no sign of life.", vitals.loop_age_s())
        yield _gauge("paused", "1 while the service stands still for trouble with its database.", float(paused))
        yield _gauge("database_up", "1 if the database could be read.", float(found is not None))
        if (free := room(app.database.engine.url)) is not None:
            yield _gauge("disk_free_bytes", "What is free on the disk of the SQLite file.", free)
        if vitals.pulse_at:
            yield _gauge("pulse_timestamp_seconds", "When the pulse was written last.", vitals.pulse_at.timestamp())
        if found:
            yield from self._of_the_database(found)

    def _of_the_database(self, found: Figures) -> Iterator[Metric]:
        now = self.vitals.app.clock()
        yield _by("sources", "Sources by state.", "state", dict.fromkeys(_STATES, 0) | dict(found.sources))
        yield _gauge("articles", "Articles that are stored.", found.articles)
        yield _gauge("articles_unmatched", "Articles that wait to be matched.", found.unmatched)
        yield _gauge("matches", "Matches that are stored.", found.matches)
        yield _gauge("matches_untold", "Matches that wait to be told.", found.untold)
        deliveries = GaugeMetricFamily(
            "newsvane_deliveries", "Deliveries by channel and state.", labels=["channel", "state"]
        )
        for (channel, state), number in self._named(found.deliveries).items():
            deliveries.add_metric([channel, state], number)
        yield deliveries
        ages: dict[str, float] = {}
        for channel, since in found.oldest_queued.items():
            name = self._name(channel)
            ages[name] = max(ages.get(name, 0), (now - since).total_seconds())
        yield _by("delivery_oldest_queued_seconds", "How long the oldest delivery waits.", "channel", ages)
        circuits = dict.fromkeys(("failing", "open"), 0) | dict(found.circuits)
        yield _by("circuits", "Destinations and recipients in trouble.", "state", circuits)
        yield _by("holds", "Watchlists and channels whose alerts wait, by reason.", "reason", found.holds)
        yield _by("mutes", "What is muted, by kind.", "kind", found.mutes)
        if found.last_digest:
            at = found.last_digest.timestamp()
            yield _gauge("last_digest_timestamp_seconds", "When the last digest was composed.", at)
        if found.database_bytes is not None:
            yield _gauge("database_bytes", "The size of the database.", found.database_bytes)

    def _named(self, deliveries: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        named: dict[tuple[str, str], int] = {}
        for (channel, state), number in deliveries.items():
            key = self._name(channel), state
            named[key] = named.get(key, 0) + number
        return named

    def _name(self, channel: str) -> str:
        """Return a channel's id as the file has it; no addresses of people, and nothing of what left the file."""
        if channel.startswith("email:"):
            return "to"
        return channel if channel in self.vitals.app.in_force.configuration.channels else "other"


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"newsvane_{name}", about, value=value)


def _by(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"newsvane_{name}", about, labels=[label])
    for value, number in values.items():
        family.add_metric([value.replace(" ", "_")], number)
    return family
