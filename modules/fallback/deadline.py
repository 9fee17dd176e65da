"""Waits for engines, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 0.02
"""An engine that was told to stop is given so long; what takes longer hangs in native code and is left behind."""

CANCEL_SECONDS = 3.0
"""The same where the one who asked gives up, and the engine is not suspected to hang: it may be in a long native call,
and is waited for so that it is free afterwards."""

Leftover = Callable[[asyncio.Task[Any]], None]
"""Takes a call that does not end although it was cancelled."""


class DeadlineError(Exception):
    """Nothing came in time."""


async def within(seconds: float, call: Coroutine[Any, Any, T], leftover: Leftover) -> T:
    """The result of a call that may take `seconds`.

    A caller that is cancelled waits until the call has ended, or hangs.

    Raises:
        DeadlineError: It took longer; it was cancelled, and goes to `leftover` if that does not end it.
    """
    task = asyncio.ensure_future(call)
    await _settle(task, {task}, seconds, leftover)
    return task.result()


class Pull(Generic[T]):
    """Reads a generator piece by piece, in a task of its own, so that waiting for a piece can be given up.

    The generator is not asked for a piece before somebody wants it.

    Args:
        source: The generator; it is closed with this.
        leftover: Takes the task if it does not end.
    """

    def __init__(self, source: AsyncGenerator[T, None], leftover: Leftover) -> None:
        self._source = source
        self._leftover = leftover
        self._wanted = asyncio.Event()
        self._came: asyncio.Queue[T] = asyncio.Queue()
        self._given_up = False
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def next(self, seconds: float) -> T | None:
        """The next piece; None when there are no more.

        Raises:
            DeadlineError: None came within so many seconds; the generator is at an end.
            Exception: What the generator raised.
        """
        self._wanted.set()
        piece = asyncio.get_running_loop().create_task(self._came.get())
        try:
            await _settle(self._task, {self._task, piece}, seconds, self._leftover)
            if piece.done():
                return piece.result()
        except DeadlineError:
            self._given_up = True
            raise
        finally:
            piece.cancel()
        self._task.result()
        return None

    async def close(self) -> None:
        """Stop, and return when the engine is free again; at once when it was given up."""
        if not self._given_up:
            await _end(self._task, CANCEL_SECONDS, self._leftover)

    async def _read(self) -> None:
        try:
            await self._wanted.wait()
            async for piece in self._source:
                if self._task.cancelling():  # what waits for native code may have taken no notice of it
                    return
                self._wanted.clear()
                self._came.put_nowait(piece)
                await self._wanted.wait()
        finally:
            await self._source.aclose()


async def _settle(task: asyncio.Task[Any], awaited: set[asyncio.Task[Any]], seconds: float, leftover: Leftover) -> None:
    """Wait for the first of some tasks; when none is done in time, or the caller is cancelled, end `task`.

    Raises:
        DeadlineError: None was done in time.
    """
    try:
        done, _ = await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _end(task, CANCEL_SECONDS, leftover)
        raise
    if done:
        if task in done and task.cancelled():  # by others, such as one who closes the engine
            raise RuntimeError("it was closed while it was asked")
        return
    await _end(task, GRACE_SECONDS, leftover)
    raise DeadlineError


async def _end(task: asyncio.Task[Any], seconds: float, leftover: Leftover) -> None:
    """Cancel a task and wait for its end, or leave it behind; how it ended is nobody's concern any more."""
    task.cancel()
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            leftover(task)
        elif not task.cancelled():
            task.exception()
