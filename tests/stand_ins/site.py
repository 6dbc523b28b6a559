"""A small news site on loopback: real HTTP, a feed with ETags, and whatever a test publishes."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

PARAGRAPH = (
    "The council met in the old customs house until long after midnight, and those who came out of it "
    "had little to say to the reporters who had waited in the rain since the early afternoon."
)


SYLLABLES = ("ham", "ton", "ley", "ford", "wick", "bury", "stone", "field", "brook", "well", "marsh", "port", "gate")


def filler(order: random.Random) -> str:
    """Return the paragraph with other words in the place of its long ones, so that two are not on one event."""
    return " ".join(word if len(word) <= 3 else "".join(order.choices(SYLLABLES, k=3)) for word in PARAGRAPH.split())


@dataclass(frozen=True, slots=True)
class Printed:
    """An article as it stands on the site."""

    title: str
    paragraphs: tuple[str, ...]
    published: datetime | None
    """What its page and the feed say."""


class NewsSite:
    """Runs while the context lasts. `requests` counts every path that was asked for."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.requests: Counter[str] = Counter()
        self._host = host
        self._articles: dict[str, Printed] = {}
        self._started = datetime.now(UTC)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    def publish(self, title: str, text: str = "") -> str:
        """Put an article on the site and into its feed, with enough of its own to be a story; return its path."""
        order = random.Random(title)  # noqa: S311
        fillers = [filler(order) for _ in range(3)]
        return self.print(Printed(title, (text or fillers[0], *fillers[1:]), self._started))

    def print(self, article: Printed, path: str = "") -> str:
        """Put an article on the site and into its feed, or another in the place of one; return its path."""
        path = path or f"/news/{len(self._articles) + 1}.html"
        self._articles[path] = article
        return path

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests[self.path] += 1
                status, kind, body = site._answer(self.path.partition("?")[0])
                etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((self._host, 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), name="site", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/feed":
            return 200, "application/rss+xml", self._feed().encode()
        if path in self._articles:
            return 200, "text/html; charset=utf-8", self._page(path).encode()
        return 404, "text/plain", b"not found"

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>{self.url}{path}</link>"
            + (f"<pubDate>{format_datetime(one.published)}</pubDate>" if one.published else "")
            + "</item>"
            for path, one in self._articles.items()
        )
        return f'<rss version="2.0"><channel><title>The Harbour Ledger</title>{items}</channel></rss>'

    def _page(self, path: str) -> str:
        article = self._articles[path]
        headline, text = escape(article.title), "".join(f"<p>{escape(one)}</p>" for one in article.paragraphs)
        at = article.published
        dated = f'<meta property="article:published_time" content="{at.isoformat()}">' if at else ""
        body = f"<article><h1>{headline}</h1>{text}</article>"
        return f"<!doctype html><html><head><title>{headline}</title>{dated}</head><body>{body}</body></html>"
