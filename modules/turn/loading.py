"""Engines load in the background; whoever needs one waits for it, and a failed one is tried again when needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from modules.engine import Engine, LoadProgress
from modules.turn.events import EngineFailed, EngineLoading, EngineReady, Role, SessionEvent
from utils.aio import call_on, cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)


class EngineSlot:
    """One engine of the session, with the task that loads and warms it.

    Args:
        role: What the engine is for.
        engine: The engine.
        emit: Called on the event loop with what happens.
        clock: Monotonic seconds.
        owned: Whether the slot loads and closes the engine; otherwise it is ready from the start.
    """

    def __init__(
        self,
        role: Role,
        engine: Engine,
        emit: Callable[[SessionEvent], None],
        clock: Callable[[], float],
        *,
        owned: bool = True,
    ) -> None:
        self.role: Role = role
        self.engine = engine
        self._emit = emit
        self._clock = clock
        self._owned = owned
        self._task: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the engine can be used without waiting."""
        return not self._owned or (self._task is not None and self._task.done() and not self._failed(self._task))

    async def ready(self) -> None:
        """Wait until the engine can be used; one whose last load failed is loaded again.

        Raises:
            utils.errors.ArvisError: It cannot be loaded.
        """
        if not self._owned:
            return
        if self._task is None or (self._task.done() and self._failed(self._task)):
            self._task = asyncio.create_task(self._load(), name=f"load {self.role}")
        # Shielded: a turn that is given up does not stop an engine that the next turn needs.
        await asyncio.shield(self._task)

    async def settled(self) -> None:
        """Wait until the engine is ready or has failed; the failure was emitted as an event."""
        try:
            await self.ready()
        except ArvisError as error:
            log.info("%s engine %s is not ready: %s", self.role, self.engine.name, error.code)

    async def close(self) -> None:
        """Stop loading and free the engine."""
        if not self._owned:
            return
        if self._task is not None:
            await cancel(self._task)
        await self.engine.close()

    @staticmethod
    def _failed(task: asyncio.Task[None]) -> bool:
        return task.cancelled() or task.exception() is not None

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()
        started = self._clock()

        def progress(step: LoadProgress) -> None:
            call_on(loop, self._emit, EngineLoading(self.role, step))

        self._emit(EngineLoading(self.role, LoadProgress(self.engine.name, "Loading")))
        try:
            await self.engine.load(progress)
            loaded = self._clock() - started
            self._emit(EngineLoading(self.role, LoadProgress(self.engine.name, "Warming up")))
            floor = await self.engine.warm_up()
        except ArvisError as error:
            self._emit(EngineFailed(self.role, self.engine.name, error.code, error.message))
            raise
        except Exception as error:  # a native library may raise anything; the session must go on
            log.exception("loading %s", self.engine.name)
            self._emit(
                EngineFailed(self.role, self.engine.name, "load-failed", f"{self.engine.name} could not be loaded.")
            )
            raise ArvisError("load-failed", f"The engine {self.engine.name} could not be loaded: {error}") from error
        self._emit(EngineReady(self.role, self.engine.name, loaded, floor))
