from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.engine import ProgressCallback
from modules.vad.base import SpeechSpan, VadStream, VoiceActivityDetector
from modules.vad.trim import trim, trim_to_speech


class FakeDetector:
    name = "fake"

    def __init__(self, *found: SpeechSpan) -> None:
        self.found = list(found)

    async def load(self, progress: ProgressCallback | None = None) -> None: ...

    async def warm_up(self) -> float:
        return 0.0

    async def close(self) -> None: ...

    def open(self) -> VadStream:
        raise NotImplementedError

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return self.found


def _audio(seconds: float = 4.0, index: int = 0, time: float = 0.0) -> AudioChunk:
    return AudioChunk(np.arange(round(seconds * 16000), dtype=np.float32), 16000, index, time)


def test_the_silence_around_the_speech_goes_and_that_inside_stays() -> None:
    trimmed = trim(_audio(), [SpeechSpan(1.0, 1.5), SpeechSpan(2.5, 3.0)], margin=0.25)
    assert trimmed.samples[0] == 0.75 * 16000
    assert trimmed.seconds == pytest.approx(2.5)


def test_the_place_in_the_stream_is_kept() -> None:
    trimmed = trim(_audio(index=8000, time=50.0), [SpeechSpan(1.0, 2.0)], margin=0.0)
    assert trimmed.frame_index == 8000 + 16000
    assert trimmed.time == pytest.approx(51.0)


def test_a_time_without_meaning_stays_so() -> None:
    assert trim(_audio(), [SpeechSpan(1.0, 2.0)]).time == 0.0


def test_margins_end_where_the_recording_does() -> None:
    trimmed = trim(_audio(), [SpeechSpan(0.05, 3.98)], margin=0.5)
    assert (trimmed.frame_index, trimmed.frames) == (0, 64000)


def test_without_speech_nothing_is_left() -> None:
    assert trim(_audio(), []).frames == 0


def test_push_to_talk_is_trimmed_to_what_the_detector_found() -> None:
    detector: VoiceActivityDetector = FakeDetector(SpeechSpan(1.0, 2.0))
    assert trim_to_speech(_audio(), detector, margin=0.1).seconds == pytest.approx(1.2)
    assert trim_to_speech(_audio(), FakeDetector()).frames == 0
