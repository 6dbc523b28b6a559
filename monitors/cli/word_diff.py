"""Shows a passage that was changed on a terminal: `[-gone-]` and `{+come+}`, in colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitors.digest.inert import printable

if TYPE_CHECKING:
    from monitors.text.word_diff import Piece, Pieces


def shown(pieces: Pieces) -> str:
    return "".join(_shown((printable(text).replace("\n", " "), what)) for text, what in pieces)


def _shown(piece: Piece) -> str:
    match piece:
        case text, "gone":
            return click.style(f"[-{text}-]", fg="red")
        case text, "come":
            return click.style(f"{{+{text}+}}", fg="green")
        case text, _:
            return text
