"""`newsvane init`: a commented configuration to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="newsvane.yaml")
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
def init(file: Path, force: bool) -> None:
    """Write a commented starter configuration to FILE (newsvane.yaml)."""
    starter = files(__package__).joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as written:
            written.write(starter)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; --force overwrites it") from None
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be written: {error.strerror}") from error
    option = "" if file == Path("newsvane.yaml") else f" --config {file}"
    click.echo(f"""Wrote {file}. Put your address and what you care about into it, then:

  newsvane check{option}        says what is wrong with it
  newsvane run --once{option}   reads the sources and finds what matters
  newsvane status{option}       shows how it went
  newsvane run{option}          goes on until it is stopped""")
