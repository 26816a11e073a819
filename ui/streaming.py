"""A blocking stream of answer events, read by an event loop without holding it up."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from typing import TypeVar

from ingest.errors import MarrowError

logger = logging.getLogger(__name__)

Event = TypeVar("Event")


class StreamFailed(MarrowError):
    """A stream broke off in a way nobody foresaw; the log says how."""

    default_hint = "Ask again; if it happens once more, tell the person who runs this server."


async def read_in_thread(stream: Callable[[], Iterator[Event]], *, pool: Executor) -> AsyncGenerator[Event, None]:
    """Yield what `stream()` yields, running it in a thread of `pool`.

    Close the generator (contextlib.aclosing) to stop early: a stream that still waits for a thread never
    starts, a running one is left after the event it is working on.

    Raises:
        MarrowError: that the stream raises, after the events before it.
        StreamFailed: when it raises anything else.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event | None] = asyncio.Queue()
    stopped = threading.Event()

    def produce() -> None:
        try:
            with closing(_generator(stream())) as events:
                for event in events:
                    if stopped.is_set():
                        return
                    loop.call_soon_threadsafe(queue.put_nowait, event)
        finally:
            loop.call_soon_threadsafe(queue.put_nowait, None)

    work = pool.submit(produce)
    try:
        while (event := await queue.get()) is not None:
            yield event
        finished = asyncio.wrap_future(work)
        await asyncio.wait([finished])
        if (error := finished.exception()) is not None:
            raise _foreseen(error)
    finally:
        stopped.set()
        work.cancel()


def _generator(events: Iterator[Event]) -> Generator[Event, None, None]:
    yield from events


def _foreseen(error: BaseException) -> MarrowError:
    if isinstance(error, MarrowError):
        return error
    logger.error("a stream failed", exc_info=error)
    return StreamFailed("Something went wrong while answering.")
