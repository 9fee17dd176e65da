"""A sound file, or a chunk in memory, that stands in for a microphone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import read_audio
from modules.audio.resample import resample
from utils.aio import Worker

_CHUNK = SPEECH_RATE // 50
_SHORTEST = SPEECH_RATE // 100


class FileSource:
    """An `AudioSource` that delivers 20 ms chunks, at the speed of speech or as fast as they are taken.

    Args:
        audio: Path of a sound file, or sound in memory; of any sample rate.
        realtime: Deliver each chunk when a microphone would: at the time at which its last sample is over.
        clock: Monotonic time in seconds.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        audio: str | Path | AudioChunk,
        realtime: bool = False,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._audio = audio
        self._realtime = realtime
        self._clock = clock
        self._sleep = sleep
        self._speech = AudioChunk(np.zeros(0, np.float32), SPEECH_RATE)
        self._started = 0.0
        self._open = False

    async def open(self) -> None:
        """Read the file; its time begins when this returns.

        Raises:
            AudioError: The file cannot be read; see `read_audio`.
        """
        worker = Worker("file-source")
        try:
            self._speech = await worker.run(_load, self._audio)
        finally:
            worker.close()
        self._started = self._clock()
        self._open = True

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Chunks of 20 ms at 16 kHz, the last one up to 30 ms; `time` is 0 unless the source is in real time."""
        at = 0
        while at < self._speech.frames:
            end = self._chunk_end(at)
            await self._wait_until(self._started + end / SPEECH_RATE)
            if not self._open:
                return
            captured = self._started + at / SPEECH_RATE if self._realtime else 0.0
            yield AudioChunk(self._speech.samples[at:end], SPEECH_RATE, at, captured)
            at = end

    async def close(self) -> None:
        """Stop delivering."""
        self._open = False

    def _chunk_end(self, at: int) -> int:
        end = at + _CHUNK
        return end if self._speech.frames - end >= _SHORTEST else self._speech.frames

    async def _wait_until(self, due: float) -> None:
        # The schedule is absolute, so that a late wake-up does not delay the chunks that follow.
        delay = due - self._clock() if self._realtime else 0.0
        await self._sleep(max(0.0, delay))


def _load(audio: str | Path | AudioChunk) -> AudioChunk:
    if isinstance(audio, AudioChunk):
        return resample(audio, SPEECH_RATE)
    return read_audio(audio, SPEECH_RATE)
