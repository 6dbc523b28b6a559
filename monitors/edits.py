"""Matches edited articles once more, as they were and as they are, and records what that changes of their matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from crawler.changes import change_between
from monitors.store import matches as match_store
from monitors.store import updates as update_store
from monitors.store.matches import Found
from monitors.stories.updates import Changed, Effect, surest, update_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crawler.changes import Change
    from crawler.domain import Article
    from monitors.domain import Match, UpdateKind
    from monitors.in_force import InForce
    from monitors.stories.updates import Edit

    Keys = Callable[[Found], list[str]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reread:
    """An edited article with what its edit comes to under each watchlist that finds it in either wording."""

    edit: Edit
    change: Change | None
    effects: tuple[Effect, ...]


def reread(in_force: InForce, edits: Iterable[Edit]) -> list[Reread]:
    """Match edited articles as they were and as they are. Touches no database: long texts take a while to compare."""
    return [_reread(in_force, edit) for edit in edits]


def _reread(in_force: InForce, edit: Edit) -> Reread:
    before, failed_before = _matches(in_force, edit.before, edit.sources)
    after, failed_after = _matches(in_force, edit.article.article, edit.sources)
    before |= {one: after[one] for one in failed_before & after.keys()}  # it is told as new, and no edit blamed for it
    concerned = [one for one in {**before, **after} if one not in failed_after]
    if not concerned:
        return Reread(edit, None, ())
    change = change_between(edit.before, edit.article.article)
    changed = Changed.of(edit, change)
    effects = (_effect(one, before.get(one, {}), after.get(one, {}), changed) for one in concerned)
    return Reread(edit, change, tuple(effects))


def _effect(watchlist_id: str, was: Mapping[str, Match], is_now: Mapping[str, Match], changed: Changed) -> Effect:
    before, after = (some.get(surest(some) or "") for some in (was, is_now))
    diffs = changed.diffs(before, after)
    return Effect(watchlist_id=watchlist_id, before=before, after=is_now, diffs=diffs)


def _matches(
    in_force: InForce, article: Article, sources: Sequence[str]
) -> tuple[dict[str, dict[str, Match]], set[str]]:
    """Return the matches of an article by watchlist and source, and the watchlists that failed on it."""
    matches: dict[str, dict[str, Match]] = {}
    failed: set[str] = set()
    for source_id in sources:
        matched = in_force.match(article, source_id)
        for match in matched.matches:
            matches.setdefault(match.watchlist_id, {})[source_id] = match
        for error in matched.errors:
            failed.add(error.watchlist_id)
            log.error("match_failed", article=article.url, watchlist=error.watchlist_id, error=str(error))
    return matches, failed


def record_edits(session: Session, articles: Iterable[Reread], keys: Keys, *, now: datetime) -> list[Found]:
    """Write what edits change of matches, and take their articles out of the queue; return the matches concerned.

    `keys` says under which keys a match is to be told, if it is news. An article that was edited once more meanwhile,
    or that another service has read, is passed over.
    """
    concerned: list[Found] = []
    for one in articles:
        if not update_store.is_as_read(session, one.edit):
            continue
        known = match_store.matches_on(session, one.edit.article.id)
        for effect in one.effects:
            found = _record(session, one, effect, known.get(effect.watchlist_id), keys, now)
            concerned += [found] if found else []
        update_store.edit_was_read(session, one.edit)
    return concerned


def _record(
    session: Session, one: Reread, effect: Effect, known: Found | None, keys: Keys, now: datetime
) -> Found | None:
    """Bring a match up to date and record how the edit has changed it; return it if there is anything to tell."""
    standing = known.match if known and known.lost_at is None else None
    found = _now(one.edit, effect, known)
    after = found.match if found else None
    kinds = update_kinds(before=effect.before, known=standing, after=after, change=one.change)
    found = _kept(session, one.edit, found, known, kinds, keys, now)
    if found is None:
        return None
    for kind in kinds:
        update_store.record_update(session, one.edit, found.id, kind, effect.diffs.get(kind, ()))
    return found if kinds or not known or known.match.is_related else None


def _kept(
    session: Session,
    edit: Edit,
    found: Found | None,
    known: Found | None,
    kinds: Collection[UpdateKind],
    keys: Keys,
    now: datetime,
) -> Found | None:
    """Write the match as it is now; return it if there is one, or if it was lost."""
    if known is None:
        return match_store.record_match(session, found, keys(found), now=now) if found else None
    if known.match.is_related:
        return _kept_related(session, edit, found, known, keys, now)
    if found is not None:
        update_store.renew_match(session, found, keys(found) if "gained" in kinds else None)
        return found
    if "lost" not in kinds:
        return None
    update_store.lose_match(session, known.id, at=edit.at)
    return known


def _kept_related(
    session: Session, edit: Edit, found: Found | None, known: Found, keys: Keys, now: datetime
) -> Found | None:
    """Write what became of a match that was only related; return it if it is news, for it does match now."""
    if found is None:
        update_store.lose_match(session, known.id, at=edit.at)
    elif found.match.is_related:
        update_store.renew_match(session, found, None)
    else:
        return match_store.promote(session, found, keys(found), now=now)
    return None


def _now(edit: Edit, effect: Effect, known: Found | None) -> Found | None:
    """Return the match as it is now: the surest, by the source it was found at, if it still counts there.

    Of what matched once, none is left where it is only related.
    """
    source_id = surest(effect.after, known.source_id if known else None)
    if source_id is None:
        return None
    found = Found(match=effect.after[source_id], article=edit.article, source_id=source_id, id=known.id if known else 0)
    return None if known and found.match.is_related and not known.match.is_related else found
