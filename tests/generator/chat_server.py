"""A real server on this machine that speaks the OpenAI chat protocol, or fails in the ways servers do."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["ChatHandler"], None]


class ChatServer(ThreadingHTTPServer):
    """Replies as `replies` say, one per request, the last for ever; keeps what it was asked and when."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []

    def __enter__(self) -> "ChatServer":
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what many tests want."""


class ChatHandler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append({"path": self.path, "key": self.headers["authorization"], **body})
        self.server.times.append(time.monotonic())
        replies = self.server.replies
        (replies.pop(0) if len(replies) > 1 else replies[0])(self)

    def head(self, status: int, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def event(self, payload: object) -> None:
        self.wfile.write(f"data: {payload if isinstance(payload, str) else json.dumps(payload)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def saying(text: str, *, finish: str = "stop", pause_s: float = 0.0) -> Reply:
    """Stream a text word by word, `pause_s` before each."""

    def reply(handler: ChatHandler) -> None:
        handler.head(200)
        for word in text.split(" "):
            time.sleep(pause_s)
            handler.event(chunk(word + " "))
        handler.event(chunk(None, finish))
        handler.event("[DONE]")

    return reply


def breaking_off(text: str) -> Reply:
    """Stream a text, then hang up without having finished."""

    def reply(handler: ChatHandler) -> None:
        handler.head(200)
        handler.event(chunk(text))

    return reply


def failing(status: int, payload: object = b"", **headers: str) -> Reply:
    """Answer with a status and a body, JSON unless it is bytes."""

    def reply(handler: ChatHandler) -> None:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        handler.head(status, "application/json", content_length=str(len(raw)), **headers)
        handler.wfile.write(raw)

    return reply


def streaming(payloads: Sequence[object]) -> Reply:
    """Stream these events, whatever they are."""

    def reply(handler: ChatHandler) -> None:
        handler.head(200)
        for payload in payloads:
            handler.event(payload)

    return reply


def hanging(seconds: float) -> Reply:
    """Keep silent."""
    return lambda handler: time.sleep(seconds)
