"""The speaker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np

from modules.audio.base import AudioChunk, AudioError, PlaybackClock, PlaybackReference, Samples
from modules.audio.playback import PlaybackBuffer
from modules.audio.portaudio import Backend
from modules.audio.reference import ReferenceBuffer
from modules.audio.resample import StreamResampler
from modules.audio.stream import PREFERRED_RATE, WATCH_SECONDS, Block, BlockHandler, DeviceStream, StreamFormat
from modules.audio.wakeup import Wakeup


class Speaker:
    """An `AudioOutput` over a sound device.

    The device stays open for a while after a playback, so that the next one starts without opening it.

    Args:
        device: Name of the speaker or a part of it; empty for the system's default.
        block_frames: Frames per callback at 48 kHz.
        keep_open_seconds: Time after the end of a playback at which the device is released.
        backend: Stand-in for the module sounddevice.
        clock: Monotonic time in seconds.
        watch_seconds: Time without a callback after which the device counts as lost.
    """

    def __init__(
        self,
        device: str = "",
        block_frames: int = 480,
        *,
        keep_open_seconds: float = 30.0,
        backend: Backend | None = None,
        clock: Callable[[], float] = time.monotonic,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._device = device
        self._block_frames = block_frames
        self._keep_open_seconds = keep_open_seconds
        self._backend = backend
        self._clock = clock
        self._watch_seconds = watch_seconds
        self._line: _Line | None = None
        self._idle_buffer = PlaybackBuffer(PREFERRED_RATE)
        self._reference = ReferenceBuffer(PREFERRED_RATE)
        self._resampler = StreamResampler(PREFERRED_RATE)
        self._playback = 0
        self._stopped = True
        self._changing = asyncio.Lock()
        self._release: asyncio.TimerHandle | None = None
        self._releasing: asyncio.Task[None] | None = None

    @property
    def clock(self) -> PlaybackClock:
        """The clock of the current playback; ask for it again after `begin`."""
        return self._buffer

    @property
    def reference(self) -> PlaybackReference:
        """What was handed to the device; the same object for all playbacks and devices."""
        return self._reference

    @property
    def underruns(self) -> int:
        """How often sound came too late since the device was opened, from the program or at the device."""
        return self._buffer.underruns + (self._line.device_underruns if self._line else 0)

    async def begin(self) -> None:
        """Open the device if need be and start a new playback at position 0; what is left of the last one fades out.

        Raises:
            AudioError: There is no such speaker, or it cannot be opened.
        """
        self._keep_open()
        async with self._changing:
            if self._line is not None and self._line.error is not None:
                await self._close_line()
            if self._line is None:
                self._line = await self._open_line()
        self._resampler = StreamResampler(self._line.rate)
        self._buffer.begin()
        self._playback += 1
        self._stopped = False

    async def play(self, chunk: AudioChunk) -> None:
        """Queue a chunk, gapless after the one before; waits while 2 s are queued; does nothing once stopped.

        Raises:
            AudioError: `device-lost`.
        """
        if not self._stopped:
            await self._queue(self._resampler.push(chunk).samples)

    async def drain(self) -> None:
        """Wait until everything queued has been heard, or `stop` was called.

        Raises:
            AudioError: `device-lost`.
        """
        if self._stopped:
            return
        playback = self._playback
        await self._queue(self._resampler.flush().samples)
        if self._is_current(playback):
            self._buffer.finish()
        while self._is_current(playback) and self._buffer.unheard(self._clock()) > 0.0:
            await self._wait()
        if self._is_current(playback):
            self._release_later()

    def set_gain(self, decibels: float) -> None:
        """Play the current playback at `decibels`, 0 or less, from the next block on; `begin` sets it back to 0.

        Raises:
            ValueError: It is more than 0, or no number.
        """
        self._buffer.set_gain(decibels)

    def pause(self) -> None:
        """Fade out within one block and hold the playback, until `resume`, `stop` or `begin`."""
        self._buffer.pause()

    def resume(self) -> None:
        """Go on, fading in, with the sample at which `pause` began to fade out."""
        self._buffer.resume()

    def stop(self) -> float:
        """Fade out within one block and drop what is queued; return the seconds that were heard."""
        heard = self._buffer.heard(self._clock())
        if not self._stopped:
            self._stopped = True
            self._buffer.stop()
            if self._line is not None:
                self._line.wakeup.signal()
            self._release_later()
        return heard

    async def close(self) -> None:
        """Release the device; what is playing is cut off."""
        self._keep_open()
        async with self._changing:
            await self._close_line()

    @property
    def _buffer(self) -> PlaybackBuffer:
        return self._line.buffer if self._line is not None else self._idle_buffer

    def _is_current(self, playback: int) -> bool:
        return playback == self._playback and not self._stopped

    async def _queue(self, samples: Samples) -> None:
        playback = self._playback
        while self._is_current(playback):
            self._check()
            samples = samples[self._buffer.write(samples) :]
            if not samples.shape[0]:
                return
            await self._wait()

    async def _wait(self) -> None:
        """Wait for the next block."""
        if self._line is not None:
            await self._line.wakeup.wait()
        self._check()

    def _check(self) -> None:
        if self._line is not None and self._line.error is not None:
            raise self._line.error

    async def _open_line(self) -> _Line:
        line = _Line(self._reference)
        line.stream = DeviceStream(
            "output",
            self._device,
            self._block_frames,
            connect=line.connect,
            on_lost=line.lose,
            backend=self._backend,
            clock=self._clock,
            watch_seconds=self._watch_seconds,
        )
        await line.stream.open()
        return line

    async def _close_line(self) -> None:
        self._stopped = True
        line, self._line = self._line, None
        if line is not None and line.stream is not None:
            await line.stream.close()
            line.wakeup.signal()

    def _keep_open(self) -> None:
        if self._release is not None:
            self._release.cancel()
            self._release = None

    def _release_later(self) -> None:
        self._keep_open()
        loop = asyncio.get_running_loop()
        self._release = loop.call_later(self._keep_open_seconds, self._release_now)

    def _release_now(self) -> None:
        self._releasing = asyncio.ensure_future(self._close_after(self._playback))

    async def _close_after(self, playback: int) -> None:
        """Release the device unless another playback began."""
        async with self._changing:
            if playback == self._playback:
                await self._close_line()


class _Line:
    """An open speaker and what it is playing."""

    def __init__(self, reference: ReferenceBuffer) -> None:
        self._reference = reference
        self.stream: DeviceStream | None = None
        self.wakeup = Wakeup()
        self.rate = PREFERRED_RATE
        self.buffer = PlaybackBuffer(PREFERRED_RATE)
        self.error: AudioError | None = None
        self.device_underruns = 0

    def connect(self, format_: StreamFormat) -> BlockHandler:
        self.rate = format_.rate
        self._reference.restart(format_.rate)
        self.buffer = PlaybackBuffer(format_.rate, self._reference)
        return self._on_block

    def lose(self, error: AudioError) -> None:
        self.error = error
        self.wakeup.signal()

    def _on_block(self, block: Block, moment: float, lost_samples: bool) -> None:
        self.device_underruns += lost_samples
        first = block[:, 0]
        self.buffer.fill(first, moment)
        block[:, 1:] = first[:, np.newaxis]
        self.wakeup.signal()
