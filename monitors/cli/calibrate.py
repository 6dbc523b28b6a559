"""`newsvane calibrate`: how many articles a week a concept flags, which ones just so, and what judgements changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import click
import numpy as np

from crawler.errors import NewsvaneError
from crawler.yaml_file import nearest
from monitors import calibration
from monitors.cli.opening import open_reading
from monitors.cli.options import config_option, json_option
from monitors.cli.output import local_time, progress, tell, write_json
from monitors.digest.inert import plain, shorten
from monitors.match.concepts.panel import OVER, Panel, threshold_at
from monitors.match.reading import fields_of
from monitors.store import concepts as store
from monitors.text.stems import primary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from crawler.domain import StoredArticle
    from crawler.store.database import Database
    from monitors.domain import Concept, Tier
    from monitors.in_force import InForce
    from monitors.match.concepts.background import Background
    from monitors.match.concepts.panel import Judged
    from monitors.match.concepts.sketch import Sketch

SETTINGS = (1, 2, 5, 10, 20, 50)
"""Articles a week."""
_BORDER = 5
_TITLE = 90
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bordering:
    """An article near the threshold."""

    score: float
    title: str
    url: str
    source: str
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    about: str
    """What to write: `5/week`; `default` without `about`."""
    score: float
    """What the score of the concept, as it is now, would have to be: `concept:x>0.62`."""
    flagged: int
    per_week: float | None
    """None where the articles looked at are of less than a week."""
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What judgements changed of the articles looked at."""

    good: int
    bad: int
    flagged_before: int
    flagged: int
    come: list[Bordering]
    gone: list[Bordering]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    concept: str
    description: str
    tier: Tier
    background: int
    """Articles that it is measured against."""
    bundled: bool
    """Whether those came with Newsvane, since the archive is small."""
    looked_at: int
    since: datetime | None
    settings: list[Setting]
    over: list[Bordering]
    under: list[Bordering]
    judged: Change | None


@click.command()
@config_option
@json_option
@click.argument("name", metavar="CONCEPT|WATCHLIST")
def calibrate(config: Path | None, *, as_json: bool, name: str) -> None:
    """Show how many articles a week a concept, or what the keywords of a watchlist mean, flags at which setting.

    It looks at the newest articles of the archive, and shows those that are just over and just under the threshold. Of
    an archive that is small yet, little is told: thresholds come from the articles that are bundled with Newsvane then.

    \b
    newsvane calibrate data-localization
    newsvane calibrate china-cyber-law
    """
    with open_reading(config) as (in_force, database):
        concept = _asked(in_force, name)
        with database.read() as session:
            background = calibration.background(session)
            judged = calibration.judged(session, in_force)
            ids = store.newest(session, calibration.MOST)
        report = _report(in_force, database, background, concept, judged, ids)
    if as_json:
        write_json(asdict(report))
    else:
        for line in _in_words(report):
            tell(line)


def _asked(in_force: InForce, name: str) -> Concept:
    """Return the concept that is meant by its own name or by that of a watchlist."""
    panel = in_force.matcher.panel
    concepts = {one.id: one for one in panel.concepts.values()} if panel else {}
    watchlist = in_force.watchlists.get(name)
    meant = calibration.meant_by(watchlist) if watchlist else []
    for one in (name, *meant):
        if one in concepts:
            return concepts[one]
    if watchlist:
        raise NewsvaneError(f"the watchlist {name} means no concept: it says `related: false`")
    known = [*(one for one in concepts if ":" not in one), *in_force.watchlists]
    raise click.UsageError(f"no concept and no watchlist has the id {name}{nearest(name, known)}")


# -- what there is to tell --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The articles that were looked at, and what each has: with what was judged, and without."""

    articles: Sequence[StoredArticle]
    raw: np.ndarray
    scores: np.ndarray
    old_scores: np.ndarray

    def weeks(self) -> float:
        """Return of how many weeks they are."""
        times = [one.stored_at for one in self.articles]
        return (max(times) - min(times)) / _WEEK if times else 0.0


def _report(
    in_force: InForce,
    database: Database,
    background: Background | None,
    concept: Concept,
    judged: Judged,
    ids: Sequence[int],
) -> Report:
    look = in_force.matcher.panel.second_look if in_force.matcher.panel else None
    now, before = Panel([concept], background, judged, look), Panel([concept], background, None, look)
    seen = _looked_at(database, now, before if concept.id in judged else now, ids)
    best_first = np.argsort(-seen.scores, kind="stable").tolist()
    over = [row for row in best_first if seen.scores[row] >= OVER]
    under = best_first[len(over) :]
    told = partial(_bordering, in_force, seen)
    return Report(
        concept=concept.id,
        description=concept.description,
        tier=now.tier,
        background=len(now.background),
        bundled=now.is_bundled,
        looked_at=len(seen.articles),
        since=min((one.stored_at for one in seen.articles), default=None),
        settings=list(_settings(concept, now, seen.raw, seen.weeks())),
        over=[*map(told, over[-_BORDER:])],
        under=[*map(told, under[:_BORDER])],
        judged=_change(seen, judged[concept.id], over, under, told) if concept.id in judged else None,
    )


