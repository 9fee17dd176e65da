from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from modules.audio.base import AudioChunk, AudioError
from modules.bench.wake import WakeBench, measure_wake
from modules.bench.wake_scenes import SpokenPhrase, noise, scenes, speak
from modules.engine import ProgressCallback
from modules.tts.base import SynthesisError, SynthesizerCapabilities
from modules.wake.base import WakeDetection, WakeStream

RATE = 24_000
LEVELS = {"hey you": 0.6, "What time is it?": 0.3, "hey two": 0.55, "hay": 0.2}
"""Amplitude of each text; 0.9 s of it sound when it is said, with silence around it."""


class FakeVoice:
    def __init__(self, name: str = "fake", *, silent: bool = False) -> None:
        self.name = name
        self.loaded = 0
        self.said: list[tuple[str, float]] = []
        self._silent = silent

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return SynthesizerCapabilities(RATE, (self.name,), frozenset({"en"}))

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loaded += 1

    async def warm_up(self) -> float:
        return 0.0

    async def close(self) -> None:
        raise AssertionError("the caller closes")

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        self.said.append((text, speed))
        tone = np.where(np.arange(round(0.9 * RATE / speed)) % 24 < 12, 1.0, -1.0).astype(np.float32)
        gap = np.zeros(RATE // 10, np.float32)
        for piece in (gap, tone * (0 if self._silent else LEVELS[text]), gap):
            yield AudioChunk(piece, RATE)


class FakeDetector:
    """Hears what is louder than the first half second and than `level`, once, and says that it was over 0.1 s ago."""

    name = "fake"
    phrases = ("hey you",)

    def __init__(self, level: float = 0.0) -> None:
        self.level = level
        self.loaded = 0

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loaded += 1

    async def warm_up(self) -> float:
        return 0.0

    async def close(self) -> None:
        raise AssertionError("the caller closes")

    def open(self) -> WakeStream:
        return FakeStream(self.level)


class FakeStream:
    def __init__(self, level: float) -> None:
        self._level = level
        self._seconds = 0.0
        self._room = 0.0
        self._heard = False

    def feed(self, chunk: AudioChunk) -> list[WakeDetection]:
        assert chunk.sample_rate == 16_000
        self._seconds += chunk.seconds
        loudness = float(np.sqrt(np.mean(chunk.samples**2)))
        if self._seconds < 0.5:
            self._room = max(self._room, loudness)
        if self._seconds < 0.5 or self._heard or loudness < max(1.6 * self._room, self._level, 0.03):
            return []
        self._heard = True
        return [WakeDetection(0.9, self._seconds - 0.1)]


async def _measure(detector: FakeDetector, *voices: FakeVoice, speech: list[Path] | None = None) -> WakeBench:
    seconds = iter([10.0, 10.5])
    return await measure_wake(
        detector,
        voices,
        speech or [],
        near_phrases=["hay", "hey two"],
        waiting_seconds=5.0,
        clock=lambda: next(seconds),
    )


async def test_every_voice_says_the_phrase_in_every_way() -> None:
    found = (await _measure(FakeDetector(), FakeVoice("a"), FakeVoice("b"))).as_dict()
    assert found["said"] == 2 * 3 * 2 * 2 * 3
    voices = found["voices"]
    assert isinstance(voices, dict)
    assert {name: figures["said"] for name, figures in voices.items()} == {"a": 36, "b": 36}


async def test_what_is_farther_from_the_end_than_a_second_is_no_hit() -> None:
    bench = await _measure(FakeDetector(), FakeVoice())
    quick = [hit for hit in bench.hits if hit.delay is not None]
    # It is heard as soon as it begins: 1.06, 0.9 and 0.75 seconds before its end.
    assert len(quick) == len(bench.hits) // 3 * 2
    assert {round(hit.delay or 0.0, 1) for hit in quick} == {-0.9, -0.7}
    assert all(hit.end_error == pytest.approx((hit.delay or 0.0) - 0.1) for hit in quick)


async def test_delays_are_told_in_milliseconds_by_voice() -> None:
    found = (await _measure(FakeDetector(), FakeVoice())).as_dict()
    voices = found["voices"]
    assert isinstance(voices, dict)
    assert voices["fake"]["hits"] == found["hits"] == 24
    assert voices["fake"]["delay_ms"] == found["delay_ms"]
    assert voices["fake"]["delay_ms"]["max"] == pytest.approx(-735, abs=25)
    json.dumps(found)


async def test_a_deaf_detector_has_no_hits() -> None:
    found = (await _measure(FakeDetector(level=2.0), FakeVoice())).as_dict()
    assert found["hits"] == 0
    assert found["delay_ms"] == {"min": None, "p50": None, "p95": None, "max": None}
    assert found["near_phrases"] == {"hay": {"said": 6, "heard": 0}, "hey two": {"said": 6, "heard": 0}}


async def test_near_phrases_are_counted() -> None:
    found = (await _measure(FakeDetector(), FakeVoice("a"), FakeVoice("b"))).as_dict()
    assert found["near_phrases"] == {"hay": {"said": 12, "heard": 12}, "hey two": {"said": 12, "heard": 12}}


async def test_the_share_of_a_core_is_processor_time_over_time_of_the_sound() -> None:
    assert (await _measure(FakeDetector(), FakeVoice())).as_dict()["cpu_percent_of_core"] == 10.0


async def test_false_accepts_are_counted_per_hour_of_speech(tmp_path: Path) -> None:
    files = [tmp_path / "loud.wav", tmp_path / "soft.wav"]
    for path, level in zip(files, (0.5, 0.01), strict=True):
        samples = np.full(48_000 * 9, level, np.float32)
        samples[:48_000] = 0.0
        soundfile.write(path, samples, 48_000)
    found = (await _measure(FakeDetector(), speech=files)).as_dict()
    assert found["speech_hours"] == 0.005
    assert found["false_accepts"] == 1
    assert found["false_accepts_per_hour"] == 200.0


async def test_without_speech_there_is_no_rate() -> None:
    found = (await _measure(FakeDetector(), FakeVoice())).as_dict()
    assert found["speech_hours"] == 0.0
    assert found["false_accepts_per_hour"] is None


async def test_a_broken_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"nothing\.wav"):
        await _measure(FakeDetector(), speech=[tmp_path / "nothing.wav"])


