"""`newsvane feedback`: what somebody says of an article for a watchlist, which moves what the watchlist means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from crawler.errors import NewsvaneError
from crawler.store.articles import article_at, articles_by_id
from monitors.calibration import meant_by
from monitors.cli.asked_watchlist import asked_watchlist
from monitors.cli.opening import now, open_reading
from monitors.cli.options import config_option, json_option
from monitors.cli.output import tell, write_json
from monitors.digest.inert import shorten
from monitors.match.concepts.sketch import sketch
from monitors.match.concepts.words import WordTables
from monitors.match.reading import fields_of
from monitors.store import concepts as store
from monitors.store.concepts import Judgement
from monitors.text.stems import primary, stemmed

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crawler.domain import StoredArticle
    from monitors.domain import Watchlist

Verdict = Literal["good", "bad", "forget"]
_TITLE = 80
_MOST_NUMBER = 2**63 - 1  # that a database knows


@click.command()
@config_option
@json_option
@click.argument("article", metavar="ARTICLE")
@click.argument("verdict", type=click.Choice(["good", "bad", "forget"]))
@click.option("--watchlist", "watchlist_id", metavar="ID", required=True, help="For which watchlist it is good or bad.")
def feedback(config: Path | None, *, as_json: bool, article: str, verdict: Verdict, watchlist_id: str) -> None:
    """Say that an article (its address or its number) is what a watchlist means, or is not.

    It moves what the watchlist's keywords and concepts mean towards the article or away from it, for the articles that
    come from then on; `newsvane calibrate` shows what that changes. What holds a keyword or fulfils a query is found as
    before. `forget` takes it back.

    \b
    newsvane feedback https://example.org/news/1 good --watchlist china-cyber-law
    newsvane feedback 4711 bad --watchlist china-cyber-law
    newsvane feedback 4711 forget --watchlist china-cyber-law
    """
    with open_reading(config) as (in_force, database):
        watchlist = asked_watchlist(in_force, watchlist_id)
        if not meant_by(watchlist):
            raise NewsvaneError(f"the watchlist {watchlist.id} means no concept: it says `related: false`")
        title, url, counts = database.write(_judge, watchlist, article, verdict)
    if as_json:
        write_json({"watchlist": watchlist.id, "url": url, "verdict": verdict, **counts})
    else:
        told = "is judged no more" if verdict == "forget" else f"is {verdict}"
        tell(f"{shorten(title, _TITLE)}: {told} for {watchlist.id} ({counts['good']} good, {counts['bad']} bad)")


def _judge(session: Session, watchlist: Watchlist, asked: str, verdict: Verdict) -> tuple[str, str, dict[str, int]]:
    before = {one.url: one for one in store.judgements(session).get(watchlist.id, ())}
    if verdict == "forget":
        title, url = _forget(session, watchlist, asked, before)
    else:
        stored = _stored(session, asked)
        title, url = stored.article.title, stored.article.url
        store.judge(session, _judgement(watchlist, stored, good=verdict == "good"))
    after = store.judgements(session).get(watchlist.id, ())
    good = sum(one.good for one in after)
    return title, url, {"good": good, "bad": len(after) - good}


def _forget(session: Session, watchlist: Watchlist, asked: str, before: dict[str, Judgement]) -> tuple[str, str]:
    """Take a judgement back, also on an article that is not kept any more."""
    url = asked if asked in before else _stored(session, asked).article.url
    if not store.unjudge(session, watchlist.id, url):
        raise NewsvaneError(f"{asked} was not judged for {watchlist.id}")
    return before[url].title, url


def _judgement(watchlist: Watchlist, stored: StoredArticle, *, good: bool) -> Judgement:
    article = stored.article
    table = WordTables()[stemmed(primary(article.language))]
    return Judgement(
        watchlist_id=watchlist.id,
        url=article.url,
        title=article.title,
        good=good,
        judged_at=now(),
        sketch=sketch(fields_of(article), table).to_bytes(),
    )


def _stored(session: Session, asked: str) -> StoredArticle:
    if asked.isdecimal():
        number = int(asked)
        found = articles_by_id(session, [number]).get(number) if number <= _MOST_NUMBER else None
    else:
        found = article_at(session, asked)
    if found is None:
        what = "number" if asked.isdecimal() else "address"
        raise NewsvaneError(f"no article is stored with the {what} {asked}; `newsvane articles` lists them")
    return found
