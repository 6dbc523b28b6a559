"""Pages made by JavaScript, read by a real Chromium. Skipped where there is none: `apt install chromium`."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from crawler.desk import Assignment
from crawler.domain import Source
from crawler.fetch import browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stand_ins.crawl import Crawl, MemoryDesk, Reply, Site

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"render {browser.missing()}")


def rendered(site: Site) -> Assignment:
    return Assignment(source=Source(id="source", url=site.url("/feed"), name="source", type="feed", render=True))


def only_text(desk: MemoryDesk) -> str:
    (article,) = desk.articles.values()
    return article.text


async def test_an_article_is_read_as_its_scripts_made_it(site: Site, crawl_now: Crawl, desk: MemoryDesk) -> None:
    site.pages |= {
        "/feed": site.feed("/1"),
        "/1": "<div id=app>Loading</div><script src=/app.js></script>",
        "/app.js": "fetch('/api').then(r => r.text()).then(t => { app.textContent = t })",
        "/api": "The harbour opens in May.",
    }
    await crawl_now(rendered(site))
    assert "The harbour opens in May." in only_text(desk)
    assert "Loading" not in only_text(desk)
    assert site.asked() == ["/feed", "/1", "/app.js", "/api"]


# -- the guard --------------------------------------------------------------------------------------------------------


@pytest.fixture
def forbidden() -> Iterator[Listeners]:
    """Listeners on loopback that nobody allowed."""
    with ExitStack() as stack:
        tcp = [stack.enter_context(socket.create_server(("127.0.0.1", 0)))]
        with suppress(OSError):  # a machine without IPv6
            tcp.append(stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        for one in (*tcp, udp):
            one.settimeout(0)
        yield Listeners(tcp, udp)


@dataclass
class Listeners:
    tcp: list[socket.socket]
    udp: socket.socket

    def reached(self) -> list[str]:
        found = []
        for one in self.tcp:
            with suppress(BlockingIOError):
                found.append(str(one.accept()[1]))
        with suppress(BlockingIOError):
            found.append(str(self.udp.recvfrom(100)[1]))
        return found


ATTACKS = """
<p id=said></p>
<img src="http://127.0.0.1:{port}/image">
<iframe src="http://127.0.0.1:{port}/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
<link rel=preconnect href="http://127.0.0.1:{port}/"><link rel=prefetch href="http://127.0.0.1:{port}/">
<script src="http://127.0.0.1:{port}/script"></script>
<script>
const said = what => {{ document.getElementById('said').textContent += ' ' + what }};
const hosts = ['127.0.0.1:{port}', '[::1]:{port6}', 'localhost:{port}', 'x.localhost:{port}', '2130706433:{port}',
  '[::ffff:127.0.0.1]:{port}', '127.1:{port}', '0.0.0.0:{port}'];
for (const host of hosts) {{
  fetch('http://' + host + '/', {{mode: 'no-cors'}}).catch(() => 0).finally(() => said('tried'));
  fetch('https://' + host + '/', {{mode: 'no-cors'}}).catch(() => 0);
  new WebSocket('ws://' + host + '/');
  navigator.sendBeacon('http://' + host + '/beacon', 'x');
}}
fetch('/redirect', {{mode: 'no-cors'}}).catch(() => 0).finally(() => said('redirected'));
fetch('file:///etc/passwd').then(answer => answer.text()).then(said, () => said('no file'));
const iceServers = [{{urls: 'stun:127.0.0.1:{udp}'}},
  {{urls: 'turn:127.0.0.1:{port}?transport=tcp', username: 'a', credential: 'b'}}];
