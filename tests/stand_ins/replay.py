"""771 real news sites on loopback, while the replay server of the shared data runs."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Replay:
    """The replay server while it runs."""

    port: int

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            text = answer.read().decode()
        return [json.loads(line) for line in text.splitlines()] if path.endswith(".jsonl") else json.loads(text)

    def sites(self) -> list[dict[str, Any]]:
        return self.get("/_index.json")

    def articles(self) -> list[dict[str, Any]]:
        return self.get("/_articles.jsonl")

    def stats(self) -> dict[str, int]:
        return self.get("/_stats.json")
