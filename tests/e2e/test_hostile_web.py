"""What a hostile web sends, through `newsvane` as a user runs it: bombs, rules of robots.txt, Retry-After, secrets."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import brotli
import psutil
import pytest
from stand_ins.hosts import Hosts, Says
from stand_ins.program import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.program import Newsvane

MIB = 2**20
HANGS_UP = Says(status=None)
TEXT = "<p>The harbour was closed on Tuesday for the fog that had come in from the sea in the early morning.</p>" * 8


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Hosts() as hosts:
        yield hosts


def feed(*titles: str) -> Says:
    items = "".join(
        f"<item><title>{title}</title><link>/{number}</link><description>Summary of {title}.</description></item>"
        for number, title in enumerate(titles)
    )
    return Says(f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode())


def page(title: str, body: str = TEXT) -> Says:
    article = f"<article><h1>{title}</h1>{body}</article>"
    html = f"<html lang=en><head><title>{title}</title></head><body>{article}</body></html>"
    return Says(html.encode(), headers={"Content-Type": "text/html"})


def paper(hosts: Hosts, name: str, **pages: Says) -> str:
    """Set up a host with a feed of one article, and return a line of the configuration for it."""
    quiet = {"/feed": feed(f"Fog over {name}"), "/0": page(f"Fog over {name}")}
    url = hosts.add(name, quiet | {path.replace("_", "/"): said for path, said in pages.items()})
    return f'  - {{id: {name}, url: "{url}/feed", type: feed}}'


def configuration(hosts: Hosts, *sources: str) -> str:
    return "\n".join(
        (
            "settings:",
            "  contact: desk@example.org",
            "  politeness: {delay: 0s}",
            f"  allow_private: ['127.0.0.0/16:{hosts.port}']",
            "sources:",
            *sources,
            "watchlists:",
            "  - name: Watched",
            "    keywords: [fog]",
            "    first_run: deliver",
            "    deliver: [{to: desk@example.org, at: '07:00'}]",
            "smtp: {host: 127.0.0.1, port: 9}",
        )
    )


def articles(newsvane: Newsvane) -> dict[str, dict[str, object]]:
    return {str(article["title"]): article for article in newsvane.json("articles", "--jsonl")}


# -- bombs ------------------------------------------------------------------------------------------------------------


def packed(kind: str, start: bytes) -> Says:
    """Return what unpacks to 400 MiB."""
    zeros = bytes(MIB)
    if kind == "br":
        packer = brotli.Compressor(quality=3)
        body = packer.process(start) + b"".join(packer.process(zeros) for _ in range(400)) + packer.finish()
    else:
        body = gzip.compress(start + bytes(400 * MIB), 1)
    return Says(body, headers={"Content-Encoding": {"br": "br", "gzip": "gzip"}[kind]} if kind != "file" else {})


def all_memory(process: psutil.Process) -> int:
    """Return what a process and its children have for themselves, together."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().uss
        except psutil.Error:  # it just ended
            continue
    return total


def most_memory(newsvane: Newsvane) -> int:
    process = subprocess.Popen(
        [sys.executable, "-m", "monitors.cli", "run", "--once", "--all"], cwd=newsvane.folder, env=clean_environment()
    )
    watched, most = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            most = max(most, all_memory(watched))
        except psutil.Error:
            break
        time.sleep(0.05)
    assert process.wait(60) == 0
    return most


@pytest.mark.slow
def test_b01_bombs_of_every_kind_in_every_place_cost_little_memory(newsvane: Newsvane, hosts: Hosts) -> None:
    quiet = paper(hosts, "quiet")
    newsvane.configure(configuration(hosts, quiet))
    usual = most_memory(newsvane)
    sources = [quiet]
    for kind in ("br", "gzip"):
        bomb = packed(kind, b"<html><title>b</title><p>")
        sources += [paper(hosts, f"page-{kind}", _0=bomb), paper(hosts, f"feed-{kind}", _feed=bomb)]
        url = hosts.add(f"robots-{kind}", {"/robots.txt": bomb, "/feed": feed("x")})
        sources.append(f'  - {{id: robots-{kind}, url: "{url}/feed", type: feed}}')
        url = hosts.add(f"map-{kind}", {"/map.xml": packed(kind, b"<urlset>")})
        sources.append(f'  - {{id: map-{kind}, url: "{url}/map.xml", type: sitemap}}')
    url = hosts.add("file", {"/map.xml.gz": packed("file", b"<urlset>")})
    sources.append(f'  - {{id: file, url: "{url}/map.xml.gz", type: sitemap}}')
    newsvane.configure(configuration(hosts, *sources))
    assert most_memory(newsvane) - usual < 250 * MIB
    failing = {source["id"]: source for source in newsvane.json("sources", "--json")}
    told = newsvane("status")
    for name in ("feed-br", "feed-gzip", "robots-br", "robots-gzip", "map-br", "map-gzip", "file"):
        assert f"{name}: failing since" in told
        assert failing[name]
    assert "Fog over quiet" in articles(newsvane)


