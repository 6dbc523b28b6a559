"""A small news site on loopback: real HTTP, a feed with ETags, and whatever a test publishes."""

from __future__ import annotations

import hashlib
from collections import Counter
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


class NewsSite:
    """Runs while the context lasts. `requests` counts every path that was asked for."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self._articles: dict[str, tuple[str, str]] = {}
        self._started = format_datetime(datetime.now(UTC))

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, title: str, text: str = PARAGRAPH) -> str:
        """Put an article on the site and into its feed; return its path."""
        path = f"/news/{len(self._articles) + 1}.html"
        self._articles[path] = (title, text)
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

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
            f"<item><title>{escape(title)}</title><link>{self.url}{path}</link>"
            f"<pubDate>{self._started}</pubDate></item>"
            for path, (title, _) in self._articles.items()
        )
        return f'<rss version="2.0"><channel><title>The Harbour Ledger</title>{items}</channel></rss>'

    def _page(self, path: str) -> str:
        title, text = self._articles[path]
        headline = escape(title)
        paragraphs = f"<p>{escape(text)}</p><p>{PARAGRAPH}</p><p>{PARAGRAPH[::-1]}</p>"
        return f"<html lang=en><title>{headline}</title><article><h1>{headline}</h1>{paragraphs}</article></html>"
