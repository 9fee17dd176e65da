"""What a chain does between turns: tries engines that failed, and loads those that will be needed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from modules.engine import Engine
from modules.fallback.breaker import BreakerState
from modules.fallback.deadline import DeadlineError, within
from modules.fallback.link import CLOSE_SECONDS, LOAD_SECONDS, Link

if TYPE_CHECKING:
    from modules.fallback.chain import EngineChain

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Engine)

IDLE_LOOK_SECONDS = 1.0
"""How often it is looked whether the turn is over, while there is something to do after it."""
_SLOW = 2.0
"""An engine that was marked is still poor when a minimal run takes so many times as long as the first one did."""


@dataclass(frozen=True, slots=True)
class Chore(Generic[E]):
    """Something to do for an engine."""

    link: Link[E]
    due: float
    """Monotonic time."""
    is_trial: bool
    """Whether the engine is tried, because it failed; otherwise it is only made ready."""


class Keeper(Generic[E]):
    """Works in the background as long as there is something to do, and only while no turn is under way.

    Args:
        chain: Has the engines.
    """

    def __init__(self, chain: EngineChain[E]) -> None:
        self._chain = chain
        self._task: asyncio.Task[None] | None = None
        self._freeing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Look again whether there is something to do."""
        self._changed.set()
        if (self._task is None or self._task.done()) and self._chore() is not None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"keep {self._chain.stage.name}")

    def free(self, link: Link[E]) -> None:
        """Give the memory of an engine back."""
        task = asyncio.get_running_loop().create_task(link.close())
        self._freeing.add(task)
        task.add_done_callback(self._freeing.discard)

    async def close(self) -> None:
        """Stop; a trial that hangs is left behind."""
        tasks = {*self._freeing, *([self._task] if self._task is not None else [])}
        self._task = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _run(self) -> None:
        while True:
            self._chain.settle()
            if (chore := self._chore()) is None:
                return
            wait = chore.due - self._chain.clock()
            if wait <= 0 and self._chain.is_idle:
                await self._do(chore)
                continue
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait if wait > 0 else IDLE_LOOK_SECONDS):
                    await self._changed.wait()

    def _chore(self) -> Chore[E] | None:
        """What is to be done next."""
        chain, now = self._chain, self._chain.clock()
        best = chain.best()
        chores = [Chore(best, now, is_trial=False)] if best is not chain.current else []
        for link in chain.links[: chain.links.index(chain.current) + 1]:
            if link.breaker.state is BreakerState.OPEN:
                chores.append(Chore(link, link.breaker.retry_at, is_trial=True))
            elif link.mark:
                chores.append(Chore(link, link.mark_until, is_trial=True))
        if chain.policy.warm_standby and chain.current.loaded:
            following = chain.links[chain.links.index(chain.current) + 1 :]
            stand_in = next((link for link in following if link.is_closed), None)
            if stand_in is not None and not stand_in.loaded:
                chores.append(Chore(stand_in, now, is_trial=False))
        return min(chores, key=lambda chore: chore.due, default=None)

    async def _do(self, chore: Chore[E]) -> None:
        link = chore.link
        if chore.is_trial and link.breaker.state is BreakerState.OPEN:
            link.breaker.begin_trial()
        works = not link.is_stuck and await self._prepare(link)
        if works:
            link.breaker.end_trial()
            link.mark = ""
            log.info("%s: %s is ready", self._chain.stage.name, link.engine.name)
        elif link.mark and link.is_closed:
            link.mark_until = self._chain.clock() + self._chain.policy.recovery_seconds
        else:
            link.breaker.fail(at_once=True)

    async def _prepare(self, link: Link[E]) -> bool:
        """Load an engine and run it; whether that went well, and as fast as ever if it was too slow."""
        before = link.floor
        try:
            await link.load()
            floor = await link.warm_up()
            await within(LOAD_SECONDS, self._chain.trial(link.engine), link.leave_behind)
        except DeadlineError:
            return False
        except Exception as error:  # noqa: BLE001  # native libraries raise anything, and nobody waits for this one
            link.error = self._chain.explained(link, error)
            return False
        return not link.mark or before is None or floor <= _SLOW * before
