from __future__ import annotations

import numpy as np

from modules.audio.base import SPEECH_RATE
from modules.stt.recording import Recording


def _filled(seconds: int) -> Recording:
    recording = Recording()
    for second in range(seconds):
        recording.append(np.full(SPEECH_RATE, second, np.float32))
    return recording


def test_parts_are_given_by_time() -> None:
    recording = _filled(4)
    part = recording.part(0.5, 2.5)
    assert len(part) == 2 * SPEECH_RATE
    assert [float(part[0]), float(part[SPEECH_RATE]), float(part[-1])] == [0.0, 1.0, 2.0]
    assert recording.seconds == 4.0


def test_what_is_not_there_is_left_out() -> None:
    recording = _filled(2)
    assert len(recording.part(1.0, 9.0)) == SPEECH_RATE
    assert len(recording.part(5.0, 9.0)) == 0
    assert len(Recording().part(0.0, 1.0)) == 0


def test_forgetting_keeps_the_times() -> None:
    recording = _filled(4)
    recording.forget(2.5)
    recording.forget(1.0)
    recording.append(np.full(SPEECH_RATE, 9, np.float32))
    assert recording.seconds == 5.0
    assert len(recording.part(0.0, 2.5)) == 0
    part = recording.part(2.5, 5.0)
    assert [float(part[0]), float(part[SPEECH_RATE]), float(part[-1])] == [2.0, 3.0, 9.0]


def test_everything_can_be_forgotten() -> None:
    recording = _filled(2)
    recording.forget(10.0)
    assert recording.seconds == 2.0
    assert len(recording.part(0.0, 2.0)) == 0
