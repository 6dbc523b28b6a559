"""Looks again at the pages of articles that are watched for edits, as the same polite guest that read them first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import structlog

from crawler.changes import change_between, doubt, is_same
from crawler.desk import RobotsShelf
from crawler.domain import Validators
from crawler.errors import FetchError, trouble_in
from crawler.identity import untracked_url
from crawler.revisits import Seen
from crawler.run import page_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from crawler.domain import Article, Page
    from crawler.fetch.client import Answer, Client
    from crawler.fetch.politeness import Politeness
    from crawler.fetch.scrapy import Download
    from crawler.revisits import Kind, Visit
    from crawler.settings import Settings

log = structlog.get_logger()

WITHDRAWN = frozenset({"http-404", "http-410"})


class VisitDesk(RobotsShelf, Protocol):
    """Keeps what visits bring. What it is told is written when it returns."""

    async def visited(self, visit: Visit, seen: Seen) -> None:
        """Record what a visit came to, and when to come again."""


async def revisit(
    visits: Sequence[Visit],
    desk: VisitDesk,
    extract: Callable[[Page], Awaitable[Article]],
    *,
    settings: Settings,
    politeness: Politeness,
) -> list[Seen]:
    """Look at pages again; return what each visit came to, which the desk was told as soon as it ended.

    Runs on the loop of `run_in_reactor`.
    """
    # only now, since importing Twisted's reactor before run_in_reactor would install another one
    from crawler.fetch.client import Client
    from crawler.fetch.scrapy import run_spider

    if not visits:
        return []

    async def visit_all(download: Download) -> list[Seen | BaseException]:
        client = Client(download, desk, politeness)
        going = [_visit(one, desk, extract, client) for one in visits]
        async with client:
            return await asyncio.gather(*going, return_exceptions=True)

    ended = await run_spider(settings, visit_all)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in ended if isinstance(outcome, Seen)]


async def _visit(visit: Visit, desk: VisitDesk, extract: Callable[[Page], Awaitable[Article]], client: Client) -> Seen:
    seen = await _look(visit, extract, client)
    await desk.visited(visit, seen)
    _tell(visit, seen)
    return seen


async def _look(visit: Visit, extract: Callable[[Page], Awaitable[Article]], client: Client) -> Seen:
    published, get = visit.entry.address or visit.entry.link, client.reading(visit.source)
    try:
        address, rendered = untracked_url(published), visit.source.render
        async with get(address, published=published, validators=visit.validators, render=rendered) as answer:
            return await _seen(visit, answer, extract)
    except FetchError as error:
        return Seen(kind="withdrawn" if error.kind in WITHDRAWN else "failed", reason=str(error))
    # whatever one page makes the extraction trip over, the others are looked at; it is tried at the next visit
    except Exception as error:
        if trouble := trouble_in(error):
            raise trouble from None
        log.exception("extraction_broke", url=visit.article.article.url)
        return Seen(kind="failed", reason=repr(error)[:300])


async def _seen(visit: Visit, answer: Answer, extract: Callable[[Page], Awaitable[Article]]) -> Seen:
    if answer.status == 304:  # noqa: PLR2004  (not modified)
        if visit.validators == Validators():
            return Seen(kind="failed", reason="HTTP 304 to a question without conditions")
        return Seen(kind="unchanged")
    article = await extract(page_of(answer, visit.entry))
    # in a thread: two texts of thousands of paragraphs take a while
    return await asyncio.to_thread(judged, visit, article, answer.validators)


def judged(visit: Visit, article: Article, validators: Validators) -> Seen:
    """Return what a page that was read again says of its article."""
    known, headline = visit.article.article, article.headline
    if why := doubt(known, article):
        return Seen(kind="unusable", reason=why)
    article = _under_its_headline(visit, article)
    change = change_between(known, article)
    if change is None:
        kind: Kind = "restored" if visit.withdrawn else "unchanged"
        return Seen(kind=kind, validators=validators, headline=headline)
    return Seen(kind="edited", article=article, change=change, validators=validators, headline=headline)


def _under_its_headline(visit: Visit, article: Article) -> Article:
    """Return the article under the title that it had, or under that of its page, if the page has changed it.

    Its feed has named it once; that name says nothing of what was changed since.
    """
    if not visit.headline:
        return article
    changed = article.headline and not is_same(visit.headline, article.headline)
    return replace(article, title=article.headline if changed else visit.article.article.title)


def _tell(visit: Visit, seen: Seen) -> None:
    about = {"source": visit.source.id, "url": visit.article.article.url}
    match seen.kind:
        case "edited" if seen.change:
            change = seen.change
            log.info(
                "article_edited",
                **about,
                title=change.title is not None,
                added=change.added,
                removed=change.removed,
                changed=change.changed,
                correction=bool(change.correction),
            )
        case "withdrawn" if not visit.withdrawn:
            log.info("article_withdrawn", **about, reason=seen.reason)
        case "unusable" | "failed":
            log.info("revisit_failed", **about, reason=seen.reason)
        case _:
            log.debug("article_unchanged", **about)
