"""What the chat's handlers work with."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ui.lab_papers import PaperStore
from ui.service import Service


@dataclass(frozen=True, slots=True)
class ChatBackend:
    """The service, the threads in which the chat calls it, and its papers; the pool bounds how many answer at once."""

    service: Service
    pool: ThreadPoolExecutor
    papers: PaperStore
