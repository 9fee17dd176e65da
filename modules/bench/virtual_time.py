"""An event loop in virtual time: seconds of conversation pass as fast as the engines can work, the same every time.

The time of the loop jumps to the next timer once nothing is left to do: no callback is ready and no call is running in
a worker thread. So a call into an engine takes no virtual time, however long it really takes; what it is meant to cost
is waited for in addition (see `modules.bench.nominal`). What worker threads hand over is delivered in the order in
which the calls were made, not in the order in which they happened to end.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

_START = 1000.0
"""The loop's time at its beginning; not 0, so that a duration that is taken for a time stands out."""


class StandstillError(RuntimeError):
    """Everything waits, and nothing will ever happen: in virtual time there is nobody outside who could act."""


def run_virtual(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function on a fresh loop in virtual time.

    Raises:
        StandstillError: It waits for something that cannot happen any more.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual, `run_in_executor` takes no virtual time; threads of other origin are not waited for."""

    def __init__(self) -> None:
        self._calls = _Calls()
        self._jumping = _JumpingSelector(self._deliver)
        self._pool: ThreadPoolExecutor | None = None
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds."""
        return self._jumping.now

    def run_in_executor(  # type: ignore[override]  # typeshed's is generic over *args
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run a blocking call in a thread; the loop's time stands still until it has ended."""
        self._check_closed()  # type: ignore[attr-defined]  # of the base class
        if executor is None:
            executor = self._pool = self._pool or ThreadPoolExecutor(thread_name_prefix="virtual")
        outcome: asyncio.Future[T] = self.create_future()
        call = self._calls.submit(executor, lambda: func(*args), lambda done: _hand_over(done, outcome))
        outcome.add_done_callback(lambda given_up: given_up.cancelled() and call.cancel())
        return outcome

    def call_soon_threadsafe(  # type: ignore[override]  # typeshed's is generic over *args
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call back on the loop; from a call in a thread: when the loop has nothing else to do."""
        if not self._calls.is_inside():
            return super().call_soon_threadsafe(callback, *args, context=context)
        self._check_closed()  # type: ignore[attr-defined]  # of the base class
        handle = asyncio.Handle(callback, args, self, context)
        self._calls.leave(lambda: handle.cancelled() or self.call_soon(callback, *args, context=context))
        return handle

    def close(self) -> None:
        """Close the loop, after the calls that are still running."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        super().close()

    def _deliver(self) -> bool:
        messages = self._calls.collect()
        for message in messages:
            message()
        return bool(messages)


def _hand_over(done: Future[T], outcome: asyncio.Future[T]) -> None:
    if outcome.done():
        return
    if done.cancelled():
        outcome.cancel()
    elif (error := done.exception()) is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(done.result())


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting for a timer it waits for the worker threads, and then moves the clock."""

    def __init__(self, deliver: Callable[[], bool]) -> None:
        super().__init__()
        self._deliver = deliver
        self.now = _START

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if (timeout is not None and timeout <= 0) or self._deliver():
            return super().select(0)
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise StandstillError("everything waits, and nothing is scheduled and nothing is running")
            self.now += timeout
        return ready


class _Calls:
    """The calls in worker threads, and what they have left for the loop."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._thread = threading.local()
        self._running = 0
        self._left: list[tuple[int, Callable[[], object]]] = []

    def submit(self, executor: Executor, function: Callable[[], T], on_end: Callable[[Future[T]], None]) -> Future[T]:
        """Run a function in an executor; `on_end` is left for the loop when it has ended or was cancelled."""
        number = next(self._numbers)

        def numbered() -> T:
            self._thread.call = number
            return function()

        def ended(done: Future[T]) -> None:
            with self._changed:
                self._left.append((number, lambda: on_end(done)))
                self._running -= 1
                self._changed.notify_all()

        with self._changed:
            self._running += 1
        try:
            call = executor.submit(numbered)
        except RuntimeError:  # the executor is shut down
            with self._changed:
                self._running -= 1
            raise
        call.add_done_callback(ended)
        return call

    def is_inside(self) -> bool:
        """Whether the present thread runs a call."""
        return getattr(self._thread, "call", None) is not None

    def leave(self, message: Callable[[], object]) -> None:
        """Leave something for the loop, from inside a call."""
        with self._changed:
            self._left.append((self._thread.call, message))

    def collect(self) -> list[Callable[[], object]]:
        """Wait until no call is running, and take what was left, in the order of the calls that left it."""
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0)
            left, self._left = self._left, []
        return [message for _, message in sorted(left, key=lambda entry: entry[0])]
