"""A Slack incoming webhook on loopback: real HTTP, holds to Slack's published limits, answers as a test tells it to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

_PATH = "/services/T000/B000/s3cr3t"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class SlackStandIn:
    """Runs while the context lasts. `answers` are given one after the other; then it judges each message itself."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        """The messages that were accepted."""
        self.bodies: list[bytes] = []
        """Every body that was posted, as it came over the wire."""
        self.refusals: list[str] = []
        self.answers: list[Answer] = []

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}{_PATH}"

    def __enter__(self) -> Self:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                answer = stand_in._judge(self.path, self.headers.get("Content-Type", ""), body)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body.encode())))
                self.end_headers()
                self.wfile.write(answer.body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), name="slack", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _judge(self, path: str, content_type: str, body: bytes) -> Answer:
        self.bodies.append(body)
        if self.answers:
            return self.answers.pop(0)
        if path != _PATH:
            return Answer(404, "no_service")
        problem = "invalid_payload" if "application/json" not in content_type else problem_of(body)
        if problem:
            self.refusals.append(problem)
            return Answer(400, problem)
        self.messages.append(json.loads(body))
        return Answer(200, "ok")


# -- what Slack publishes: https://docs.slack.dev/reference/block-kit/blocks ------------------------------------------


def problem_of(body: bytes) -> str:
    """Return what is wrong with a payload, or nothing."""
    try:
        payload = json.loads(body)
    except ValueError:
        return "invalid_payload"
    if not isinstance(payload, dict) or not isinstance(payload.get("text"), str) or not payload["text"].strip():
        return "no_text"
    blocks = payload.get("blocks", [])
    if len(json.dumps(payload, ensure_ascii=False)) > 12_000 or len(payload["text"]) > 4_000:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "invalid_blocks: more than 50"
    return next(filter(None, map(_problem_of_block, blocks)), "")


def _problem_of_block(block: dict[str, Any]) -> str:
    match block:
        case {"type": "divider"}:
            return ""
        case {"type": "header", "text": {"type": "plain_text"} as text}:
            return _problem_of_text(text, 150)
        case {"type": "section", "text": text}:
            return _problem_of_text(text, 3_000)
        case {"type": "context", "elements": [_, *_] as elements} if len(elements) <= 10:
            return next(filter(None, (_problem_of_text(text, 3_000) for text in elements)), "")
        case _:
            return f"invalid_blocks: {block!r:.200}"


def _problem_of_text(text: dict[str, Any], at_most: int) -> str:
    if text.get("type") not in {"mrkdwn", "plain_text"} or not set(text) <= {"type", "text", "verbatim", "emoji"}:
        return f"invalid_blocks: {text!r:.200}"
    if not 1 <= len(text["text"]) <= at_most:
        return f"invalid_blocks: text of {len(text['text'])}"
    return ""


# -- how Slack reads mrkdwn -------------------------------------------------------------------------------------------

_CONTROL = re.compile(r"<([^<>]*)>")


def controls(text: str) -> list[str]:
    """Return what Slack would act on in a text: links, mentions, dates; everything in angle brackets."""
    return _CONTROL.findall(text)


def texts(payload: dict[str, Any]) -> list[str]:
    """Return every text of a payload that Slack shows."""
    found = [payload["text"]]
    for block in payload["blocks"]:
        found += [element["text"] for element in block.get("elements", [])]
        found += [block["text"]["text"]] if "text" in block else []
    return found
