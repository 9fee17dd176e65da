"""What voice engines that run in this process have in common."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from modules.audio.base import AudioChunk, Samples
from modules.engine import LoadProgress, ProgressCallback
from modules.tts.base import SynthesisError, SynthesizerCapabilities
from modules.tts.normalizer import normalize
from modules.tts.words import has_words
from utils.aio import Worker
from utils.errors import ArvisError

SLOWEST, FASTEST = 0.5, 2.0
"""Bounds of `speed`."""

_LISTED_VOICES = 8
_WARM_UP = (
    "The quick brown fox jumps over the lazy dog, and the little zorblik looks on from the other side of the river.",
    "It is 10 past 7 now.",
)
"""Long, and with a word that is in no lexicon; then short, the length of a first clause, with numbers in it."""


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """One text being spoken."""

    pieces: Generator[Samples, None, None]
    """Makes the sound, blocking; advanced in the worker thread only."""
    stop: Callable[[], None]
    """Ends the piece in the making as soon as the engine can; may be called from any thread, and after the end."""


class LocalSynthesizer(ABC):
    """Life cycle, threads, checks and cancellation; a subclass says how to open the engine and how to speak."""

    name: str

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._loading = asyncio.Lock()

    @property
    @abstractmethod
    def capabilities(self) -> SynthesizerCapabilities:
        """What it can do; complete after `load`."""

    @abstractmethod
    def _open(self) -> None:
        """Import libraries and read weights; blocking."""

    @abstractmethod
    def _release(self) -> None:
        """Drop what `_open` made."""

    @abstractmethod
    def _begin(self, text: str, voice: str, speed: float) -> SpeechJob:
        """Prepare to speak; must return at once."""

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Import libraries and read weights; a second call returns at once.

        Raises:
            MissingDependencyError: A package is not installed.
            ModelError: The voice that comes with Arvis is not installed.
            SynthesisError: The voice is not there or cannot be read.
        """
        async with self._loading:
            if self._worker is not None:
                return
            report = progress or (lambda _: None)
            report(LoadProgress(self.name, "Loading the voice"))
            worker = Worker(f"tts-{self.name}")
            try:
                await worker.run(self._open_or_explain)
            except BaseException:
                worker.close()
                raise
            self._worker = worker
            report(LoadProgress(self.name, "Voice loaded", 1.0))

    async def warm_up(self) -> float:
        """Normalise and speak a long and then a short sentence, unheard; return the seconds of speaking the short one.

        Raises:
            SynthesisError: The engine is not loaded, or cannot speak.
        """
        seconds = 0.0
        for written in _WARM_UP:
            text = await asyncio.to_thread(normalize, written)
            began = time.perf_counter()
            async for _ in self.stream(text):
                pass
            seconds = time.perf_counter() - began
        return seconds

    async def close(self) -> None:
        """Free memory and threads when the piece in the making is done; streams that are open end with an error."""
        async with self._loading:
            worker, self._worker = self._worker, None
            if worker is not None:
                await worker.run(self._release)
                worker.close()

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text`; see `modules.tts.base.Synthesizer.stream`."""
        worker = self._worker
        if worker is None:
            raise SynthesisError("not-loaded", f"The voice engine '{self.name}' is not loaded.", retryable=True)
        voice = self._checked(voice, speed)
        if not has_words(text):
            return
        job = self._begin(text, voice, speed)
        rate = self.capabilities.sample_rate
        position = 0
        try:
            while (samples := await self._next_piece(worker, job.pieces)) is not None:
                yield AudioChunk(samples, rate, position)
                position += int(samples.shape[0])
        finally:
            job.stop()
            # The thread takes calls in turn, so when this returns the engine is free.
            if self._worker is worker:
                await worker.run(job.pieces.close)

    async def _next_piece(self, worker: Worker, pieces: Iterator[Samples]) -> Samples | None:
        if self._worker is not worker:
            raise SynthesisError("closed", f"The voice engine '{self.name}' was closed while it spoke.")
        with self._explained("synthesis-failed", "failed while speaking"):
            return await worker.run(next, pieces, None)

    def _checked(self, voice: str | None, speed: float) -> str:
        """The voice to use.

        Raises:
            SynthesisError: There is no such voice, or the speed is out of bounds.
        """
        voices = self.capabilities.voices
        if not SLOWEST <= speed <= FASTEST:
            raise SynthesisError("bad-speed", f"The speed of the voice must be {SLOWEST} to {FASTEST}, not {speed}.")
        if voice and voice not in voices:
            raise SynthesisError(
                "unknown-voice",
                f"The voice engine '{self.name}' has no voice '{voice}'. Choose one of: {_listed(voices)}.",
            )
        return voice or voices[0]

    def _open_or_explain(self) -> None:
        with self._explained("load-failed", "cannot be loaded"):
            self._open()

    @contextmanager
    def _explained(self, code: str, what: str) -> Iterator[None]:
        try:
            yield
        except ArvisError:
            raise
        # Engines raise whatever the libraries under them do; the next engine can only take over from a known error.
        except Exception as error:
            raise SynthesisError(code, f"The voice engine '{self.name}' {what}: {error}") from error


def _listed(voices: tuple[str, ...]) -> str:
    """A list short enough for a message."""
    more = len(voices) - _LISTED_VOICES
    return ", ".join(voices[:_LISTED_VOICES]) + (f" and {more} more" if more > 0 else "")