def _looked_at(database: Database, now: Panel, before: Panel, ids: Sequence[int]) -> _Seen:
    articles: list[StoredArticle] = []
    raws = []
    with progress("Looking at articles", len(ids)) as step:
        for stored in _articles(database, ids):
            language, fields = primary(stored.article.language), fields_of(stored.article)
            sketch = now.sketch(fields, language)
            first = now.raw(sketch, language, fields)[0]
            raws.append((first, first if before is now else before.raw(sketch, language, fields)[0]))
            articles.append(stored)
            step()
    raw = np.array(raws, np.float32).reshape(-1, 2)
    (gauge,), (old,) = now.gauges.values(), before.gauges.values()
    return _Seen(articles=articles, raw=raw[:, 0], scores=gauge.scores(raw[:, 0]), old_scores=old.scores(raw[:, 1]))


def _change(
    seen: _Seen,
    judged: tuple[Sequence[Sketch], Sequence[Sketch]],
    over: Sequence[int],
    under: Sequence[int],
    told: Callable[[int], Bordering],
) -> Change:
    """Compare what is over the threshold with what would be without the judgements."""
    good, bad = judged
    come = [row for row in over if seen.old_scores[row] < OVER]
    gone = [row for row in under if seen.old_scores[row] >= OVER]
    return Change(
        good=len(good),
        bad=len(bad),
        flagged_before=int((seen.old_scores >= OVER).sum()),
        flagged=len(over),
        come=[*map(told, come[:_BORDER])],
        gone=[*map(told, gone[:_BORDER])],
    )


def _articles(database: Database, ids: Sequence[int]) -> Iterator[StoredArticle]:
    for at in range(0, len(ids), calibration.CHUNK):
        yield from calibration.stored(database, ids[at : at + calibration.CHUNK])


def _settings(concept: Concept, panel: Panel, raw: np.ndarray, weeks: float) -> Iterator[Setting]:
    gauge = panel.gauges[concept.id]
    wanted = sorted({*SETTINGS, *([concept.per_week] if concept.per_week else [])})
    for per_week in [None, *(wanted if panel.background.per_week else [])]:
        threshold = threshold_at(gauge, replace(concept, per_week=per_week), panel.background)
        flagged = int((raw >= threshold).sum())
        yield Setting(
            about=f"{per_week:g}/week" if per_week else "default",
            score=round(float(gauge.scores(np.array([threshold], np.float32))[0]), 2),
            flagged=flagged,
            per_week=round(flagged / weeks, 1) if weeks >= 1 else None,
            in_force=per_week == concept.per_week,
        )


def _bordering(in_force: InForce, seen: _Seen, row: int) -> Bordering:
    stored = seen.articles[row]
    source = in_force.sources.get(stored.source_id)
    return Bordering(
        score=round(float(seen.scores[row]), 3),
        title=stored.article.title,
        url=stored.article.url,
        source=source.name if source else stored.source_id,
        stored_at=stored.stored_at,
    )


# -- in words ---------------------------------------------------------------------------------------------------------


def _in_words(report: Report) -> Iterator[str]:
    yield f"{plain(report.description)}"
    what = "that come with Newsvane, for the archive is small yet" if report.bundled else "of the archive"
    yield f"scored by: {report.tier}, measured against {report.background:,} articles {what}"
    if not report.looked_at:
        yield "no article came since Newsvane started: nothing to look at"
        return
    yield f"looked at: {report.looked_at:,} articles since {local_time(report.since)}"
    for setting in report.settings:
        mark = "*" if setting.in_force else " "
        weekly = "" if setting.per_week is None else f", {setting.per_week:g} a week"
        yield f"{mark} about {setting.about:9} flags {setting.flagged}{weekly}; as a score, {setting.score:.2f}"
    for name, some in (("just over", report.over), ("just under", report.under)):
        yield f"{name}:" if some else f"{name}: none"
        yield from map(_line, some)
    if report.judged:
        yield from _changed(report.judged)


def _changed(judged: Change) -> Iterator[str]:
    yield f"judged: {judged.good} good, {judged.bad} bad; flagged {judged.flagged_before} before, {judged.flagged} now"
    for name, some in (("come", judged.come), ("gone", judged.gone)):
        if some:
            yield f"{name}:"
            yield from map(_line, some)


def _line(one: Bordering) -> str:
    day, title = local_time(one.stored_at)[:10], shorten(plain(one.title), _TITLE)
    return f"  {one.score:.2f}  {day}  {title} ({plain(one.source)})"
