"""One utterance: from the opened microphone to the final transcript."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from modules.audio.base import AudioChunk, AudioSource
from modules.stt.base import StreamingTranscriber, Transcript, TranscriptionStream
from modules.turn.ears import open_in_time
from utils.aio import cancel

LEVEL_INTERVAL = 0.03
"""Seconds between two reports of the input level: about 30 a second, as smooth as an eye can tell."""


class Listening:
    """Feeds a source to a transcriber while the user speaks.

    Audio that arrives before the transcriber is loaded is kept and fed as soon as it is, so that whoever speaks
    right after the start is heard.

    Args:
        source: The microphone, or a file that stands in for it.
        transcriber: Turns it into text.
        ready: Waits until the transcriber is loaded; raises ArvisError when it cannot be.
        microphone: Held while the source is open: a source has one owner at a time.
        language: ISO 639-1 code; None to detect it.
        max_seconds: Longest utterance; `on_end` is called when it is reached.
        on_partial: Called with each partial transcript.
        on_level: Called with the root mean square of the last block, 0 to 1.
        on_end: Called when the source ends by itself or the utterance is too long.
        on_open: Called when the source was opened, and when it was closed.
        begin: What was heard of the utterance before.
    """

    def __init__(
        self,
        *,
        source: AudioSource,
        transcriber: StreamingTranscriber,
        ready: Callable[[], Awaitable[None]],
        microphone: asyncio.Lock,
        language: str | None,
        max_seconds: float,
        on_partial: Callable[[Transcript], None],
        on_level: Callable[[float], None],
        on_end: Callable[[], None],
        on_open: Callable[[bool], None],
        begin: Sequence[AudioChunk] = (),
    ) -> None:
        self._source = source
        self._transcriber = transcriber
        self._ready = ready
        self._microphone = microphone
        self._language = language
        self._max_seconds = max_seconds
        self._on_partial = on_partial
        self._on_level = on_level
        self._on_end = on_end
        self._stream: TranscriptionStream | None = None
        self._on_open = on_open
        self._early: list[AudioChunk] = list(begin)
        self._finishing = False
        self._opened = asyncio.Event()

    async def capture(self) -> None:
        """Open the source and feed it until `finish` closes it, or it ends by itself.

        Raises:
            utils.errors.ArvisError: The source cannot be opened or was lost.
        """
        async with self._microphone:
            try:
                await open_in_time(
                    self._source,
                    "The microphone does not open. Unplug it, plug it in again and press the key again.",
                )
                self._on_open(True)
                self._opened.set()
                if not self._finishing:
                    await self._pump()
            finally:
                self._opened.set()
                await self._source.close()
                self._on_open(False)
        if not self._finishing:
            self._on_end()

    async def finish(self, capture: asyncio.Task[None]) -> Transcript:
        """Close the source and return the final transcript.

        Args:
            capture: The task that runs `capture`.

        Raises:
            utils.errors.ArvisError: Capturing or transcribing failed.
        """
        self._finishing = True
        await self._opened.wait()
        await self._source.close()
        await capture
        stream = await self._open_stream()
        return await stream.finish()

    async def cancel(self) -> None:
        """Drop the utterance; the task that runs `capture` is cancelled by its owner."""
        if self._stream is not None:
            await self._stream.cancel()

    async def _pump(self) -> None:
        loading = asyncio.create_task(self._open_stream())
        try:
            await self._feed_all(loading)
        finally:
            await cancel(loading)

    async def _feed_all(self, loading: asyncio.Task[TranscriptionStream]) -> None:
        seconds, unreported, square, frames = 0.0, 0.0, 0.0, 0
        async for chunk in self._source.chunks():
            if loading.done():
                self._feed(loading.result(), chunk)
            else:
                self._early.append(chunk)
            seconds += chunk.seconds
            unreported += chunk.seconds
            square += float(np.dot(chunk.samples, chunk.samples))
            frames += chunk.frames
            if unreported >= LEVEL_INTERVAL:
                self._on_level(math.sqrt(square / frames))
                unreported, square, frames = 0.0, 0.0, 0
            if seconds >= self._max_seconds:
                break

    def _feed(self, stream: TranscriptionStream, chunk: AudioChunk) -> None:
        for early in self._early:
            stream.feed(early)
        self._early.clear()
        stream.feed(chunk)

    async def _open_stream(self) -> TranscriptionStream:
        if self._stream is None:
            await self._ready()
            self._stream = self._transcriber.open(language=self._language, on_partial=self._on_partial)
        for early in self._early:
            self._stream.feed(early)
        self._early.clear()
        return self._stream
