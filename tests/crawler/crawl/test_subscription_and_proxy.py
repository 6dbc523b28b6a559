"""Reading with a subscription of one's own, and from behind a proxy."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from stand_ins.proxy import ForwardProxy
from stand_ins.tls import make_certificate

from crawler.desk import Assignment
from crawler.domain import Failed, Read, Source
from crawler.errors import ForbiddenFetchError
from crawler.run import run_in_reactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stand_ins.crawl import Crawl, MemoryDesk, NewSite, Reply, Site

COOKIE = "session=0123456789abcdef"


def subscribed(url: str, **more: Any) -> Assignment:
    headers = (("Cookie", SecretStr(COOKIE)),)
    return Assignment(source=Source(id="source", url=url, name="source", headers=headers), **more)


def cookies(site: Site) -> dict[str, str | None]:
    return {hit.path: hit.headers.get("Cookie") for hit in site.hits}


async def test_the_headers_of_a_source_go_to_its_own_host_only(
    site: Site, new_site: NewSite, crawl_now: Crawl, reply: Reply
) -> None:
    other = await new_site()
    other.pages |= {"/2": "two", "/landed": "landed"}
    site.pages |= {"/feed": site.feed("/1", "/away", "/back", other.url("/2")), "/1": "one", "/here": "here"}
    site.pages["/away"] = reply(status=302, headers={"Location": other.url("/landed")})
    site.pages["/back"] = reply(status=302, headers={"Location": other.url("/returns")})
    other.pages["/returns"] = reply(status=302, headers={"Location": site.url("/here")})
    await crawl_now(subscribed(site.url("/feed")))
    assert cookies(site) == {
        "/robots.txt": None, "/feed": COOKIE, "/1": COOKIE, "/away": COOKIE, "/back": COOKIE, "/here": COOKIE,
    }  # fmt: skip
    assert set(cookies(other)) == {"/robots.txt", "/2", "/landed", "/returns"}
    assert set(cookies(other).values()) == {None}


async def test_the_headers_go_to_a_found_feed_on_the_same_host_and_to_none_elsewhere(
    site: Site, new_site: NewSite, crawl_now: Crawl
) -> None:
    other = await new_site()
    other.pages["/feed"] = other.feed()
    site.pages["/feed"] = site.feed()
    await crawl_now(subscribed(site.url("/"), feed_url=site.url("/feed")))
    await crawl_now(subscribed(site.url("/"), feed_url=other.url("/feed")))
    assert cookies(site)["/feed"] == COOKIE
    assert cookies(other)["/feed"] is None


async def test_the_headers_of_one_source_are_not_those_of_another_on_the_same_host(
    site: Site, crawl_now: Crawl
) -> None:
    site.pages |= {"/feed": site.feed(), "/open": site.feed("/1"), "/1": "one"}
    open_one = Assignment(source=Source(id="open", url=site.url("/open"), name="open"))
    await crawl_now(subscribed(site.url("/feed")), open_one)
    assert cookies(site) == {"/robots.txt": None, "/feed": COOKIE, "/open": None, "/1": None}


async def test_the_headers_stay_out_of_errors_logs_and_what_is_recorded(
    site: Site, desk: MemoryDesk, crawl_now: Crawl, reply: Reply, capfd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.pages |= {"/feed": site.feed("/1"), "/1": reply(status=401)}
    assignment = subscribed(site.url("/feed"))
    await crawl_now(assignment)
    printed = "".join(capfd.readouterr())
    told = f"{assignment!r} {desk.failures} {desk.outcomes} {desk.calls} {caplog.text} {printed}"
    assert "source" in told
    assert "0123456789abcdef" not in told


# -- behind a proxy ---------------------------------------------------------------------------------------------------


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    started = ForwardProxy()
    run_in_reactor(started.start)
    yield started
    run_in_reactor(started.stop)


async def test_with_a_proxy_everything_is_asked_of_it(
    site: Site, proxy: ForwardProxy, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    proxy.names = {"news.invalid": site.port}
    site.pages |= {"/feed": site.feed("/1"), "/1": "one"}
    crawl_now.allow_private = ()
    crawl_now.proxy = f"http://127.0.0.1:{proxy.port}"
    outcome = (await crawl_now("http://news.invalid/feed"))["source"]
    assert isinstance(outcome, Read)
    assert proxy.asked == [f"GET http://news.invalid{path}" for path in ("/robots.txt", "/feed", "/1")]
    assert list(desk.articles) == ["http://news.invalid/1"]


async def test_a_proxy_is_given_the_name_and_the_password_and_the_site_is_not(
    site: Site, proxy: ForwardProxy, crawl_now: Crawl
) -> None:
    proxy.names, proxy.password = {"news.invalid": site.port}, "Basic bWU6cEBzcw=="
    site.pages["/feed"] = site.feed()
    crawl_now.allow_private = ()
    crawl_now.proxy = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
    assert isinstance((await crawl_now("http://news.invalid/feed"))["source"], Read)
    crawl_now.proxy = f"http://me:wrong@127.0.0.1:{proxy.port}"
    crawl_now.politeness = None
    outcome = (await crawl_now("http://news.invalid/feed"))["source"]
    assert isinstance(outcome, Failed)
    assert "wrong" not in f"{outcome} {crawl_now.settings()!r}"


async def test_https_goes_through_the_proxys_tunnel_and_is_verified_at_its_end(
    new_site: NewSite, proxy: ForwardProxy, crawl_now: Crawl, tmp_path: Path
) -> None:
    secure = await new_site(ssl=make_certificate(tmp_path).context)
    proxy.names = {"news.invalid": secure.port}
    crawl_now.allow_private = ()
    crawl_now.proxy = f"http://me:secret@127.0.0.1:{proxy.port}"
    outcome = (await crawl_now("https://news.invalid/feed"))["source"]
    assert set(proxy.asked) == {"CONNECT news.invalid:443"}
    assert b"Proxy-Authorization: Basic" in proxy.heads[0]
    assert isinstance(outcome, Failed)
    assert "TLS failed: the certificate is for another host" in outcome.reason
    assert secure.hits == []


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "https://10.0.0.1/",
    ],
)
async def test_what_is_known_not_to_be_public_is_not_asked_of_the_proxy(
    site: Site, proxy: ForwardProxy, desk: MemoryDesk, crawl_now: Crawl, target: str
) -> None:
    proxy.names = {"news.invalid": site.port}
    site.pages["/feed"] = site.feed(target)
    crawl_now.allow_private = ()
    crawl_now.proxy = f"http://127.0.0.1:{proxy.port}"
    await crawl_now("http://news.invalid/feed")
    (error,) = desk.failures.values()
    assert isinstance(error, ForbiddenFetchError)
    assert len(proxy.asked) == 2


async def test_the_proxys_own_address_is_trusted_on_its_port_only_and_not_as_a_target(
    site: Site, proxy: ForwardProxy, desk: MemoryDesk, crawl_now: Crawl
) -> None:
    proxy.names = {"news.invalid": site.port}
    site.pages["/feed"] = site.feed(f"http://127.0.0.1:{proxy.port}/", site.url("/1"))
    crawl_now.allow_private = ()
    crawl_now.proxy = f"http://localhost:{proxy.port}"
    await crawl_now("http://news.invalid/feed")
    assert len(desk.failures) == 2
    assert all(isinstance(error, ForbiddenFetchError) for error in desk.failures.values())
    assert len(proxy.asked) == 2
