"""What `newsvane articles --changes` says of an edited article."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from monitors.cli.word_diff import shown
from monitors.digest.inert import plain
from monitors.text.word_diff import changed_paragraphs, word_diff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.store.versions import Version


def in_words(version: Version, concerned: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the lines that tell a person what was changed."""
    yield f"{version.seen_at:%Y-%m-%d %H:%M}  {version.source_id}  {plain(version.after.title)}"
    yield f"    {plain(version.url)}"
    yield f"    {_summary(version)}"
    yield from (f"    {kind} by {', '.join(watchlists)}" for kind, watchlists in concerned.items())
    if version.kind != "edited":
        return
    before, after = version.before, version.after
    if version.changed["title"]:
        yield f"    title: {shown(word_diff(before.title, after.title))}"
    if version.changed["lead"]:
        yield f"    lead: {shown(word_diff(before.lead, after.lead))}"
    if before.text != after.text:
        yield from (f"    | {shown(paragraph)}" for paragraph in changed_paragraphs(before.text, after.text))


def as_fields(version: Version, concerned: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "id": version.article_id,
        "url": version.url,
        "source": version.source_id,
        "seen_at": version.seen_at.isoformat(),
        "kind": version.kind,
        **version.changed,
        "watchlists": {kind: concerned.get(kind, []) for kind in ("gained", "lost")},
        "before": asdict(version.before),
        "after": asdict(version.after),
    }


def _summary(version: Version) -> str:
    if version.kind == "withdrawn":
        return "withdrawn: the page is gone, the text is kept"
    if version.kind == "restored":
        return "restored: the page is there again"
    changed = version.changed
    told = [name for name in ("title", "lead") if changed[name]]
    told += [_paragraphs(changed[name], name) for name in ("changed", "added", "removed") if changed[name]]
    kind = "correction" if changed["correction"] else "edited"
    return f"{kind}: {', '.join(told)}"


def _paragraphs(number: int, what: str) -> str:
    return f"{number} paragraph{'' if number == 1 else 's'} {what}"
