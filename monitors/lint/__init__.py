"""Warns of what can be read, but can hardly be meant. A rule is a small function in one of the files beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.lint import concepts, deliveries, entities, exclusions, health, sources, wording
from monitors.lint.secrets import exposed_secrets
from monitors.lint.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.errors import Problem
    from crawler.yaml_tree import Document
    from monitors.lint.subject import Remark
    from monitors.watchlist_file import Configuration

RULES: tuple[Callable[[Subject], Iterator[Remark]], ...] = (
    *wording.RULES,
    *exclusions.RULES,
    *sources.RULES,
    *entities.RULES,
    *concepts.RULES,
    *deliveries.RULES,
    *health.RULES,
)


def lint(document: Document, configuration: Configuration) -> list[Problem]:
    """Return what to warn of in a document without mistakes, in the order of its lines."""
    subject = Subject(configuration)
    remarks = dict.fromkeys(remark for rule in RULES for remark in rule(subject))
    remarks |= dict.fromkeys(exposed_secrets(document, configuration.path.parent))
    problems = (document.problem(remark.place, remark.message, at=remark.at) for remark in remarks)
    return sorted(problems, key=lambda problem: (problem.line, problem.column or 0))
