import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing

import pytest

from ingest.errors import BadRequest
from ui.streaming import StreamFailed, read_in_thread


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


async def test_events_arrive_in_order_while_the_loop_runs_on(pool: ThreadPoolExecutor) -> None:
    go_on = threading.Event()

    def stream() -> Iterator[int]:
        yield 1
        assert go_on.wait(5)  # set by the loop: a blocked loop would never set it
        yield 2

    seen = []
    async for event in read_in_thread(stream, pool=pool):
        seen.append(event)
        go_on.set()
    assert seen == [1, 2]


async def test_an_error_comes_after_the_events_before_it(pool: ThreadPoolExecutor) -> None:
    def stream() -> Iterator[int]:
        yield 1
        raise BadRequest("no")

    seen = []
    with pytest.raises(BadRequest, match="no"):
        async for event in read_in_thread(stream, pool=pool):
            seen.append(event)
    assert seen == [1]


async def test_an_unforeseen_error_goes_to_the_log_and_not_to_the_reader(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    def stream() -> Iterator[int]:
        raise ValueError("/secret")
        yield 1

    with caplog.at_level(logging.ERROR), pytest.raises(StreamFailed) as failed:
        await anext(read_in_thread(stream, pool=pool))
    assert "/secret" not in str(failed.value)
    assert "/secret" in caplog.text


async def test_closing_stops_the_stream_and_frees_its_thread(pool: ThreadPoolExecutor) -> None:
    closed = threading.Event()
    step = threading.Semaphore(1)

    def stream() -> Iterator[int]:
        try:
            while True:
                step.acquire()
                yield 1
        finally:
            closed.set()

    async with aclosing(read_in_thread(stream, pool=pool)) as events:
        await anext(events)
    step.release()  # the event it was working on
    assert await asyncio.to_thread(closed.wait, 5)
    assert await asyncio.wrap_future(pool.submit(lambda: "free")) == "free"


async def test_a_stream_that_waits_for_a_thread_never_starts_once_closed(pool: ThreadPoolExecutor) -> None:
    busy, started = threading.Event(), []
    pool.submit(busy.wait, 5)

    def stream() -> Iterator[int]:
        started.append(True)
        yield 1

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), aclosing(read_in_thread(stream, pool=pool)) as events:
            await anext(events)
    busy.set()
    await asyncio.wrap_future(pool.submit(lambda: None))
    assert started == []
