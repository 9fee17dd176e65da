"""Engines of one kind in the order of preference, of which the first that can be used is asked."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from modules.engine import Engine, ProgressCallback
from modules.fallback.breaker import CircuitBreaker
from modules.fallback.deadline import DeadlineError
from modules.fallback.events import EngineState, Moment, SwitchCallback, SwitchEvent
from modules.fallback.keeper import Keeper
from modules.fallback.link import LOAD_SECONDS, Link
from modules.fallback.policy import FallbackPolicy
from modules.fallback.request import Request
from utils.errors import ArvisError

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Engine)

QUIET_SECONDS = 10.0
"""Where nobody says whether a turn is under way, none is when the stage has not been used for so long: while an answer
is heard, the voice may have nothing to do for 6 s."""

_UNUSABLE = 9
_HEALTHY = "healthy"
_POOR = frozenset({"degraded", "unhealthy"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What a chain has to know about the engines in it."""

    name: str
    """"stt", "llm" or "tts"."""
    error: type[ArvisError]
    """The error of the stage, for failures that are none of ours."""
    nobody_code: str
    """Code of the error that none of several engines works."""
    nobody: str
    """The sentence for it, without the reasons."""
    callers: frozenset[str] = field(default_factory=frozenset)
    """Codes of errors that the caller made; another engine would only hide them."""


