"""Virtual time: it jumps when nothing is left to do, and never while a thread works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from modules.bench.virtual_time import StandstillError, VirtualLoop, run_virtual
from utils.aio import Worker


def now() -> float:
    return asyncio.get_running_loop().time()


def test_an_hour_of_waiting_takes_no_time() -> None:
    async def main() -> tuple[float, float]:
        begun = now()
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(1800))
        return begun, now()

    begun, ended = run_virtual(main)
    assert ended - begun == pytest.approx(3600)


def test_timers_fire_in_their_order_at_their_time() -> None:
    async def main() -> list[tuple[str, float]]:
        seen: list[tuple[str, float]] = []
        begun = now()

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, round(now() - begun, 6)))

        await asyncio.gather(wait("late", 2.5), wait("early", 0.25))
        return seen

    assert run_virtual(main) == [("early", 0.25), ("late", 2.5)]


def test_a_call_in_a_thread_takes_no_virtual_time_and_is_waited_for() -> None:
    release = threading.Event()

    async def main() -> tuple[str, float, list[str]]:
        worker = Worker("slow")
        begun = now()
        ticks: list[str] = []
        asyncio.get_running_loop().call_later(0.001, ticks.append, "too early")
        threading.Timer(0.05, release.set).start()
        result = await worker.run(lambda: str(release.wait(10)))
        seen = list(ticks)
        worker.close()
        return result, now() - begun, seen

    assert run_virtual(main) == ("True", 0.0, [])


def test_results_come_in_the_order_of_the_calls() -> None:
    async def main() -> list[str]:
        first, second = Worker("first"), Worker("second")
        done: list[str] = []
        second_ended = threading.Event()

        async def run(worker: Worker, name: str) -> None:
            if name == "first":
                await worker.run(second_ended.wait, 10)
            else:
                await worker.run(second_ended.set)
            done.append(name)

        await asyncio.gather(run(first, "first"), run(second, "second"))
        first.close()
        second.close()
        return done

    assert [run_virtual(main) for _ in range(5)] == [["first", "second"]] * 5


def test_a_stream_from_a_thread_arrives_whole() -> None:
    async def main() -> list[int]:
        worker = Worker("stream")

        def produce(_: threading.Event) -> Iterator[int]:
            yield from range(5)

        items = [item async for item in worker.stream(produce)]
        worker.close()
        return items

    assert run_virtual(main) == [0, 1, 2, 3, 4]


def test_an_error_in_a_thread_is_raised() -> None:
    async def main() -> None:
        def fail() -> None:
            raise ValueError("broken")

        await asyncio.to_thread(fail)

    with pytest.raises(ValueError, match="broken"):
        run_virtual(main)


def test_a_cancelled_call_is_waited_for_before_time_goes_on() -> None:
    ended: list[float] = []

    async def main() -> list[float]:
        worker = Worker("cancelled")
        going = threading.Event()

        def work() -> None:
            going.wait(10)
            ended.append(1.0)

        task = asyncio.create_task(worker.run(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        threading.Timer(0.05, going.set).start()
        await asyncio.sleep(1)
        worker.close()
        return list(ended)

    assert run_virtual(main) == [1.0]


def test_a_queued_call_that_is_given_up_is_never_made() -> None:
    made: list[str] = []

    async def main() -> None:
        worker = Worker("queue")
        going = threading.Event()
        first = asyncio.create_task(worker.run(going.wait, 10))
        second = asyncio.create_task(worker.run(made.append, "second"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait({second})
        going.set()
        await first
        worker.close()

    run_virtual(main)
    assert made == []


def test_a_queued_call_that_is_dropped_is_cancelled() -> None:
    async def main() -> bool:
        worker = Worker("queue")
        going = threading.Event()
        first = asyncio.create_task(worker.run(going.wait, 10))
        second = asyncio.create_task(worker.run(going.wait, 10))
        await asyncio.sleep(0)
        worker.close()  # drops the second
        going.set()
        await asyncio.wait({first, second})
        return second.cancelled() and first.result()

    assert run_virtual(main)


def test_a_worker_that_is_closed_takes_no_calls() -> None:
    async def main() -> None:
        worker = Worker("closed")
        worker.close()
        with pytest.raises(RuntimeError, match="shutdown"):
            await worker.run(print)
        await asyncio.sleep(1)  # and nobody waits for it

    run_virtual(main)


def test_a_callback_from_a_call_can_be_cancelled() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        called: list[str] = []

        def work() -> None:
            loop.call_soon_threadsafe(called.append, "kept")
            loop.call_soon_threadsafe(called.append, "dropped").cancel()

        await loop.run_in_executor(None, work)
        return called

    assert run_virtual(main) == ["kept"]


def test_waiting_for_nothing_is_told() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StandstillError):
        run_virtual(main)


def test_a_callback_from_the_loop_itself_comes_at_once() -> None:
    async def main() -> float:
        event = asyncio.Event()
        begun = now()
        asyncio.get_running_loop().call_soon_threadsafe(event.set)
        await event.wait()
        return now() - begun

    assert run_virtual(main) == 0.0


def test_a_closed_loop_takes_nothing() -> None:
    loop = VirtualLoop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.run_in_executor(None, print)
