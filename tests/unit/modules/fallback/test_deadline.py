from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from modules.fallback.deadline import CANCEL_SECONDS, DeadlineError, Pull, within
from tests.fakes.clock import loop_time, run_virtual


class Left(list[asyncio.Task[Any]]):
    def __call__(self, task: asyncio.Task[Any]) -> None:
        self.append(task)


async def _stubborn(until: asyncio.Event) -> None:
    """As what waits for a native call: it cannot be cancelled."""
    while not until.is_set():
        try:
            await until.wait()
        except asyncio.CancelledError:
            continue


def test_a_result_in_time_is_returned() -> None:
    async def main() -> int:
        async def call() -> int:
            await asyncio.sleep(1.9)
            return 7

        return await within(2.0, call(), Left())

    assert run_virtual(main) == 7


def test_a_call_that_is_late_is_cancelled() -> None:
    async def main() -> None:
        left, ended = Left(), []

        async def call() -> None:
            try:
                await asyncio.sleep(60.0)
            finally:
                ended.append(loop_time())

        begun = loop_time()
        with pytest.raises(DeadlineError):
            await within(2.0, call(), left)
        assert loop_time() - begun == pytest.approx(2.0)
        assert ended == [pytest.approx(begun + 2.0)]
        assert left == []

    run_virtual(main)


def test_a_call_that_fails_while_it_is_cancelled_fails_nobody() -> None:
    async def main() -> None:
        async def call() -> None:
            try:
                await asyncio.sleep(60.0)
            finally:
                raise ValueError("too late")

        with pytest.raises(DeadlineError):
            await within(2.0, call(), Left())

    run_virtual(main)


def test_a_call_that_cannot_be_cancelled_is_left_behind() -> None:
    async def main() -> None:
        left, until = Left(), asyncio.Event()
        begun = loop_time()
        with pytest.raises(DeadlineError):
            await within(2.0, _stubborn(until), left)
        assert loop_time() - begun < 2.1
        assert len(left) == 1
        until.set()
        await left[0]

    run_virtual(main)


def test_one_who_is_cancelled_waits_until_the_engine_is_free() -> None:
    async def main() -> None:
        until, left = asyncio.Event(), Left()
        task = asyncio.ensure_future(within(60.0, _stubborn(until), left))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.sleep(1.0)
        assert not task.done()
        until.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left == []

    run_virtual(main)


async def test_a_call_that_others_cancel_is_a_failure_and_no_cancellation() -> None:
    async def call() -> None:
        current = asyncio.current_task()
        assert current is not None
        current.cancel()
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="closed while it was asked"):
        await within(1.0, call(), Left())


class Source:
    def __init__(self, *steps: float | Exception) -> None:
        self.steps = steps
        self.asked = 0
        self.closed = False

    async def read(self) -> AsyncGenerator[int, None]:
        try:
            for number, step in enumerate(self.steps):
                self.asked += 1
                if isinstance(step, Exception):
                    raise step
                await asyncio.sleep(step)
                yield number
        finally:
            self.closed = True


def test_pieces_come_one_by_one_and_then_nothing() -> None:
    async def main() -> None:
        source = Source(0.1, 0.1)
        pull = Pull(source.read(), Left())
        assert [await pull.next(1.0) for _ in range(4)] == [0, 1, None, None]
        assert source.closed
        await pull.close()

    run_virtual(main)


def test_nothing_is_made_before_it_is_wanted() -> None:
    async def main() -> None:
        source = Source(0.0, 0.0, 0.0)
        pull = Pull(source.read(), Left())
        await asyncio.sleep(1.0)
        assert source.asked == 0
        await pull.next(1.0)
        await asyncio.sleep(1.0)
        assert source.asked == 1
        await pull.close()
        assert source.closed

    run_virtual(main)


def test_the_deadline_is_for_each_piece_and_not_for_the_one_who_takes_them() -> None:
    async def main() -> None:
        pull = Pull(Source(0.9, 0.9, 0.9).read(), Left())
        for _ in range(3):
            assert await pull.next(1.0) is not None
            await asyncio.sleep(10.0)
        await pull.close()

    run_virtual(main)


def test_a_piece_that_is_late_ends_the_source() -> None:
    async def main() -> None:
        source, left = Source(0.1, 60.0), Left()
        pull = Pull(source.read(), left)
        assert await pull.next(1.0) == 0
        with pytest.raises(DeadlineError):
            await pull.next(1.0)
        assert source.closed
        assert left == []
        await pull.close()

    run_virtual(main)


def test_a_source_that_cannot_be_cancelled_is_left_behind() -> None:
    async def main() -> None:
        until, left = asyncio.Event(), Left()

        async def read() -> AsyncGenerator[int, None]:
            await _stubborn(until)
            yield 1

        pull = Pull(read(), left)
        with pytest.raises(DeadlineError):
            await pull.next(1.0)
        begun = loop_time()
        await pull.close()
        assert loop_time() == begun
        assert len(left) == 1
        until.set()
        await asyncio.wait_for(left[0], 1.0)

    run_virtual(main)


async def test_an_error_of_the_source_is_raised_where_it_is_awaited() -> None:
    pull = Pull(Source(0.0, ValueError("broken")).read(), Left())
    assert await pull.next(1.0) == 0
    with pytest.raises(ValueError, match="broken"):
        await pull.next(1.0)
    await pull.close()


async def test_an_error_that_nobody_awaits_is_dropped() -> None:
    pull = Pull(Source(0.0).read(), Left())
    await pull.next(1.0)
    await pull.close()
    await pull.close()


def test_one_who_is_cancelled_does_not_wait_for_ever() -> None:
    async def main() -> None:
        until, left = asyncio.Event(), Left()
        task = asyncio.ensure_future(within(60.0, _stubborn(until), left))
        await asyncio.sleep(1.0)
        task.cancel()
        begun = loop_time()
        await asyncio.wait({task})
        assert loop_time() - begun == pytest.approx(CANCEL_SECONDS)
        assert task.cancelled()
        assert len(left) == 1
        until.set()

    run_virtual(main)
