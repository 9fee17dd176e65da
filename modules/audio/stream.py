"""One open sound device: opened and closed off the event loop, and watched while it is open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import AudioError
from modules.audio.devices import AudioDevice, DeviceKind, find_device
from modules.audio.portaudio import Backend, NativeStream, PortAudio, portaudio, quiet
from utils.aio import Worker, call_on

PREFERRED_RATE = 48_000
"""Hertz; present sound devices and sound servers run at it without converting."""

WATCH_SECONDS = 2.0
"""Time without a callback after which a device counts as lost."""

_LOOKS = 4
"""Looks within that time. A loop that was held up for long makes one late look, never the whole number."""

_OPEN_SECONDS = 5.0
"""Time to open a device in; one that sleeps takes up to 2 s, a sound server that hangs never answers."""

_CLOSE_SECONDS = 2.0
"""Time to close a device in; after that it is left to the worker thread."""

_DEVICE_UNAVAILABLE = -9985
"""PortAudio's error code for a device that another program holds."""

_PLAUSIBLE_SECONDS = 5.0
"""Some drivers leave the times of a block at 0, or take them from another clock."""

Block = NDArray[np.float32]
"""Samples of one callback, shape (frames, channels); valid during the callback only."""

BlockHandler = Callable[[Block, float, bool], None]
"""Called in PortAudio's thread with a block, the monotonic time at which its first frame was captured or will be heard,
and whether the device lost samples before it."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What was agreed with the device."""

    rate: int
    """Hertz."""
    channels: int


