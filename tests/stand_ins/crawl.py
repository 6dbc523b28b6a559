"""What the crawl is tested with: sites on loopback that remember every request, and a desk that keeps all in memory."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from crawler.desk import Assignment
from crawler.domain import Article, Page, Source, Validators
from crawler.errors import TemporaryFetchError
from crawler.fetch.politeness import Politeness
from crawler.identity import canonical_url
from crawler.parsing import in_thread
from crawler.run import crawl
from crawler.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.desk import HostDay, Robots
    from crawler.domain import Entry, FetchOutcome
    from crawler.errors import FetchError
    from crawler.parsing import Parse
    from stand_ins.newsroom import Clock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NewSite = Callable[..., Awaitable["Site"]]
Reply = Callable[..., Handler]


@dataclass(frozen=True)
class Hit:
    path: str
    started: float
    ended: float
    headers: dict[str, str]


@dataclass
class Site:
    """One host on loopback. `pages` holds what it answers: text, bytes, a response, or a function of the request."""

    pages: dict[str, Any] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    most_at_once: int = 0
    port: int = 0
    ssl: Any = None
    _at_once: int = 0
    _runner: web.AppRunner | None = None

    def url(self, path: str = "") -> str:
        return f"{'https' if self.ssl else 'http'}://127.0.0.1:{self.port}{path}"

    def feed(self, *paths: str, extra: str = "") -> str:
        items = "".join(f"<item><title>About {path}</title><link>{path}</link></item>" for path in paths)
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}{extra}</channel></rss>'

    def asked(self, *, robots: bool = False) -> list[str]:
        return [hit.path for hit in self.hits if robots or hit.path != "/robots.txt"]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.ssl)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._answer(request)
        finally:
            self._at_once -= 1
            self.hits.append(Hit(request.raw_path, started, time.monotonic(), dict(request.headers)))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = self.pages.get(request.raw_path)
        if callable(answer):
            answer = await answer(request)
        if answer is None:
            return web.Response(status=404, text="not here")
        if isinstance(answer, str):
            return web.Response(text=answer, content_type="text/html")
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="text/html")
        return answer


@dataclass
class MemoryDesk:
    """Keeps what a crawl brings in, and every call in its order."""

    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    failures: dict[str, FetchError] = field(default_factory=dict)
    outcomes: dict[str, FetchOutcome] = field(default_factory=dict)
    kept_robots: dict[str, Robots] = field(default_factory=dict)
    kept_bars: dict[str, datetime] = field(default_factory=dict)
    requests: list[HostDay] = field(default_factory=list)
    ended: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    """By source: set when it is finished."""

    async def discovered(self, source: Source, entries: Sequence[Entry]) -> Sequence[Entry]:
        fresh = [entry for entry in entries if entry.link not in self.links]
        self.calls.append(("discovered", source.id, [entry.link for entry in entries]))
        self.links.update(entry.link for entry in entries)
        return fresh

    async def passed_over(self, source: Source, entries: Sequence[Entry]) -> None:
        self.calls.append(("passed_over", source.id, [entry.link for entry in entries]))
        self.links.update(entry.link for entry in entries)

    async def fetched(
        self,
        source: Source,
        entry: Entry,
        article: Article,
        validators: Validators = Validators(),  # noqa: ARG002, B008  (frozen)
    ) -> bool:
        self.calls.append(("fetched", source.id, entry.link))
        new = article.url not in self.articles
        self.articles.setdefault(article.url, article)
        return new

    async def failed(self, source: Source, entry: Entry, error: FetchError) -> bool:
        self.calls.append(("failed", source.id, entry.link))
        self.failures[entry.link] = error
        return isinstance(error, TemporaryFetchError)

    async def finished(self, source: Source, outcome: FetchOutcome) -> None:
        self.calls.append(("finished", source.id, outcome))
        self.outcomes[source.id] = outcome
        self.ended[source.id].set()

    async def robots(self, host: str) -> Robots | None:
        return self.kept_robots.get(host)

    async def keep_robots(self, host: str, robots: Robots) -> None:
        self.kept_robots[host] = robots

    async def bars(self) -> dict[str, datetime]:
        return dict(self.kept_bars)

    async def keep_bar(self, host: str, until: datetime) -> None:
        self.kept_bars[host] = until

    async def add_requests(self, days: Sequence[HostDay]) -> None:
        self.requests += days

    def names(self, source: str = "source") -> list[str]:
        return [name for name, of, _ in self.calls if of == source]


async def extract(page: Page) -> Article:
    title = page.entry.title if page.entry else ""
    return Article(url=canonical_url(page.url), title=title, text=page.body.decode(errors="replace"))


@dataclass
class Crawl:
    """Crawls as the service does, with a desk and a pace that outlive each crawl."""

    desk: MemoryDesk
    clock: Clock
    delay: timedelta = timedelta(0)
    extract: Callable[[Page], Awaitable[Article]] = extract
    parse: Parse = in_thread
    politeness: Politeness | None = None
    sites: list[Site] = field(default_factory=list)
    allow_private: tuple[str, ...] | None = None
    """None: the sites of the test."""
    proxy: str | None = None

    async def __call__(self, *assignments: Assignment | str) -> dict[str, FetchOutcome]:
        return await crawl(
            [_assignment(one, number) for number, one in enumerate(assignments)],
            self.desk,
            self.extract,
            settings=self.settings(),
            politeness=self.pace(),
            parse=self.parse,
        )

    def pace(self) -> Politeness:
        if self.politeness is None:
            self.politeness = Politeness(self.delay, now=self.clock)
        return self.politeness

    def settings(self) -> Settings:
        allowed = self.allow_private
        if allowed is None:
            allowed = tuple(f"127.0.0.0/8:{site.port}" for site in self.sites)
        return Settings.model_validate(
            {"languages": ["en"], "contact": "desk@example.org", "allow_private": list(allowed), "proxy": self.proxy}
        )


def _assignment(one: Assignment | str, number: int) -> Assignment:
    if isinstance(one, Assignment):
        return one
    name = "source" if number == 0 else f"source-{number}"
    return Assignment(source=Source(id=name, url=one, name=name))
