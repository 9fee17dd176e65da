"""Recordings: where the speech in them ends, and pauses between words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.files import write_wav
from modules.bench.scene_fields import SceneError
from modules.bench.utterances import read_utterance
from modules.vad.base import SpeechSpan, VadStream
from tests.fakes.engines import FakeEngine


class Spans(FakeEngine):
    """Finds speech where a test says so."""

    def __init__(self, *spans: tuple[float, float]) -> None:
        super().__init__()
        self.found = [SpeechSpan(*span) for span in spans]

    def open(self) -> VadStream:
        raise NotImplementedError

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return self.found


def stretch(seconds: float, level: float) -> Samples:
    tone: Samples = (level * np.sin(0.3 * np.arange(round(seconds * SPEECH_RATE)))).astype(np.float32)
    return tone


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Silence, a word, a gap of 60 ms, a word, silence; then a bang that is no speech."""
    parts = [stretch(0.3, 0.0), stretch(0.8, 0.3), stretch(0.06, 0.001), stretch(0.9, 0.3), stretch(0.5, 0.0)]
    write_wav(tmp_path / "a.wav", AudioChunk(np.concatenate([*parts, stretch(0.1, 0.9)]), SPEECH_RATE))
    return tmp_path / "a.wav"


def test_speech_ends_where_its_energy_does_and_the_detector_agrees(path: Path) -> None:
    utterance = read_utterance(path, Spans((0.25, 2.16)))
    assert utterance.begin == pytest.approx(0.3, abs=0.011)
    assert utterance.end == pytest.approx(2.06, abs=0.011)
    assert utterance.audio.seconds == pytest.approx(2.66, abs=0.001)


@pytest.mark.parametrize("pause", [0.3, 1.5])
def test_a_pause_is_put_between_two_words(path: Path, pause: float) -> None:
    utterance = read_utterance(path, Spans((0.25, 2.16)), pause)
    assert utterance.end == pytest.approx(2.06 + pause, abs=0.011)
    assert utterance.audio.seconds == pytest.approx(2.66 + pause, abs=0.001)
    silent = utterance.audio.samples[round(1.16 * SPEECH_RATE) : round((1.1 + pause) * SPEECH_RATE)]
    assert np.abs(silent).max() < 0.002
    assert np.abs(utterance.audio.samples[round((1.17 + pause) * SPEECH_RATE) :]).max() > 0.2
    assert np.abs(np.diff(utterance.audio.samples)).max() < 0.6  # nothing clicks but the bang


def test_a_recording_without_speech_is_told(path: Path) -> None:
    with pytest.raises(SceneError, match=r"Nobody speaks in 'a\.wav'"):
        read_utterance(path, Spans())
