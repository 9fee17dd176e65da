from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.wake.base import WakeDetection, WakeError
from modules.wake.openwakeword import OpenWakeWord
from tests.unit.modules.wake.fake_models import FakeEmbedding, FakeMelspectrogram, FakePhrase

STEP = 1280


def _detector(threshold: float = 0.5, cooldown: float = 2.0) -> OpenWakeWord:
    detector = OpenWakeWord(threshold=threshold, cooldown=cooldown)
    models = {"melspectrogram": FakeMelspectrogram(), "embedding": FakeEmbedding(), "phrase": FakePhrase()}
    detector._sessions = SimpleNamespace(**models)  # type: ignore[assignment]  # stand-ins for the real sessions
    return detector


def _sound(scores: Sequence[float]) -> AudioChunk:
    """One step for each score."""
    return AudioChunk(np.repeat(np.asarray(scores, np.float32), STEP), 16000)


def _heard(scores: Sequence[float], threshold: float = 0.5, cooldown: float = 2.0) -> list[WakeDetection]:
    return _detector(threshold, cooldown).open().feed(_sound(scores))


def test_a_score_at_the_threshold_is_a_detection() -> None:
    (found,) = _heard([0.0, 0.0, 0.5])
    assert found.score == pytest.approx(0.5)
    assert _heard([0.0, 0.0, 0.49]) == []


@pytest.mark.parametrize(
    ("scores", "end"),
    [
        ([0.0] * 9 + [0.9], 0.80 - 0.08),
        ([0.0] * 8 + [0.06, 0.9], 0.72 - 0.08),
        ([0.0] * 6 + [0.3, 0.0, 0.2, 0.9], 0.56 - 0.08),
        ([0.0] * 6 + [0.04, 0.04, 0.04, 0.9], 0.80 - 0.08),
        ([0.3] + [0.0] * 8 + [0.9], 0.80 - 0.08),
        ([0.9], 0.0),
    ],
)
def test_the_phrase_was_over_when_the_score_began_to_stir(scores: list[float], end: float) -> None:
    (found,) = _heard(scores)
    assert found.end == pytest.approx(end)


def test_a_threshold_below_the_stirring_has_an_end_too() -> None:
    (found,) = _heard([0.0] * 9 + [0.03], threshold=0.02)
    assert found.end == pytest.approx(0.72)


def test_one_phrase_is_one_detection_however_long_its_score_stays_up() -> None:
    assert len(_heard([0.0] + [0.9] * 100, cooldown=0.0)) == 1


def test_within_the_cooldown_nothing_is_heard() -> None:
    again = [0.9] + [0.0] * 20 + [0.8]  # 1.68 s later
    assert [found.score for found in _heard(again, cooldown=1.7)] == pytest.approx([0.9])
    assert [found.score for found in _heard(again, cooldown=1.6)] == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize("size", [1, 160, 320, 512, 1280, 5000])
def test_any_size_of_chunk_gives_the_same(size: int) -> None:
    sound = _sound([0.1, 0.2, 0.9, 0.1, 0.0])
    expected = _heard([0.1, 0.2, 0.9, 0.1, 0.0])
    stream, found = _detector().open(), []
    for start in range(0, sound.frames, size):
        found += stream.feed(AudioChunk(sound.samples[start : start + size], 16000, start))
    assert found == expected


def test_it_is_heard_with_the_last_sample_of_its_step() -> None:
    stream = _detector().open()
    step = np.full(STEP, 0.9, np.float32)
    assert stream.feed(AudioChunk(step[:-1], 16000)) == []
    assert len(stream.feed(AudioChunk(step[-1:], 16000))) == 1


def test_nothing_is_nothing() -> None:
    assert _detector().open().feed(AudioChunk(np.zeros(0, np.float32), 16000)) == []


def test_streams_do_not_disturb_each_other() -> None:
    detector = _detector()
    first, second = detector.open(), detector.open()
    assert len(first.feed(_sound([0.9]))) == 1
    assert second.feed(_sound([0.0])) == []
    assert len(second.feed(_sound([0.9]))) == 1


def test_another_rate_is_refused() -> None:
    with pytest.raises(WakeError, match="16000 Hz, not 48000 Hz") as caught:
        _detector().open().feed(AudioChunk(np.zeros(480, np.float32), 48000))
    assert caught.value.code == "wrong-rate"


def test_it_must_be_loaded_first() -> None:
    with pytest.raises(WakeError) as caught:
        OpenWakeWord().open()
    assert caught.value.code == "not-loaded"


async def test_warming_up_takes_some_time_and_a_closed_one_is_not_loaded() -> None:
    detector = _detector()
    assert await detector.warm_up() > 0.0
    await detector.close()
    with pytest.raises(WakeError):
        detector.open()


def test_name_and_phrases() -> None:
    assert OpenWakeWord().name == "openwakeword"
    assert OpenWakeWord().phrases[0] == "hey jarvis"
    assert OpenWakeWord("alexa").phrases[0] == "alexa"