class DeviceStream:
    """A stream from or to a sound device; opened once and closed once.

    Args:
        kind: Direction.
        device: Name or part of it; empty for the system's default.
        block_frames: Frames per callback at 48 kHz; scaled when the device runs at another rate.
        connect: Called in a worker thread when the format is known, before the first callback; returns the handler.
        on_lost: Called once on the event loop when the device stops working while it is open.
        backend: Stand-in for the module sounddevice.
        clock: Monotonic time in seconds.
        watch_seconds: Time without a callback after which the device counts as lost.
        open_seconds: Time to open the device in.
    """

    def __init__(
        self,
        kind: DeviceKind,
        device: str,
        block_frames: int,
        *,
        connect: Callable[[StreamFormat], BlockHandler],
        on_lost: Callable[[AudioError], None],
        backend: Backend | None = None,
        clock: Callable[[], float] = time.monotonic,
        watch_seconds: float = WATCH_SECONDS,
        open_seconds: float = _OPEN_SECONDS,
    ) -> None:
        self._kind = kind
        self._name = device
        self._block_frames = block_frames
        self._connect = connect
        self._on_lost = on_lost
        self._backend = backend
        self._clock = clock
        self._watch_seconds = watch_seconds
        self._open_seconds = open_seconds
        self._worker = Worker(f"audio-{kind}")
        self._loop = asyncio.get_running_loop()
        self._audio: PortAudio | None = None
        self._native: NativeStream | None = None
        self._handler: BlockHandler | None = None
        self._rate = PREFERRED_RATE
        self._latency = 0.0
        self._blocks = 0
        self._running = False
        self._watch: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the device and start it.

        Raises:
            AudioError: There is no such device, or it cannot be opened.
        """
        opening = asyncio.ensure_future(self._worker.run(self._open_native))
        # Nobody is left to raise it to when the device answers too late.
        opening.add_done_callback(lambda late: late.cancelled() or late.exception())
        try:
            await asyncio.wait({opening}, timeout=self._open_seconds)
        except asyncio.CancelledError:
            await self.close()  # native code cannot be interrupted: what it is about to open is closed after it
            raise
        if not opening.done():
            self._begin_closing()
            raise AudioError(
                "device-unavailable",
                f"The {self._word} does not answer. Restart the sound server, or choose another one, and try again.",
                retryable=True,
            )
        if opening.exception() is not None:
            self._worker.close()
        opening.result()
        self._look(self._blocks, 0)

    async def close(self) -> None:
        """Release the device; there is no callback after this returns. A second call waits for the first."""
        await asyncio.wait({self._begin_closing()}, timeout=_CLOSE_SECONDS)

    # On the event loop.

    @property
    def _word(self) -> str:
        return "microphone" if self._kind == "input" else "speaker"

    def _begin_closing(self) -> asyncio.Task[None]:
        self._running = False
        if self._watch is not None:
            self._watch.cancel()
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._worker.run(self._close_native))
            self._closing.add_done_callback(lambda _: self._worker.close())
        return self._closing

    def _look(self, blocks_before: int, silent: int) -> None:
        silent = silent + 1 if self._blocks == blocks_before else 0
        if silent > _LOOKS:
            self._lose()
        elif self._running:
            self._watch = self._loop.call_later(self._watch_seconds / _LOOKS, self._look, self._blocks, silent)

    def _lose(self) -> None:
        if not self._running:
            return
        self._begin_closing()
        if self._audio is not None:
            self._audio.mark_stale()
        self._on_lost(
            AudioError(
                "device-lost",
                f"The {self._word} stopped working or was disconnected. Check it, or choose another one, and retry.",
                retryable=True,
            )
        )

    # In the worker thread.

    def _open_native(self) -> None:
        audio = self._audio = portaudio(self._backend)
        with audio.lock, quiet():
            try:
                self._open_device(audio)
            except AudioError as error:
                # The list of devices may be older than the present default device.
                if error.code != "device-unavailable" or not audio.refresh():
                    raise
                self._open_device(audio)

    def _open_device(self, audio: PortAudio) -> None:
        device = find_device(self._kind, self._name, audio.backend)
        failures: list[Exception] = []
        for format_ in _formats(device):
            try:
                self._start(audio, device, format_)
            except audio.backend.PortAudioError as error:
                self._close_native()
                failures.append(error)
                if _DEVICE_UNAVAILABLE in error.args:
                    break
            else:
                return
        raise AudioError(
            "device-unavailable",
            f"The {self._word} '{device.name}' cannot be opened "
            f"({failures[0].args[0]}). Close the program that uses it, or choose another one.",
            retryable=True,
        ) from failures[0]

    def _start(self, audio: PortAudio, device: AudioDevice, format_: StreamFormat) -> None:
        inward = self._kind == "input"
        native = (audio.backend.InputStream if inward else audio.backend.OutputStream)(
            device=device.index,
            samplerate=format_.rate,
            channels=format_.channels,
            blocksize=round(self._block_frames * format_.rate / PREFERRED_RATE),
            dtype="float32",
            latency="low",
            callback=self._on_input if inward else self._on_output,
            finished_callback=self._on_finished,
        )
        audio.opened()
        self._native = native
        self._rate = format_.rate
        self._latency = float(native.latency)
        self._handler = self._connect(format_)
        native.start()
        self._running = True

    def _close_native(self) -> None:
        native, self._native = self._native, None
        if native is None or self._audio is None:
            return
        with self._audio.lock, quiet():
            native.abort()
            native.close()
            self._audio.closed()

    # In PortAudio's thread.

    def _on_input(self, block: Block, frames: int, times: Any, status: Any) -> None:
        # A block is complete when it arrives: its first frame is at least its own length old, whatever a driver says.
        age = max(self._plausible(times.currentTime - times.inputBufferAdcTime), frames / self._rate)
        self._pass_on(block, self._clock() - age, bool(status.input_overflow))

    def _on_output(self, block: Block, frames: int, times: Any, status: Any) -> None:
        ahead = self._plausible(times.outputBufferDacTime - times.currentTime)
        self._pass_on(block, self._clock() + ahead, bool(status.output_underflow))

    def _pass_on(self, block: Block, moment: float, lost_samples: bool) -> None:
        self._blocks += 1
        if self._handler is not None:
            self._handler(block, moment, lost_samples)

    def _plausible(self, seconds: float) -> float:
        return seconds if 0.0 < seconds < _PLAUSIBLE_SECONDS else self._latency

    def _on_finished(self) -> None:
        if self._running:
            call_on(self._loop, self._lose)


def _formats(device: AudioDevice) -> Iterator[StreamFormat]:
    """What to ask a device for, the best first: mono at 48 kHz, else what its driver insists on."""
    for rate in dict.fromkeys((PREFERRED_RATE, device.default_sample_rate)):
        for channels in dict.fromkeys((1, min(2, device.channels), device.channels)):
            yield StreamFormat(rate, channels)
