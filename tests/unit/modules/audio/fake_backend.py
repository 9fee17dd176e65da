"""A stand-in for the module sounddevice, whose callbacks the test drives, and a speaker upon it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import AudioChunk, Samples
from modules.audio.speaker import Speaker

OVERFLOW = SimpleNamespace(input_overflow=True, output_underflow=True)
FINE = SimpleNamespace(input_overflow=False, output_underflow=False)


class FakePortAudioError(Exception):
    pass


def device(name: str, inputs: int = 0, outputs: int = 0, rate: float = 44100.0, api: int = 0) -> dict[str, Any]:
    return {
        "name": name,
        "hostapi": api,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate,
    }


class FakeStream:
    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = parameters
        self.latency = 0.02
        self.started = False
        self.closed = False
        self._released = threading.Event()

    def start(self) -> None:
        self.started = True

    def abort(self) -> None:
        if self.started:
            self.started = False
            self.finish()

    def close(self) -> None:
        self.closed = True
        self._released.set()

    async def released(self) -> None:
        """Wait until the stream is closed."""
        await asyncio.to_thread(self._released.wait)

    def finish(self) -> None:
        self.parameters["finished_callback"]()

    def capture(self, samples: NDArray[np.float32], *, age: float = 0.01, status: Any = FINE) -> None:
        """One block from the device: shape (frames, channels), its first frame `age` seconds old."""
        times = SimpleNamespace(currentTime=1000.0, inputBufferAdcTime=1000.0 - age)
        self.parameters["callback"](samples, samples.shape[0], times, status)

    def render(self, frames: int = 480, *, ahead: float = 0.03, status: Any = FINE) -> NDArray[np.float32]:
        """One block for the device, heard `ahead` seconds from now; returns it, shape (frames, channels)."""
        out = np.full((frames, self.parameters["channels"]), 9.0, np.float32)
        times = SimpleNamespace(currentTime=1000.0, outputBufferDacTime=1000.0 + ahead)
        self.parameters["callback"](out, frames, times, status)
        return out


class FakeBackend:
    PortAudioError: type[Exception] = FakePortAudioError

    def __init__(self, *devices: dict[str, Any], default: tuple[int, int] = (0, 0)) -> None:
        self.plugged = list(devices)
        self.plugged_default = default
        self.default = SimpleNamespace(device=(-1, -1))
        self.streams: list[FakeStream] = []
        self.refuse: Callable[[Mapping[str, Any]], Exception | None] = lambda _: None
        self.refuse_start: Exception | None = None
        self.refuse_initialize: Exception | None = None
        self.hang: threading.Event | None = None
        self.initialized = 0
        self._devices: list[dict[str, Any]] = []
        self._initialize()

    @property
    def stream(self) -> FakeStream:
        return self.streams[-1]

    def query_devices(self) -> Sequence[Mapping[str, Any]]:
        return [{"index": index, **info} for index, info in enumerate(self._devices)]

    def query_hostapis(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": "ALSA"}, {"name": "JACK Audio Connection Kit"}]

    def InputStream(self, **parameters: Any) -> FakeStream:
        return self._open(parameters)

    def OutputStream(self, **parameters: Any) -> FakeStream:
        return self._open(parameters)

    def _open(self, parameters: Mapping[str, Any]) -> FakeStream:
        if self.hang is not None:
            self.hang.wait(10)
        refusal = self.refuse(parameters)
        if refusal is not None:
            raise refusal
        stream = FakeStream(parameters)
        if self.refuse_start is not None:
            stream.start = self._raise_at_start  # type: ignore[method-assign]  # a fault
        self.streams.append(stream)
        return stream

    def _raise_at_start(self) -> None:
        assert self.refuse_start is not None
        raise self.refuse_start

    def _initialize(self) -> None:
        if self.refuse_initialize is not None:
            raise self.refuse_initialize
        self.initialized += 1
        self._devices = list(self.plugged)
        self.default.device = self.plugged_default

    def _terminate(self) -> None:
        self._devices = []


def one_of_each() -> FakeBackend:
    return FakeBackend(device("default", inputs=32, outputs=32))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class SoundCard:
    """Drives the callback of a fake stream in virtual time and keeps what was played."""

    def __init__(self, backend: FakeBackend, clock: Clock) -> None:
        self.backend = backend
        self.clock = clock
        self.played: list[Samples] = []

    def pull(self, blocks: int = 1) -> Samples:
        stream: FakeStream = self.backend.stream
        frames = stream.parameters["blocksize"]
        out = []
        for _ in range(blocks):
            out.append(stream.render(frames)[:, 0])
            self.clock.now += frames / stream.parameters["samplerate"]
        self.played += out
        return np.concatenate(out)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pulls a block whenever the loop has nothing else to do."""

        async def run() -> None:
            while True:
                self.pull()
                await asyncio.sleep(0)

        task = asyncio.create_task(run())
        try:
            yield
        finally:
            task.cancel()


def make_speaker(backend: FakeBackend, clock: Clock, keep_open_seconds: float = 30.0) -> Speaker:
    return Speaker(backend=backend, clock=clock, keep_open_seconds=keep_open_seconds)


def sine(rate: int, seconds: float = 1.0, level: float = 0.5) -> AudioChunk:
    return AudioChunk(
        (level * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.float32), rate
    )
