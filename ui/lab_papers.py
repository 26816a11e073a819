"""Files of a conversation that are kept in memory for a while: an upload, a page's picture, a summary to take along."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LIFETIME_S = 3600.0
MAX_BYTES = 200_000_000
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Paper:
    """A file: its bytes, what they are, and the name to save it under (empty where it is only shown)."""

    content: bytes
    media_type: str
    name: str = ""


class PaperStore:
    """Holds papers in memory, never on disk; who knows a paper's token may fetch it, and nobody can guess one.

    A paper goes when it is dropped, after `lifetime_s`, or when newer ones need the room. All threads share a store.
    """

    def __init__(
        self,
        *,
        max_bytes: int = MAX_BYTES,
        lifetime_s: float = LIFETIME_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start empty; `clock` counts seconds."""
        self._max_bytes = max_bytes
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._lock = threading.Lock()
        self._papers: OrderedDict[str, tuple[float, Paper]] = OrderedDict()

    def put(self, paper: Paper) -> str:
        """Keep a paper; its token has 256 random bits and fits into an address."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._papers[token] = (self._clock(), paper)
            self._tidy()
        return token

    def get(self, token: str) -> Paper | None:
        """The paper under a token; None where it is unknown or gone."""
        with self._lock:
            self._tidy()
            return self._papers[token][1] if token in self._papers else None

    def take(self, token: str) -> Paper | None:
        """As `get`, and drop it."""
        paper = self.get(token)
        self.drop([token])
        return paper

    def drop(self, tokens: Iterable[str]) -> None:
        """Forget papers; unknown tokens are passed over."""
        with self._lock:
            for token in tokens:
                self._papers.pop(token, None)

    def _tidy(self) -> None:
        """Forget what is old, and the oldest until the rest fits."""
        start = self._clock() - self._lifetime_s
        held = sum(len(paper.content) for _, paper in self._papers.values())
        while self._papers:
            put_at, paper = next(iter(self._papers.values()))
            if put_at > start and held <= self._max_bytes:
                break
            self._papers.popitem(last=False)
            held -= len(paper.content)
