"""What the chat's handlers work with."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ui.service import Service


@dataclass(frozen=True, slots=True)
class ChatBackend:
    """The service, and the threads in which the chat calls it; the pool bounds how many answer at once."""

    service: Service
    pool: ThreadPoolExecutor
