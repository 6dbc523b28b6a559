"""What a browser connects to goes through here: with the password, to allowed addresses, and to no other."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import TYPE_CHECKING

from crawler.fetch.tunnel import Tunnel
from crawler.settings import AllowedAddress

if TYPE_CHECKING:
    from stand_ins.crawl import NewSite, Site


async def ask(tunnel: Tunnel, request_line: str, *, password: str | None = None) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(tunnel.url.rpartition(":")[2]))
    known = b64encode(f"{tunnel.username}:{password or tunnel.password}".encode()).decode()
    writer.write(f"{request_line} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic {known}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(15 if request_line.startswith("CONNECT") else -1), 5)
    writer.close()
    return answer.decode()


async def test_only_what_is_allowed_is_reached_and_only_with_the_password(site: Site, new_site: NewSite) -> None:
    other = await new_site()
    site.pages["/a"] = "harbour"
    allowed = [AllowedAddress.parse(f"127.0.0.1:{site.port}")]
    async with Tunnel(allowed, most_bytes=100_000) as tunnel:
        answer = await ask(tunnel, f"GET {site.url('/a')}")
        assert answer.startswith("HTTP/1.1 200")
        assert "connection: close" in answer
        assert answer.endswith("harbour")
        assert (await ask(tunnel, f"CONNECT localhost:{site.port}")).startswith("HTTP/1.1 200")
        assert (await ask(tunnel, f"GET {site.url('/a')}", password="guess")).startswith("HTTP/1.1 407")
        assert (await ask(tunnel, f"GET {other.url('/a')}")).startswith("HTTP/1.1 403")
        assert (await ask(tunnel, f"CONNECT localhost:{other.port}")).startswith("HTTP/1.1 403")
        assert (await ask(tunnel, "GET file:///etc/passwd")).startswith("HTTP/1.1 400")
        assert tunnel.blocked == 2
    assert site.asked() == ["/a"]
    assert other.hits == []
    assert "Proxy-Authorization" not in site.hits[0].headers


async def test_a_page_gets_no_more_bytes_than_it_may(site: Site) -> None:
    site.pages["/a"] = "x" * 500_000
    async with Tunnel([AllowedAddress.parse(f"127.0.0.1:{site.port}")], most_bytes=100_000) as tunnel:
        assert len(await ask(tunnel, f"GET {site.url('/a')}")) < 200_000
        assert (await ask(tunnel, f"GET {site.url('/a')}")).startswith("HTTP/1.1 503")