def test_c02_pages_that_take_for_ever_are_matched_by_their_title_and_hold_up_no_other(
    newsvane: Newsvane, hosts: Hosts
) -> None:
    bombs = {"cells": "<table><tr>" + "<td>a" * 250_000, "headings": "<h2>a</h2>" * 150_000}
    hostile = [paper(hosts, name, _0=page(f"Fog over {name}", body)) for name, body in bombs.items()]
    newsvane.configure(configuration(hosts, *hostile, *(paper(hosts, f"paper-{n}") for n in range(5))))
    started = time.monotonic()
    with newsvane.service() as service:
        while len(articles(newsvane)) < 7 and time.monotonic() - started < 60:
            time.sleep(0.5)
        while "0 not matched yet" not in newsvane("status"):
            time.sleep(0.5)
        service.terminate()
        service.wait(30)
    done = {event["source"]: event for event in newsvane.log() if event["event"] == "source_checked"}
    assert all(done[f"paper-{n}"]["took_s"] < 20 for n in range(5))
    assert all(done[name]["took_s"] < 60 for name in bombs)  # 2 s and a turn of 5 s for each; whole they take minutes
    kept = articles(newsvane)
    for name in bombs:
        article = kept[f"Fog over {name}"]
        assert article["flags"] == ["timeout"]
        assert article["lead"] == f"Summary of Fog over {name}."
    assert "matches: 7" in newsvane("status")


# -- rules ------------------------------------------------------------------------------------------------------------


def test_f07_what_robots_txt_says_holds_in_the_next_run_too(newsvane: Newsvane, hosts: Hosts) -> None:
    refusing = {"r503": Says(status=503), "r429": Says(status=429), "dropped": HANGS_UP}
    allowing = {
        "r404": Says(status=404),
        "r403": Says(status=403),
        "html": Says(b"<!doctype html><html><body>User-agent: *\nDisallow: /\n</body></html>"),
    }
    robots = {name: {"_robots.txt": said} for name, said in (refusing | allowing).items()}
    newsvane.configure(configuration(hosts, *(paper(hosts, name, **pages) for name, pages in robots.items())))
    newsvane("run", "--once")
    newsvane("run", "--once", "--all")
    for name in refusing:
        assert set(hosts.asked[name]) == {"/robots.txt"}
        assert f"{name}: failing since" in newsvane("status")
    for name in allowing:
        assert hosts.asked[name] == ["/robots.txt", "/feed", "/0", "/feed"]


def test_f09_retry_after_holds_in_the_next_run_too(newsvane: Newsvane, hosts: Hosts) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    heeded = {"seconds": "3600", "date": later, "huge": "9" * 300}
    nonsense = {"garbage": "soon", "negative": "-5", "float": "3600.5"}
    sources = [
        paper(hosts, name, _feed=Says(status=503, headers={"Retry-After": value}))
        for name, value in (heeded | nonsense).items()
    ]
    newsvane.configure(configuration(hosts, *sources))
    newsvane("run", "--once")
    newsvane("run", "--once", "--all")
    assert {name: hosts.asked[name].count("/feed") for name in heeded} == dict.fromkeys(heeded, 1)
    assert {name: hosts.asked[name].count("/feed") for name in nonsense} == dict.fromkeys(nonsense, 2)


def test_secrets_of_a_source_are_nowhere_but_in_its_requests(newsvane: Newsvane, hosts: Hosts) -> None:
    secret = "c0nf1dential"
    line = paper(hosts, "gone", _feed=Says(status=404)).replace("}", f", headers: {{Cookie: session={secret}}}}}")
    newsvane.configure(configuration(hosts, line, paper(hosts, "quiet")))
    run = newsvane.run("run", "--once")
    told = run.stdout + run.stderr + newsvane("status") + newsvane("sources", "--json") + newsvane("check")
    assert "gone" in told
    assert secret not in told
    for file in newsvane.folder.glob("newsvane.db*"):
        assert file.is_dir() or secret.encode() not in file.read_bytes()

    newsvane.configure(configuration(hosts, line.replace("http://", f"http://me:{secret}@")))
    refused = newsvane.run("check")
    assert refused.returncode == 2
    assert "must not hold a user name or a password" in refused.stdout + refused.stderr
    assert secret not in refused.stdout + refused.stderr
