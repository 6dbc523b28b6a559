"""Renders a digest or an alert: as a subject line, plain text, HTML, or Slack's blocks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitors.digest.as_html import as_html
from monitors.digest.as_slack import as_slack
from monitors.digest.as_text import as_text
from monitors.digest.once import once_a_message
from monitors.digest.view import view

if TYPE_CHECKING:
    from monitors.domain import Message


@once_a_message
def subject(message: Message) -> str:
    """Return one line of plain letters. A mail header needs more care: see channels/email.py."""
    return view(message, at_most=0).subject


@once_a_message
def render_text(message: Message) -> str:
    return as_text(view(message, most_others=None))  # complete: it is what `--all` shows


@once_a_message
def render_html(message: Message) -> str:
    return as_html(message)


def render_slack(message: Message) -> list[dict[str, Any]]:
    """Return the payloads to be posted, in order."""
    return as_slack(view(message))
