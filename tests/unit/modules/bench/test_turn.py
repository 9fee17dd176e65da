"""The benchmark of turns, over fakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError
from modules.audio.files import write_wav
from modules.bench.turn import BenchEngines, BenchError, Measured, measure, recordings
from modules.llm.base import LanguageModelError
from modules.tts.speech import SpeechRenderer
from modules.turn.settings import SessionSettings
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    samples = np.full(SPEECH_RATE // 10, 0.2, np.float32)
    write_wav(tmp_path / "spoken.wav", AudioChunk(samples, SPEECH_RATE))
    return tmp_path


def engines(model: FakeLanguageModel | None = None) -> BenchEngines:
    transcriber = FakeTranscriber(seconds=0.0)
    fast = FakeLanguageModel(first_token_seconds=0.0, token_seconds=0.0)
    return BenchEngines(transcriber, transcriber, model or fast, SpeechRenderer(FakeSynthesizer(seconds=0.0)))


async def test_each_recording_is_a_turn_with_its_floors(spoken: Path) -> None:
    seen: list[Measured] = []
    tested = engines()
    result = await measure(tested, SessionSettings(), recordings(spoken), runs=2, on_turn=seen.append)
    report = result.as_dict()
    assert report["turns"] == len(seen) == 2
    assert seen[0].file == "spoken.wav"
    assert seen[0].seconds == pytest.approx(0.1)
    assert seen[0].transcript == "what is the capital of france"
    assert seen[0].latency.first_audible is not None
    assert seen[0].floors.total == pytest.approx(seen[0].floors.stt + seen[0].floors.llm + seen[0].floors.tts)
    assert seen[0].ratio == pytest.approx(seen[0].latency.first_audible / seen[0].floors.total)
    assert set(report) == {"turns", "latency_ms", "floors_ms", "ratio_of_medians", "ratio", "each"}


async def test_every_measurement_starts_from_the_same_prompt_cache(spoken: Path) -> None:
    model = FakeLanguageModel(first_token_seconds=0.0, token_seconds=0.0)
    await measure(engines(model), SessionSettings(), recordings(spoken), runs=1)
    asked = [prompt[-1].content for prompt in model.prompts]
    assert asked == ["Hi.", "what is the capital of france", "Hi.", "what is the capital of france"]


async def test_a_turn_that_fails_ends_the_measurement_with_its_sentence(spoken: Path) -> None:
    broken = FakeLanguageModel(errors={1: LanguageModelError("broken", "The model broke.")})
    broken.first_token_seconds = broken.token_seconds = 0.0
    with pytest.raises((BenchError, LanguageModelError), match=r"The model broke\."):
        await measure(engines(broken), SessionSettings(), recordings(spoken))


async def test_a_file_that_is_no_sound_is_told_before_anything_is_measured(spoken: Path) -> None:
    (spoken / "z.wav").write_text("no sound")
    model = FakeLanguageModel(first_token_seconds=0.0, token_seconds=0.0)
    with pytest.raises(AudioError, match=r"z\.wav"):
        await measure(engines(model), SessionSettings(), recordings(spoken))
    assert (model.loads, model.prompts) == (0, [])


def test_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no sound")
    with pytest.raises(BenchError, match="There is no sound file"):
        recordings(tmp_path)
