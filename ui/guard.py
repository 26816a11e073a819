"""What every request passes before it reaches a route: host and origin, size, security headers.

All three are plain ASGI, so that they cover the chat's websocket and leave streaming answers alone.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.uploads import UploadLimits

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
MAX_BODY_BYTES = 1 << 20
# The largest report that is read, and what a form adds around it.
MAX_UPLOAD_BYTES = UploadLimits().max_bytes + (1 << 16)
UPLOAD_PATHS = frozenset({"/api/labs", "/labs/uploads"})

# Chainlit compiles its form elements in the browser, hence 'unsafe-eval', and starts with inline scripts.
_CHAT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A browser's PDF viewer is itself a page with styles and an <embed>.
_FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
_POLICIES = (("/chat", _CHAT_POLICY), ("/docs", _DOCS_POLICY), ("/files/", _FILE_POLICY))


def content_policy(path: str) -> str:
    """The Content-Security-Policy of a path: no policy lets a page contact another host."""
    return next((policy for prefix, policy in _POLICIES if path.startswith(prefix)), _PAGE_POLICY)


class SecurityHeaders:
    """Adds the security headers to every response; hashed chat assets may be cached for good."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = content_policy(scope["path"])
                headers["x-content-type-options"] = "nosniff"
                # Not "no-referrer": with it browsers send "Origin: null" on the chat's own POSTs.
                headers["referrer-policy"] = "same-origin"
                if scope["path"].startswith("/chat/assets/"):
                    headers["cache-control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class SameHost:
    """Turns away requests for another host name, and requests that another site's page sends.

    The first stops DNS rebinding (a foreign name that resolves to this machine), the second cross-site
    requests and websockets: an Origin header must name the very host and port that were asked for.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = LOCAL_HOSTS) -> None:
        """Wrap an application; `hosts` are the names it answers to, without ports."""
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        if scope["type"] not in ("http", "websocket") or (problem := self._problem(Headers(scope=scope))) is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": problem})
        else:
            body = {"error": problem, "hint": "Open Marrow at the address that `marrow serve` printed."}
            await JSONResponse(body, status_code=403)(scope, receive, send)

    def _problem(self, headers: Headers) -> str | None:
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or _without_port(host) not in self.hosts:
            return "This server does not answer to that host name."
        if any(origin.lower().partition("://")[2] != host for origin in headers.getlist("origin")):
            return "Requests from other sites are refused."
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


class BodyLimit:
    """Reads a request's body, refusing it with 413 once it is larger than `max_bytes`, or `max_upload_bytes` of a file.

    Reading ahead costs at most that memory per request and makes the refusal the same for every route.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int = MAX_BODY_BYTES, max_upload_bytes: int = MAX_UPLOAD_BYTES
    ) -> None:
        """Wrap an application."""
        self.app = app
        self.max_bytes = max_bytes
        self.max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        size = Headers(scope=scope).get("content-length", "0")
        most = self.max_upload_bytes if scope["path"] in UPLOAD_PATHS else self.max_bytes
        body = None if not size.isdecimal() or int(size) > most else await _read(receive, most)
        if body is None:
            answer = {"error": f"The request is larger than {most} bytes.", "hint": "Send a shorter one."}
            await JSONResponse(answer, status_code=413, headers={"connection": "close"})(scope, receive, send)
            return
        replay = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive_body() -> Message:
            return next(replay, None) or await receive()

        await self.app(scope, receive_body, send)


async def _read(receive: Receive, max_bytes: int) -> bytes | None:
    """The whole body; None when it is too large. A client that leaves ends it early."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > max_bytes:
            return None
        if not message.get("more_body", False):
            break
    return bytes(body)
