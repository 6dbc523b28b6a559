"""`newsvane mute` and `newsvane unmute`: to hear nothing of a watchlist or a story for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from crawler.errors import NewsvaneError
from crawler.yaml_file import nearest
from monitors.cli.opening import now, open_reading
from monitors.cli.options import DurationType, config_option, json_option
from monitors.cli.output import local_time, tell, write_json
from monitors.digest.inert import shorten
from monitors.store import mutes as mute_store
from monitors.store import stories as story_store

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy.orm import Session

    from monitors.in_force import InForce
    from monitors.store.mutes import Mute, MuteKind

_TITLE = 80
_MOST_NUMBER = 2**63 - 1  # that a database knows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What somebody asked for."""

    kind: MuteKind
    target: str
    told: str
    """What it is called."""


@click.command("mute")
@config_option
@json_option
@click.argument("target", metavar="[STORY|WATCHLIST]", required=False)
@click.option("--for", "duration", type=DurationType(), metavar="7d", help="For how long; without it, until `unmute`.")
def mute_command(config: Path | None, *, as_json: bool, target: str | None, duration: timedelta | None) -> None:
    """Hear nothing of a watchlist (its id) or a story (its number) for a while; without one, list what is muted.

    What a muted watchlist finds waits, and is told as one afterwards. What comes on a muted story is not told.

    \b
    newsvane mute china-cyber-law --for 12h
    newsvane mute 1234 --for 7d
    newsvane mute
    """
    with open_reading(config) as (in_force, database):
        if target is None:
            if duration is not None:
                raise click.UsageError("--for needs the number of a story, or the id of a watchlist")
            with database.read() as session:
                _list(session, in_force, as_json=as_json)
            return
        moment = now()
        try:
            until = None if duration is None else moment + duration
        except OverflowError:
            raise click.BadParameter("is longer than time goes", param_hint="--for") from None
        asked = database.write(_mute, in_force, target, until, moment)
    if as_json:
        write_json({"kind": asked.kind, "target": asked.target, "told": asked.told, "until": until})
    else:
        told = f"until {local_time(until)}" if until else f"until `newsvane unmute {asked.target}`"
        tell(f"{asked.told} is muted {told}")


def _mute(session: Session, in_force: InForce, target: str, until: datetime | None, moment: datetime) -> _Named:
    asked = _find(session, in_force, target)
    mute_store.mute(session, asked.kind, asked.target, until=until, now=moment)
    return asked


@click.command("unmute")
@config_option
@json_option
@click.argument("target", metavar="STORY|WATCHLIST")
def unmute_command(config: Path | None, *, as_json: bool, target: str) -> None:
    """Hear of a watchlist or a story again. What waited is told by the service within a minute.

    \b
    newsvane unmute china-cyber-law
    newsvane unmute 1234
    """
    with open_reading(config) as (in_force, database):
        found = database.write(_unmute, in_force, target)
    if as_json:
        write_json({"kind": found.kind, "target": found.target, "kept_quiet": found.kept_quiet})
    else:
        tell(f"{found.told} is not muted any more{_afterwards(found)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Muted(_Named):
    kept_quiet: int


def _unmute(session: Session, in_force: InForce, target: str) -> _Muted:
    there = mute_store.mutes(session, now=now())
    lifted = next((one for one in there if one.target == target), None)
    if lifted is None and target.isdecimal():  # the number of another article of the story
        story = _story(session, int(target))
        lifted = next((one for one in there if story and (one.kind, one.target) == ("story", story.target)), None)
    if lifted is None:
        raise NewsvaneError(f"{shorten(target, _TITLE)} is not muted{_nearest(target, [one.target for one in there])}")
    muted = _muted(session, in_force, lifted)
    mute_store.unmute(session, lifted.kind, lifted.target)
    return muted


def _nearest(target: str, there: Collection[str]) -> str:
    return nearest(target, there) or (f"; muted are: {', '.join(there)}" if there else "; nothing is")


# -- what is meant ----------------------------------------------------------------------------------------------------


def _find(session: Session, in_force: InForce, target: str) -> _Named:
    """Return the watchlist of an id, or the story of a number. A watchlist whose id is a number comes first.

    Raises:
        click.UsageError: there is neither.
    """
    watchlist = in_force.watchlists.get(target)
    if watchlist:
        return _Named(kind="watchlist", target=target, told=f"the watchlist {target}")
    if target.isdecimal():
        story = _story(session, int(target))
        if story:
            return story
        raise click.UsageError(f"no story has the number {target}; each stands in the message that told the story")
    by_name = next((one.id for one in in_force.watchlists.values() if one.name == target), None)
    hint = f"; the one of that name has the id {by_name}" if by_name else nearest(target, in_force.watchlists)
    hint = hint or "; a story is muted by its number, a watchlist by its id"
    raise click.UsageError(f"no watchlist is called {shorten(target, _TITLE)}{hint}")


def _story(session: Session, number: int) -> _Named | None:
    """Return the story of a number, or the one that the article of this number belongs to."""
    if number > _MOST_NUMBER:
        return None
    found = story_store.story_called(session, number)
    if found is None:
        return None
    story_id, title = found
    return _Named(kind="story", target=str(story_id), told=f"story {story_id} ({shorten(title, _TITLE)})")


# -- the list ---------------------------------------------------------------------------------------------------------


def _list(session: Session, in_force: InForce, *, as_json: bool) -> None:
    there = [(one, _muted(session, in_force, one)) for one in mute_store.mutes(session, now=now())]
    if not there and not as_json:
        tell("nothing is muted")
    for one, muted in there:
        if as_json:
            kept = {"since": one.since, "until": one.until, "kept_quiet": muted.kept_quiet}
            write_json({"kind": one.kind, "target": one.target, "told": muted.told, **kept})
        else:
            until = f"until {local_time(one.until)}" if one.until else "until it is lifted"
            tell(f"{muted.told}: {until}{_afterwards(muted)}")


def _muted(session: Session, in_force: InForce, one: Mute) -> _Muted:
    story = _story(session, int(one.target)) if one.kind == "story" else None
    told = story.told if story else f"{'the ' if one.kind == 'watchlist' else ''}{one.kind} {one.target}"
    if one.kind == "watchlist" and one.target not in in_force.watchlists:
        told += " (which the configuration has not any more)"
    return _Muted(kind=one.kind, target=one.target, told=told, kept_quiet=mute_store.kept_quiet(session, one))


def _afterwards(muted: _Muted) -> str:
    """Say how much was kept quiet, and what becomes of it."""
    if not muted.kept_quiet:
        return ""
    number = f"{muted.kept_quiet:,} {'match' if muted.kept_quiet == 1 else 'matches'}"
    return f"; {number} {'wait' if muted.kind == 'watchlist' else 'not told'}"
