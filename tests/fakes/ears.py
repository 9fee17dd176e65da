"""Ears with an owner that writes down what they tell, and a source that never keeps a reader waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioSource
from modules.turn.ears import Ears
from tests.fakes.audio import FakeSource
from tests.fakes.clock import loop_time, run_virtual


@dataclass
class Owner:
    """Whoever the ears belong to, with everything that they told, and when."""

    source: AudioSource = field(default_factory=FakeSource)
    chunks: list[AudioChunk] = field(default_factory=list)
    opened: list[bool] = field(default_factory=list)
    troubles: list[tuple[float, str]] = field(default_factory=list)
    ends: int = 0
    on_chunk: Callable[[], None] = lambda: None
    on_end: Callable[[], None] = lambda: None
    microphone: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.ears = Ears(
            self.source,
            self.microphone,
            on_chunk=self._take,
            on_open=self.opened.append,
            on_trouble=lambda error: self.troubles.append((loop_time(), error.code)),
            on_end=self._end,
        )

    def _take(self, chunk: AudioChunk) -> None:
        self.chunks.append(chunk)
        self.on_chunk()

    def _end(self) -> None:
        self.ends += 1
        self.on_end()


def live(owner: Owner, script: Callable[[Ears], Awaitable[None]]) -> Owner:
    """Run a script, then close the ears; nothing may be left running."""

    async def main() -> None:
        await script(owner.ears)
        owner.ears.close()
        await owner.ears.closed()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main)
    return owner


@dataclass
class Hurried:
    """A source that has everything already, so that its reader never waits for it."""

    count: int = 10
    hangs: bool = False
    """Whether it gives nothing more after that, instead of ending."""
    closing_seconds: float = 0.0
    closed: int = 0

    async def open(self) -> None:
        pass

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for _ in range(self.count):
            yield AudioChunk(np.zeros(320, np.float32), SPEECH_RATE)
        if self.hangs:
            await asyncio.Event().wait()

    async def close(self) -> None:
        await asyncio.sleep(self.closing_seconds)
        self.closed += 1
