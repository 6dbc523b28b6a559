"""Whatever is stored or said by servers, no command lets a terminal obey it, and the log does not either."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import structlog
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from stand_ins.hostile import texts
from stand_ins.program import Newsvane

from crawler.changes import change_between
from crawler.domain import Article, Source
from crawler.store.articles import article_id_of
from crawler.store.database import Database
from crawler.store.sources import keep_sources
from crawler.store.tables import ArticleRow, SourceRow, UnreadRow
from crawler.store.versions import keep_edit
from monitors.cli import newsvane
from monitors.cli.logs import configure_logging
from monitors.cli.output import json_line, tell
from monitors.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
EVIL = (
    "cloud \x1b[2J\x1b]8;;https://evil.example\x07click\x1b]8;;\x07 \x1b]52;c;eA==\x07 \x9b31m\x90x\x9c \u202eexe "
    "\x7f\x08\r\nFAKED: all is well"
)
SEEN = "https://evil.example"
YAML = """
settings: {contact: desk@example.org}
sources: [{id: harbour, url: "https://harbour.example/feed"}]
watchlists: [{id: cloud, name: Cloud, keywords: [cloud]}]
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Newsvane:
    """A program whose database somebody else has filled."""
    program = Newsvane(tmp_path_factory.mktemp("terminal"))
    program.configure(YAML)
    database = Database(f"sqlite:///{program.folder / 'newsvane.db'}")
    upgrade(database)
    harbour = Source(id="harbour", url="https://harbour.example/feed", name="Harbour")
    database.write(keep_sources, [harbour], now=NOW)
    was = Article(url="https://harbour.example/1", title="A cloud", text=f"One.\n{'It was said. ' * 9}", language="en")
    number = database.write(article_id_of, was, harbour, already_there=False, now=NOW)[0]
    now = Article(url=was.url, title=f"Two {EVIL}", text=f"{EVIL} three.\n{'It was said. ' * 9}", language="en")
    change = change_between(was, now)
    assert change
    database.write(keep_edit, number, now, change, now=NOW + timedelta(hours=1))
    database.write(_spoil, now=NOW)
    database.close()
    asked = {"id": 1, "title": EVIL, "text": f"A {EVIL}.", "url": "https://a.example/1"}
    (program.folder / "asked.json").write_text(json.dumps(asked))
    return program


def _spoil(session: Any, *, now: datetime) -> None:
    session.add(
        UnreadRow(article_id=session.scalar(sa.select(ArticleRow.id)), source_id="harbour", already_there=False)
    )
    session.execute(sa.update(ArticleRow).values(title=EVIL, flags=["no-body", EVIL]))
    session.execute(sa.update(SourceRow).values(reason=EVIL, remark=EVIL, moved_to=EVIL, failing_since=now))


@pytest.mark.parametrize(
    "command",
    ["articles", "articles --changes", "articles --json", "articles --changes --json", "status", "status --json",
     "sources", "sources --json", "check", "explain asked.json --watchlist cloud",
     "explain asked.json --watchlist cloud --json", "match --articles asked.json", "preview cloud",
     "preview cloud --format json", "preview cloud --format csv", "preview cloud --format html"],
)  # fmt: skip
def test_no_command_lets_a_terminal_obey(command: str, program: Newsvane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.folder)
    for module in ("digest", "explain"):  # the log has a test of its own
        monkeypatch.setattr(f"monitors.cli.{module}.configure_logging", lambda _level: None)
    result = CliRunner().invoke(newsvane, command.split())
    assert result.exit_code == 0, result.output
    assert not OBEYED.search(result.output.replace("\r\n", "\n"))
    assert not re.search("(?m)^FAKED", result.output)
    if command.endswith("json") and "asked" not in command[-12:]:
        assert [json.loads(line) for line in result.stdout.splitlines()]
    assert (SEEN in result.output) == (command != "check")


@given(texts())
def test_json_is_read_back_and_obeyed_by_nobody(text: str) -> None:
    line = json_line({"title": text})
    assert json.loads(line) == {"title": text}
    assert not OBEYED.search(line)
    line.encode()


@given(st.lists(texts(), min_size=1).map("\n  ".join))
def test_what_is_told_keeps_its_lines_and_spaces_and_nothing_that_is_obeyed(text: str) -> None:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        tell(text)
    assert not OBEYED.search(out.getvalue())
    assert out.getvalue().count("\n") == text.count("\n") + 1
    out.getvalue().encode()


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize("terminal", [True, False])
def test_no_line_of_the_log_is_obeyed(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 -- a column of the table
    log = io.StringIO()
    log.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", log)
    configure_logging()
    structlog.get_logger("web").warning("source_failed", reason=EVIL, urls=[EVIL], exc_info=ValueError(EVIL))
    logging.getLogger("library").warning("%s", EVIL)
    told = log.getvalue()
    assert told.count("evil.example") == 4
    assert not OBEYED.search(re.sub(r"\x1b\[\d*m", "", told))  # our colours
    assert not re.search(r"(?m)^(?:\x1b\[\d*m)*FAKED", told)
