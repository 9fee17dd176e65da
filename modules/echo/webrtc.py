"""Cancels echo with WebRTC's canceller and an adaptive filter of its own."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, PlaybackReference
from modules.echo.base import EchoError
from modules.echo.reference import FRAME
from modules.echo.stream import WebRtcEchoStream
from modules.engine import LoadProgress, ProgressCallback
from utils.aio import Worker

_INSTALL = "Install it with: pip install livekit"


class WebRtcEchoCanceller:
    """An `EchoCanceller`: 10 ms of sound take about 0.3 ms of one thread, next to nothing while nothing is played.

    The native library of the package livekit is started by `load`, with a few idle threads that end with the process;
    it opens no connection. The state of a stream is freed together with the stream.
    """

    def __init__(self) -> None:
        self._rtc: Any = None

    @property
    def name(self) -> str:
        """Name of the engine."""
        return "webrtc"

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Start the native library; a second call returns at once.

        Raises:
            EchoError: `missing-dependency` or `library-broken`.
        """
        if self._rtc is not None:
            return
        if progress is not None:
            progress(LoadProgress(self.name, "Loading the echo canceller"))
        worker = Worker("echo-load")
        try:
            self._rtc = await worker.run(_load)
        finally:
            worker.close()

    async def warm_up(self) -> float:
        """Clean noise from noise until first-use costs are paid; return the seconds that 10 ms take after that.

        Raises:
            EchoError: `not-loaded`.
        """
        stream = self.open(_Noise())
        frames = [AudioChunk(_NOISE, SPEECH_RATE, number * FRAME, 1.0 + number / 100.0) for number in range(20)]
        for frame in frames[:-10]:
            stream.feed(frame)
        begun = time.perf_counter()
        for frame in frames[-10:]:
            stream.feed(frame)
        return (time.perf_counter() - begun) / 10.0

    async def close(self) -> None:
        """Let go of the library; streams that are still open keep it."""
        self._rtc = None

    def open(self, reference: PlaybackReference) -> WebRtcEchoStream:
        """Begin a stream.

        Raises:
            EchoError: `not-loaded`.
        """
        if self._rtc is None:
            raise EchoError("not-loaded", "The echo canceller is not loaded yet. Wait a moment and try again.")
        return WebRtcEchoStream(self._rtc, reference)


_NOISE = (0.1 * np.random.default_rng(0).standard_normal(FRAME)).astype(np.float32)


class _Noise:
    """A speaker that always plays the same noise."""

    def read(self, begin: float, end: float) -> AudioChunk:
        """Noise for the time asked."""
        first, last = round(begin * SPEECH_RATE), round(end * SPEECH_RATE)
        return AudioChunk(np.resize(_NOISE, last - first), SPEECH_RATE, first, begin)


def _load() -> Any:
    try:
        rtc: Any = importlib.import_module("livekit.rtc")
    except ModuleNotFoundError as error:
        raise EchoError(
            "missing-dependency",
            f"Echo cancellation needs the package '{(error.name or 'livekit').split('.')[0]}', which is not installed. "
            f"{_INSTALL}",
        ) from error
    try:
        rtc.AudioProcessingModule(echo_cancellation=True)
    except (ImportError, OSError) as error:
        raise EchoError(
            "library-broken",
            "The library of the package 'livekit', which cancels echo, cannot be loaded here "
            f"({str(error).splitlines()[0]}). Use a headset, or install the package again with: "
            "pip install --force-reinstall livekit",
        ) from error
    return rtc
