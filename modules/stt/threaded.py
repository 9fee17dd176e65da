"""What transcribers have in common that run a native model in a thread of their own."""

from __future__ import annotations

import asyncio
import math
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import LoadProgress, ProgressCallback
from modules.models.base import Report
from modules.stt.base import TranscriberCapabilities, Transcript, TranscriptionError
from utils.aio import Worker
from utils.errors import ArvisError


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recogniser made of some audio."""

    text: str
    language: str | None = None
    """ISO 639-1 code; None when nothing was understood."""
    log_probability: float = 0.0
    """Mean natural logarithm of the tokens' probabilities."""
    tokens: int = 0
    """Number of tokens over which that mean was taken."""


NOTHING = Recognition("")


class Stopped(Exception):
    """Nobody waits for the result any more."""


def check(stop: threading.Event) -> None:
    """Raise `Stopped` once `stop` is set; recognisers call it between native calls."""
    if stop.is_set():
        raise Stopped


def combine(parts: list[Recognition]) -> Recognition:
    """Consecutive pieces as one, without those that hold no letter and no digit (a model's sign for music, say).

    The language is that of the first piece in which something was understood.
    """
    heard = [part for part in parts if any(map(str.isalnum, part.text))]
    if not heard:
        return NOTHING
    tokens = sum(part.tokens for part in heard)
    mean = sum(part.log_probability * part.tokens for part in heard) / max(tokens, 1)
    return Recognition(" ".join(part.text for part in heard), heard[0].language, mean, tokens)


class Recogniser(Protocol):
    """A loaded model. Everything in it runs in one worker thread."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that it understands."""
        ...

    def recognise(self, samples: Samples, language: str | None, stop: threading.Event) -> Recognition:
        """Recognise audio of any length (16 kHz), checking `stop` between native calls.

        Raises:
            Stopped: `stop` was set.
        """
        ...

    def floor(self) -> float:
        """Run the smallest possible input and return the seconds that it took."""
        ...

    def close(self) -> None:
        """Free the memory."""
        ...


class ThreadedTranscriber(ABC):
    """A `Transcriber` around a `Recogniser`: loading, checks of the input, cancelling."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loading = asyncio.Lock()
        self._worker: Worker | None = None
        self._recogniser: Recogniser | None = None

    @property
    def name(self) -> str:
        """Name of the engine, as in its registry."""
        return self._name

    @property
    @abstractmethod
    def capabilities(self) -> TranscriberCapabilities:
        """What it can do."""

    @abstractmethod
    def _open(self, report: Report) -> Recogniser:
        """Find and read the weights; runs in the worker thread.

        Raises:
            ArvisError: Something is missing or broken.
        """

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Import libraries and read weights; a second call returns at once.

        Raises:
            ModelError: The weights are missing or cannot be fetched.
            TranscriptionError: The weights cannot be read.
        """

        def report(note: str, fraction: float | None) -> None:
            if progress is not None:
                progress(LoadProgress(self._name, note, fraction))

        async with self._loading:
            if self._recogniser is None:
                self._worker = self._worker or Worker(f"stt-{self._name}")
                self._recogniser = await self._worker.run(self._open, report)

    async def warm_up(self) -> float:
        """Run a small input twice; return the second run's seconds."""
        worker, recogniser = self._loaded()
        await worker.run(recogniser.floor)
        return await worker.run(recogniser.floor)

    async def close(self) -> None:
        """Free the model's memory and end the thread, after the call that may be running."""
        async with self._loading:
            worker, recogniser = self._worker, self._recogniser
            self._worker = self._recogniser = None
            if worker is not None:
                if recogniser is not None:
                    await worker.run(recogniser.close)
                worker.close()

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        """Transcribe one utterance of any length (16 kHz mono).

        When the caller is cancelled, the engine is free again after the native call that is running: an
        encoder pass or the decoding of one window.

        Raises:
            TranscriptionError: The engine is not loaded or failed, does not know the language, or the audio has
                another sample rate.
        """
        worker, recogniser = self._loaded()
        samples = _checked(audio)
        if language is not None and (language := language.lower()) not in recogniser.languages:
            raise TranscriptionError(
                "unknown-language",
                f"The speech recognition engine {self._name} does not know the language '{language}'. "
                f"It knows: {', '.join(sorted(recogniser.languages))}.",
            )
        stop = threading.Event()
        try:
            found = await worker.run(recogniser.recognise, samples, language, stop)
        except ArvisError:
            raise
        except Exception as error:  # CTranslate2 and ONNX Runtime have no common base for what their C++ code throws
            raise TranscriptionError(
                "engine-failed", f"The speech recognition failed: {error}", retryable=True
            ) from error
        finally:
            stop.set()
        return Transcript(
            text=found.text,
            language=found.language,
            confidence=math.exp(found.log_probability) if found.text else None,
            audio_seconds=audio.seconds,
        )

    def _loaded(self) -> tuple[Worker, Recogniser]:
        if self._worker is None or self._recogniser is None:
            raise TranscriptionError("not-loaded", f"The speech recognition engine {self._name} is not loaded.")
        return self._worker, self._recogniser


def _checked(audio: AudioChunk) -> Samples:
    if audio.sample_rate != SPEECH_RATE:
        raise TranscriptionError(
            "sample-rate", f"Speech is recognised at {SPEECH_RATE} Hz, and this recording has {audio.sample_rate} Hz."
        )
    samples = np.asarray(audio.samples, dtype=np.float32)
    if not np.isfinite(samples).all():
        raise TranscriptionError(
            "broken-audio", "The recording holds values that are no sound (infinite or undefined)."
        )
    return samples
