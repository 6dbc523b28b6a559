"""Slack on loopback: an incoming webhook and chat.postMessage, over real HTTP.

Holds to Slack's published limits, and answers as a test tells it to.
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from math import ceil
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "xoxb-1111-2222-s3cr3t"
CHANNEL = "C0123ABCD"
_PATH = "/services/T000/B000/s3cr3t"
_METHOD = "/api/chat.postMessage"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer instead of judging the message; with `lost`, it is judged, and nobody is told."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


class SlackStandIn:
    """Runs while the context lasts. `answers` are given one after the other; then it judges each message itself.

    With `a_second`, it takes so many messages a second for each channel by `clock` (in seconds), and refuses more.
    """

    def __init__(self, *, a_second: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.messages: list[dict[str, Any]] = []
        """The messages that were accepted; those of a bot with `channel` and `ts`."""
        self.bodies: list[bytes] = []
        """Every body that was posted, as it came over the wire."""
        self.refusals: list[str] = []
        self.answers: list[Answer] = []
        self.channels = {CHANNEL: "legal"}
        """Where the bot may post: the id of each and its name."""
        self.archived: set[str] = set()
        self.tokens = {TOKEN}
        self._a_second, self._clock = a_second, clock
        self._next: dict[str, float] = defaultdict(float)
        self._numbers = count(100)
        self._lock = Lock()

    @property
    def url(self) -> str:
        return self._address + _PATH

    @property
    def api(self) -> str:
        return self._address + "/api"

    @property
    def _address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def threads(self) -> list[list[dict[str, Any]]]:
        """Return the messages of the bot by thread, each with its first message first."""
        by_first: dict[str, list[dict[str, Any]]] = {}
        for message in self.messages:
            by_first.setdefault(message.get("thread_ts", message["ts"]), []).append(message)
        return list(by_first.values())

    def __enter__(self) -> Self:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                with stand_in._lock:
                    answer = stand_in._answer(self.path, dict(self.headers), body)
                if answer.lost:
                    self.close_connection = True
                    return
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

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.bodies.append(body)
        told = self.answers.pop(0) if self.answers else None
        if told and not told.lost:
            return told
        judged = self._of_bot(headers, body) if path == _METHOD else self._of_webhook(path, headers, body)
        return told or judged

    def _of_webhook(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if path != _PATH:
            return Answer(404, "no_service")
        problem = "invalid_payload" if "application/json" not in headers.get("Content-Type", "") else problem_of(body)
        if problem:
            self.refusals.append(problem)
            return Answer(400, problem)
        if wait := self._wait(path):
            return Answer(429, "rate_limited", {"Retry-After": str(wait)})
        self.messages.append(json.loads(body))
        return Answer(200, "ok")

    def _of_bot(self, headers: dict[str, str], body: bytes) -> Answer:
        problem = self._problem_of_call(headers, body)
        if problem:
            self.refusals.append(problem)
            return Answer(200, json.dumps({"ok": False, "error": problem.partition(":")[0]}))
        message = json.loads(body)
        channel = self._channel(message)
        if wait := self._wait(channel):
            return Answer(429, json.dumps({"ok": False, "error": "ratelimited"}), {"Retry-After": str(wait)})
        message |= {"channel": channel, "ts": f"1700000000.{next(self._numbers):06}"}
        self.messages.append(message)
        return Answer(200, json.dumps({"ok": True, "channel": channel, "ts": message["ts"], "message": message}))

    def _problem_of_call(self, headers: dict[str, str], body: bytes) -> str:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return "invalid_auth" if token else "not_authed"
        if "application/json" not in headers.get("Content-Type", ""):
            return "channel_not_found"  # as Slack, which then looks for the arguments elsewhere
        if problem := problem_of(body):
            return problem
        message = json.loads(body)
        channel = self._channel(message)
        if channel not in self.channels:
            return "channel_not_found"
        if channel in self.archived:
            return "is_archived"
        thread, known = message.get("thread_ts"), {one.get("ts") for one in self.messages}
        return "thread_not_found" if thread and thread not in known else ""

    def _channel(self, message: dict[str, Any]) -> str:
        named = {f"#{name}": identifier for identifier, name in self.channels.items()}
        channel = str(message.get("channel"))
        return named.get(channel, channel)

    def _wait(self, channel: str) -> int:
        """Return for how many seconds no more messages are taken."""
        if self._a_second is None:
            return 0
        now = self._clock()
        if now < self._next[channel]:
            return max(1, ceil(self._next[channel] - now))
        self._next[channel] = now + 1 / self._a_second
        return 0


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
