"""The microphone."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError
from modules.audio.decimate import Decimator, can_decimate
from modules.audio.portaudio import Backend
from modules.audio.resample import StreamResampler
from modules.audio.ring import RingBuffer
from modules.audio.stream import WATCH_SECONDS, Block, BlockHandler, DeviceStream, StreamFormat
from modules.audio.wakeup import Wakeup

_RING_SECONDS = 10
"""What the loop may fall behind before samples are lost."""

_STALLED_SECONDS = 0.03
"""Without a callback for so long, three blocks, the machine is too busy to hand over what the device has captured."""

_POLL_SECONDS = 0.005
_POLLS = 50

_SHORTEST = SPEECH_RATE // 100
_LONGEST = SPEECH_RATE * 32 // 1000


class Microphone:
    """An `AudioSource` over a sound device; may be opened again after it was closed.

    Args:
        device: Name of the microphone or a part of it; empty for the system's default.
        block_frames: Frames per callback at 48 kHz.
        backend: Stand-in for the module sounddevice.
        clock: Monotonic time in seconds.
        watch_seconds: Time without a callback after which the device counts as lost.
    """

    def __init__(
        self,
        device: str = "",
        block_frames: int = 480,
        *,
        backend: Backend | None = None,
        clock: Callable[[], float] = time.monotonic,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._device = device
        self._block_frames = block_frames
        self._backend = backend
        self._clock = clock
        self._watch_seconds = watch_seconds
        self._capture: _Capture | None = None

    @property
    def overruns(self) -> int:
        """How often samples were lost since the microphone was opened, by the device or because nobody took them."""
        return self._capture.overruns if self._capture else 0

    async def open(self) -> None:
        """Start capturing.

        Raises:
            AudioError: There is no such microphone, or it cannot be opened.
        """
        await self.close()
        capture = _Capture(self._clock)
        capture.stream = DeviceStream(
            "input",
            self._device,
            self._block_frames,
            connect=capture.connect,
            on_lost=capture.lose,
            backend=self._backend,
            clock=self._clock,
            watch_seconds=self._watch_seconds,
        )
        await capture.stream.open()
        self._capture = capture

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Mono chunks at 16 kHz, 10 to 32 ms each; a shorter one may end them.

        Raises:
            AudioError: `device-lost`, after what had been captured was delivered.
        """
        capture = self._capture
        if capture is None:
            return
        resampler = capture.resampler()
        held = _empty()
        while not capture.ended:
            await capture.wakeup.wait()
            pieces, held = _split(_join(held, resampler.push(capture.take())))
            for piece in pieces:
                yield piece
        rest = _join(_join(held, resampler.push(capture.take())), resampler.flush())
        for piece in _split(rest, last=True)[0]:
            yield piece
        if capture.error is not None:
            raise capture.error

    async def close(self) -> None:
        """Stop capturing; nothing is read from the device after this returns.

        On a machine that is too busy to take what the device has captured, waits up to a quarter of a second for it, so
        that the end of the last word is not lost.
        """
        capture = self._capture
        if capture is not None and capture.stream is not None:
            await capture.catch_up()
            await capture.stream.close()
            capture.end()


class _Capture:
    """What one opening of the microphone has captured and nobody has taken yet."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._arrived = clock()  # when the last block came
        self._captured_until = 0.0  # when its last frame was captured
        self.stream: DeviceStream | None = None
        self.wakeup = Wakeup()
        self.ended = False
        self.error: AudioError | None = None
        self._format = StreamFormat(SPEECH_RATE, 1)
        self._ring = RingBuffer(1)
        self._anchor = (0, 0.0)  # a frame, and the time at which it was captured
        self._device_overruns = 0

    @property
    def overruns(self) -> int:
        return self._ring.overruns + self._device_overruns

    def connect(self, format_: StreamFormat) -> BlockHandler:
        self._format = format_
        self._ring = RingBuffer(_RING_SECONDS * format_.rate * format_.channels)
        return self._on_block

    def _on_block(self, block: Block, moment: float, lost_samples: bool) -> None:
        self._device_overruns += lost_samples
        self._anchor = (self._ring.written // self._format.channels, moment)
        self._captured_until = moment + block.shape[0] / self._format.rate
        self._arrived = self._clock()
        self._ring.write(block.reshape(-1))
        self.wakeup.signal()

    async def catch_up(self) -> None:
        """Wait for what has been captured by now, if the device's thread has fallen behind."""
        now = self._clock()
        if now - self._arrived <= _STALLED_SECONDS:
            return
        for _ in range(_POLLS):
            if self.ended or self._captured_until > now - _STALLED_SECONDS:
                return
            await asyncio.sleep(_POLL_SECONDS)

    def resampler(self) -> Decimator | StreamResampler:
        """What brings the sound of the device to `SPEECH_RATE` soonest."""
        rate = self._format.rate
        return Decimator(rate) if can_decimate(rate) else StreamResampler(SPEECH_RATE)

    def lose(self, error: AudioError) -> None:
        self.error = error
        self.end()

    def end(self) -> None:
        self.ended = True
        self.wakeup.signal()

    def take(self) -> AudioChunk:
        """All that was captured since the last call, in one channel."""
        channels = self._format.channels
        anchor_frame, anchor_time = self._anchor
        frame = self._ring.read // channels
        samples = np.empty(self._ring.available // channels * channels, np.float32)
        self._ring.read_into(samples)
        if channels > 1:
            samples = samples.reshape(-1, channels).mean(axis=1)
        moment = anchor_time + (frame - anchor_frame) / self._format.rate
        return AudioChunk(samples, self._format.rate, frame, moment)


def _empty() -> AudioChunk:
    return AudioChunk(np.zeros(0, np.float32), SPEECH_RATE)


def _join(first: AudioChunk, second: AudioChunk) -> AudioChunk:
    if not first.frames:
        return second
    return AudioChunk(np.concatenate((first.samples, second.samples)), first.sample_rate, first.frame_index, first.time)


def _split(chunk: AudioChunk, *, last: bool = False) -> tuple[list[AudioChunk], AudioChunk]:
    """Pieces of 10 to 32 ms, all of about the same length, and what is too short to be one (unless it is the last)."""
    if not chunk.frames or (chunk.frames < _SHORTEST and not last):
        return [], chunk
    count = -(-chunk.frames // _LONGEST)
    bounds = [chunk.frames * number // count for number in range(count + 1)]
    pieces = [
        AudioChunk(
            chunk.samples[start:end],
            chunk.sample_rate,
            chunk.frame_index + start,
            chunk.time + start / chunk.sample_rate,
        )
        for start, end in itertools.pairwise(bounds)
    ]
    return pieces, _empty()
