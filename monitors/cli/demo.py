"""`newsvane demo`: the whole job on this machine, from four small newspapers to a digest in a mailbox."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from monitors.cli.output import tell, write_json

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
    """Show the whole job: crawl four bundled newspapers, match, and mail the digests to a mail catcher."""
    from monitors.demo.tour import keep_html, play, stage

    with stage(out) as on:
        if not as_json:
            _introduce(on)
        outcome = play(on, say=lambda line: click.secho(line, bold=line.startswith("$"), err=as_json))
        files = keep_html(outcome, on.folder)
        if as_json:
            write_json(_summary(on, outcome, files))
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
        tell(f"  alert   {mail.subject}  → {', '.join(mail.recipients)}")
    for watchlist, mail in outcome.digests.items():
        tell(f"  digest  {mail.subject}  → {files[watchlist].name}")
    click.secho(f"\nFrom crawl to digest in {outcome.took_s:.1f} s. ", fg="green", nl=False)
    click.echo(f"The digest above, as its readers see it: {on.folder / 'digest.html'}")
    _say_what_next(on.folder)


def _say_what_next(folder: Path) -> None:
    newsvane = shlex.quote(_short(Path(sys.executable).with_name("newsvane")))
    of_the_demo = f"--config {shlex.quote(str(folder / 'newsvane.yaml'))}"
    steps = {
        f"{newsvane} articles {of_the_demo}": "what was stored",
        f"{newsvane} status {of_the_demo}": "how the sources and the deliveries are doing",
        f"{newsvane} init": "writes a newsvane.yaml of your own; edit it",
        f"{newsvane} check": "is it right?",
        f"{newsvane} run": "the service itself",
    }
    width = max(map(len, steps))
    click.echo("\nWhat to type next:")
    for command, meaning in steps.items():
        click.echo(f"  {command:{width}}  {click.style(f'# {meaning}', dim=True)}")


def _short(path: Path) -> str:
    """Return the path as seen from here, if it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _summary(on: Stage, outcome: Outcome, files: Mapping[str, Path]) -> dict[str, object]:
    return {
        "folder": str(on.folder.absolute()),
        "took_s": round(outcome.took_s, 2),
        "papers": [
            {"id": paper.paper.id, "requests": len(paper.requests), "trespasses": len(paper.trespasses)}
            for paper in on.papers
        ],
        "alerts": [{"subject": mail.subject, "to": mail.recipients} for mail in outcome.alerts],
        "digests": [
            {
                "watchlist": watchlist,
                "subject": mail.subject,
                "to": mail.recipients,
                "text": mail.text,
                "html": str(files[watchlist].absolute()),
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
