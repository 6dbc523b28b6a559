"""`newsvane articles`: what is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError

from crawler.store.articles import stored_articles
from crawler.yaml_types import Duration
from monitors.cli.extract import article_fields
from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option
from monitors.cli.output import write_json

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.domain import StoredArticle


class _DurationType(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return TypeAdapter(Duration).validate_python(value)
        except ValidationError:
            self.fail(f"{value!r} is no duration such as 90m, 12h or 2d", param, ctx)


@click.command()
@config_option
@click.option("--since", type=_DurationType(), metavar="2d", help="Only what was stored in this time: 90m, 12h, 2d.")
@click.option("--source", metavar="ID", help="Only what this source brought.")
@click.option("--jsonl", "--json", "as_jsonl", is_flag=True, help="Everything, as one JSON object a line.")
def articles(config: Path | None, *, since: timedelta | None, source: str | None, as_jsonl: bool) -> None:
    """List the articles that are stored, the oldest first.

    \b
    newsvane articles --since 2d
    newsvane articles --source scmp-tech --jsonl > articles.jsonl
    """
    earliest = now() - since if since is not None else None
    with open_database(config) as database, database.read() as session:
        for stored in stored_articles(session, since=earliest, source_id=source):
            if as_jsonl:
                write_json(_fields(stored))
            else:
                click.echo(f"{stored.stored_at:%Y-%m-%d %H:%M}  {stored.source_id}  {stored.article.title}")
                click.echo(f"    {stored.article.url}")


def _fields(stored: StoredArticle) -> dict[str, Any]:
    return {
        "id": stored.id,
        "url": stored.article.url,
        **article_fields(stored.article),
        "source": stored.source_id,
        "stored_at": stored.stored_at.isoformat(),
    }
