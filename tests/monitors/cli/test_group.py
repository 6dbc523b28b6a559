"""`newsvane group` as a program runs it: a real process, real files, no configuration and no database."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from stand_ins.loaded import LOADED
from stand_ins.program import clean_environment

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

FIRE = (
    "A fire that ripped through a Waitrose store in Banstead, Surrey, is thought suspicious, police said. "
    "Ten fire engines fought the blaze, which began on the roof of the shop in the High Street on Friday night."
)
ARTICLES: list[dict[str, Any]] = [
    {"id": "fire", "title": "Fire destroys Waitrose store in Banstead", "text": FIRE, "source": "wire"},
    {
        "id": 2,
        "title": "Zinssenkung der Zentralbank",
        "text": "Die Bundesbank senkt am Dienstag in Frankfurt den Satz.",
    },
    {"id": "fire-again", "title": "Waitrose gutted", "text": FIRE, "published": None},
    {
        "doc_id": "later",
        "title": "Police question man over blaze at Waitrose in Banstead",
        "text": "Detectives in Surrey question a man over the fire which gutted a Waitrose shop in Banstead on Friday.",
    },
    {"id": "long-ago", "title": "Waitrose gutted", "text": FIRE, "published": "1987-03-01"},
    {"id": None, "title": ""},
]
PLACES = [
    {"article": "fire", "story": "fire", "copy_of": None},
    {"article": 2, "story": 2, "copy_of": None},
    {"article": "fire-again", "story": "fire", "copy_of": "fire"},
    {"article": "later", "story": "fire", "copy_of": None},
    {"article": "long-ago", "story": "fire", "copy_of": "fire"},
    {"article": None, "story": None, "copy_of": None},
]


def group(folder: Path, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    command = ["group", *map(str, arguments)]
    return LOADED.run(command, folder=folder, environment=clean_environment(), given=stdin)


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("how", ["plain", "gzip", "stdin"])
def test_every_article_is_a_line_in_the_order_of_the_file(tmp_path: Path, how: str) -> None:
    written = "".join(f"{json.dumps(article)}\n" for article in ARTICLES).encode()
    (tmp_path / "in.jsonl").write_bytes(written)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(written))
    articles = {"plain": "in.jsonl", "gzip": "in.jsonl.gz", "stdin": "-"}[how]
    ran = group(tmp_path, "--articles", articles, stdin=written)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert lines(ran.stdout) == PLACES


def test_lines_that_cannot_be_read_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = '{"id": 1, "title": "Harbour closed by ice"}'
    ran = group(tmp_path, "--articles", "-", stdin=f'{good}\n{{"title": 3}}\n\nnonsense\n{good}\n'.encode())
    assert ran.returncode == 1
    assert [line["article"] for line in lines(ran.stdout)] == [1, 1]
    said = ran.stderr.splitlines()
    assert [line.split(" ")[0] for line in said] == ["-:2:", "-:4:", "newsvane:"]
    assert said[-1] == "newsvane: 2 lines could not be read"


def test_a_wider_window_joins_what_is_further_apart(tmp_path: Path) -> None:
    days = [{**ARTICLES[0], "published": "2026-11-21"}, {**ARTICLES[3], "published": "2026-11-11"}]
    written = "".join(f"{json.dumps(article)}\n" for article in days).encode()
    stories = [line["story"] for line in lines(group(tmp_path, "--articles", "-", stdin=written).stdout)]
    assert stories == ["fire", "later"]
    ran = group(tmp_path, "--articles", "-", "--window", "2w", stdin=written)
    assert [line["story"] for line in lines(ran.stdout)] == ["fire", "fire"]
    assert group(tmp_path, "--articles", "-", "--window", "soon").returncode == 2
