"""The worker: results, errors, order, and the end of a stream that nobody reads any more."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from utils.aio import Worker, call_on, cancel


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker("engine")
    yield made
    made.close()


async def test_calls_run_in_one_thread_of_that_name(worker: Worker) -> None:
    names = {await worker.run(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"engine_0"}


async def test_arguments_and_result(worker: Worker) -> None:
    assert await worker.run(int, "ff", base=16) == 255


async def test_an_error_reaches_the_caller(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    assert await worker.run(lambda: 7) == 7


async def test_calls_keep_their_order(worker: Worker) -> None:
    seen: list[int] = []
    await asyncio.gather(*(worker.run(seen.append, number) for number in range(50)))
    assert seen == list(range(50))


async def test_a_stream_yields_every_item_in_order(worker: Worker) -> None:
    found = [item async for item in worker.stream(lambda _cancelled: iter(range(1000)))]
    assert found == list(range(1000))


async def test_an_error_in_a_stream_comes_after_its_items(worker: Worker) -> None:
    def produce(_cancelled: threading.Event) -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    async with aclosing(worker.stream(produce)) as items:
        assert await anext(items) == 1
        with pytest.raises(ValueError, match="broken"):
            await anext(items)


async def test_closing_a_stream_ends_the_producer_before_it_returns(worker: Worker) -> None:
    left = threading.Event()

    def produce(cancelled: threading.Event) -> Iterator[int]:
        try:
            yield 0
            assert cancelled.wait(timeout=30)
            yield 1
        finally:
            left.set()

    async with aclosing(worker.stream(produce)) as items:
        assert await anext(items) == 0
    assert left.is_set()
    assert await worker.run(lambda: "free") == "free"


async def test_a_cancelled_consumer_ends_the_producer(worker: Worker) -> None:
    begun, left = asyncio.Event(), threading.Event()

    def produce(cancelled: threading.Event) -> Iterator[int]:
        yield 0
        cancelled.wait(timeout=30)
        left.set()

    async def consume() -> None:
        async with aclosing(worker.stream(produce)) as items:
            async for _ in items:
                begun.set()

    task = asyncio.create_task(consume())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left.is_set()


async def test_closing_drops_what_is_queued() -> None:
    worker = Worker("engine")
    release = threading.Event()
    first = asyncio.create_task(worker.run(release.wait, 30))
    second = asyncio.create_task(worker.run(lambda: "never"))
    await asyncio.sleep(0)  # both have been handed over
    worker.close()
    release.set()
    assert await first is True
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_closing_ends_a_stream_that_is_queued() -> None:
    worker = Worker("engine")
    release = threading.Event()
    first = asyncio.create_task(worker.run(release.wait, 30))
    await asyncio.sleep(0)
    queued = asyncio.ensure_future(anext(worker.stream(lambda _cancelled: iter([1]))))
    await asyncio.sleep(0)
    worker.close()
    release.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(queued, 30)


async def test_cancelling_waits_until_tasks_have_ended() -> None:
    ended: list[str] = []

    async def work(name: str, error: Exception | None) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)
            if error is not None:
                raise error

    tasks = [asyncio.create_task(work("calm", None)), asyncio.create_task(work("loud", ValueError("too late")))]
    await asyncio.sleep(0)
    await cancel(*tasks)
    await cancel(*tasks)
    await cancel()
    assert ended == ["calm", "loud"]


def test_telling_a_closed_loop_something_is_no_error() -> None:
    told: list[int] = []
    loop = asyncio.new_event_loop()
    call_on(loop, told.append, 1)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    call_on(loop, told.append, 2)
    assert told == [1]


def test_a_worker_knows_the_context_of_its_caller() -> None:
    turn: contextvars.ContextVar[int] = contextvars.ContextVar("turn", default=0)

    async def main() -> tuple[int, list[int]]:
        worker = Worker("test")
        turn.set(7)
        try:
            return await worker.run(turn.get), [item async for item in worker.stream(lambda _: iter([turn.get()]))]
        finally:
            worker.close()

    assert asyncio.run(main()) == (7, [7])