async def test_the_engines_are_loaded_and_progress_is_told() -> None:
    told: list[str] = []
    detector, voice = FakeDetector(), FakeVoice("a")
    await measure_wake(detector, [voice], near_phrases=["hay"], waiting_seconds=0.1, on_progress=told.append)
    assert (detector.loaded, voice.loaded) == (1, 1)
    assert told == ["Loading fake", "Loading a", "Waiting while nobody speaks", "Listening to a", 'Listening to "hay"']


async def test_the_same_seed_gives_the_same() -> None:
    first, second = [await _measure(FakeDetector(), FakeVoice()) for _ in range(2)]
    assert first == second


async def test_a_phrase_is_where_the_scene_says() -> None:
    spoken = await speak(FakeVoice(), "hey you", (1.0,), ("", "What time is it?"))
    assert [speech.request.shape[0] for speech in spoken] == [0, pytest.approx(14_400, abs=50)]
    alone, followed = scenes(spoken, np.random.default_rng(0), peaks=(0.5,), noise_levels=(None,))
    for scene in (alone, followed):
        end = round(scene.end * 16_000)
        samples = np.abs(scene.audio.samples)
        assert np.max(samples[: end - 14_500]) < 0.01
        assert np.mean(samples[end - 14_300 : end]) == pytest.approx(0.43, abs=0.1)
        assert 1.89 < scene.end < 2.01
    after = round(alone.end * 16_000) + 50
    assert np.max(np.abs(alone.audio.samples[after:])) < 0.01
    assert np.mean(np.abs(followed.audio.samples[after : after + 14_000])) > 0.3


def test_noise_is_as_loud_as_the_ratio_says() -> None:
    tone = np.sin(np.arange(16_000)).astype(np.float32)
    spoken = [SpokenPhrase("v", tone, np.zeros(0, np.float32))]
    (scene,) = scenes(spoken, np.random.default_rng(0), peaks=(0.2,), noise_levels=(10.0,))
    speech = 0.2 / np.sqrt(2)
    level = float(np.std(scene.audio.samples[:14_000]))
    assert 20 * np.log10(speech / level) == pytest.approx(10, abs=1)


def test_noise_falls_with_frequency() -> None:
    samples = noise(16_000, 0.1, np.random.default_rng(0))
    assert np.std(samples) == pytest.approx(0.1, rel=0.01)
    power = np.abs(np.fft.rfft(samples)) ** 2
    assert 10 * np.log10(power[100:200].mean() / power[1000:2000].mean()) == pytest.approx(10, abs=1)


async def test_a_voice_that_says_nothing_is_told() -> None:
    with pytest.raises(SynthesisError, match="fake said nothing for 'hey you'") as caught:
        await speak(FakeVoice(silent=True), "hey you", (1.0,), ("",))
    assert caught.value.code == "no-sound"
