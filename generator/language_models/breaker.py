"""A circuit breaker: a server that keeps failing is left alone for a while, so that nobody waits for it in vain.

Source: Nygard, Release It!, 2nd edition 2018, chapter 5.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from generator.errors import ServerPaused

BreakerState = Literal["closed", "open", "trial"]


@dataclass(slots=True)
class Breaker:
    """Opens after `failures` failed calls in a row, for `pause_s` seconds; then one call at a time may try.

    A trial that succeeds closes it, one that fails opens it for another pause. Safe to share between threads.
    """

    failures: int
    pause_s: float
    clock: Callable[[], float] = time.monotonic
    _failed: int = 0
    _until: float = 0.0
    _trying: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> BreakerState:
        """Whether calls go through ("closed"), none does ("open"), or the next one is a trial."""
        if self._failed < self.failures:
            return "closed"
        return "open" if self._trying or self.clock() < self._until else "trial"

    @property
    def pause_left_s(self) -> float:
        """Seconds until the next trial; 0 when calls go through."""
        return max(self._until - self.clock(), 0.0) if self.state == "open" else 0.0

    def enter(self) -> None:
        """Begin a call; `succeeded` or `failed` must follow.

        Raises:
            ServerPaused: while it is open.
        """
        with self._lock:
            if self.state == "open":
                raise ServerPaused(f"the chat server failed {self._failed} times in a row and is left alone")
            self._trying = self._failed >= self.failures

    def succeeded(self) -> None:
        """End a call that the server answered."""
        with self._lock:
            self._failed, self._trying = 0, False

    def failed(self) -> None:
        """End a call that the server failed."""
        with self._lock:
            self._failed, self._trying = self._failed + 1, False
            self._until = self.clock() + self.pause_s
