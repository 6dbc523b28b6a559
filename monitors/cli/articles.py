"""`newsvane articles`: what is stored, and what of it was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crawler.store.articles import stored_articles
from crawler.store.versions import versions
from monitors.cli.changes import as_fields, in_words
from monitors.cli.extract import article_fields
from monitors.cli.flag_words import flags_told
from monitors.cli.opening import now, open_database
from monitors.cli.options import config_option, since_option
from monitors.cli.output import tell, write_json
from monitors.digest.inert import plain
from monitors.store.updates import watchlists_concerned

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crawler.domain import StoredArticle
    from monitors.cli.options import Since


@click.command()
@config_option
@since_option("Only what was stored in this time: 90m, 12h, 2d, 1w; or since a date, 2026-11-02.")
@click.option("--source", metavar="ID", help="Only what this source brought.")
@click.option("--changes", is_flag=True, help="What was edited or withdrawn, and how (see track_changes).")
@click.option("--jsonl", "--json", "as_jsonl", is_flag=True, help="Everything, as one JSON object a line.")
def articles(config: Path | None, *, since: Since | None, source: str | None, changes: bool, as_jsonl: bool) -> None:
    """List the articles that are stored, the oldest first.

    \b
    newsvane articles --since 2d
    newsvane articles --source scmp-tech --jsonl > articles.jsonl
    newsvane articles --changes --since 2d
    """
    earliest = since.at(now()) if since is not None else None
    with open_database(config) as database, database.read() as session:
        if changes:
            _show_changes(session, earliest, source, as_jsonl=as_jsonl)
            return
        for stored in stored_articles(session, since=earliest, source_id=source):
            if as_jsonl:
                write_json(_fields(stored))
            else:
                tell(f"{stored.stored_at:%Y-%m-%d %H:%M}  {stored.source_id}  {plain(stored.article.title)}")
                tell(f"    {plain(stored.article.url)}")
                if stored.article.flags:
                    tell(f"    {plain(flags_told(stored.article.flags))}")


def _show_changes(session: Session, since: datetime | None, source: str | None, *, as_jsonl: bool) -> None:
    for version in versions(session, since=since, source_id=source):
        concerned = watchlists_concerned(session, version.id)
        if as_jsonl:
            write_json(as_fields(version, concerned))
        else:
            click.echo("\n".join(in_words(version, concerned)))


def _fields(stored: StoredArticle) -> dict[str, Any]:
    return {
        "id": stored.id,
        "url": stored.article.url,
        **article_fields(stored.article),
        "source": stored.source_id,
        "stored_at": stored.stored_at.isoformat(),
    }
