"""Keeps what is not the article out of its text: placeholders, paywalls, promotions, the title, lists of links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract.titles import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

# What a template engine was to fill in: {{name}}, {% if %}, ${name}, <%= name %>
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{%|%\}|\$\{\w|<%")
_PAYWALL = re.compile(
    r"free articles? (?:left|remaining|this month)|subscribe (?:now )?to (?:get|read|continue|unlock|access)"
    r"|unlimited access|to continue reading|already (?:a )?subscriber|(?:you )?need a subscription"
    r"|your (?:free )?trial|subscription (?:has|have) expired|try \d+ (?:weeks?|months?) for|offer ends",
    re.IGNORECASE,
)
_LONG = 300


def remove_chrome(root: HtmlElement) -> None:
    """Take out of a tree what never is part of an article. Changes the tree."""
    for element in list(root.iter("script", "style", "svg", "iframe", "template", "noscript")):
        _drop(element)
    for element in [
        found for found in root.iter("p", "h2", "h3", "h4", "div", "span", "li", "a") if _is_template(found)
    ]:
        _drop(element)


def _is_template(element: HtmlElement) -> bool:
    return bool(element.text and PLACEHOLDER.search(element.text))


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def article_lines(lines: Sequence[str], *, title: str) -> list[str]:
    """Return the lines that belong to the article."""
    named = fold(title)
    kept = [line for line in lines if not PLACEHOLDER.search(line) and fold(line) != named]
    return [line for line in kept if len(line) > _LONG or not _PAYWALL.search(line)]
