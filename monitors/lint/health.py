"""Warns of a health address that anybody can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.lint.subject import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.lint.subject import Subject


def health_for_everybody(subject: Subject) -> Iterator[Remark]:
    listen = subject.configuration.health.listen
    if listen and listen.everywhere:
        yield Remark(("health", "listen"), f"{listen} is not of this machine alone: whoever reaches it can ask")


RULES = (health_for_everybody,)
