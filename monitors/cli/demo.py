"""`newsvane demo`: the whole job on this machine, from three small newspapers to a digest in a mailbox."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.demo.tour import Outcome, Stage

RULE = "─" * 72


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-out"),
    show_default=True,
    help="Folder for the configuration, the database and the digests.",
)
@click.option("--keep", is_flag=True, help="Leave the newspapers and the mail catcher running until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary for programs.")
def demo(out: Path, keep: bool, as_json: bool) -> None:
    """Show the whole job: crawl three bundled newspapers, match, and mail the digests to a mail catcher."""
    from monitors.demo.tour import keep_html, play, stage

    with stage(out.resolve()) as on:
        if not as_json:
            _introduce(on)
        outcome = play(on, say=lambda command: click.secho(f"$ {command}", bold=True, err=as_json))
        files = keep_html(outcome, on.folder)
        if as_json:
            click.echo(json.dumps(_summary(on, outcome, files), ensure_ascii=False, indent=2))
        else:
            _tell(on, outcome, files)
        if keep:
            _wait()


def _introduce(on: Stage) -> None:
    for paper in on.papers:
        click.echo(f"Serving {paper.paper.name} at {paper.url}/ ({len(paper.paper.stories)} articles)")
    click.echo(f"Catching mail at {on.catcher.host}:{on.catcher.port}")
    click.echo(f"Working in {on.folder}, with newsvane.yaml and a fresh database")


def _tell(on: Stage, outcome: Outcome, files: Mapping[str, Path]) -> None:
    first = next(iter(outcome.digests.values()))
    click.secho(f"\n{RULE}\n{first.subject}\n{RULE}", fg="cyan")
    click.echo(first.text.strip())
    click.secho(RULE, fg="cyan")
    click.echo("\nIn the inbox:")
    for mail in outcome.alerts:
        click.echo(f"  alert   {mail.subject}  → {', '.join(mail.recipients)}")
    for watchlist, mail in outcome.digests.items():
        click.echo(f"  digest  {mail.subject}  → {files[watchlist].name}")
    click.secho(f"\nFrom crawl to digest in {outcome.took_s:.1f} s. ", fg="green", nl=False)
    click.echo(f"The digest above, as its readers see it: {on.folder / 'digest.html'}")
    _say_what_next(on.folder)


def _say_what_next(folder: Path) -> None:
    newsvane = shlex.quote(str(Path(sys.executable).with_name("newsvane")))
    steps = {
        f"cd {shlex.quote(str(folder))}": "the demo's newsvane.yaml and database",
        f"{newsvane} articles": "what was stored",
        f"{newsvane} status": "how the sources and deliveries are doing",
        "cd … && newsvane init": "a newsvane.yaml of your own, in a folder of your own",
        "newsvane check": "is it right?",
        "newsvane run": "the service itself",
    }
    click.echo("\nWhat to type next:")
    for command, meaning in steps.items():
        click.echo(f"  {command}   {click.style(f'# {meaning}', dim=True)}")


def _summary(on: Stage, outcome: Outcome, files: Mapping[str, Path]) -> dict[str, object]:
    return {
        "folder": str(on.folder),
        "took_s": round(outcome.took_s, 2),
        "requests": {paper.paper.id: len(paper.requests) for paper in on.papers},
        "alerts": [{"subject": mail.subject, "to": mail.recipients} for mail in outcome.alerts],
        "digests": [
            {
                "watchlist": watchlist,
                "subject": mail.subject,
                "to": mail.recipients,
                "text": mail.text,
                "html": str(files[watchlist]),
            }
            for watchlist, mail in outcome.digests.items()
        ],
    }


def _wait() -> None:
    click.echo("The newspapers and the mail catcher go on until you press Ctrl-C.", err=True)
    try:
        Event().wait()
    except KeyboardInterrupt:
        click.echo(err=True)
