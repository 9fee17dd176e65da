"""Change of sample rate: of a whole chunk at once, or of a stream piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from modules.audio.base import AudioChunk, Samples

if TYPE_CHECKING:
    import soxr

QUALITY = "HQ"
"""soxr's 20-bit quality. From 48 to 16 kHz it is flat to 7.4 kHz and keeps at most 33 ms back inside a stream."""


def resample(chunk: AudioChunk, rate: int) -> AudioChunk:
    """The whole of `chunk` at `rate` hertz; the same chunk when that is its rate already."""
    if chunk.sample_rate == rate:
        return chunk
    import soxr

    samples = soxr.resample(np.ascontiguousarray(chunk.samples), chunk.sample_rate, rate, quality=QUALITY)
    return AudioChunk(samples, rate, _scaled(chunk.frame_index, chunk.sample_rate, rate), chunk.time)


class StreamResampler:
    """Brings a gapless stream of chunks to one sample rate, as if it had been converted in one piece.

    What comes out of `push` may be empty or longer than what went in, since the filter needs samples from both
    sides; `flush` gives the rest. The rate of the input may change from one chunk to the next.

    Args:
        rate: Sample rate of the output in hertz.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._input_rate = 0
        self._soxr: soxr.ResampleStream | None = None
        self._pushed = 0  # input frames since the input has this rate
        self._emitted = 0  # output frames since then
        self._origin: float | None = None  # capture time of the first of those input frames
        self._next_index: int | None = None  # index of the next output frame, None before the first chunk

    def push(self, chunk: AudioChunk) -> AudioChunk:
        """Convert the next chunk; returns what is ready, with the index and the time of its first frame."""
        before = None
        if chunk.sample_rate != self._input_rate:
            before = self.flush()
            self._start(chunk)
        # The latest chunk's time is the best estimate: a device's clock drifts against the monotonic one.
        self._origin = chunk.time - self._pushed / chunk.sample_rate if chunk.time else None
        self._pushed += chunk.frames
        ready = self._emit(self._convert(np.ascontiguousarray(chunk.samples), last=False))
        if before is None or not before.frames:
            return ready
        return AudioChunk(np.concatenate((before.samples, ready.samples)), self._rate, before.frame_index, before.time)

    def flush(self) -> AudioChunk:
        """What the filter still holds, empty when there is nothing; the next chunk then starts a new stream."""
        if not self._input_rate:
            return AudioChunk(np.zeros(0, np.float32), self._rate, self._next_index or 0)
        rest = self._emit(self._convert(np.zeros(0, np.float32), last=True))
        self._input_rate = 0
        self._soxr = None
        return rest

    def _start(self, chunk: AudioChunk) -> None:
        self._input_rate = chunk.sample_rate
        self._pushed = 0
        self._emitted = 0
        if self._next_index is None:
            self._next_index = _scaled(chunk.frame_index, chunk.sample_rate, self._rate)
        if chunk.sample_rate != self._rate:
            import soxr

            self._soxr = soxr.ResampleStream(chunk.sample_rate, self._rate, 1, quality=QUALITY)

    def _convert(self, samples: Samples, *, last: bool) -> Samples:
        if self._soxr is None:
            return samples
        converted: Samples = self._soxr.resample_chunk(samples, last=last)
        return converted

    def _emit(self, samples: Samples) -> AudioChunk:
        index = self._next_index or 0
        time = 0.0 if self._origin is None else self._origin + self._emitted / self._rate
        self._emitted += samples.shape[0]
        self._next_index = index + samples.shape[0]
        return AudioChunk(samples, self._rate, index, time)


def _scaled(index: int, rate: int, new_rate: int) -> int:
    return round(index * new_rate / rate)
