"""`newsvane demo` shows the whole job, with nothing but the real pipeline between the newspapers and the mailbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from crawler.errors import NewsvaneError
from monitors.demo.newspaper import newspapers
from monitors.demo.tour import stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEWSVANE = [sys.executable, "-m", "monitors.cli"]
ALLOWED = sum(
    not f"/{story.section}/".startswith(paper.disallowed or "-") for paper in newspapers() for story in paper.stories
)


def newsvane(*arguments: str, cwd: Path) -> str:
    elsewhere = {"NEWSVANE_DATABASE_URL": f"sqlite:///{cwd}/not-the-demos.db"} if arguments[0] == "demo" else {}
    done = subprocess.run(
        [*NEWSVANE, *arguments],
        cwd=cwd,
        env=os.environ | elsewhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def until(words: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if words in line:
            return


@pytest.fixture(scope="module")
def shown(folder: Path) -> str:
    """What a user sees on the terminal; with --keep, and a look at the newspapers while they are kept."""
    command = [*NEWSVANE, "demo", "--keep"]
    with subprocess.Popen(command, cwd=folder, stdout=PIPE, stderr=STDOUT, text=True, encoding="utf-8") as process:
        try:
            said = "".join(until("until you press Ctrl-C", process.stdout or ()))
            urls = re.findall(r"at (http://\S+/) ", said)
            pages = [urlopen(url, timeout=10).read().decode() for url in urls]
        finally:
            process.terminate()
    return said + "".join(f"served: {page}" for page in pages)


def test_the_newspapers_can_be_read_while_they_are_kept(shown: str) -> None:
    assert [paper.name for paper in newspapers() if f"<title>{paper.name}</title>" not in shown] == []


@pytest.fixture(scope="module")
def summary(folder: Path, shown: str) -> Any:
    """What a program reads after a second demo in the same folder."""
    assert shown
    return json.loads(newsvane("demo", "--json", cwd=folder))


def digest(summary: Any, watchlist: str) -> str:
    """The text of a digest in one line, without the marks of its hits."""
    (text,) = [each["text"] for each in summary["digests"] if each["watchlist"] == watchlist]
    return " ".join(text.replace("*", "").split())


def test_the_digest_stands_on_the_terminal_in_three_languages(shown: str) -> None:
    shown = shown.replace("*", "")
    assert "Parliament adopts cybersecurity law after all-night session" in shown
    assert "Talrat verschärft das IT-Sicherheitsgesetz" in shown
    assert "立法会议通过网络安全法修正案 数据出境须先审查" in shown


def test_the_user_is_told_what_was_run_where_the_digest_lies_and_what_to_type_next(shown: str) -> None:
    assert "$ newsvane run --once --config demo-out/newsvane.yaml" in shown
    assert "$ newsvane digest cyber-law" in shown
    assert "demo-out/digest.html" in shown
    assert "newsvane init" in shown
    assert "\x1b[" not in shown


def test_it_says_how_long_it_took_from_crawl_to_digest(shown: str, summary: Any) -> None:
    assert re.search(r"From crawl to digest in \d+\.\d s\.", shown)
    assert summary["took_s"] > 0


@pytest.mark.usefixtures("summary")
def test_every_allowed_article_is_stored_once_and_whole(folder: Path) -> None:
    lines = newsvane("articles", "--jsonl", "--config", "demo-out/newsvane.yaml", cwd=folder).splitlines()
    articles = [json.loads(line) for line in lines]
    titles = {story.title for paper in newspapers() for story in paper.stories if story.section != "members"}
    assert len(articles) == ALLOWED == len({article["url"] for article in articles})
    assert {article["title"] for article in articles} == titles
    assert not [article["title"] for article in articles if "{{" in article["text"] or not article["text"]]


def test_robots_txt_was_obeyed(summary: Any) -> None:
    for paper in summary["papers"]:
        assert paper["requests"] > 5
        assert paper["trespasses"] == 0


def test_each_watchlist_brings_its_stories_and_leaves_out_those_that_only_sound_like_it(summary: Any) -> None:
    law = digest(summary, "cyber-law")
    assert "Lanhai lawmakers amend cybersecurity law" in law
    assert "law firm of the year" not in law
    cloud = digest(summary, "cloud-divestment")
    assert "Halden Group weighs divestment of its cloud arm" in cloud
    assert "Halden finds a way out of its Lanhai server halls" in cloud
    assert "Halden prüft Verkauf der Cloud-Sparte" in cloud
    strike = digest(summary, "port-strike")
    assert "Dockers at Port Calder begin 48-hour strike" in strike
    assert "卡尔德港码头工人罢工" in strike
    assert "striker" not in strike
    corvane = digest(summary, "corvane")
    assert "Corvane puts second plant on hold" in corvane
    assert "诺谷收紧芯片出口许可" in corvane


def test_the_copies_of_a_wire_story_are_one_item_with_who_had_it_first(summary: Any) -> None:
    law = digest(summary, "cyber-law")
    assert "+2 copies: Saltmarsh Mercury (first, " in law
    assert "Fines rise tenfold for companies that move data" not in law
    assert "Companies abroad to answer" not in law


def test_what_two_newspapers_write_of_the_strike_is_one_story(summary: Any) -> None:
    strike = digest(summary, "port-strike")
    assert "Also on it: - " in strike
    assert "Saltmarsh opens its old berth to ships shut out by the Port Calder strike" in strike


def test_an_edit_by_which_an_article_matches_is_told_with_what_it_added(summary: Any) -> None:
    law = digest(summary, "cyber-law")
    assert "Cottage hospital back on line" in law
    _, told, added = law.partition("Matches since an edit")
    assert told
    assert "Under the cybersecurity law that parliament adopted this morning" in added


def test_the_html_of_every_digest_is_kept(summary: Any, folder: Path) -> None:
    for each in summary["digests"]:
        assert "<html" in Path(each["html"]).read_text(encoding="utf-8")
    first = Path(summary["digests"][0]["html"]).read_text(encoding="utf-8")
    assert (folder / "demo-out" / "digest.html").read_text(encoding="utf-8") == first


def test_an_alert_was_sent_at_once_and_only_to_its_reader(summary: Any) -> None:
    (alert,) = summary["alerts"]
    assert "Storm warning" in alert["subject"]
    assert alert["to"] == ["harbourmaster@example.org"]


@pytest.mark.usefixtures("summary")
def test_a_database_of_the_users_own_is_left_alone(folder: Path) -> None:
    assert not (folder / "not-the-demos.db").exists()


@pytest.mark.parametrize("theirs", ["newsvane.yaml", "newsvane.db"])
def test_a_folder_that_somebody_uses_is_refused(tmp_path: Path, theirs: str) -> None:
    (tmp_path / theirs).write_text("version: 1\n")
    with pytest.raises(NewsvaneError, match="choose another folder with --out"), stage(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == [theirs]
    assert (tmp_path / theirs).read_text() == "version: 1\n"
