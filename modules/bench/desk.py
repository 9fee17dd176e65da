"""A simulated desk: a microphone and a loudspeaker in one room, in the time of the event loop, virtual or real."""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Self

from modules.audio.base import AudioChunk
from modules.audio.microphone import Microphone
from modules.audio.resample import resample
from modules.audio.speaker import Speaker
from modules.bench.acoustics import Room
from modules.bench.sound_card import BLOCK_SECONDS, SoundCard
from modules.bench.tape import Tape
from utils.aio import cancel

RATE = 48_000
"""Hertz of the simulated devices, as of most real ones."""

LATENCY_SECONDS = 0.025
"""From the callback to the loudspeaker, as of a usual sound server."""

HEADSET = Room("headset", rt60_s=0.05, delay_ms=0.0, echo_db=-120.0, noise_db=-65.0)
"""Nothing of what is played gets into the microphone."""


class Desk:
    """Has a `microphone` and a `speaker` while it is entered. Built on the loop in whose time it runs.

    Args:
        room: Between the loudspeaker and the microphone.
        rate: Hertz of the devices; a multiple of 100.
        latency_seconds: From the callback to the loudspeaker.
        seed: Of the room's reflections and noise.
    """

    def __init__(
        self, room: Room = HEADSET, *, rate: int = RATE, latency_seconds: float = LATENCY_SECONDS, seed: int = 0
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._card = SoundCard(room, rate, latency_seconds, seed)
        self._latency = latency_seconds
        self._begun = 0.0
        self._ticking: asyncio.Task[None] | None = None
        self.microphone = Microphone(backend=self._card, clock=self._loop.time)
        self.speaker = Speaker(backend=self._card, clock=self._loop.time)

    @property
    def tape(self) -> Tape:
        """What the loudspeaker gives off."""
        return self._card.tape

    def sound(self, chunk: AudioChunk, begin: float) -> None:
        """Let something sound at the microphone, as loud as it is, from loop time `begin` on."""
        self._card.sound(resample(chunk, self._card.rate).samples, begin)

    def at_loudspeaker(self, time: float) -> float:
        """When it is heard what the speaker is told at loop time `time`: from the next block on."""
        blocks = math.ceil((time - self._begun) / BLOCK_SECONDS)
        return self._begun + blocks * BLOCK_SECONDS + self._latency

    async def __aenter__(self) -> Self:
        """Begin to run."""
        self._begun = self._loop.time()
        self._ticking = asyncio.create_task(self._tick(), name="desk")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the devices and end."""
        await asyncio.gather(self.microphone.close(), self.speaker.close())
        if self._ticking is not None:
            await cancel(self._ticking)
        self.tape.forget()

    async def _tick(self) -> None:
        count = 0
        while True:
            count += 1
            due = self._begun + count * BLOCK_SECONDS
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            self._card.tick(due, self._loop.time() - due)
