"""docs/query-language.md keeps its word: every example on it is run, every error on it is the one that is given."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from monitors.domain import Keyword, NeverNear, Watchlist
from monitors.match import keywords, lexicon
from monitors.match.entities import about
from monitors.match.keywords import check_keyword
from monitors.match.query import QueryError, build, names, read_query
from monitors.text import stems
from monitors.watchlist_file import Configuration, load

if TYPE_CHECKING:
    from tests.monitors.match.conftest import Asks

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
OPERATORS = (
    *("OR", "AND", "NOT", "NEAR/", "ONEAR/", "W/", "NOT NEAR/", "SENTENCE", "PARAGRAPH"),
    *('"~', "re/", "@", "^5"),
)
FUNCTIONS = ("exact(", "cs(", "atleast3(", "first5(")
_EXAMPLE = re.compile(r"(?P<asked>\S.*?)\s{2,}(?P<answer>[✓✗?]) (?P<article>.+)")
_FIRST = re.compile(r"\A(\[\w\w\] )?\| ")
_FIRST_PARAGRAPH = "Something else.\n"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def lines(kind: str) -> list[str]:
    return [line for block in blocks(kind) for line in block.splitlines()]


def asked(line: str) -> str:
    """Return what stands on the left of an example."""
    return re.split(r"\s{2,}[✓✗?] ", line)[0]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """Load what the page says in YAML, and the watchlists of its examples."""
    path = tmp_path_factory.mktemp("page") / "newsvane.yaml"
    watchlists = [f"  - {{id: w{n}, name: W, {asked(line)[1:]}" for n, line in enumerate(lines("watchlists"))]
    written = ["settings: {contact: desk@example.org}", *blocks("yaml"), "watchlists:", *watchlists]
    path.write_text("\n".join(written), encoding="utf-8")
    return load(path, environ={})


def prove(asks: Asks, configuration: Configuration, watchlist: Watchlist, line: str) -> None:
    """Ask what stands on the right of an example, and compare it with what came of it."""
    parts = _EXAMPLE.fullmatch(line)
    assert parts, line
    answer, article = parts["answer"], parts["article"]
    if article.startswith("{"):
        found = asks(watchlist, **described(article, configuration))
    else:
        article = _FIRST.sub(rf"\1{_FIRST_PARAGRAPH}", article).replace(" ⏎ ", "\n")
        found = asks(watchlist, article, entities=configuration.entities)
        if "⟨" in article:
            assert found == (article if answer == "✓" else f"{answer} {article}")
    assert (found[0] if found[:2] in {"✗ ", "? "} else "✓") == answer


def described(article: str, configuration: Configuration) -> dict[str, Any]:
    """Read an article from the mapping that describes it."""
    said = yaml.safe_load(article)
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    if "published" in known:
        known["published"] = datetime.combine(known["published"], time(), UTC)
    source = next((one for one in configuration.sources if one.id == said.get("source")), None)
    line = f"{known.pop('title', 'News')} ¶ {known.pop('text', 'Nothing.')}"
    known.pop("source", None)
    return known | {"line": line, "language": known.get("language", "en") or None, "source": source}


@pytest.mark.parametrize("line", lines("examples"))
def test_every_query_of_the_page_finds_what_it_says(asks: Asks, configuration: Configuration, line: str) -> None:
    watchlist = Watchlist(id="w", name="W", query=read_query(asked(line), configuration.queries))
    prove(asks, configuration, watchlist, line)


@pytest.mark.parametrize("line", lines("keywords"))
def test_every_keyword_of_the_page_finds_what_it_says(asks: Asks, configuration: Configuration, line: str) -> None:
    written = asked(line)
    options = yaml.safe_load(written) if written.startswith("{") else {"text": written}
    prove(asks, configuration, Watchlist(id="w", name="W", keywords=(Keyword(**options),)), line)


@pytest.mark.parametrize(("number", "line"), list(enumerate(lines("watchlists"))))
def test_every_watchlist_of_the_page_finds_what_it_says(
    asks: Asks, configuration: Configuration, number: int, line: str
) -> None:
    prove(asks, configuration, configuration.watchlists[number], line)


@pytest.mark.parametrize("line", lines("keyword-errors"))
def test_every_mistake_in_a_keyword_is_told_as_on_the_page(line: str) -> None:
    keyword, problem = re.split(r"\s{3,}", line)
    assert (check_keyword(keyword, None) or "").startswith(problem)


@pytest.mark.parametrize("line", lines("errors"))
def test_every_mistake_in_a_query_is_told_as_on_the_page(line: str) -> None:
    query, problem = re.split(r"\s{3,}", line)
    with pytest.raises(QueryError) as error:
        read_query(query)
    assert error.value.message.startswith(problem)


def test_every_form_of_the_language_has_an_example_on_the_page(shared: Path) -> None:
    language = (shared / "query-language.md").read_text("utf-8")
    language = language[language.index("## Leaves") : language.index("## Keywords")]
    forms = set(re.findall(r"`([^`]+)`", language)) - {"queries:", "( … )"}
    assert {form for form in forms if form not in PAGE} == set()
    queries = " ".join(map(asked, lines("examples")))
    assert [field for field in names.FIELD_NAMES if f"{field}:" not in queries] == ["concept"]
    assert [operator for operator in (*OPERATORS, *FUNCTIONS) if operator not in queries] == []


def test_the_page_gives_the_numbers_of_the_code() -> None:
    for said in (
        f"*n* + {keywords.SLACK} words",
        f"({len(set(stems._ALGORITHMS.values()))} languages)",
        f"least {lexicon.WILDCARD_PREFIX} letters before",
        f"| `A NEAR B` | `A NEAR/{build.USUAL_DISTANCE} B` |",
        f"between 0.01 and {build.MOST_WEIGHT}",
        f"(within {NeverNear(any=()).within} words",
        f"{about.OFTEN} or more",
    ):
        assert said in PAGE
    assert about.AMONG_MOST_MENTIONED == 2, "no more than one other"
