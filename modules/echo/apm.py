"""WebRTC's echo canceller (AEC3), from the audio processing module in the package livekit."""

from __future__ import annotations

from typing import Any

import numpy as np

from modules.audio.base import SPEECH_RATE, Samples
from modules.echo.base import EchoError
from modules.echo.reference import FRAME

DELAY_FRAMES = 128
"""Samples by which what comes out is later than what goes in: two blocks of its filter bank."""

_FULL_SCALE = 32_768.0


class WebRtcCanceller:
    """Suppresses the echo, frame by frame; finds delays of up to about half a second by itself.

    Only the echo canceller is on, with the high-pass filter at 100 Hz that belongs to it: noise suppression costs
    words and gain control costs the level, and neither makes less echo audible.

    Args:
        rtc: The module livekit.rtc.
    """

    def __init__(self, rtc: Any) -> None:
        self._rtc = rtc
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)

    def process(self, captured: Samples, played: Samples) -> Samples:
        """One frame of the microphone, and of what is played: what was captured `DELAY_FRAMES` ago, clean.

        Raises:
            EchoError: `engine-failed`.
        """
        frame = self._frame(captured)
        try:
            self._module.process_reverse_stream(self._frame(played))
            self._module.process_stream(frame)
        except RuntimeError as error:
            raise EchoError(
                "engine-failed",
                f"The echo canceller failed ({error}). Switch it off in the settings, or use a headset.",
            ) from error
        clean: Samples = np.frombuffer(frame.data, np.int16).astype(np.float32) / np.float32(_FULL_SCALE)
        return clean

    def _frame(self, samples: Samples) -> Any:
        whole = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1.0).astype(np.int16)
        return self._rtc.AudioFrame(bytearray(whole.tobytes()), SPEECH_RATE, 1, FRAME)
