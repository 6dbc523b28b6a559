"""Renders a message as an HTML page for mail: no images, no scripts, light and dark, small enough not to be clipped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitors.digest.view import view

if TYPE_CHECKING:
    from jinja2 import Template

    from monitors.digest.view import View
    from monitors.domain import Message

# Gmail clips what is over 102 KB, and the receipt with it.
_MOST_BYTES = 98_000
_FEWEST_BYTES = 500  # of a story; more than so many are not even tried

# Every text colour has a contrast of at least 4.5 on each background it stands on (WCAG AA); a test computes it.
LIGHT = {
    "page": "#f3f1ec", "card": "#ffffff", "panel": "#f6f4ef", "ink": "#1d2429", "soft": "#5b646b", "line": "#e3dfd6",
    "accent": "#0f5c63", "mark": "#ffe9a3", "on_mark": "#1d2429", "warn": "#8a3b12",
    "gone": "#a12a2a", "come": "#1d6a38", "bar": "#9dbfc2", "now": "#0f5c63",
}  # fmt: skip
DARK = {
    "page": "#14181b", "card": "#1d2327", "panel": "#262d32", "ink": "#e8e6e1", "soft": "#a7afb5", "line": "#333b41",
    "accent": "#7fc4c9", "mark": "#5c4a12", "on_mark": "#fff3cf", "warn": "#f0a884",
    "gone": "#f29b94", "come": "#86cf9c", "bar": "#41666a", "now": "#7fc4c9",
}  # fmt: skip


def as_html(message: Message) -> str:
    """Render as many stories as fit; the rest are counted, and the plain text has them."""
    whole = view(message, at_most=_MOST_BYTES // _FEWEST_BYTES)
    page = _rendered(whole)
    if _size(page) <= _MOST_BYTES:
        return page
    return _fitting(message, sum(len(section.stories) for section in whole.sections), _size(page))


def _fitting(message: Message, too_many: int, too_large: int) -> str:
    """Return the page with the most stories that fit; it is guessed by their size, for each try takes a while."""
    number, page = 0, _page(message, 0)
    while too_many - number > 1 and (room := _MOST_BYTES - _size(page)) > 0:
        share = room / (too_large - _size(page))
        guess = min(max(number + int(share * (too_many - number)), number + 1), too_many - 1)
        tried = _page(message, guess)
        if _size(tried) <= _MOST_BYTES:
            number, page = guess, tried
        else:
            too_many, too_large = guess, _size(tried)
    return page


def _size(page: str) -> int:
    return len(page.encode())


def _page(message: Message, number: int) -> str:
    return _rendered(view(message, at_most=number))


def _rendered(seen: View) -> str:
    return template("message.html.jinja").render(view=seen, light=LIGHT, dark=DARK)


@cache
def template(name: str) -> Template:
    """Return one of `templates/`: what it is given is data, and what it misses is an error."""
    environment = Environment(
        loader=PackageLoader("monitors.digest"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
