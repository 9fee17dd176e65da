"""Engines for chains of tests: they work, fail, hang and are mended as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from modules.engine import LoadProgress, ProgressCallback
from modules.fallback.chain import EngineChain, Stage
from modules.fallback.events import SwitchEvent
from modules.fallback.policy import FallbackPolicy
from modules.fallback.request import Failed
from tests.fakes.clock import loop_time
from utils.errors import ArvisError


class DemoError(ArvisError):
    """An error of the stage under test."""

    stage = "demo"


STAGE = Stage("demo", DemoError, "no-demo", "No engine works.", frozenset({"your-fault"}))
QUICK = FallbackPolicy(failures=3, recovery_seconds=30.0)


@dataclass
class Demo:
    """An engine that gives three pieces, unless `fault` says otherwise."""

    name: str
    fault: str = ""
    """"load", "load hangs", "first", "middle", "first hangs", "middle hangs", "native hang", "memory", "warm-up"."""
    floor: float = 0.1
    loads: int = 0
    warm_ups: int = 0
    asked: int = 0
    closes: int = 0
    mended: asyncio.Event = field(default_factory=asyncio.Event)

    def mend(self) -> None:
        self.fault = ""
        self.mended.set()

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loads += 1
        if progress is not None:
            progress(LoadProgress(self.name, "Loading"))
        if self.fault == "load hangs":
            await asyncio.Event().wait()
        if self.fault == "load":
            raise DemoError("load-failed", f"{self.name} cannot be loaded.")

    async def warm_up(self) -> float:
        self.warm_ups += 1
        if self.fault == "warm-up":
            raise DemoError("warm-up-failed", f"{self.name} is cold.")
        if self.fault == "first hangs":
            await asyncio.Event().wait()
        if self.fault in ("first", "memory"):
            raise RuntimeError("still broken")
        return self.floor

    async def close(self) -> None:
        self.closes += 1
        if self.fault == "close hangs":
            await asyncio.Event().wait()

    async def pieces(self) -> AsyncGenerator[str, None]:
        self.asked += 1
        await self._break("first")
        yield "a"
        await self._break("middle")
        yield "b"
        yield "c"

    async def _break(self, moment: str) -> None:
        if self.fault == f"{moment} hangs":
            await asyncio.Event().wait()
        if self.fault == "native hang":
            while not self.mended.is_set():
                try:
                    await self.mended.wait()
                except asyncio.CancelledError:
                    continue
        if self.fault == "memory":
            raise MemoryError
        if self.fault == "your fault":
            raise DemoError("your-fault", "You asked for nonsense.")
        if self.fault == moment:
            raise DemoError("broken", f"{self.name} broke.", retryable=True)


@dataclass
class Bench:
    """A chain of such engines, and what it told."""

    engines: list[Demo]
    policy: FallbackPolicy = QUICK
    idle: bool = True
    events: list[SwitchEvent] = field(default_factory=list)
    deadline: float = 5.0
    trial: Callable[[Demo], None] | None = None

    def __post_init__(self) -> None:
        self.chain: EngineChain[Demo] = EngineChain(
            STAGE,
            self.engines,
            self.events.append,
            trial=self._try if self.trial is not None else None,
            policy=self.policy,
            is_idle=lambda: self.idle,
            clock=loop_time,
            chance=lambda: 0.0,
        )

    async def _try(self, engine: Demo) -> None:
        assert self.trial is not None
        self.trial(engine)

    async def ask(self) -> list[str]:
        """Ask for three pieces; each has the name of the engine that gave it. What was begun is begun again."""
        given: list[str] = []
        async with self.chain.request() as request:
            while True:
                engine = await request.engine()
                try:
                    async for piece in request.pieces(engine.pieces(), self.deadline):
                        given.append(engine.name + piece)
                        request.gave()
                except Failed:
                    continue
                request.worked()
                return given

    @property
    def current(self) -> str:
        return self.chain.current.engine.name

    @property
    def told(self) -> list[tuple[str, str, str, bool]]:
        return [(event.failed, event.successor, event.moment.value, event.first) for event in self.events]
