"""Finds the watchlist that somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.yaml_file import nearest

if TYPE_CHECKING:
    from monitors.domain import Watchlist
    from monitors.in_force import InForce

_MOST_NAMED = 20


def asked_watchlist(in_force: InForce, watchlist_id: str) -> Watchlist:
    """Return the watchlist of this id, as the configuration has it.

    Raises:
        click.UsageError: there is none.

    """
    watchlist = in_force.watchlists.get(watchlist_id)
    if watchlist is not None:
        return watchlist
    by_name = next((one for one in in_force.watchlists.values() if one.name == watchlist_id), None)
    if by_name is not None:
        raise click.UsageError(f"no watchlist has the id {watchlist_id}; the one of that name has the id {by_name.id}")
    raise click.UsageError(
        f"no watchlist has the id {watchlist_id}{nearest(watchlist_id, in_force.watchlists)}{_known(in_force)}"
    )


def _known(in_force: InForce) -> str:
    ids = sorted(in_force.watchlists)
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return f"; there are: {', '.join(ids[:_MOST_NAMED])}{more}" if ids else "; there are: none"
