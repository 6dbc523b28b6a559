"""The options that commands share."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The configuration; otherwise NEWSVANE_CONFIG, otherwise newsvane.yaml here.",
)
"""Hands over `config: Path | None`; `watchlist_file.config_path` makes a file of it."""

json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