class EngineChain(Generic[E]):
    """Decides which engine is asked, and keeps an eye on those that are not.

    The engine that is asked changes when it fails, and otherwise between turns only: when it is marked as degraded,
    or when a better one works again. Engines are loaded when it is their turn. All of it runs on one event loop.

    Args:
        stage: What the engines are for.
        engines: In the order of preference, at least one; they belong to the chain.
        on_switch: Told when one takes over from another.
        trial: Raises an error when an engine that is loaded and warm does not work all the same.
        policy: When an engine is left alone, and when it is tried again.
        is_idle: Whether no turn is under way; None to go by how long the chain has not been used.
        clock: Monotonic seconds.
        chance: Gives numbers from 0 to 1.
    """

    def __init__(
        self,
        stage: Stage,
        engines: Sequence[E],
        on_switch: SwitchCallback | None = None,
        *,
        trial: Callable[[E], Coroutine[Any, Any, None]] | None = None,
        policy: FallbackPolicy | None = None,
        is_idle: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not engines:
            raise ValueError("a chain needs at least one engine")
        self.stage = stage
        self.clock = clock
        self.policy = policy or FallbackPolicy()
        self.links = tuple(Link(engine, CircuitBreaker(self.policy, clock, chance), clock) for engine in engines)
        self.current = self.links[0]
        """The engine that is asked next."""
        self.trial = trial or _no_trial
        self._on_switch = on_switch
        self._is_idle = is_idle
        self._open_requests = 0
        self._last_used = -QUIET_SECONDS
        self._outages: dict[str, str] = {}
        """Engines that the user was told of that they failed, with those that stand in for them."""
        self.keeper = Keeper(self)

    @property
    def is_idle(self) -> bool:
        """Whether no turn is under way."""
        if self._open_requests:
            return False
        if self._is_idle is not None:
            return self._is_idle()
        return self.clock() - self._last_used >= QUIET_SECONDS

    def states(self) -> tuple[EngineState, ...]:
        """What is known about each engine, in the order of preference."""
        return tuple(
            EngineState(link.engine.name, link.breaker.state.value, link.loaded, link is self.current, link.reason)
            for link in self.links
        )

    def mark(self, name: str, status: str, reason: str = "") -> None:
        """Take in what is known about the health of an engine.

        Args:
            name: Name of the engine; one that is not in the chain is passed over.
            status: "degraded" or "unhealthy": it is not asked as long as there is another that can be; "healthy": it
                is again. Anything else changes nothing.
            reason: Why, in words for the user.
        """
        for link in self.links:
            if link.engine.name == name and status in _POOR:
                link.mark = reason or f"{name} is {status}."
                link.mark_until = self.clock() + self.policy.recovery_seconds
            elif link.engine.name == name and status == _HEALTHY:
                link.mark = ""
                link.breaker.hasten()
        self.settle()
        self.keeper.wake()

    def settle(self) -> None:
        """Between turns: let the best engine that is loaded be asked from now on."""
        best = self.best()
        if self.is_idle and best is not self.current and best.loaded:
            self._switch_between_turns(best)

    def best(self) -> Link[E]:
        """The most preferred engine that works; the present one when there is none."""
        working = [link for link in self.links if link.is_closed]
        return min(working, key=lambda link: bool(link.mark), default=self.current)

    def pick(self, tried: set[int], suits: Callable[[E], bool]) -> Link[E] | None:
        """The engine to ask next.

        Args:
            tried: Places of the engines that were asked already.
            suits: Whether an engine can be asked for this at all.

        Returns:
            None when there is none left.
        """
        left = [
            (self._tier(link), link is not self.current, place, link)
            for place, link in enumerate(self.links)
            if place not in tried and (link is self.current or suits(link.engine))
        ]
        usable = [entry for entry in left if entry[0] < _UNUSABLE]
        if not usable:
            return None
        *_, place, link = min(usable, key=lambda entry: entry[:3])
        tried.add(place)
        return link

    def _tier(self, link: Link[E]) -> int:
        """How gladly an engine is asked; 0 is best. The present one keeps its place until the turn is over."""
        if link.is_closed:
            return 1 if link.mark and link is not self.current else 0
        return 2 if link.may_be_forced else _UNUSABLE

    @asynccontextmanager
    async def request(self, suits: Callable[[E], bool] = lambda _: True) -> AsyncIterator[Request[E]]:
        """Ask for something; whatever fails meanwhile, the next engine can be asked for the same.

        Args:
            suits: Whether an engine other than the present one can be asked for this at all.
        """
        self.settle()
        self._open_requests += 1
        try:
            yield Request(self, suits)
        finally:
            self._open_requests -= 1
            self._last_used = self.clock()
            self.keeper.wake()

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the first engine that can be loaded; a second call returns at once.

        Raises:
            ArvisError: None can; with a single engine, its own error.
        """
        async with self.request() as request:
            await request.engine(progress)

    async def warm_up(self) -> float:
        """Warm up the engine that is asked; return its floor in seconds.

        Raises:
            ArvisError: No engine is left.
        """
        async with self.request() as request:
            while True:
                await request.engine()
                try:
                    return await request.link.warm_up()
                except DeadlineError:
                    request.timed_out(LOAD_SECONDS)
                except Exception as error:  # noqa: BLE001  # native libraries raise anything; the next engine may do better
                    request.failed(self.explained(request.link, error), at_once=True)

    async def close(self) -> None:
        """Close all engines; the first one has its turn again after the next `load`."""
        await self.keeper.close()
        await asyncio.gather(*(link.close() for link in self.links))
        self.current = self.links[0]
        self._outages.clear()
        for link in self.links:
            link.error, link.mark, link.hung = None, "", False
            link.breaker.succeed()

    def explained(self, link: Link[E], error: Exception) -> ArvisError:
        """Whatever an engine raised, as an error of the stage."""
        if isinstance(error, ArvisError):
            return error
        if isinstance(error, MemoryError):
            return self.stage.error(
                "out-of-memory",
                f"There is not enough memory for {link.engine.name}. Close other programs, or choose a smaller model.",
            )
        return self.stage.error("engine-failed", f"{link.engine.name} failed: {error}", retryable=True)

    def took_over(self, failed: Link[E], successor: Link[E], moment: Moment, seconds: float) -> None:
        """An engine failed in a request, and another one is asked in its place."""
        if failed is self.current:
            self.current = successor
        if failed.error is not None:
            self._tell(failed, successor, failed.error, moment, seconds)

    def worked(self, link: Link[E]) -> None:
        """An engine did what it was asked for."""
        link.breaker.succeed()
        link.error, link.hung = None, False
        stand_in = self._outages.pop(link.engine.name, None)
        if stand_in is not None and self._on_switch is not None:
            event = SwitchEvent(self.stage.name, stand_in, link.engine.name, None, Moment.RECOVERY, 0.0, first=True)
            self._on_switch(event)

    def doubt(self, link: Link[E], error: ArvisError) -> None:
        """An engine gave nothing where another one had something to give; `error` says so if it does it again."""
        link.breaker.doubt()
        if not link.is_closed:
            link.error = error

    def exhausted(self, errors: Sequence[ArvisError]) -> ArvisError:
        """The error that says why no engine can be asked.

        Args:
            errors: What the engines raised that were asked; when there was none, what they raised before is told.
        """
        reasons = errors or [link.error for link in self.links if link.error is not None]
        if len(self.links) == 1 and reasons:
            return reasons[0]
        words = " ".join(dict.fromkeys(reason.message for reason in reasons))
        return self.stage.error(self.stage.nobody_code, f"{self.stage.nobody} {words}".strip(), retryable=True)

    def _switch_between_turns(self, best: Link[E]) -> None:
        past, self.current = self.current, best
        # One that works again is told of when it has shown that it does.
        if best.engine.name not in self._outages and past.reason:
            error = past.error or self.stage.error("degraded", past.reason, retryable=True)
            self._tell(past, best, error, Moment.BETWEEN_TURNS, 0.0)

    def _tell(self, failed: Link[E], successor: Link[E], error: ArvisError, moment: Moment, seconds: float) -> None:
        names = failed.engine.name, successor.engine.name
        log.warning("%s: %s takes over from %s (%s, %s)", self.stage.name, names[1], names[0], error.code, moment.value)
        first = names[0] not in self._outages
        self._outages[names[0]] = names[1]
        if self._on_switch is not None:
            self._on_switch(SwitchEvent(self.stage.name, *names, error, moment, seconds, first))


async def _no_trial(_engine: Engine) -> None:
    """Loading and warming up is all there is to try."""
