"""Echo cancellation over one opening of the microphone."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Any

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, PlaybackReference, Samples
from modules.echo.apm import DELAY_FRAMES, WebRtcCanceller
from modules.echo.base import EchoError
from modules.echo.linear import LinearCanceller
from modules.echo.reference import FRAME, ReferenceReader
from modules.echo.residual import ResidualSuppressor

_IDLE_FRAMES = 100
"""Silence of the speaker after which the microphone is passed on as it is: 1 s, longer than a room rings."""
_SETTLED_FRAMES = 100
"""Frames of speech from the speaker after which hardly any echo is left: 1 s."""
_SPEECH_ENERGY = FRAME * 1e-5
"""Energy of a frame of what is played from which there is something to learn: 50 dB below full scale."""
_PRIMING_FRAMES = 5
"""Frames that are sent ahead through filters that rested, so that nothing old comes out of them."""

_SILENCE: Samples = np.zeros(FRAME, np.float32)
_FADE_IN: Samples = np.linspace(0.0, 1.0, FRAME, dtype=np.float32)


class _Way(Enum):
    """How a frame is made clean."""

    AS_IT_IS = auto()
    SUPPRESSED = auto()
    """By WebRTC's canceller: needs no time to learn, but takes much of a voice away while the speaker sounds."""
    FILTERED = auto()
    """By the adaptive filter: leaves a voice alone, once it has learnt the room."""


class WebRtcEchoStream:
    """An `EchoStream`: what comes out is one frame, 10 ms, later than what goes in, in frames of 10 ms.

    Two cancellers run side by side on what is heard. WebRTC's removes the echo from the first moment on, whatever its
    delay is up to half a second, but silences a voice that is not louder than the echo; it is used until the adaptive
    filter has proved itself, and again when the way of the sound has changed. While nothing has been played for a
    second, both rest and the sound passes as it is. From one way to the next is faded within a frame.

    The reference is asked for 20 ms more than was captured: what the speaker was handed by then has to be there.

    Args:
        rtc: The module livekit.rtc.
        reference: What is played.
    """

    def __init__(self, rtc: Any, reference: PlaybackReference) -> None:
        self._reader = ReferenceReader(reference)
        self._webrtc = WebRtcCanceller(rtc)
        self._webrtc_late: Samples = np.zeros(FRAME - DELAY_FRAMES, np.float32)
        self._linear = LinearCanceller()
        self._residual = ResidualSuppressor()
        self._pending: Samples = np.zeros(0, np.float32)
        self._before: AudioChunk | None = None
        self._recent: deque[Samples] = deque(maxlen=_PRIMING_FRAMES)
        self._way = _Way.AS_IT_IS
        self._quiet = _IDLE_FRAMES
        self._heard = 0

    @property
    def settled(self) -> bool:
        """Whether a second of speech from the speaker was heard."""
        return self._heard >= _SETTLED_FRAMES

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        """Take sound from the microphone (16 kHz); sound without a time, as from a file, comes back as it is.

        Raises:
            EchoError: `wrong-rate`, or `engine-failed`.
        """
        if chunk.sample_rate != SPEECH_RATE:
            raise EchoError("wrong-rate", f"Echo is cancelled at 16000 Hz, not at {chunk.sample_rate} Hz.")
        if chunk.time == 0.0:
            return [chunk]
        held = self._pending.shape[0]
        samples = np.concatenate((self._pending, chunk.samples))
        whole = samples.shape[0] // FRAME * FRAME
        self._pending = samples[whole:]
        clean = [
            self._next(
                AudioChunk(
                    samples[at : at + FRAME],
                    SPEECH_RATE,
                    chunk.frame_index + at - held,
                    chunk.time + (at - held) / SPEECH_RATE,
                )
            )
            for at in range(0, whole, FRAME)
        ]
        return [frame for frame in clean if frame is not None]

    def _next(self, captured: AudioChunk) -> AudioChunk | None:
        """The frame before this one, clean."""
        played = self._reader.read(captured.time)
        self._quiet = 0 if played is not None else self._quiet + 1
        if played is None:
            played = _SILENCE
        self._heard += float(played @ played) > _SPEECH_ENERGY
        before, self._before = self._before, captured
        samples = self._clean(captured.samples, played, before.samples if before is not None else _SILENCE)
        self._recent.append(captured.samples)
        if before is None:
            return None
        return AudioChunk(samples, SPEECH_RATE, before.frame_index, before.time)

    def _clean(self, captured: Samples, played: Samples, before: Samples) -> Samples:
        idle = self._quiet >= _IDLE_FRAMES
        last = self._way
        if last is _Way.AS_IT_IS:
            if idle:
                return before
            for recent in self._recent:
                self._cancel(recent, _SILENCE)
        suppressed, filtered = self._cancel(captured, played)
        results = {_Way.AS_IT_IS: before, _Way.SUPPRESSED: suppressed, _Way.FILTERED: filtered}
        if idle:
            self._way = _Way.AS_IT_IS
        else:
            self._way = _Way.FILTERED if self._linear.converged else _Way.SUPPRESSED
        if self._way is last:
            return results[last]
        faded: Samples = results[last] + _FADE_IN * (results[self._way] - results[last])
        return faded

    def _cancel(self, captured: Samples, played: Samples) -> tuple[Samples, Samples]:
        """Both ways of cleaning, each one frame late."""
        suppressed = np.concatenate((self._webrtc_late, self._webrtc.process(captured, played)))
        self._webrtc_late = suppressed[FRAME:]
        rest, echo = self._linear.process(captured, played)
        return suppressed[:FRAME], self._residual.process(rest, echo)
