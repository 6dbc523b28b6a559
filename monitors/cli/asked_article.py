"""Finds the article that somebody asks about: in a file, on standard input, in the database, or on the web."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast
from urllib.parse import urlsplit

import click

from crawler.domain import Article, Page
from crawler.errors import ConfigError, NewsvaneError
from crawler.extract.clean import clean
from crawler.extract.language import detect
from crawler.extract.pool import MAX_PAGE, ExtractionPool
from crawler.identity import canonical_url
from crawler.store.articles import article_at
from crawler.yaml_file import nearest
from monitors.age import why_left_out
from monitors.cli.article_line import Line, read_line
from monitors.cli.flag_words import flags_told
from monitors.cli.opening import now, open_database_if_there
from monitors.cli.output import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from crawler.domain import Source, StoredArticle
    from crawler.settings import Settings
    from monitors.watchlist_file import Configuration

Origin = Literal["file", "stored", "fetched"]

_NOWHERE = "https://saved.page.invalid/"
"""Where a saved page is said to come from when nobody told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked about: an address or a file, and what is said of it beside."""

    target: str
    title: str | None = None
    language: str | None = None
    source: str | None = None
    url: str | None = None
    id: str | None = None

    @property
    def is_address(self) -> bool:
        return self.target.lower().startswith(("http://", "https://"))


class Found(NamedTuple):
    """An article, where it was found, and its source if that is known."""

    article: Article
    source: Source | None
    origin: Origin
    left_out: str = ""
    """Why it is not matched, whatever it says."""


def find_article(asked: Asked, config: Path | None, configuration: Configuration) -> Found:
    """Find the article. A page on the web is fetched as politely as by a crawl, and not stored.

    Raises:
        NewsvaneError: it cannot be had.
        click.UsageError: what was asked makes no sense.
    """
    sources = {source.id: source for source in configuration.sources}
    if asked.source is not None and asked.source not in sources:
        told = f"no source has the id {asked.source}{nearest(asked.source, sources)}"
        raise click.BadParameter(told, param_hint="--source")
    if asked.is_address:
        found = _on_the_web(asked, config, configuration.settings, sources)
    else:
        found = _in_a_file(asked, configuration.settings, sources)
    source = sources[asked.source] if asked.source else found.source
    return found._replace(article=_as_said(found.article, asked, source, configuration.settings), source=source)


def _as_said(article: Article, asked: Asked, source: Source | None, settings: Settings) -> Article:
    """Put what was said on the command line in place of what was found."""
    title = article.title if asked.title is None else clean(asked.title)
    language = asked.language or article.language or (source and source.language)
    language = language or detect(f"{title}\n{article.lead}\n{article.text}", languages=settings.languages)
    return replace(article, title=title, language=language)


def _canonical(url: str, what: str) -> str:
    try:
        return canonical_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=what) from None


# -- on the web -------------------------------------------------------------------------------------------------------


def _on_the_web(asked: Asked, config: Path | None, settings: Settings, sources: Mapping[str, Source]) -> Found:
    if asked.url is not None:
        raise click.UsageError("--url says where a file came from")
    url = _canonical(asked.target, "URL")
    if stored := _stored(url, config):
        click.echo(f"from the database: stored on {stored.stored_at:%Y-%m-%d}, from {stored.source_id}", err=True)
        _tell_flags(stored.article, url)
        left_out = why_left_out(stored.article, stored.stored_at, settings.max_age)
        return Found(stored.article, sources.get(stored.source_id), "stored", left_out)
    article = _fetched(asked.target, settings)
    click.echo("not in the database: fetched now, and not stored", err=True)
    return Found(article, None, "fetched", why_left_out(article, now(), settings.max_age))


def _stored(url: str, config: Path | None) -> StoredArticle | None:
    with open_database_if_there(config) as database:
        if database is None:
            return None
        with database.read() as session:
            return article_at(session, url)


def _fetched(url: str, settings: Settings) -> Article:
    if not settings.contact:
        raise ConfigError("settings.contact is missing: sites must be able to reach whoever fetches their pages")
    from crawler.fetch.politeness import Politeness
    from crawler.run import fetch_page, run_in_reactor

    async def fetch() -> Article:
        page = await fetch_page(url, settings=settings, politeness=Politeness(settings.politeness.delay, now=now))
        return await _extracted(page, settings)

    return _readable(run_in_reactor(fetch), url)


async def _extracted(page: Page, settings: Settings) -> Article:
    async with ExtractionPool(1, languages=settings.languages) as pool:
        return await pool.extract(page)


def _readable(article: Article, where: str) -> Article:
    if not (article.title or article.lead or article.text):
        raise NewsvaneError(f"{where}: holds no article that can be read")
    _tell_flags(article, where)
    return article


def _tell_flags(article: Article, where: str) -> None:
    if article.flags:
        tell(f"{where}: {flags_told(article.flags)}", err=True)


# -- in a file --------------------------------------------------------------------------------------------------------


def _in_a_file(asked: Asked, settings: Settings, sources: Mapping[str, Source]) -> Found:
    name, url = asked.target, _canonical(asked.url, "--url") if asked.url else None
    match ".txt" if name == "-" else Path(name.removesuffix(".gz")).suffix.lower():
        case ".html" | ".htm":
            return Found(_saved_page(name, asked.url, settings), None, "file")
        case ".txt":
            return Found(Article(url=url or "", title="", text=_text(name)), None, "file")
        case ".json" | ".jsonl":
            line = _line(name, asked.id, sources)
            source = sources.get(line.source)
            article = line.article(settings.languages, source)
            return Found(replace(article, url=url or article.url), source, "file")
    raise click.UsageError(f"{name}: neither an address nor a file that ends in .html, .txt, .json, .jsonl (or .gz)")


def _saved_page(name: str, url: str | None, settings: Settings) -> Article:
    page = Page(url=url or _NOWHERE, body=_read(name))
    article = _readable(asyncio.run(_extracted(page, settings)), name)
    if url:
        return article
    site = None if article.site == urlsplit(_NOWHERE).hostname else article.site
    return replace(article, url="", site=site)


def _text(name: str) -> str:
    body = _read(name)
    if len(body) > MAX_PAGE:
        raise NewsvaneError(f"{name}: is longer than {MAX_PAGE:,} bytes, which no article is")
    return clean(body.decode("utf-8-sig", "replace"))


def _line(name: str, wanted: str | None, sources: Mapping[str, Source]) -> Line:
    """Return the line of a file that was asked for by its id, else the first."""
    with _opened(name) as stream:
        for number, line in enumerate(_documents(stream, sources), 1):
            read = read_line(line, sources)
            if isinstance(read, str) and wanted is None:
                raise NewsvaneError(f"{name}:{number}: {read}")
            if isinstance(read, Line) and wanted in {None, str(read.id)}:
                return read
    raise NewsvaneError(f"{name}: holds no article" + (f" with the id {wanted}" if wanted else ""))


def _documents(stream: IO[bytes], sources: Mapping[str, Source]) -> Iterator[bytes]:
    """Yield the lines of a file or, where one article is written on several of them, all of it."""
    first = stream.readline()
    if first.strip() == b"{":
        whole = first + stream.read()
        yield from [whole] if isinstance(read_line(whole, sources), Line) else whole.split(b"\n")
        return
    yield first
    yield from stream


def _read(name: str) -> bytes:
    """Return the bytes of a file or of standard input, at most one more than a page may have."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_PAGE + 1)
    with _opened(name) as stream:
        return stream.read(MAX_PAGE + 1)


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(name) if name.endswith(".gz") else Path(name).open("rb") as stream:
            yield cast("IO[bytes]", stream)
    except FileNotFoundError:
        raise click.UsageError(f"{name}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise NewsvaneError(f"{name}: {error}") from error
