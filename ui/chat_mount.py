"""Chainlit inside the application: mounted at /chat, offline, with its open doors closed."""

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from ui.chat_backend import ChatBackend
from ui.chat_root import chat_root, fill_chat_root, without_foreign_links
from ui.lab_papers import PaperStore
from ui.service import Service

CHAT_PATH = "/chat"
_CHAT_FILE = Path(__file__).with_name("chat.py")
_CHAT_THREADS = 4
# Chainlit serves these whatever its settings say; nothing here uses them.
_CLOSED = ("/project/file", "/project/element", "/mcp", "/copilot/{rest:path}")


def mount_chat(app: FastAPI, service: Service, papers: PaperStore) -> ChatBackend:
    """Serve the chat at /chat, and return what its handlers work with.

    Mount it after every other route. Chainlit has one application per process: where several are built,
    the last one's service answers in the chat of all.
    """
    chat_root()
    fill_chat_root()
    # Chainlit reads its folder and makes its application when it is imported, so not before now.
    server: Any = import_module("chainlit.server")
    for path in _CLOSED:
        app.add_api_route(CHAT_PATH + path, _closed, methods=["GET", "POST", "PUT", "DELETE"], include_in_schema=False)
    backend = ChatBackend(service, ThreadPoolExecutor(_CHAT_THREADS, thread_name_prefix="chat"), papers)
    first = not hasattr(server.app.state, "backend")
    server.app.state.backend = backend
    if first:
        _take_over(server)
        import_module("chainlit.utils").mount_chainlit(app=app, target=str(_CHAT_FILE), path=CHAT_PATH)
    else:
        app.mount(CHAT_PATH, server.app)
    return backend


async def _closed() -> None:
    raise HTTPException(404, "Not available.")


def _take_over(server: Any) -> None:
    """Strip other hosts from the chat's page, and check what a browser says of its session."""
    page, connect = server.get_html_template, server.sio.handlers["/"]["connect"]
    server.get_html_template = lambda root_path: without_foreign_links(page(root_path))

    async def checked_connect(sid: str, environ: Mapping[str, Any], auth: Mapping[str, Any] | None) -> object:
        # Chainlit uses the session id, which the browser chooses, as a folder name that it later removes.
        if not auth or not _is_uuid(auth.get("sessionId")) or not _is_uuid(auth.get("threadId") or uuid.uuid4()):
            raise ConnectionRefusedError("bad session id")
        return await connect(sid, environ, auth)

    server.sio.on("connect", checked_connect)
    # No profile overrides a setting here, and Chainlit's look for one calls the profiles without awaiting them.
    import_module("chainlit.session").WebsocketSession.get_config = lambda session: server.config


def _is_uuid(value: object) -> bool:
    try:
        return str(uuid.UUID(str(value))) == str(value).lower()
    except ValueError:
        return False
