"""`newsvane sources --discover` shows what a site can be read by, in words and as JSON, without a database."""

from __future__ import annotations

from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import yaml
from stand_ins.program import Newsvane

from monitors.cli.opening import now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.loaded import Loaded

PAGES: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((body or "not here").encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    PAGES.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def newsvane(tmp_path: Path, site: str, loaded: Loaded) -> Newsvane:
    program = Newsvane(tmp_path, loaded=loaded)
    allowed = site.removeprefix("http://")
    program.configure(
        f"settings: {{contact: me@example.org, politeness: {{delay: 0s}}, allow_private: ['{allowed}']}}\n"
    )
    return program


def feed(*paths: str) -> str:
    date = format_datetime(now())
    items = "".join(f"<item><title>T</title><link>{path}</link><pubDate>{date}</pubDate></item>" for path in paths)
    return f'<rss version="2.0"><channel><title>N</title>{items}</channel></rss>'


def test_all_that_there_is_is_shown_with_the_choice_the_reason_and_the_lines_to_write(
    newsvane: Newsvane, site: str
) -> None:
    stories = "".join(f'<a href="/2026/11/{n}-ships-late-again">{n} ships are late again</a>' for n in range(10, 16))
    PAGES.update(
        {
            "/robots.txt": f"Sitemap: {site}/news.xml",
            "/": f'<link rel="alternate" type="application/rss+xml" href="/rss" title="News">{stories}',
            "/rss": feed("/1", "/2"),
            "/news.xml": f"<urlset><url><loc>{site}/1</loc><news><title>T</title></news></url></urlset>",
            "/feed": feed("/1"),
        }
    )
    told = newsvane("sources", "--discover", f"{site}/", COLUMNS="200")
    assert told.startswith("→  feed ")
    for words in ("2 entries, newest under an hour old, named by the page", "1 entry, no dates, named by robots.txt"):
        assert words in " ".join(told.split())
    assert "the feed is used: it is the first that is fresh" in told
    pasted = yaml.safe_load(told[told.index("sources:\n") :])
    assert pasted == {"sources": [{"url": f"{site}/rss", "type": "feed"}]}
    (said,) = newsvane.json("sources", "--json", "--discover", f"{site}/")
    assert said["chosen"]["url"] == f"{site}/rss"
    assert [(one["what"], one["usable"]) for one in said["candidates"][:4]] == [
        ("feed", True),
        ("feed", True),
        ("news sitemap", True),
        ("section", True),
    ]
    assert said["candidates"][-1]["error"]
    assert not list(newsvane.folder.glob("*.db")), "nothing is stored"


def test_where_nothing_is_found_it_says_so_and_exits_with_1(newsvane: Newsvane, site: str) -> None:
    PAGES["/"] = "<p>Welcome</p>"
    done = newsvane.run("sources", "--discover", f"{site}/")
    assert done.returncode == 1
    assert "nothing here can be read as a source" in done.stdout
    done = newsvane.run("sources", "--discover", f"{site}/", "--json")
    assert (done.returncode, '"chosen": null' in done.stdout) == (1, True)


def test_a_site_that_cannot_be_read_is_an_error(newsvane: Newsvane, site: str) -> None:
    done = newsvane.run("sources", "--discover", f"{site}/nowhere")
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (1, f"newsvane: {site}/nowhere: HTTP 404")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--discover", "https://news.example/"], "no such file"),
        (["--discover", "https://news.example/", "--contact", "nobody"], "--contact"),
        (["--discover", "ftp://news.example/", "--contact", "me@example.org"], "--discover"),
        (["--contact", "me@example.org"], "--contact goes with --discover"),
    ],
    ids=["no contact", "no address", "not of the web", "alone"],
)
def test_what_is_missing_or_wrong_is_told(tmp_path: Path, loaded: Loaded, arguments: list[str], told: str) -> None:
    done = Newsvane(tmp_path, loaded=loaded).run("sources", *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_contact_suffices_and_the_guard_holds(tmp_path: Path, loaded: Loaded, site: str) -> None:
    done = Newsvane(tmp_path, loaded=loaded).run("sources", "--discover", site, "--contact", "me@example.org")
    assert done.returncode == 1
    assert "not a public address" in done.stderr
