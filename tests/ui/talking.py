"""One open page of the chat, talking to the real Chainlit over its websocket as its page does."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient, WebSocketTestSession

SOCKET = "ws://localhost:8000/chat/ws/socket.io/?EIO=4&transport=websocket"


class Conversation:
    """One open page of the chat."""

    def __init__(self, socket: WebSocketTestSession, session_id: str, profile: str) -> None:
        self.socket = socket
        self.session_id = session_id
        self.receive("0")
        auth = {"sessionId": session_id, "clientType": "webapp", "chatProfile": profile}
        socket.send_text("40" + json.dumps(auth))

    def receive(self, kind: str) -> str:
        """The next packet that starts with `kind`, without it."""
        while not (text := self.socket.receive_text()).startswith(kind):
            if text == "2":
                self.socket.send_text("3")
        return text[len(kind) :]

    def emit(self, *event: object) -> None:
        self.socket.send_text("42" + json.dumps(event))

    def event(self, *names: str) -> tuple[str, Any]:
        """The next event of one of these names."""
        while True:
            name, *data = json.loads(self.receive("42"))
            if name in names:
                return name, data[0] if data else None

    def start(self) -> None:
        self.receive("40")
        self.emit("connection_successful")
        self.event("task_start")
        self.greeting = self.until_done()

    def send(self, text: str) -> None:
        message = {"id": str(uuid.uuid4()), "name": "User", "type": "user_message", "output": text}
        message |= {"threadId": "", "createdAt": "2026-01-01T00:00:00Z"}
        self.emit("client_message", {"message": message, "fileReferences": []})
        self.event("task_start")

    def until_done(self) -> list[tuple[str, Any]]:
        """Everything that is shown up to the end of the answer."""
        shown = []
        while True:
            name, data = self.event(
                "new_message", "update_message", "stream_start", "stream_token", "element", "task_end"
            )
            if name == "task_end":
                return shown
            shown.append((name, data))

    def ask(self, text: str) -> list[tuple[str, Any]]:
        self.send(text)
        return self.until_done()


@contextmanager
def conversation(client: TestClient, profile: str = "patient") -> Iterator[Conversation]:
    with client.websocket_connect(SOCKET, headers={"upgrade": "websocket"}) as socket:
        talk = Conversation(socket, str(uuid.uuid4()), profile)
        talk.start()
        yield talk


def act(client: TestClient, talk: Conversation, name: str, **payload: object) -> Any:
    """What an action of one of Marrow's elements answers."""
    action = {"id": "a", "name": name, "label": "", "tooltip": "", "payload": payload}
    body = {"action": action, "sessionId": talk.session_id}
    return client.post("/chat/project/action", json=body).json()["response"]
