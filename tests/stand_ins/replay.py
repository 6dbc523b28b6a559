"""771 real news sites on loopback, while the replay server of the shared data runs."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Replay:
    """The replay server while it runs."""

    port: int

    def get(self, path: str) -> Any:
        return self._ask(path)

    def page(self, article: dict[str, Any]) -> bytes:
        """Return the page of an article as it is now."""
        with urllib.request.urlopen(article["ip_url"], timeout=60) as answer:
            body: bytes = answer.read()
        return body

    def publish(self, number: int) -> None:
        """Let every site print so many more of its articles."""
        self._ask(f"/_publish?n={number}", method="POST")

    def edit(self, article_id: str) -> None:
        """Have a paragraph added to an article, a correction that says that the replay server edited it."""
        self._ask(f"/_edit?id={article_id}", method="POST")

    def _ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)  # our own server
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return [json.loads(line) for line in text.splitlines()] if path.endswith(".jsonl") else json.loads(text)

    def sites(self) -> list[dict[str, Any]]:
        return self.get("/_index.json")

    def articles(self) -> list[dict[str, Any]]:
        return self.get("/_articles.jsonl")

    def stats(self) -> dict[str, int]:
        return self.get("/_stats.json")


@contextmanager
def replaying(shared: Path, *arguments: str) -> Iterator[Replay]:
    """Run the replay server with these arguments, each site on an address of its own, while the context lasts."""
    port = random.randint(15_000, 30_000)  # noqa: S311  (below those that clients are given, on many addresses)
    program = [sys.executable, str(shared / "replay" / "replay.py"), "--per-ip", "--port", str(port), *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith("replay:")
            yield Replay(port)
        finally:
            server.terminate()
