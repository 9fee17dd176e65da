"""The border between the asyncio loop and blocking native code: one worker thread per engine."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_END = object()


def call_on(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    """Call a function on a loop, from any thread; on a loop that is closed there is nobody left to tell."""
    # The loop may close between a look and the call, so only the call itself can find out.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and return when all have ended; how they ended is nobody's concern any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Worker:
    """A single thread that runs the blocking calls of one engine, in the order in which they were made.

    Native code (transcribe, generate, synthesize) releases the interpreter lock, so the loop stays responsive;
    one thread per engine keeps a non-reentrant engine from being entered twice.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one blocking call in the worker thread and return its result.

        Cancelling the caller does not interrupt native code that has already begun: the call ends on its own and
        its result is dropped.
        """
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()  # what is logged there belongs to the caller's turn
        return await loop.run_in_executor(self._executor, lambda: context.run(function, *args, **kwargs))

    async def stream(self, produce: Callable[[threading.Event], Iterator[T]]) -> AsyncGenerator[T, None]:
        """Iterate a blocking generator in the worker thread and yield its items on the loop.

        Args:
            produce: Builds the generator; it gets an event that is set when the consumer has gone, and should
                return as soon as it sees it. The event is also checked here after every item.

        Closing this generator (`aclose`, or leaving the `async for` by an exception) sets the event and returns
        only when the worker thread has left the generator, so the engine is free again.
        """
        loop = asyncio.get_running_loop()
        items: asyncio.Queue[T | object] = asyncio.Queue()
        cancelled = threading.Event()

        def pump() -> None:
            for item in produce(cancelled):
                if cancelled.is_set():
                    break
                call_on(loop, items.put_nowait, item)

        future = loop.run_in_executor(self._executor, contextvars.copy_context().run, pump)
        future.add_done_callback(lambda _: items.put_nowait(_END))  # also when it is dropped before it begins
        try:
            while (item := await items.get()) is not _END:
                yield item  # type: ignore[misc]  # the sentinel was excluded above
            await future
        finally:
            cancelled.set()
            if not future.done():
                await asyncio.wait({future})
            if not future.cancelled():
                future.exception()

    def close(self) -> None:
        """Let the thread end after its current call; queued calls are dropped, and who waits for one is cancelled."""
        self._executor.shutdown(wait=False, cancel_futures=True)
