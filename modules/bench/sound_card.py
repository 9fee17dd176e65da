"""A sound card with a loudspeaker and a microphone that stand in one room: a stand-in for the module sounddevice.

The speaker and the microphone of the program run on it unchanged, so that whatever they hold back, fade and resample
is part of what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from modules.audio.base import Samples
from modules.bench.acoustics import Room
from modules.bench.tape import Tape

BLOCK_SECONDS = 0.01
"""Of a callback."""

_FINE = SimpleNamespace(input_overflow=False, output_underflow=False)


class CardError(Exception):
    """The card refuses a format."""


class SoundCard:
    """One device, in and out, whose blocks are exchanged by `tick`.

    Args:
        room: Between the loudspeaker and the microphone.
        rate: Hertz; a multiple of 100.
        latency_seconds: From the callback to the loudspeaker; the card reports it truly.
        seed: Of the room.
    """

    PortAudioError: type[Exception] = CardError

    def __init__(self, room: Room, rate: int, latency_seconds: float, seed: int) -> None:
        self.default = SimpleNamespace(device=(0, 0))
        self.tape = Tape(rate)
        """What the loudspeaker gives off."""
        self._rate = rate
        self._block = rate // 100
        self._latency = latency_seconds
        self._air = room.stream(rate, seed)
        self._on_its_way: Samples = np.zeros(self._block + round(latency_seconds * rate), np.float32)
        self._near: list[tuple[float, Samples]] = []
        self._streams: list[_CardStream] = []

    @property
    def rate(self) -> int:
        """Hertz."""
        return self._rate

    def sound(self, samples: Samples, begin: float) -> None:
        """Let something sound at the microphone, from `begin` on, in addition to the room."""
        self._near.append((begin, samples))

    def tick(self, now: float, late: float) -> None:
        """Take what the microphone has heard in the last 10 ms, and ask for the next 10 ms of the loudspeaker.

        Args:
            now: Time at which the block of the microphone is over.
            late: Seconds by which this call comes too late.
        """
        emitted, self._on_its_way = self._on_its_way[: self._block], self._on_its_way[self._block :]
        heard = self._air.feed(emitted) + self._nearby(now - BLOCK_SECONDS)
        captured = np.clip(heard, -1.0, 1.0).astype(np.float32)
        for stream in self._running("input"):
            block = np.repeat(captured[:, np.newaxis], stream.channels, axis=1)
            stream.exchange(block, SimpleNamespace(currentTime=late, inputBufferAdcTime=-BLOCK_SECONDS))
        played: Samples = np.zeros(self._block, np.float32)
        for stream in self._running("output"):
            block = np.zeros((self._block, stream.channels), np.float32)
            stream.exchange(block, SimpleNamespace(currentTime=late, outputBufferDacTime=self._latency))
            played = block[:, 0].copy()
        self.tape.append(played, now + self._latency)
        self._on_its_way = np.concatenate((self._on_its_way, played))

    def _running(self, kind: str) -> list[_CardStream]:
        self._streams = [stream for stream in self._streams if not stream.closed]
        return [stream for stream in self._streams if stream.kind == kind and stream.started]

    def _nearby(self, begin: float) -> Samples:
        total: Samples = np.zeros(self._block, np.float32)
        for at, samples in self._near:
            offset = round((begin - at) * self._rate)
            source = samples[max(0, offset) : max(0, offset + self._block)]
            target = max(0, -offset)
            total[target : target + source.shape[0]] += source
        self._near = [(at, samples) for at, samples in self._near if at + samples.shape[0] / self._rate > begin]
        return total

    # What is used of the module sounddevice.

    def query_devices(self) -> Sequence[Mapping[str, Any]]:
        """The one device."""
        return [
            {
                "index": 0,
                "name": "simulated",
                "hostapi": 0,
                "max_input_channels": 1,
                "max_output_channels": 1,
                "default_samplerate": float(self._rate),
            }
        ]

    def query_hostapis(self) -> Sequence[Mapping[str, Any]]:
        """The one host interface."""
        return [{"name": "simulated"}]

    def InputStream(self, **parameters: Any) -> _CardStream:
        """A stream from the microphone."""
        return self._open("input", parameters)

    def OutputStream(self, **parameters: Any) -> _CardStream:
        """A stream to the loudspeaker."""
        return self._open("output", parameters)

    def _open(self, kind: str, parameters: Mapping[str, Any]) -> _CardStream:
        if parameters["samplerate"] != self._rate or parameters["blocksize"] != self._block:
            raise CardError("Invalid sample rate or block size")
        stream = _CardStream(kind, parameters, self._latency)
        self._streams.append(stream)
        return stream

    def _initialize(self) -> None:
        """Nothing has to be looked for."""

    def _terminate(self) -> None:
        """Nothing has to be forgotten."""


class _CardStream:
    """An open stream."""

    def __init__(self, kind: str, parameters: Mapping[str, Any], latency: float) -> None:
        self.kind = kind
        self.channels: int = parameters["channels"]
        self.latency = latency
        self.started = False
        self.closed = False
        self._callback = parameters["callback"]
        self._finished = parameters["finished_callback"]

    def start(self) -> None:
        """Begin calling back."""
        self.started = True

    def abort(self) -> None:
        """End at once."""
        if self.started:
            self.started = False
            self._finished()

    def close(self) -> None:
        """Release the device."""
        self.started = False
        self.closed = True

    def exchange(self, block: Any, times: SimpleNamespace) -> None:
        """Hand a block over."""
        self._callback(block, block.shape[0], times, _FINE)
