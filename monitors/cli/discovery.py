"""What `newsvane sources --discover` says: all that a site can be read by, ranked, with what to write in the file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.text import Text

from crawler.errors import ConfigError, FetchError, NewsvaneError
from crawler.extract.clean import one_line
from crawler.identity import web_url
from crawler.settings import Settings
from crawler.yaml_types import Contact
from monitors.cli.opening import now
from monitors.cli.output import tell, write_json
from monitors.watchlist_file import config_path, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.discovery import Candidate, Discovery


def show_discovery(url: str, config: Path | None, contact: str | None, *, as_json: bool) -> bool:
    """Look at a site, tell what was found, and return whether anything was.

    Raises:
        ConfigError: nobody said how the site can reach whoever asks, or the configuration is wrong.
        NewsvaneError: the site could not be read.
    """
    from crawler.fetch.politeness import Politeness
    from crawler.run import discover_site, run_in_reactor

    url, settings = _address(url), _settings(config, contact)
    pace = Politeness(settings.politeness.delay, now=now)
    with Console(stderr=True).status(f"looking at {url} …"):
        try:
            discovery = run_in_reactor(lambda: discover_site(url, settings=settings, politeness=pace))
        except FetchError as error:
            raise NewsvaneError(f"{url}: {error}") from None
    ranked = _ranked(discovery)
    if as_json:
        write_json(_as_json(url, discovery, ranked))
    else:
        _tell(url, discovery, ranked)
    return discovery.best is not None


def _address(url: str) -> str:
    try:
        return web_url(url if "://" in url else f"https://{url}")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--discover") from None


def _settings(config: Path | None, contact: str | None) -> Settings:
    """Return the settings of the configuration, where there is one, with the contact that was given."""
    try:
        path = config_path(config, os.environ)
    except ConfigError as error:
        if config is not None:
            raise
        if contact is None:
            raise ConfigError(
                f"{error}. Or do without, and say --contact ADDRESS: where the site can reach you"
            ) from None
        settings = Settings()
    else:
        settings = load(path).settings
    if contact is not None:
        try:
            settings = settings.model_copy(update={"contact": TypeAdapter(Contact).validate_python(contact)})
        except ValidationError as error:
            raise click.BadParameter(
                error.errors()[0]["msg"].removeprefix("Value error, "), param_hint="--contact"
            ) from None
    if settings.contact is None:
        raise ConfigError("settings.contact is missing: sites must be able to reach whoever reads them (or --contact)")
    return settings


def _ranked(discovery: Discovery) -> Sequence[Candidate]:
    """Put the chosen one first, then those that would do too, and those that gave nothing last."""

    def order(one: Candidate) -> tuple[bool, bool, bool, int]:
        rank = one.rank
        chosen = discovery.best is not None and one.hint == discovery.best.hint
        return not chosen, rank is None, not (rank and rank.is_good), -(rank.points if rank else 0)

    return sorted(discovery.candidates, key=order)


def _why(one: Candidate) -> str:
    if one.rank is None:
        return f"{one.error}, {one.hint.how}"
    return one.rank.reason


def _choice(discovery: Discovery) -> str:
    """Say why the best one is."""
    best = discovery.best
    if best is None or best.rank is None:
        return "nothing here can be read as a source"
    if best.rank.is_good:
        return f"the {best.rank.what} is used: it is the first that is fresh, about the whole, and not of comments"
    return f"the {best.rank.what} is used: nothing better was found"


def _yaml(discovery: Discovery) -> str:
    if discovery.best is None:
        return ""
    found = discovery.best.hint
    return f"sources:\n  - url: {found.url}\n    type: {found.kind}\n"


# -- for people -------------------------------------------------------------------------------------------------------


def _tell(url: str, discovery: Discovery, ranked: Sequence[Candidate]) -> None:
    shown = [one for one in ranked if one.rank or one.hint.how != "a usual place"]
    for one in shown:
        chosen = discovery.best is not None and one.hint == discovery.best.hint
        what = one.rank.what if one.rank else one.hint.kind
        told = f"{'→' if chosen else ' '}  {what:<12}  {one_line(_why(one))}\n{'':17}{one_line(one.hint.url)}"
        style = "bold" if chosen else "" if one.rank and one.rank.is_usable else "dim"
        # Text, not markup: addresses and titles are the site's. Never cut or folded: an address is there to be copied.
        Console(highlight=False).print(Text(told, style=style), soft_wrap=True)
    if len(shown) < len(ranked):
        click.echo(f"nothing in {len(ranked) - len(shown)} usual places")
    tell(f"\n{_choice(discovery)}" if ranked else f"{url}: {_choice(discovery)}")
    if discovery.best is not None:
        tell(
            f"\nThe address of the site alone finds it by itself; to write it down:\n\n{_yaml(discovery)}",
            nl=False,
        )


# -- for programs -----------------------------------------------------------------------------------------------------


def _as_json(url: str, discovery: Discovery, ranked: Sequence[Candidate]) -> dict[str, Any]:
    candidates = [_fields(one) for one in ranked]
    return {
        "url": url,
        "chosen": candidates[0] if discovery.best is not None else None,
        "why": _choice(discovery),
        "yaml": _yaml(discovery),
        "candidates": candidates,
    }


def _fields(one: Candidate) -> dict[str, Any]:
    rank = one.rank
    return {
        "url": one.hint.url,
        "type": one.hint.kind,
        "what": rank.what if rank else one.hint.kind,
        "how": one.hint.how,
        "title": one.hint.title,
        "entries": rank.entries if rank else 0,
        "newest": rank.newest if rank else None,
        "usable": bool(rank and rank.is_usable),
        "good": bool(rank and rank.is_good),
        "reason": _why(one),
        "error": str(one.error) if one.error else None,
    }
