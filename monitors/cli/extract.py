"""`newsvane extract`: saved pages to articles, a line of JSON each. Needs no database and no configuration."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from crawler.domain import Article, Page
from crawler.extract.language import known_languages
from crawler.extract.pool import MAX_PAGE, ExtractionPool
from crawler.identity import canonical_url
from monitors.cli.output import tell, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

WORKERS = 2
AHEAD = 4 * WORKERS
"""How many pages are under way beyond the one that is written next, so that no worker waits for the disk."""


class Job(BaseModel):
    """A page to extract: what to call it, the address it came from, and the file it lies in."""

    model_config = ConfigDict(frozen=True)

    where: str
    """The line that asked for it: `in.jsonl:3`."""
    id: str | int
    url: str
    path: Path

    @field_validator("url")
    @classmethod
    def _is_of_the_web(cls, url: str) -> str:
        canonical_url(url)
        return url


@dataclass(frozen=True, slots=True)
class Row:
    """A line of output, and what is to be said about it at the terminal."""

    fields: Mapping[str, Any]
    problem: str | None = None


@click.command
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", help="The address that FILE came from.")
@click.option(
    "--jsonl",
    "source",
    metavar="IN",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='Lines {"id", "url", "path"}; a path is relative to IN. "-" reads standard input.',
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    callback=lambda _context, _option, codes: _known(codes),
    help="Tell the language among these only (ISO 639-1); repeatable.",
)
@click.option("--config", type=click.Path(path_type=Path), expose_value=False, help="Not needed here.")
def extract(file: Path | None, url: str | None, source: Path | None, languages: Sequence[str]) -> None:
    """Turn saved pages (.html or .html.gz) into articles: a line of JSON for each, in order, also where one failed."""
    if source and not (file or url):
        with click.open_file(str(source), encoding="utf-8", errors="replace") as stream:
            folder = Path() if str(source) == "-" else source.parent
            jobs = (_job(line, f"{source}:{n}", folder) for n, line in enumerate(stream, 1) if line.strip())
            asyncio.run(_write_all(jobs, languages))
    elif file and url and not source:
        line = json.dumps({"id": str(file), "url": url, "path": str(file)})
        asyncio.run(_write_all(iter([_job(line, str(file), Path())]), languages))
    else:
        raise click.UsageError("give either --jsonl IN, or FILE and --url URL")


def _known(codes: Sequence[str]) -> Sequence[str]:
    if unknown := sorted(set(codes) - known_languages()):
        raise click.BadParameter(f"cannot be told: {', '.join(unknown)}")
    return codes


def article_fields(article: Article) -> dict[str, Any]:
    """Return an article as JSON has it."""
    return {
        "canonical_url": article.url,
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "authors": list(article.authors),
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "site": article.site,
        "sections": list(article.sections),
        "flags": sorted(article.flags),
    }


def _job(line: str, where: str, folder: Path) -> Job | Row:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _bad(where, f"not JSON: {error}")
    if not isinstance(asked, dict):
        return _bad(where, "not a JSON object")
    try:
        job = Job.model_validate({**asked, "where": where})
    except ValidationError as error:
        return _bad(where, "; ".join(map(_reason, error.errors())), asked)
    return job.model_copy(update={"path": folder / job.path})


def _reason(error: ErrorDetails) -> str:
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


def _bad(where: str, problem: str, asked: Mapping[str, Any] | None = None) -> Row:
    asked = asked or {}
    article = Article(url="", title="", flags=frozenset({"bad-input"}))
    return Row({"id": asked.get("id"), "url": asked.get("url"), **article_fields(article)}, f"{where}: {problem}")


async def _write_all(jobs: Iterator[Job | Row], languages: Sequence[str]) -> None:
    under_way: deque[asyncio.Task[Row]] = deque()
    console = Console(stderr=True)
    progress = Progress(TextColumn("{task.completed} pages"), TimeElapsedColumn(), console=console, transient=True)
    progress.disable = not console.is_terminal
    with progress:
        bar = progress.add_task("", total=None)

        async def write_next() -> None:
            row = await under_way.popleft()
            write_json(row.fields)
            if row.problem:
                tell(row.problem, err=True)
            progress.advance(bar)

        async with ExtractionPool(WORKERS, languages=languages) as pool:
            while (job := await asyncio.to_thread(next, jobs, None)) is not None:
                under_way.append(asyncio.create_task(_row(pool, job)))
                if len(under_way) > AHEAD:
                    await write_next()
            while under_way:
                await write_next()


async def _row(pool: ExtractionPool, job: Job | Row) -> Row:
    if isinstance(job, Row):
        return job
    try:
        body = await asyncio.to_thread(_read, job.path)
    except (OSError, EOFError, zlib.error) as error:
        return _bad(job.where, f"{job.path}: {error}", job.model_dump())
    article = await pool.extract(Page(url=job.url, body=body))
    return Row({"id": job.id, "url": job.url, **article_fields(article)})


def _read(path: Path) -> bytes:
    """Return a file's bytes, at most one more than the pool takes: so much does a few kilobytes of gzip unpack to."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return stream.read(MAX_PAGE + 1)
