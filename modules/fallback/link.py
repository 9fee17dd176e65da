"""One engine of a chain, with what is known about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from modules.engine import Engine, LoadProgress, ProgressCallback
from modules.fallback.breaker import BreakerState, CircuitBreaker
from modules.fallback.deadline import DeadlineError, within
from utils.aio import call_on
from utils.errors import ArvisError

E = TypeVar("E", bound=Engine)

LOAD_SECONDS = 30.0
"""An engine that reports no progress for so long while it loads, or does not warm up in that time, hangs."""
CLOSE_SECONDS = 2.0
"""An engine that does not close in this time is left behind."""
_LOOK_SECONDS = 1.0


class Link(Generic[E]):
    """Loads and closes an engine, and remembers whether it can be used.

    Args:
        engine: The engine.
        breaker: Counts its failures.
        clock: Monotonic seconds.
    """

    def __init__(self, engine: E, breaker: CircuitBreaker, clock: Callable[[], float]) -> None:
        self.engine = engine
        self.breaker = breaker
        self._clock = clock
        self.loaded = False
        self.hung = False
        """Whether its last failure was that nothing came in time."""
        self.error: ArvisError | None = None
        """Its last failure; None when it works."""
        self.mark = ""
        """Why it is passed over although it works; empty when it is not."""
        self.mark_until = 0.0
        """Monotonic time from which a marked engine may be tried again."""
        self.floor: float | None = None
        """Seconds of the first minimal run."""
        self._stuck: set[asyncio.Task[Any]] = set()
        self._loading = asyncio.Lock()

    @property
    def is_stuck(self) -> bool:
        """Whether a call to it has not come back although it was given up."""
        self._stuck = {task for task in self._stuck if not task.done()}
        return bool(self._stuck)

    @property
    def is_closed(self) -> bool:
        """Whether its breaker is closed and nothing hangs in it."""
        return self.breaker.state is BreakerState.CLOSED and not self.is_stuck

    @property
    def may_be_forced(self) -> bool:
        """Whether it may be asked although it is not at its best, when there is no other: not if it hung lately."""
        return not self.hung or (self.breaker.is_due and not self.is_stuck)

    @property
    def reason(self) -> str:
        """Why it is passed over; empty when it is not."""
        if self.breaker.state is not BreakerState.CLOSED or self.is_stuck:
            return self.error.message if self.error is not None else "It failed."
        return self.mark

    def leave_behind(self, task: asyncio.Task[Any]) -> None:
        """Take a call that does not come back."""
        self._stuck.add(task)
        # Nobody else will look at how it ends.
        task.add_done_callback(lambda late: late.cancelled() or late.exception())

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the engine unless it is.

        Raises:
            DeadlineError: It hangs.
            Exception: Whatever the engine raises.
        """
        async with self._loading:
            if not self.loaded:
                await self._load(progress)
                self.loaded = True

    async def _load(self, progress: ProgressCallback | None) -> None:
        loop = asyncio.get_running_loop()
        last = self._clock()

        def touch() -> None:
            nonlocal last
            last = self._clock()

        def report(step: LoadProgress) -> None:
            call_on(loop, touch)
            if progress is not None:
                progress(step)

        task = loop.create_task(self.engine.load(report))
        try:
            while not task.done() and self._clock() - last < LOAD_SECONDS:
                await asyncio.wait({task}, timeout=_LOOK_SECONDS)
        finally:
            if not task.done():
                task.cancel()
                self.leave_behind(task)
        if not task.done():
            raise DeadlineError
        task.result()

    async def warm_up(self) -> float:
        """Warm the engine up; return its floor in seconds.

        Raises:
            DeadlineError: It hangs.
            Exception: Whatever the engine raises.
        """
        floor = await within(LOAD_SECONDS, self.engine.warm_up(), self.leave_behind)
        if self.floor is None:
            self.floor = floor
        return floor

    async def close(self) -> None:
        """Free the engine; one that hangs is left behind."""
        self.loaded = False
        with suppress(DeadlineError):
            await within(0.0 if self.is_stuck else CLOSE_SECONDS, self.engine.close(), self.leave_behind)
        self._stuck = set()