const rtc = new RTCPeerConnection({{iceServers}});
rtc.createDataChannel('x');
rtc.createOffer().then(offer => rtc.setLocalDescription(offer)).then(() => said('rtc'));
new EventSource('http://127.0.0.1:{port}/events');
new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:{port}/worker')"])));
navigator.serviceWorker.register('/sw.js');
window.open('http://127.0.0.1:{port}/popup');
setTimeout(() => {{ location.href = 'file:///etc/passwd' }}, 200);
setTimeout(() => {{ location.href = 'http://127.0.0.1:{port}/gone' }}, 300);
</script>"""


async def test_a_page_reaches_nothing_that_is_not_public(
    site: Site, crawl_now: Crawl, desk: MemoryDesk, forbidden: Listeners, reply: Reply
) -> None:
    port, port6, udp = (one.getsockname()[1] for one in (forbidden.tcp[0], forbidden.tcp[-1], forbidden.udp))
    site.pages |= {
        "/feed": site.feed("/1"),
        "/1": ATTACKS.format(port=port, port6=port6, udp=udp),
        "/redirect": reply(status=302, headers={"Location": f"http://127.0.0.1:{port}/"}),
        "/sw.js": reply(text="", content_type="text/javascript"),
    }
    await crawl_now(rendered(site))
    assert desk.failures == {}
    said = only_text(desk).partition("</p>")[0]
    assert said.count("tried") == 8
    assert "redirected" in said
    assert "no file" in said
    assert "rtc" in said
    assert forbidden.reached() == []
    assert site.asked() == ["/feed", "/1", "/redirect"]


# -- limits -----------------------------------------------------------------------------------------------------------


HOSTILE = {
    "endless": "<p>held<script>while (true) {}</script>",
    "dialogs": "<p>held<script>onbeforeunload = () => 'stay'; alert(1); confirm(2); prompt(3)</script>",
    "memory": "<p>held<script>const all = []; while (true) all.push(new Uint8Array(5e7).fill(1))</script>",
    "huge": "<script>document.documentElement.append('y'.repeat(6e6))</script>",
    "frames": "<p>held<script>for (let n = 0; n < 10000; n++) { const f = document.createElement('iframe');"
    " f.src = '/frame' + n; document.body.append(f) }</script>",
    "redirects": "<p>held<script>setInterval(() => { location.href = '/1?' + Math.random() }, 5)</script>",
    "asking": "<p>held<script>setInterval(() => fetch('/x?' + Math.random()), 5)</script>",
}


@pytest.mark.parametrize(
    ("attack", "failure"),
    [
        ("endless", None),
        pytest.param("dialogs", None, marks=pytest.mark.slow),
        pytest.param("memory", None, marks=pytest.mark.slow),
        pytest.param("huge", "too-large", marks=pytest.mark.slow),
        pytest.param("frames", None, marks=pytest.mark.slow),
        pytest.param("redirects", None, marks=pytest.mark.slow),
        pytest.param("asking", None, marks=pytest.mark.slow),
    ],
)
async def test_a_hostile_page_costs_its_own_deadline_and_leaves_nothing(
    site: Site, crawl_now: Crawl, desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch, attack: str, failure: str | None
) -> None:
    from crawler.fetch import rendered as module

    monkeypatch.setattr(module, "LOAD_S", 10 if attack == "memory" else 1)
    monkeypatch.setattr(module, "SETTLE_S", 1)
    site.pages |= {"/feed": site.feed("/1"), "/1": HOSTILE[attack], "/x": "x"}
    started = time.monotonic()
    await crawl_now(rendered(site))
    assert time.monotonic() - started < 40
    assert [error.kind for error in desk.failures.values()] == ([failure] if failure else [])
    assert failure or "held" in only_text(desk)
    assert len(site.hits) < 250
    assert browsers() == []


def browsers() -> list[str]:
    """Return the browsers and their driver that we started; a server and workers may be there from other tests."""
    names = [one.name() for one in psutil.Process().children(recursive=True)]
    return [name for name in names if not name.startswith(("python", "postgres"))]


KILLED = """
import os, sys
from datetime import timedelta
from stand_ins.crawl import Crawl, MemoryDesk
from stand_ins.newsroom import Clock
from crawler.desk import Assignment
from crawler.domain import Source
from crawler.run import run_in_reactor
url = sys.argv[1]
crawl = Crawl(MemoryDesk(), Clock(), allow_private=("127.0.0.0/8:" + url.split(":")[2].split("/")[0],))
source = Source(id="source", url=url, name="source", type="feed", render=True)
run_in_reactor(lambda: crawl(Assignment(source=source)))
"""


async def test_no_browser_outlives_a_process_that_was_killed(site: Site) -> None:
    site.pages |= {"/feed": site.feed("/1"), "/1": "<script>while (true) {}</script>"}
    tests = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", KILLED, site.url("/feed")]
    crawling = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": tests})
    started: list[psutil.Process] = []
    async with asyncio.timeout(40):
        while not any("chrom" in one.name() for one in started):
            await asyncio.sleep(0.3)
            started = psutil.Process(crawling.pid).children(recursive=True)
    crawling.kill()
    await crawling.wait()
    assert (await asyncio.to_thread(psutil.wait_procs, started, 10))[1] == []
